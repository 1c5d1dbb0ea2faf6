"""How the live server scores: who answers which row, who scores beside, what is logged and counted."""
import asyncio
import collections
import contextlib
import math
import random
import sqlite3
import sys
import time
import traceback
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import quote
from weakref import WeakKeyDictionary

from fastapi import Response
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from pydantic_core import to_json

from helpers.live.models import Models, Version
from helpers.live.payloads import ID, Columns, Refused
from helpers.live.prediction_log import ANSWER, FAILED, SHADOW, Conflict, Prediction, Writer

_SMALL = 100  # rows that a quick version scores at once; more go to a thread and let others pass
_MOST_BESIDE = 200  # requests that wait for the shadow; it misses those that come then
_MOST_ROWS_BESIDE = 50_000  # rows of them
_MOST_QUEUED = 100  # requests that wait for a version's threads
_DEADLINE = 10.0  # seconds after which the champion answers in a canary's place
_NO_DEADLINE = contextlib.nullcontext()  # of the others
_MOST_TOLD = 20  # tracebacks of a version that are printed; of other failures only a line
_MOST_VERSIONS = 10  # of which counters are kept
_random = random.Random()  # seeded by the system; to ask it at each row takes as long as to score it
_CODES = {500: "INTERNAL_ERROR", 503: "TEMPORARILY_UNAVAILABLE"}

disable_created_metrics()  # a second line for every counter, for a protocol that we do not speak


class Counters:
    """What Prometheus reads; columns are as many as the model has, versions those served now and the last before."""

    def __init__(self) -> None:
        """Start them all at zero."""
        self.registry = CollectorRegistry()
        self.requests = self._make(Counter, "live_requests", "Answers", "status")
        self.predictions = self._make(Counter, "live_predictions", "Rows scored", "version", "role")
        self.failures = self._make(Counter, "live_failures", "What went wrong inside", "where", "version")
        self.unusual = self._make(Counter, "live_unusual_values", "Values that training never met", "column")
        self.missed = self._make(Counter, "live_shadow_missed_requests", "Requests that the shadow did not score")
        self.in_flight = self._make(Gauge, "live_in_flight", "Requests that may use a version", "version")
        self.waiting = self._make(Gauge, "live_waiting_bytes", "Bytes of bodies that have no answer yet")
        self.seconds = self._make(Histogram, "live_request_seconds", "Seconds to an answer")
        self.scoring = self._make(Histogram, "live_scoring_seconds", "Seconds of a version alone", "version", "role")

        for status in ("200", "500", "503"):  # Prometheus sees only growth: a first failure needs a zero before it
            self.requests.labels(status)
        for where in ("registry", "log"):
            self.failures.labels(where, "")

        self._by_version = [self.predictions, self.failures, self.in_flight, self.scoring]
        self._recent: dict[str, None] = {}  # numbers of versions, the last served last

    def follow(self, models: Models) -> None:
        """Count from zero for new versions; drop those that no request holds and that are not among the last ten."""
        for number in [str(version.number) for version in models.loaded]:
            for role in (ANSWER, SHADOW):
                self.failures.labels(role, number)
            self._recent.pop(number, None)
            self._recent[number] = None
        self._recent = dict.fromkeys([*self._recent][-_MOST_VERSIONS:])
        held = {row.labels["version"] for family in self.in_flight.collect() for row in family.samples if row.value}
        for counter in self._by_version:
            counted = {row.labels["version"] for family in counter.collect() for row in family.samples}
            for number in counted - self._recent.keys() - held - {""}:
                counter.remove_by_labels({"version": number})

    def _make(self, kind: type, name: str, what: str, *labels: str):
        return kind(name, what, labels, registry=self.registry)

    @contextlib.contextmanager
    def hold(self, models: Models) -> Iterator[None]:
        """Count a request as one that may use these models, until it is answered."""
        gauges = [self.in_flight.labels(version.number) for version in models.loaded]
        for gauge in gauges:
            gauge.inc()
        try:
            yield
        finally:
            for gauge in gauges:
                gauge.dec()


@dataclass(frozen=True)
class _Rows:
    """Rows of a request: their ids, their features by column, and as they are logged."""

    ids: list[str]
    features: Columns
    inputs: list[str]

    @classmethod
    def read(cls, columns: Columns) -> "_Rows":
        """Return the rows of a payload; those without an id get one."""
        features = {name: values for name, values in columns.items() if name != ID}
        names = sorted(features)  # another version may order its columns otherwise
        inputs = [to_json(dict(zip(names, row))).decode() for row in zip(*(features[name] for name in names))]
        return cls(columns.get(ID) or [_make_id() for _ in inputs], features, inputs)

    def take(self, places: Sequence[int]) -> "_Rows":
        """Return the rows at some places."""
        if len(places) == len(self.ids):
            return self
        features = {name: [values[place] for place in places] for name, values in self.features.items()}
        return _Rows([self.ids[place] for place in places], features, [self.inputs[place] for place in places])

    def predictions(self, role: str, version: int, late: Sequence[float | None]) -> list[Prediction]:
        """Return a prediction for each row."""
        return [Prediction(id, role, version, p, inputs) for id, p, inputs in zip(self.ids, late, self.inputs)]

    @property
    def are_finite(self) -> bool:
        """Whether no number is infinite."""
        return all(math.isfinite(v) for values in self.features.values() for v in values if isinstance(v, float))


def _make_id() -> str:
    """Return a new id; later ones come later in order, so that the log's index grows at its end alone."""
    return f"{time.time_ns():016x}{_random.getrandbits(64):016x}"


class _Busy(Exception):
    """Too many requests wait for a version."""


def _prepare(columns: Columns, models: Models, version: Version | None) -> tuple[_Rows, dict, dict[Version, list[int]]]:
    """Return the rows of a payload, its unusual values by column, and the places of the rows that a version answers."""
    rows, places = _Rows.read(columns), {}
    for place, id in enumerate(rows.ids):
        places.setdefault(version or models.choose(id), []).append(place)
    return rows, (version or models.champion).count_unusual(columns), places


def _respond(answers: list[Prediction], unusual: dict[str, int]) -> Response:
    """Return the response to a request."""
    headers = {"X-Model-Version": ", ".join(sorted({str(row.version) for row in answers}))}
    if unusual:
        headers["X-Unusual-Columns"] = ", ".join(map(quote, unusual))
    body = to_json({"predictions": [[1 - row.probability, row.probability] for row in answers]})
    return Response(body, 200, headers, "application/json")


async def _offload_if_long(columns: Columns, work: Callable, *arguments: object):
    """Do some work on columns, in a thread where they are long."""
    long = len(next(iter(columns.values()))) > _SMALL
    return await asyncio.to_thread(work, *arguments) if long else work(*arguments)


@dataclass(eq=False)
class Scoring:
    """Scores rows with the models that it is given, and logs what it answers."""

    name: str
    log: Writer | None
    counters: Counters
    beside: set[asyncio.Task] = field(default_factory=set)  # requests that the shadow has still to score
    _rows_beside: int = 0  # of them
    _told: collections.Counter = field(default_factory=collections.Counter)  # tracebacks by the version's number
    _queued: WeakKeyDictionary = field(default_factory=WeakKeyDictionary)  # sets of work by threads, gone with them

    def find_version(self, models: Models, number: str) -> Version:
        """Return the loaded version with a number; a retired one is gone, any other is not found."""
        wanted = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else -1
        if wanted in models.retired:
            raise Refused(410, f"version {wanted} of {self.name} is retired: {models.retired[wanted]}", "GONE")
        if not (version := models.by_number(wanted)):
            raise Refused(404, f"version {number!r} of {self.name} is not served here", "RESOURCE_DOES_NOT_EXIST")
        return version

    async def answer(self, columns: Columns, models: Models, version: Version | None) -> Response:
        """Score rows by one version, or by those that the aliases name; log them; answer what the log holds."""
        rows, unusual, places = await _offload_if_long(columns, _prepare, columns, models, version)
        found: dict[int, Prediction] = {}
        for one, here in places.items():
            found |= zip(here, await self._predict(one, None if version else models, rows.take(here)))
        answers = await self._keep([found[place] for place in range(len(found))])
        if not version and models.shadow:
            self._score_beside(models, rows)
        for name, count in unusual.items():
            self.counters.unusual.labels(name).inc(count)
        return await _offload_if_long(columns, _respond, answers, unusual)

    async def _predict(self, version: Version, models: Models | None, rows: _Rows) -> list[Prediction]:
        """Return the predictions of a version; where the challenger fails or is late, those of the champion.

        Without `models` the client has asked for this version, and gets no other.
        """
        role = ANSWER if models else f"version {version.number}"
        is_canary = bool(models) and version is not models.champion
        try:
            async with asyncio.timeout(_DEADLINE) if is_canary else _NO_DEADLINE:
                late = await self._run(version, role, rows, in_thread=is_canary)  # else no deadline ends it
        except Exception as error:  # a model can raise anything
            request = await self._note_failure(version, role, error, rows)
            if is_canary:
                return await self._predict(models.champion, models, rows)
            if isinstance(error, _Busy):
                raise Refused(503, str(error), _CODES[503]) from error
            if not rows.are_finite:
                raise Refused(400, "these rows cannot be scored, as a number in them is infinite") from error
            message = f"version {version.number} failed on these rows: the server's log says why, at {request}"
            raise Refused(500, message, _CODES[500]) from error
        return rows.predictions(role, version.number, late)

    async def _run(self, version: Version, role: str, rows: _Rows, in_thread: bool = False) -> list[float]:
        """Return a version's probabilities, counted; in a thread where asked, or where it takes long."""
        kind = role if role in (ANSWER, SHADOW) else "by number"
        seconds = self.counters.scoring.labels(version.number, kind)

        def work() -> list[float]:
            with seconds.time():
                return version.predict_late(rows.features, len(rows.ids))

        if version.is_quick and len(rows.ids) <= _SMALL and role != SHADOW and not in_thread:
            late = work()
        else:
            late = await self._run_in_thread(version, version.beside if role == SHADOW else version.threads, work)
        self.counters.predictions.labels(version.number, kind).inc(len(late))
        return late

    async def _run_in_thread(self, version: Version, threads: ThreadPoolExecutor, work: Callable) -> list[float]:
        """Run work in one of a version's threads; raise _Busy where too much waits for them."""
        queued = self._queued.setdefault(threads, set())
        if len(queued) >= _MOST_QUEUED and threads is version.threads:
            raise _Busy(f"{len(queued)} requests wait for version {version.number}")
        queued.add(one := threads.submit(work))
        one.add_done_callback(queued.discard)
        return await asyncio.wrap_future(one)

    async def _note_failure(self, version: Version, role: str, error: Exception, rows: _Rows) -> str:
        """Count a version's failure, log its rows and write its reason into the server's own log, under an id."""
        request = uuid.uuid4().hex[:12]
        print(f"{request}: version {version.number} failed as {role}: {error!r}", file=sys.stderr)
        self._told[version.number] += 1
        if self._told[version.number] <= _MOST_TOLD:
            traceback.print_exception(error)
        self.counters.failures.labels(role if role in (ANSWER, SHADOW) else "by number", version.number).inc()
        with contextlib.suppress(Exception):  # a log that cannot be written is told where the answer is kept
            await self._keep(rows.predictions(FAILED, version.number, [None] * len(rows.ids)))
        return request

    async def _keep(self, rows: list[Prediction]) -> list[Prediction]:
        """Return what the log holds after it took these rows; what cannot be logged is not answered."""
        if not self.log:
            return rows
        try:
            return await self.log.add(rows)
        except Conflict as error:
            raise Refused(409, str(error), "RESOURCE_CONFLICT") from error
        except sqlite3.Error as error:  # such as a full disk
            self.counters.failures.labels("log", "").inc()
            raise Refused(503, f"the log cannot be written: {error}", _CODES[503]) from error

    def _score_beside(self, models: Models, rows: _Rows) -> None:
        """Have the shadow score the rows later; nobody waits for it."""
        many = self._rows_beside + len(rows.ids) > _MOST_ROWS_BESIDE
        if many or len(self._queued.get(models.shadow.beside, ())) >= _MOST_BESIDE:
            self.counters.missed.inc()
            return
        self._rows_beside += len(rows.ids)
        task = asyncio.create_task(self._shadow(models, rows))
        self.beside.add(task)
        task.add_done_callback(self.beside.discard)

    async def _shadow(self, models: Models, rows: _Rows) -> None:
        try:
            with self.counters.hold(models):
                late = await self._run(models.shadow, SHADOW, rows)
                with contextlib.suppress(Refused):  # it is counted
                    await self._keep(rows.predictions(SHADOW, models.shadow.number, late))
        except Exception as error:  # a model can raise anything
            await self._note_failure(models.shadow, SHADOW, error, rows)
        finally:
            self._rows_beside -= len(rows.ids)

    async def check_log(self) -> str:
        """Return why the log cannot be written now, or nothing."""
        try:
            if self.log:
                await asyncio.wait_for(self.log.add([]), 2)
        except TimeoutError:
            return "the log takes no row within 2 seconds"
        except sqlite3.Error as error:
            return f"the log cannot be written: {error}"
        return ""

    async def close(self) -> None:
        """Let the shadow end for at most two seconds, then write what waits."""
        if self.beside:
            await asyncio.wait(self.beside, timeout=2)
        for threads in [*self._queued]:
            threads.shutdown(wait=False, cancel_futures=True)
        if self.log:
            await self.log.close()
