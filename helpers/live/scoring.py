"""How the live server scores: who answers which row, who scores beside, what is logged and counted."""
import contextlib
import json
import sqlite3
import traceback
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from fastapi.responses import JSONResponse
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

from helpers.live.models import Models, Version
from helpers.live.payloads import ID, Columns, Refused
from helpers.live.prediction_log import ANSWER, SHADOW, Conflict, Prediction, PredictionLog

disable_created_metrics()  # a second line for every counter, for a protocol that we do not speak


class Counters:
    """What Prometheus reads: answers by status, rows by version, seconds, requests that hold a version, failures."""

    def __init__(self) -> None:
        """Start them all at zero."""
        self.registry = CollectorRegistry()
        self.requests = self._make(Counter, "live_requests", "Answers", "status")
        self.predictions = self._make(Counter, "live_predictions", "Rows scored", "version", "role")
        self.failures = self._make(Counter, "live_failures", "What went wrong inside", "where")
        self.in_flight = self._make(Gauge, "live_in_flight", "Requests that may use a version", "version")
        self.seconds = self._make(Histogram, "live_request_seconds", "Seconds to an answer")

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


class _Rows(NamedTuple):
    """The rows of a request: their ids, their features by column, and as they are logged."""

    ids: list[str]
    features: Columns
    inputs: list[str]


@dataclass(frozen=True)
class Scoring:
    """Scores rows with the models that it is given, and logs what it answers."""

    name: str
    log: PredictionLog | None
    counters: Counters

    def find_version(self, models: Models, number: str) -> Version:
        """Return the loaded version with a number; a retired one is gone, any other is not found."""
        wanted = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else -1
        if wanted in models.retired:
            raise Refused(410, f"version {wanted} of {self.name} is retired: {models.retired[wanted]}", "GONE")
        if not (version := models.by_number(wanted)):
            raise Refused(404, f"version {number!r} of {self.name} is not served here", "RESOURCE_DOES_NOT_EXIST")
        return version

    def answer(self, columns: Columns, models: Models, version: Version | None) -> JSONResponse:
        """Score rows by one version, or by those that the aliases name; log them; answer what the log holds."""
        try:
            rows = self.predict(columns, models, version)
            answers = self.log.add(rows) if self.log else [row for row in rows if row.role == ANSWER]
        except Conflict as error:
            raise Refused(409, str(error), "RESOURCE_CONFLICT") from error
        except sqlite3.Error as error:  # such as a full disk: what cannot be logged is not answered
            self.counters.failures.labels("log").inc()
            raise Refused(503, f"the log cannot be written: {error}", "TEMPORARILY_UNAVAILABLE") from error
        except Exception as error:  # MLflow's server says 400 as well
            traceback.print_exc()
            raise Refused(400, f"these rows cannot be scored: {error!r}") from error
        pairs = [[1 - row.probability, row.probability] for row in answers]
        versions = ", ".join(sorted({str(row.version) for row in answers}))
        return JSONResponse({"predictions": pairs}, headers={"X-Model-Version": versions})

    def predict(self, columns: Columns, models: Models, version: Version | None) -> list[Prediction]:
        """Return the predictions that answer, in order, and then those of the shadow."""
        features = {name: values for name, values in columns.items() if name != ID}
        inputs = [json.dumps(dict(zip(features, row))) for row in zip(*features.values())]
        ids = columns.get(ID) or [uuid.uuid4().hex for _ in inputs]
        rows = _Rows(ids, features, inputs)
        by = [version or models.choose(one) for one in ids]
        answers = {}
        for one in dict.fromkeys(by):
            places = [place for place, other in enumerate(by) if other is one]
            answers |= zip(places, self._predict_by(one, ANSWER, rows, places))
        beside = [] if version or not models.shadow else self._predict_beside(models.shadow, rows)
        return [*(answers[place] for place in range(len(ids))), *beside]

    def _predict_beside(self, shadow: Version, rows: _Rows) -> list[Prediction]:
        """Return the predictions of a shadow; where it fails none, as it must not take the answer with it."""
        try:
            return self._predict_by(shadow, SHADOW, rows, range(len(rows.ids)))
        except Exception:
            traceback.print_exc()
            self.counters.failures.labels("shadow").inc()
            return []

    def _predict_by(self, version: Version, role: str, rows: _Rows, places: Sequence[int]) -> list[Prediction]:
        """Return the predictions of one version for the rows at some places."""
        features = rows.features
        if len(places) < len(rows.ids):
            features = {name: [values[place] for place in places] for name, values in features.items()}
        late = version.score(features)[:, 1].tolist()
        self.counters.predictions.labels(version.number, role).inc(len(late))
        return [Prediction(rows.ids[at], role, version.number, p, rows.inputs[at]) for at, p in zip(places, late)]
