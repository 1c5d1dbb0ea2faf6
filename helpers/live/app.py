"""The live server's application: a registered model over REST, swapped while it answers."""
import asyncio
import base64
import contextlib
import hashlib
import hmac
import time
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import FastAPI, Path, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel

from helpers.live.models import Models, look, preload
from helpers.live.payloads import Refused, read, read_fast
from helpers.live.prediction_log import PredictionLog
from helpers.live.scoring import Counters, Scoring

_SMALL = 20_000  # bytes of a payload that is scored at once; a larger one goes to a thread and lets others pass
OLDEST = 300  # seconds after which a signed event is not believed any more


class Predictions(BaseModel):
    """For each row the probabilities of on time and late."""

    predictions: list[list[float]]


class Error(BaseModel):
    """What is wrong, as MLflow's server words it."""

    error_code: str
    message: str


@dataclass
class Live:
    """The models that are served now, and the task that keeps them what the registry says."""

    name: str
    poll: float
    models: Models = field(default_factory=Models)
    trouble: str = "the registry has not been asked yet"
    nudge: asyncio.Event = field(default_factory=asyncio.Event)

    async def follow(self, counters: Counters) -> None:
        """Look at the registry every `poll` seconds, and at once when an event comes."""
        from mlflow import MlflowClient

        client = MlflowClient()
        while True:
            self.nudge.clear()
            try:
                self.models = await asyncio.to_thread(look, client, self.name, self.models)
                nobody = "" if self.models.champion else f"models:/{self.name}@champion points to no version"
                self.trouble = nobody or self.models.trouble
            except Exception as error:  # no registry, or a version that cannot be loaded: go on with what is there
                self.trouble = f"{type(error).__name__}: {error}"
                counters.failures.labels("registry").inc()
            await asyncio.to_thread(preload)  # only now, so that the first version answers early; once is enough
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.nudge.wait(), self.poll)

    def status(self) -> dict:
        """Return what is served now: version numbers by alias, the form of each, and what is wrong."""
        loaded = {alias: getattr(self.models, alias) for alias in ("champion", "challenger")}
        return {
            **{alias: version and version.number for alias, version in loaded.items()},
            "forms": {str(version.number): version.form for version in self.models.loaded},
            "canary_share": self.models.share,
            "retired": sorted(self.models.retired),
            "trouble": self.trouble,
        }


def signed(secret: str, headers, body: bytes) -> bool:
    """Return whether an event carries MLflow's signature, made with our secret and not long ago."""
    delivery, moment = headers.get("X-MLflow-Delivery-Id", ""), headers.get("X-MLflow-Timestamp", "")
    content = f"{delivery}.{moment}.".encode() + body
    right = base64.b64encode(hmac.digest(secret.encode(), content, hashlib.sha256)).decode()
    fresh = moment.isascii() and moment.isdigit() and abs(time.time() - int(moment[:12])) < OLDEST
    given = headers.get("X-MLflow-Signature", "")
    return bool(secret) and fresh and hmac.compare_digest(f"v1,{right}".encode(), given.encode())


def _refusals(*statuses: int) -> dict:
    """Return the part of the OpenAPI document that says which errors a path may answer with."""
    return {status: {"model": Error} for status in statuses}


_FORMS = ("dataframe_records", "dataframe_split", "instances", "inputs")
_ONE_FORM = {"type": "object", "properties": {form: {} for form in _FORMS}, "minProperties": 1, "maxProperties": 1}
_CONTENT = {
    "application/json": {"schema": _ONE_FORM},
    "text/csv": {"schema": {"type": "string"}},
    "application/vnd.apache.parquet": {"schema": {"type": "string", "format": "binary"}},
}
_SCORES = {"response_model": Predictions, "openapi_extra": {"requestBody": {"required": True, "content": _CONTENT}}}


def build(name: str, log: PredictionLog | None = None, poll: float = 2.0, secret: str = "") -> FastAPI:
    """Return the application that serves a registered model."""
    live, counters = Live(name, poll), Counters()
    scoring = Scoring(name, log, counters)

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI):
        task = asyncio.create_task(live.follow(counters))
        yield
        task.cancel()

    no_pages = {"docs_url": None, "redoc_url": None}  # they load scripts from the internet; /openapi.json stays
    app = FastAPI(title=f"models:/{name}@champion", version="1", lifespan=lifespan, **no_pages)

    @app.exception_handler(Refused)
    async def refuse(request: Request, error: Refused) -> Response:
        counters.requests.labels(error.status).inc()
        body = {"error_code": error.code, "message": str(error)[:1000]}
        return JSONResponse(body, error.status, {"Retry-After": "1"} if error.status == 503 else {})

    async def answer(request: Request, number: str = "") -> Response:
        began, body = time.perf_counter(), await request.body()
        models = live.models  # these answer the whole request, whatever is swapped meanwhile
        version = scoring.asked_for(models, number) if number else models.champion
        if not version:
            raise Refused(503, f"no model is ready: {live.trouble}", "TEMPORARILY_UNAVAILABLE")
        content_type = request.headers.get("content-type")
        if not content_type:
            raise Refused(415, "the request has no Content-Type: name the format of its body, such as application/json")
        with counters.holding(models):
            small, columns = len(body) < _SMALL, None
            if content_type == "application/json":
                asked = body, version.signature
                columns = read_fast(*asked) if small else await asyncio.to_thread(read_fast, *asked)
            if columns and small and models.fast:
                response = scoring.answer(columns, models, number and version)
            else:
                columns = columns or await asyncio.to_thread(read, body, content_type, version.metadata)
                response = await asyncio.to_thread(scoring.answer, columns, models, number and version)
        counters.requests.labels(200).inc()
        counters.seconds.observe(time.perf_counter() - began)
        return response

    @app.post("/invocations", responses=_refusals(400, 409, 415, 503), **_SCORES)
    async def invocations(request: Request) -> Response:
        """Score rows by the versions that the aliases name."""
        return await answer(request)

    @app.post("/versions/{number}/invocations", responses=_refusals(400, 404, 409, 410, 415, 503), **_SCORES)
    async def by_number(request: Request, number: Annotated[str, Path(min_length=1)]) -> Response:
        """Score rows by one version; a retired one answers 410."""
        return await answer(request, number)

    @app.get("/ping", responses=_refusals(503))
    @app.get("/health", responses=_refusals(503))
    async def health() -> str:
        """Say whether a model is ready."""
        if not live.models.champion:
            raise Refused(503, f"no model is ready: {live.trouble}", "TEMPORARILY_UNAVAILABLE")
        return "ready"

    @app.get("/version")
    async def version() -> str:
        """Name MLflow's version."""
        import mlflow

        return mlflow.__version__

    @app.get("/status")
    async def status() -> dict:
        """Say what is served, and what is wrong where something is."""
        return live.status()

    @app.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
    async def metrics() -> Response:
        """Return the counters in Prometheus' format."""
        return Response(generate_latest(counters.registry), media_type=CONTENT_TYPE_LATEST)

    @app.post("/webhook", status_code=204, responses=_refusals(401))
    async def webhook(request: Request) -> None:
        """Take a signed event of the registry as a reason to look at it now."""
        if not signed(secret, request.headers, await request.body()):
            raise Refused(401, "the event is not signed with our secret, or is too old", "UNAUTHENTICATED")
        live.nudge.set()

    return app
