"""Checks of notebook 09."""
import contextlib
import inspect
import os
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise, product

import cloudpickle
import mlflow
import numpy as np
import pandas as pd
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response
from pydantic import BaseModel, ValidationError

from helpers import paths
from helpers.checks.answers import ask, require_function, show
from helpers.checks.registry import NotYet, describe, exercise
from helpers.features import FEATURES

_THREE = 6e-4  # by how much a number may differ that was rounded to three decimals
_FLIGHT = {
    "carrier": "UA", "origin": "EWR", "dest": "SNA", "dow": 2, "sched_dep_min": 734, "sched_block_min": 366.0,
    "distance": 2434, "n_sched_hour": 24, "temp": 60.98, "humid": 29.52, "wind_speed": 6.9, "precip": 0.0,
    "pressure": 1030.8, "visib": 10.0, "late_share_3h": 0.03, "late_share_prev_day": 0.15, "carrier_late_7d": 0.2,
}  # fmt: skip
_RULES = {  # by field, what is allowed and what is refused
    "origin": (("EWR", "JFK", "LGA"), ("BOS", "SWF", "jfk", " JFK", "XJFK", "JFKX", "", None)),
    "humid": ((0, 50.5, 100, None), (-0.1, 100.1, 250)),
    "sched_dep_min": ((0, 1439), (-1, 1440, 720.5)),
    "temp": ((10.94, 100.04, None), ("warm",)),
    "distance": ((17, 4983), ()),
    "wind_speed": ((0, 42.5), ()),
}
_OPTIONAL = ("humid", "temp", "late_share_3h")  # fields that a flight may lack
_ALONE = "let it need nothing but id and share, and remove @cache from it and from what it calls"
_SHARES = (0, 0.05, 0.2, 0.3, 0.5, 0.9, 1)
_FLIGHTS = (1, 11, 27, 102, 305, 418, 523, 686, 749, 1114, 1231, 1455, 1696, 1743, 2210, 3339, 4412, 5047, 5876, 6181)
_GROUPS = (("day", "days"), ("airline", "airlines"), ("flight number", "flights"), ("airport", "airports"))


@exercise("9.1", hint='many = APIRouter(), then @many.post("/predict-many"); the parameter can be '
          "Annotated[list[Flight], Field(min_length=1, max_length=1000)], and FastAPI refuses the rest with 422")
def check_many(answer: object) -> str:
    """A route that answers many flights, in their order, and refuses none or too many."""
    asked = _load_flights()
    post = _open(answer, "many", "/predict-many")
    right = asked.pop("late").tolist()
    flights = [row.dropna().to_dict() for _, row in asked.iterrows()]
    for some, wanted in ((flights, right), (flights[::-1], right[::-1]), (flights[:1], right[:1])):
        reply = _expect(post, some, 200, f"a list of {len(some)} flight(s)")
        _compare(reply, wanted)
        if reply.headers.get("X-Model-Version", "").strip() != "2":
            said = show(reply.headers.get("X-Model-Version"))
            raise NotYet(f"the header X-Model-Version is {said} where version 2 answers: set it as `predict` does")
    _expect(post, [], 422, "a list without a flight")
    _expect(post, flights[:1] * 1001, 422, "a list of 1,001 flights")
    _expect(post, flights[:1] * 1000, 200, "a list of 1,000 flights")
    _expect(post, [flights[0], {**flights[1], "temp": "warm"}], 422, "a list with the temperature 'warm'")
    return "One request, many answers, in the order of the flights."


def _load_flights() -> pd.DataFrame:
    """Return six flights of May with their features, and the probability of late that the champion gives each."""
    flights = pd.read_parquet(paths.PREPARED / "2013-05.parquet").iloc[[0, 400, 5, 9000, 20000, 400]]  # one twice
    client = mlflow.MlflowClient(paths.TRACKING_URI, paths.TRACKING_URI)
    source = client.get_model_version_by_alias("late", "champion").source.removeprefix("models:/")
    model = mlflow.sklearn.load_model(client.get_logged_model(source).artifact_location)
    return flights[FEATURES].astype(object).assign(late=model.predict_proba(flights[FEATURES])[:, 1])


def _open(answer: object, name: str, path: str) -> Callable[[object], Response]:
    """Return a function that posts a body to a path of the reader's router or application."""
    if not isinstance(answer, APIRouter | FastAPI):
        raise NotYet(f"`{name}` is {show(answer)}: give the router, such as {name} = APIRouter(), with a route in it")
    service = answer
    if isinstance(answer, APIRouter):
        service = FastAPI()
        service.include_router(answer)
    client = TestClient(service)

    def post(body: object) -> Response:
        try:
            return client.post(path, json=body)
        except Exception as error:  # the client of a real server would get 500
            remedy = "; in a route, raise HTTPException(422) to refuse" if isinstance(error, ValueError) else ""
            raise NotYet(f"your code raises {describe(error)}, so a client would get 500{remedy}") from None

    return post


def _expect(post: Callable[[object], Response], body: object, status: int, what: str) -> Response:
    """Return the reply to a body; raise NotYet where it has another status."""
    reply = post(body)
    if reply.status_code in (404, 405) and status != reply.status_code:
        raise NotYet(f"POST gets {reply.status_code}: there is no route for the method and path of the text")
    if reply.status_code != status:
        said = show(reply.text[:50])
        raise NotYet(f"{what} gets status {reply.status_code} where {status} is right (it says {said})")
    return reply


def _compare(reply: Response, wanted: list[float]) -> None:
    """Raise NotYet where a reply does not hold these probabilities in this order."""
    said = reply.json()
    found = said.get("late") if isinstance(said, dict) else None
    if not isinstance(found, list) or any(isinstance(one, bool) or not isinstance(one, float | int) for one in found):
        raise NotYet(f'the body is {show(said)}: return {{"late": [...]}} with a number for each flight')
    if len(found) != len(wanted):
        raise NotYet(f"{len(found)} probabilities came for {len(wanted)} flights: each flight gets one")
    if np.allclose(found, wanted, atol=_THREE):
        return
    if np.allclose(found, wanted, atol=0.0051):
        raise NotYet("the probabilities are rounded to two decimals: give them as the model computes them")
    if np.allclose(sorted(found), sorted(wanted), atol=_THREE):
        raise NotYet("the order is not that of the flights")
    raise NotYet("these are not the model's probabilities of late: column 1 of predict_proba")


@exercise("9.2", hint='class StrictFlight(Flight), with origin: Literal["EWR", "JFK", "LGA"] from typing, and '
          "humid: float | None = Field(default=None, ge=0, le=100) from pydantic")
def check_strict_flight(answer: object) -> str:
    """A flight that refuses what the types alone let pass, at the edges of each rule."""
    if not (isinstance(answer, type) and issubclass(answer, BaseModel)):
        raise NotYet(f"`StrictFlight` is {show(answer)}: write a class that extends Flight, class StrictFlight(Flight)")
    if missing := [key for key in _FLIGHT if key not in answer.model_fields]:
        raise NotYet(f"the class has no field {', '.join(missing)}: extend Flight, which has them all")
    for field, (allowed, refused) in {"origin": (("EWR",), ()), **_RULES}.items():
        for value in allowed:
            _require_the_same(answer, {**_FLIGHT, field: value}, f"a flight with {field} {show(value)}")
        for value in refused:
            if _read(answer, {**_FLIGHT, field: value})[0] is not None:
                raise NotYet(f"a flight with {field} {show(value)} is still taken")
    for field in _FLIGHT:
        less = {key: value for key, value in _FLIGHT.items() if key != field}
        if field in _OPTIONAL:
            _require_the_same(answer, less, f"a flight without {field}")
        elif field in ("dest", "origin", "sched_dep_min") and _read(answer, less)[0] is not None:
            raise NotYet(f"a flight without {field} is taken: the field must have no default")
    return "What cannot be is refused with 422, and what is right comes through unchanged."


def _require_the_same(flight: type[BaseModel], body: dict, what: str) -> None:
    """Raise NotYet where a class refuses a right flight, or changes it."""
    read, words = _read(flight, body)
    if read is None:
        raise NotYet(f"{what} is refused, and it is right: {words}")
    if not isinstance(read, BaseModel):
        raise NotYet(f"{what} comes out as {show(read)}: a validator of the whole model must return self")
    for field, value in read.model_dump(mode="json").items():
        if value != body.get(field):
            raise NotYet(f"{what} comes out with {field} {show(value)}: a validator must return the value unchanged")


def _read(flight: type[BaseModel], body: dict) -> tuple[object, str]:
    """Return what a class makes of a body, or None and why not; raise NotYet where FastAPI would answer 500."""
    try:
        return flight.model_validate(body), ""
    except ValidationError as error:
        first = error.errors()[0]
        return None, f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    except Exception as error:
        raise NotYet(f"StrictFlight raises {describe(error)}, so the client would get 500: raise ValueError") from None


@exercise("9.3", hint="turn the id into a number from 0 to 1 that never changes, such as "
          "zlib.crc32(id.encode()) / 2**32, and compare it with the share; hash() differs from one process to the next")
def check_stable_canary(answer: Callable[[str, float], bool]) -> str:
    """A canary that depends on the id alone, and grows by adding."""
    require_function(answer, "in_canary(id, share)")
    ids = [f"2013-07-{day:02d}/{carrier}/{flight}/{origin}" for day, carrier, flight, origin in product(
        range(1, 31), ("B6", "UA", "MQ", "OO", "HA"), _FLIGHTS, ("EWR", "JFK", "LGA"))]  # fmt: skip
    picked = {share: [ask("in_canary", answer, id, share) for id in ids] for share in _SHARES}
    if picked[0.2][::-1] != [ask("in_canary", answer, id, 0.2) for id in ids[::-1]]:
        raise NotYet("the same id gets different answers when it is asked again")
    for share, chosen in picked.items():
        _require_share_in_each_group(share, chosen, ids)
    for small, large in pairwise(_SHARES):
        if any(before and not after for before, after in zip(picked[small], picked[large])):
            raise NotYet(f"an id that was in at a share of {small} is out at {large}: those who were in must stay in")
    _require_the_same_elsewhere(answer)
    return "The same flight meets the same version, today, tomorrow and on every server."


def _require_share_in_each_group(share: float, chosen: list[bool], ids: list[str]) -> None:
    """Raise NotYet where another share of the ids is in the canary, or of those of a day, an airline or a flight."""
    whole = f"at a share of {share}, {sum(chosen) / len(ids):.1%} of {len(ids):,} ids are in the canary"
    apart = abs(sum(chosen) / len(ids) - share)
    if apart > _allow(share, len(ids)):
        raise NotYet(whole)
    for place, (one, many) in enumerate(_GROUPS):
        parts = [id.split("/")[place] for id in ids]
        for name in dict.fromkeys(parts):
            group = [taken for taken, part in zip(chosen, parts) if part == name]
            if abs(sum(group) / len(group) - share) > _allow(share, len(group)):
                seen = f"at a share of {share}, {sum(group) / len(group):.0%} of the ids of the {one} {name} are in it"
                raise NotYet(f"{seen}: it favours some {many}")
    if apart > _allow(share, len(ids), 4):
        raise NotYet(whole)


def _allow(share: float, ids: int, errors: int = 6) -> float:
    """Return how far the share of some ids may lie from the wanted one: some standard errors of a fair draw."""
    return errors * (share * (1 - share) / ids) ** 0.5 + 0.005 * (0 < share < 1)


_ELSEWHERE = """
import datetime, pickle, platform, socket, sys, time

days, moments, local, write = datetime.date, datetime.datetime, time.localtime, time.strftime
now, later = moments(2031, 2, 3, 4, 5, 6), moments(2034, 11, 16, 17, 28, 39)  # no part of the two is the same

class Day(days):
    today = classmethod(lambda cls: now.date())

class Moment(moments):
    now = today = utcnow = classmethod(lambda cls, tz=None: now.replace(tzinfo=tz))

datetime.date, datetime.datetime, socket.gethostname = Day, Moment, lambda: "another"
platform.node = socket.gethostname
time.time = time.monotonic = lambda: now.timestamp()
time.time_ns = time.monotonic_ns = lambda: int(now.timestamp() * 1e9)
time.localtime = time.gmtime = lambda seconds=None: now.timetuple() if seconds is None else local(seconds)
time.strftime = lambda form, moment=None: write(form, moment or now.timetuple())
told, sys.stdout = sys.stdout, sys.stderr  # what the function prints is no answer
function, ids = pickle.load(sys.stdin.buffer)
for now in now, later:
    print(*(int(function(id, 0.2)) for id in ids), file=told)
"""


def _require_the_same_elsewhere(answer: Callable) -> None:
    """Raise NotYet where another process, on two other days, gives other answers, asked in another order."""
    ids = [f"2013-08-{day:02d}/DL/{flight}/LGA" for day, flight in product(range(1, 31), _FLIGHTS)]
    with contextlib.suppress(Exception):  # of a function with a cache, what is below it
        answer = inspect.unwrap(answer)
    try:
        sent = cloudpickle.dumps((answer, ids[::-1]))
    except Exception as error:
        raise NotYet(f"in_canary cannot be sent to another process ({describe(error)}): {_ALONE}") from None
    env = {**os.environ, "PYTHONHASHSEED": "4242"}
    done = subprocess.run([sys.executable, "-c", _ELSEWHERE], input=sent, capture_output=True, env=env, timeout=120)
    if done.returncode:
        told = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise NotYet(f"in another process in_canary fails ({''.join(told)}): {_ALONE}")
    here = [ask("in_canary", answer, id, 0.2) for id in ids]
    if [[said == b"1" for said in line.split()][::-1] for line in done.stdout.splitlines()] != [here, here]:
        words = "in another process, on another day, the answers are others: let them depend on id and share alone; "
        raise NotYet(f"{words}Python draws the salt of hash() and random numbers anew in each")
