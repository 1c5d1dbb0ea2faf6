"""How the live server scores: who answers which row, who scores beside, what is logged and counted."""
import contextlib
import json
import sqlite3
import traceback
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
        self.requests = self._made(Counter, "live_requests", "Answers", "status")
        self.predictions = self._made(Counter, "live_predictions", "Rows scored", "version", "role")
        self.failures = self._made(Counter, "live_failures", "What went wrong inside", "where")
        self.in_flight = self._made(Gauge, "live_in_flight", "Requests that may use a version", "version")
        self.seconds = self._made(Histogram, "live_request_seconds", "Seconds to an answer")

    def _made(self, kind: type, name: str, what: str, *labels: str):
        return kind(name, what, labels, registry=self.registry)

    @contextlib.contextmanager
    def holding(self, models: Models) -> Iterator[None]:
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
class Scoring:
    """Scores rows with the models that it is given, and logs what it answers."""

    name: str
    log: PredictionLog | None
    counters: Counters

    def asked_for(self, models: Models, number: str) -> Version:
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
            rows = self.rows(columns, models, version)
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

    def rows(self, columns: Columns, models: Models, version: Version | None) -> list[Prediction]:
        """Return the predictions that answer, in order, and then those of the shadow."""
        features = {name: values for name, values in columns.items() if name != ID}
        inputs = [json.dumps(dict(zip(features, row))) for row in zip(*features.values())]
        ids = columns.get(ID) or [uuid.uuid4().hex for _ in inputs]
        by = [version or models.answering(one) for one in ids]
        rows = {}
        for one in dict.fromkeys(by):
            places = [place for place, other in enumerate(by) if other is one]
            rows |= zip(places, self.by_version(one, ANSWER, places, ids, features, inputs))
        beside = []
        if models.shadow and not version:
            try:
                beside = self.by_version(models.shadow, SHADOW, range(len(ids)), ids, features, inputs)
            except Exception:  # a shadow that fails must not take the answer with it
                traceback.print_exc()
                self.counters.failures.labels("shadow").inc()
        return [*(rows[place] for place in range(len(ids))), *beside]

    def by_version(
        self, version: Version, role: str, places: Sequence[int], ids: list, features: Columns, inputs: list
    ) -> list[Prediction]:
        """Return the predictions of one version for the rows at some places."""
        if len(places) < len(ids):
            features = {name: [values[place] for place in places] for name, values in features.items()}
        late = version.score(features)[:, 1].tolist()
        self.counters.predictions.labels(version.number, role).inc(len(late))
        return [Prediction(ids[place], role, version.number, p, inputs[place]) for place, p in zip(places, late)]
