"""The prediction log: what was asked, what was answered and by which version, kept when the server is killed.

A SQLite file in WAL mode. What `add` has returned from is with the operating system, so
it survives the death of the process, though not a power cut in the same second
(``synchronous=NORMAL``). Other processes read while the server writes.
"""
import asyncio
import contextlib
import itertools
import os
import queue
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

_TABLES = """
create table if not exists predictions (
    id text not null, role text not null, time real not null, version integer not null,
    probability real, inputs text not null, unique (id, role));
create table if not exists labels (id text primary key, late real not null);
create table if not exists probe (number integer primary key, time real not null);
"""
_ROWS = 150  # in a statement: older SQLites take 999 values in one
ANSWER, SHADOW, FAILED = "answer", "shadow", "failed"
_MOST_WAITING = 1000  # requests that wait for the log; one more is refused, as memory has an end


class Conflict(Exception):
    """An id came twice with different inputs."""


@dataclass(frozen=True)
class Prediction:
    """One scored row.

    `role` is ``answer`` where the client got it, ``shadow`` where nobody did, ``failed`` where the version raised
    or answered no probability (then `probability` is None), and ``version 3`` where the client asked for version 3.
    """

    id: str
    role: str
    version: int
    probability: float | None
    inputs: str

    @property
    def is_answer(self) -> bool:
        """Whether a client gets it."""
        return self.role not in (SHADOW, FAILED)


class PredictionLog:
    """The log in one file, which is made where it is missing.

    Parameters
    ----------
    path : str or Path
    timeout : float
        Seconds to wait for a file that another process has locked.
    """

    def __init__(self, path: str | Path, timeout: float = 30) -> None:
        """Open the file."""
        self.path = Path(path)
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, timeout, check_same_thread=False, isolation_level=None)
        self._connection.execute("pragma journal_mode=wal")
        self._connection.execute("pragma synchronous=normal")
        self._connection.executescript(_TABLES)
        self._identity = _identify(self.path)

    def add(self, rows: list[Prediction]) -> list[Prediction]:
        """Store rows, all or none, and return the answers as they are stored.

        An id is answered once: where it is there with the same inputs, as after a retry,
        the stored answer is returned and nothing is added.

        Raises
        ------
        Conflict
            If an id is there with other inputs.
        sqlite3.Error
            If the file cannot be written, or is not the one any more that was opened.
        """
        [kept] = self.add_each([rows])
        if isinstance(kept, Conflict):
            raise kept
        return kept

    def add_each(self, requests: list[list[Prediction]]) -> list[list[Prediction] | Conflict]:
        """Store the rows of several requests in one transaction; return for each its answers or its conflict.

        No rows at all are a trial: the file is written all the same.
        """
        rows = [row for request in requests for row in request]
        if 0 < len(rows) <= _ROWS:  # mostly: one statement, which is a transaction of its own
            with self._open_file(), contextlib.suppress(sqlite3.IntegrityError):  # an id is there already
                self._insert(rows, "insert")
                return [_keep_answers(request) for request in requests]
        with self._transaction():
            if not rows:
                self._execute("insert or replace into probe values (1, ?)", (time.time(),))
            return [self._store(request) for request in requests]

    @contextlib.contextmanager
    def _open_file(self) -> Iterator[None]:
        """Keep other threads from the file, and raise where it is not the one any more that was opened."""
        with self._lock:
            if _identify(self.path) != self._identity:  # SQLite would write on into a file that has no name any more
                raise sqlite3.OperationalError(f"{self.path.name} was deleted or replaced: restart the server")
            yield

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        """Commit what a block does at its end, or undo it after an error."""
        with self._open_file():
            self._execute("begin immediate")
            try:
                yield
                self._execute("commit")
            except BaseException:
                if self._connection.in_transaction:  # SQLite itself undoes it where the disk is full
                    self._execute("rollback")
                raise

    def _store(self, rows: list[Prediction]) -> list[Prediction] | Conflict:
        """Store the rows of one request, all or none, and return its answers as they are stored, or the conflict."""
        self._execute("savepoint request")
        try:
            is_new = self._insert(rows) == len(rows)
            return _keep_answers(rows) if is_new else [self._find(row) for row in _keep_answers(rows)]
        except Conflict as error:
            self._execute("rollback to request")
            return error
        finally:
            if self._connection.in_transaction:
                self._execute("release request")

    def _insert(self, rows: list[Prediction], how: str = "insert or ignore") -> int:
        """Insert rows whose id and role are new, and return how many; few statements, as a thread waits at each."""
        now, before = time.time(), self._connection.total_changes
        for start in range(0, len(rows), _ROWS):
            part = rows[start : start + _ROWS]
            values = [(row.id, row.role, now, row.version, row.probability, row.inputs) for row in part]
            places = ", ".join(["(?, ?, ?, ?, ?, ?)"] * len(part))
            self._execute(f"{how} into predictions values {places}", [*itertools.chain(*values)])
        return self._connection.total_changes - before

    def _execute(self, statement: str, values: Sequence = ()) -> sqlite3.Cursor:
        return self._connection.execute(statement, values)

    def _find(self, row: Prediction) -> Prediction:
        query = "select id, role, version, probability, inputs from predictions where id = ? and role = ?"
        stored = Prediction(*self._execute(query, (row.id, row.role)).fetchone())
        if stored.inputs != row.inputs:
            raise Conflict(f"id {row.id!r} was used for other inputs: give each prediction an id of its own")
        return stored

    def add_labels(self, labels: pd.DataFrame) -> None:
        """Store labels: a table with columns ``id`` and ``late`` (1 or 0); a label that comes again replaces the old.

        Rows whose ``late`` is missing are left out.
        """
        known = labels.dropna(subset=["late"])
        values = zip(known["id"], known["late"].astype(float))
        with self._transaction():
            self._connection.executemany("insert or replace into labels values (?, ?)", values)

    def read(self) -> pd.DataFrame:
        """Return the predictions in the order in which they came: id, role, time, version, probability, inputs."""
        return self._select("select * from predictions order by rowid")

    def joined(self) -> pd.DataFrame:
        """Return the predictions without their inputs, each with its label in ``late``, missing where none has come."""
        columns = "id, role, time, version, probability, late"
        return self._select(f"select {columns} from predictions left join labels using (id) order by predictions.rowid")

    def _select(self, query: str) -> pd.DataFrame:
        with self._lock:
            return pd.read_sql(query, self._connection)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def _keep_answers(rows: list[Prediction]) -> list[Prediction]:
    return [row for row in rows if row.is_answer]


def _identify(path: Path) -> tuple[int, int]:
    """Return what tells a file from another one of the same name; nothing of the kind where it is gone."""
    try:
        found = os.stat(path)
    except OSError:
        return -1, -1
    return found.st_dev, found.st_ino


class Writer:
    """Writes the log for an event loop, which never waits for the disk: in a thread, all that waits at once.

    Parameters
    ----------
    log : PredictionLog
    """

    def __init__(self, log: PredictionLog) -> None:
        """Start the thread."""
        self._log, self._batches = log, queue.SimpleQueue()
        self._waiting: list[tuple[list[Prediction], asyncio.Future]] = []
        self._is_busy = self._is_closed = False
        self._thread = threading.Thread(target=self._work, name="prediction log", daemon=True)
        self._thread.start()

    async def add(self, rows: list[Prediction]) -> list[Prediction]:
        """Store rows as `PredictionLog.add` does, with those of other requests in one transaction."""
        if self._is_closed:
            raise sqlite3.OperationalError("the server ends")
        if len(self._waiting) >= _MOST_WAITING:
            raise sqlite3.OperationalError(f"{len(self._waiting)} requests wait for the log")
        loop = asyncio.get_running_loop()
        kept = loop.create_future()
        self._waiting.append((rows, kept))
        if not self._is_busy:
            self._is_busy = True
            loop.call_soon(self._hand_over, loop)  # not at once: with what else comes in this turn of the loop
        return await kept

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        """Give the thread all that waits."""
        if self._waiting:
            self._batches.put((self._waiting, loop))
        self._waiting = []

    def _work(self) -> None:
        while (batch := self._batches.get()) is not None:
            waiting, loop = batch
            try:
                found = self._log.add_each([rows for rows, _ in waiting])
            except Exception as error:  # each request is told, and the thread goes on
                found = [error] * len(waiting)
            with contextlib.suppress(RuntimeError):  # the loop has ended, and nobody waits
                loop.call_soon_threadsafe(self._tell, waiting, found, loop)

    def _tell(self, waiting: list, found: list[list[Prediction] | Exception], loop: asyncio.AbstractEventLoop) -> None:
        """Give those who wait what was found, and the thread what has come meanwhile."""
        for (_, kept), one in zip(waiting, found):
            if kept.done():  # the client has gone
                continue
            if isinstance(one, Exception):
                kept.set_exception(one)
            else:
                kept.set_result(one)
        self._is_busy = bool(self._waiting)
        if self._is_busy:
            loop.call_soon(self._hand_over, loop)

    async def close(self) -> None:
        """Write what waits, and close the file."""
        self._is_closed = True
        self._hand_over(asyncio.get_running_loop())
        self._batches.put(None)
        await asyncio.to_thread(self._thread.join)
        self._log.close()


def ids_of(flights: pd.DataFrame) -> pd.Series:
    """Return an id for each flight of a prepared table, such as ``2013-04-19/B6/1016/JFK``."""
    parts: Iterable[pd.Series] = (flights[name].astype(str) for name in ("carrier", "flight", "origin"))
    return flights["date"].dt.strftime("%Y-%m-%d").str.cat(list(parts), sep="/")


def read_scores(path: Path, first: pd.Timestamp, last: pd.Timestamp, version: int) -> pd.DataFrame:
    """Return what a version scored, as answer or as shadow, for flights from the day `first` up to, not with, `last`.

    Columns id, date, probability, and ``late`` where the label is in. The ids begin with
    the date, as those of `ids_of`, so the index finds them.
    """
    query = """select id, probability, late from predictions left join labels using (id)
        where id >= ? and id < ? and role in ('answer', 'shadow') and version = ? order by id"""
    asked = [f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}", version]
    with contextlib.closing(sqlite3.connect(path, timeout=30)) as connection:
        found = pd.read_sql(query, connection, params=asked)
    return found.assign(date=pd.to_datetime(found["id"].str[:10]))
