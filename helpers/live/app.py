"""The live server's application: a registered model over REST, swapped while it answers."""
import asyncio
import contextlib
import sys
import traceback
import uuid
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, FastAPI, Path, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel

from helpers.live.limits import Bodies, CheckHost
from helpers.live.models import Models, Retries, Version, look, preload
from helpers.live.payloads import Columns, Refused, read, read_fast, require_few
from helpers.live.prediction_log import PredictionLog, Writer
from helpers.live.scoring import Counters, Scoring

_SMALL = 20_000  # bytes of a payload that is read at once; a larger one goes to a thread and lets others pass
_routes = APIRouter()


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

    scoring: Scoring
    poll: float
    models: Models = field(default_factory=Models)
    trouble: str = ""
    bodies: Bodies = field(default_factory=Bodies)
    retries: Retries = field(default_factory=Retries)

    async def follow(self) -> None:
        """Look at the registry every `poll` seconds."""
        from mlflow import MlflowClient

        client, name, loop = MlflowClient(), self.scoring.name, asyncio.get_running_loop()
        thread = ThreadPoolExecutor(1, "registry")  # its own, which no slow model can take
        while True:
            try:
                self.models = await loop.run_in_executor(thread, look, client, name, self.models, self.retries)
                self.scoring.counters.follow(self.models)
                self._say("" if self.models.champion else f"models:/{name}@champion points to no version")
                await loop.run_in_executor(thread, preload)  # only now, so that the first version answers early
            except Exception as error:  # no registry, or a version that cannot be loaded: go on with what is there
                self._say(f"{type(error).__name__}: {error}")
                self.scoring.counters.failures.labels("registry", "").inc()
            await asyncio.sleep(self.poll)

    def _say(self, trouble: str) -> None:
        """Keep what is wrong for the status, and print it where it is news."""
        trouble = trouble or self.models.trouble
        if trouble and trouble != self.trouble:
            print(f"trouble: {trouble}", file=sys.stderr, flush=True)
        self.trouble = trouble

    def require_champion(self, models: Models) -> Version:
        """Return the champion among some models; as long as there is none, refuse the request."""
        if not models.champion:
            raise Refused(503, f"no model is ready: {self.trouble}", "TEMPORARILY_UNAVAILABLE")
        return models.champion

    def describe(self) -> dict:
        """Return what is served now: version numbers by alias, the form of each, and what is wrong."""
        loaded = {alias: getattr(self.models, alias) for alias in ("champion", "challenger")}
        return {
            **{alias: version and version.number for alias, version in loaded.items()},
            "forms": {str(version.number): version.form for version in self.models.loaded},
            "canary_share": self.models.share,
            "retired": sorted(self.models.retired),
            "shadow_waiting": len(self.scoring.beside),
            "trouble": self.trouble,
        }


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


_REFUSED = (400, 403, 408, 409, 413, 415, 500, 503)


@_routes.post("/invocations", responses=_refusals(*_REFUSED), **_SCORES)
async def invocations(request: Request) -> Response:
    """Score rows by the versions that the aliases name."""
    return await _answer(request)


@_routes.post("/versions/{number}/invocations", responses=_refusals(*_REFUSED, 404, 410), **_SCORES)
async def by_number(request: Request, number: Annotated[str, Path(min_length=1)]) -> Response:
    """Score rows by one version; a retired one answers 410."""
    return await _answer(request, number)


async def _answer(request: Request, number: str = "") -> Response:
    """Answer a request, and count the answer and its seconds, whatever it is."""
    live, status = request.app.state.live, 500
    counters = live.scoring.counters
    with counters.seconds.time(), live.bodies.hold() as parts:
        try:
            response = await _score(request, await live.bodies.read(request, parts), number)
            status = 200
            return response
        except Refused as error:
            status = error.status
            raise
        finally:
            counters.requests.labels(status).inc()


async def _score(request: Request, body: bytes, number: str) -> Response:
    """Choose who answers a request, read its rows, and have them scored."""
    live = request.app.state.live
    scoring, models = live.scoring, live.models  # the same models for the whole request, whatever is swapped meanwhile
    version = scoring.find_version(models, number) if number else live.require_champion(models)
    content_type = request.headers.get("content-type")
    if not content_type:
        raise Refused(415, "the request has no Content-Type: name the format of its body, such as application/json")
    with scoring.counters.hold(models):
        columns = await _read(body, content_type, version)
        return await scoring.answer(columns, models, version if number else None)


async def _read(body: bytes, content_type: str, version: Version) -> Columns:
    """Read a payload: fast where it is well formed JSON, else by MLflow's code; in a thread unless that is quick."""
    columns = None
    if content_type == "application/json":
        asked = body, version.kinds
        columns = read_fast(*asked) if len(body) < _SMALL else await asyncio.to_thread(read_fast, *asked)
    columns = columns or await asyncio.to_thread(read, body, content_type, version.metadata)
    require_few(len(next(iter(columns.values()))))
    return columns


@_routes.get("/livez")
async def is_alive() -> str:
    """Say that the process answers; who finds that it does not may start it anew."""
    return "alive"


@_routes.get("/ping", responses=_refusals(503))
@_routes.get("/health", responses=_refusals(503))
async def health(request: Request) -> str:
    """Say whether requests would be answered: a model is loaded, and the log takes a row."""
    live = request.app.state.live
    live.require_champion(live.models)
    if trouble := await live.scoring.check_log():
        raise Refused(503, trouble, "TEMPORARILY_UNAVAILABLE")
    return "ready"


@_routes.get("/version")
async def version() -> str:
    """Name MLflow's version."""
    import mlflow

    return mlflow.__version__


@_routes.get("/status")
async def status(request: Request) -> dict:
    """Say what is served, and what is wrong where something is."""
    return request.app.state.live.describe()


@_routes.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
async def metrics(request: Request) -> Response:
    """Return the counters in Prometheus' format."""
    counters = request.app.state.live.scoring.counters
    return Response(generate_latest(counters.registry), media_type=CONTENT_TYPE_LATEST)


async def _refuse(request: Request, error: Refused) -> Response:
    """Answer a request that was refused as MLflow's server words its errors."""
    body = {"error_code": error.code, "message": str(error)[:1000]}
    headers = {408: {"Connection": "close"}, 413: {"Connection": "close"}, 503: {"Retry-After": "1"}}
    return JSONResponse(body, error.status, headers.get(error.status, {}))


async def _fail(request: Request, error: Exception) -> Response:
    """Answer what nobody has foreseen: the client gets an id, and the server's own log the reason."""
    name = uuid.uuid4().hex[:12]
    print(f"{name}: {request.method} {request.url.path} failed", file=sys.stderr)
    traceback.print_exception(error)
    body = {"error_code": "INTERNAL_ERROR", "message": f"the server failed: its log says why, at {name}"}
    return JSONResponse(body, 500)


@contextlib.asynccontextmanager
async def _follow_registry(app: FastAPI) -> AsyncIterator[None]:
    """Follow the registry as long as the application runs."""
    task = asyncio.create_task(app.state.live.follow())
    yield
    task.cancel()
    await app.state.live.scoring.close()


def build(
    name: str,
    log: PredictionLog | None = None,
    poll: float = 2.0,
    models: Models = Models(),  # noqa: B008
) -> FastAPI:
    """Return the application that serves a registered model.

    Parameters
    ----------
    name : str
        Name of the registered model.
    log : PredictionLog
        Where predictions are logged; without it nothing is.
    poll : float
        Seconds between two looks at the registry.
    models : Models
        What is loaded already.
    """
    no_pages = {"docs_url": None, "redoc_url": None}  # they load scripts from the internet; /openapi.json stays
    own = {"title": f"models:/{name}@champion", "version": "1", "lifespan": _follow_registry, **no_pages}
    app = FastAPI(routes=_routes.routes, **own)  # an included router takes 6 % of an answer's time
    app.add_exception_handler(Refused, _refuse)
    app.add_exception_handler(Exception, _fail)
    app.add_middleware(CheckHost)
    live = Live(Scoring(name, log and Writer(log), Counters()), poll, models)
    live.scoring.counters.waiting.set_function(lambda: live.bodies.waiting)
    live.trouble = models.trouble if models.champion else f"models:/{name}@champion has not been loaded"
    app.state.live = live
    return app
