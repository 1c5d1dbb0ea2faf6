"""The prediction log: what was asked, what was answered and by which version, kept when the server is killed.

A SQLite file in WAL mode. What `add` has returned from is with the operating system, so
it survives the death of the process, though not a power cut in the same second
(``synchronous=NORMAL``). Other processes read while the server writes.
"""
import contextlib
import sqlite3
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

_TABLES = """
create table if not exists predictions (
    id text not null, role text not null, time real not null, version integer not null,
    probability real not null, inputs text not null, unique (id, role));
create table if not exists labels (id text primary key, late real not null);
"""
ANSWER, SHADOW = "answer", "shadow"


class Conflict(Exception):
    """An id came twice with different inputs."""


@dataclass(frozen=True)
class Prediction:
    """One scored row: `role` is ``answer`` where the client got it, ``shadow`` where nobody did."""

    id: str
    role: str
    version: int
    probability: float
    inputs: str


class PredictionLog:
    """The log in one file, which is made where it is missing.

    Parameters
    ----------
    path : str or Path
    """

    def __init__(self, path: str | Path) -> None:
        """Open the file."""
        self.path = Path(path)
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, timeout=30, check_same_thread=False, isolation_level="immediate")
        self._connection.execute("pragma journal_mode=wal")
        self._connection.execute("pragma synchronous=normal")
        self._connection.executescript(_TABLES)

    def add(self, rows: list[Prediction]) -> list[Prediction]:
        """Store rows, all or none, and return the answers as they are stored.

        An id is answered once: where it is there with the same inputs, as after a retry,
        the stored answer is returned and nothing is added.

        Raises
        ------
        Conflict
            If an id is there with other inputs.
        """
        now = time.time()
        values = [(row.id, row.role, now, row.version, row.probability, row.inputs) for row in rows]
        answers = [row for row in rows if row.role == ANSWER]
        with self._lock, self._connection:  # one transaction: committed at the end, undone by an error
            before = self._connection.total_changes
            self._connection.executemany("insert or ignore into predictions values (?, ?, ?, ?, ?, ?)", values)
            if self._connection.total_changes - before == len(values):
                return answers
            return [self._find(row) for row in answers]

    def _find(self, row: Prediction) -> Prediction:
        query = "select id, role, version, probability, inputs from predictions where id = ? and role = ?"
        stored = Prediction(*self._connection.execute(query, (row.id, row.role)).fetchone())
        if stored.inputs != row.inputs:
            raise Conflict(f"id {row.id!r} was used for other inputs: give each prediction an id of its own")
        return stored

    def add_labels(self, labels: pd.DataFrame) -> None:
        """Store labels: a table with columns ``id`` and ``late`` (1 or 0); a label that comes again replaces the old.

        Rows whose ``late`` is missing are left out.
        """
        known = labels.dropna(subset=["late"])
        values = zip(known["id"], known["late"].astype(float))
        with self._lock, self._connection:
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


def ids_of(flights: pd.DataFrame) -> pd.Series:
    """Return an id for each flight of a prepared table, such as ``2013-04-19/B6/1016/JFK``."""
    parts: Iterable[pd.Series] = (flights[name].astype(str) for name in ("carrier", "flight", "origin"))
    return flights["date"].dt.strftime("%Y-%m-%d").str.cat(list(parts), sep="/")


def read_answers(path: Path, first: pd.Timestamp, last: pd.Timestamp, version: int) -> pd.DataFrame:
    """Return a version's answers in a prediction log, for flights from the day `first` up to, not including, `last`.

    Columns id, date, probability, and ``late`` where the label is in. The ids begin with
    the date, as those of `ids_of`, so the index finds them.
    """
    query = """select id, probability, late from predictions left join labels using (id)
        where id >= ? and id < ? and role = 'answer' and version = ? order by id"""
    asked = [f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}", version]
    with contextlib.closing(sqlite3.connect(path, timeout=30)) as connection:
        found = pd.read_sql(query, connection, params=asked)
    return found.assign(date=pd.to_datetime(found["id"].str[:10]))
