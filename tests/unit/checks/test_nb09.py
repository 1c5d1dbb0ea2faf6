"""The checks of notebook 09: right answers in other forms, and odd values."""
import datetime
import functools
import hashlib
import os
import platform
import re
import socket
import sys
import time
import zlib
from typing import Annotated, Literal

import cloudpickle
import numpy as np
import pandas as pd
import pytest
from fastapi import APIRouter, FastAPI, HTTPException, Response
from pydantic import BaseModel, Field, create_model, field_validator

from helpers import exercises
from helpers.checks import nb09
from helpers.features import FEATURES

cloudpickle.register_pickle_by_value(sys.modules[__name__])  # as of functions that are written in a notebook
RIGHT = [0.1, 0.2, 0.3, 0.4, 0.5, 0.2]


@pytest.fixture(autouse=True)
def champion(monkeypatch):
    """Put five flights with known probabilities in place of those that the champion scores."""
    flights = pd.DataFrame([nb09._FLIGHT] * len(RIGHT))[FEATURES].astype(object)
    flights["temp"] = [float("nan"), 20.0, 30.0, 40.0, 50.0, 20.0]
    monkeypatch.setattr(nb09, "_load_flights", lambda: flights.assign(late=RIGHT))


def predict(flights: list[dict], response: Response) -> dict:
    """Answer as the solution does, from the temperature."""
    if not 1 <= len(flights) <= 1000 or any(isinstance(flight.get("temp"), str) for flight in flights):
        raise HTTPException(422, "between 1 and 1,000 flights")
    response.headers["X-Model-Version"] = "2"
    return {"late": [round(flight.get("temp", 10) / 100, 3) for flight in flights]}


@pytest.mark.parametrize("kind", [APIRouter, FastAPI])
def test_a_router_or_an_application_may_refuse_by_hand_and_round(kind):
    """What counts is what a client gets."""
    many = kind()
    many.post("/predict-many")(predict)
    assert exercises.judge("9.1", many)[0] == "correct"


@pytest.mark.parametrize("answer", [None, 7, predict, "/predict-many", APIRouter, [APIRouter()]])
def test_what_is_no_router_is_told_so(answer):
    """In a sentence that names it."""
    verdict, words = exercises.judge("9.1", answer)
    assert verdict == "not yet" and words.startswith("`many` is ")


def test_a_route_that_raises_is_told_from_one_that_is_not_there():
    """The first is the reader's code, the second a typing error."""
    raises, other = APIRouter(), APIRouter()
    raises.post("/predict-many")(lambda: 1 / 0)
    other.get("/predict-many")(predict)
    assert "your code raises ZeroDivisionError" in exercises.judge("9.1", raises)[1]
    assert "there is no route" in exercises.judge("9.1", other)[1]


TYPES = {key: (type(value) if key in ("carrier", "dest", "dow", "distance", "n_sched_hour") else float | None,
               ... if key in ("carrier", "dest", "dow", "distance", "n_sched_hour") else None)
         for key, value in nb09._FLIGHT.items()}  # fmt: skip
Flight = create_model("Flight", **{**TYPES, "origin": (str, ...), "sched_dep_min": (int, ...)})


def test_validators_are_as_good_as_types():
    """With ValueError or an assertion."""

    class StrictFlight(Flight):
        """Refuses by functions."""

        @field_validator("origin", "humid", "sched_dep_min")
        @classmethod
        def check(cls, value, info):
            """Refuse what cannot be."""
            if info.field_name == "origin" and value not in {"EWR", "JFK", "LGA"}:
                raise ValueError("not an airport of New York")
            assert info.field_name != "humid" or value is None or 0 <= value <= 100
            assert info.field_name != "sched_dep_min" or value in range(24 * 60)
            return value

    assert exercises.judge("9.2", StrictFlight)[0] == "correct"


def changed(name: str, change) -> type[BaseModel]:
    """Return a strict flight with a validator of one more field."""
    strict = {
        "origin": (Literal["EWR", "JFK", "LGA"], ...),
        "humid": (Annotated[float, Field(ge=0, le=100)] | None, None),
        "sched_dep_min": (Annotated[int, Field(ge=0, lt=1440)], ...),
    }
    check = {"check": field_validator(name)(classmethod(lambda cls, value: change(value)))}
    return create_model("StrictFlight", __base__=Flight, __validators__=check, **strict)


def test_what_a_validator_does_to_a_right_flight_is_seen():
    """A forgotten return, a zero that becomes nothing: the first is the beginner's usual mistake."""
    assert exercises.judge("9.2", changed("humid", lambda value: value))[0] == "correct"
    assert "must return the value" in exercises.judge("9.2", changed("humid", lambda value: None))[1]
    assert "must return the value" in exercises.judge("9.2", changed("humid", lambda value: value or None))[1]
    assert "must return the value" in exercises.judge("9.2", changed("wind_speed", lambda value: min(value, 20)))[1]


@pytest.mark.parametrize("answer", [None, Flight, BaseModel, dict, "StrictFlight", Flight.model_construct(), int])
def test_other_classes_and_values_are_not_yet_right(answer):
    """None of them raises."""
    assert exercises.judge("9.2", answer)[0] == "not yet"


def place(id: str) -> float:
    """Return a number from 0 to 1 for an id."""
    return zlib.crc32(id.encode()) / 2**32


def by_digits(id: str, share: float) -> bool:
    """Choose by the digits of another hash."""
    return int(hashlib.md5(id.encode(), usedforsecurity=False).hexdigest()[:8], 16) < share * 16**8


def with_numpy(id: str, share: float) -> np.bool_:
    """Choose by one more hash, and say it with NumPy."""
    return np.bool_(place(id) < share)


@pytest.mark.parametrize("answer", [by_digits, functools.cache(by_digits), with_numpy])
def test_each_good_hash_chooses_well(answer):
    """Also with a cache of its own."""
    assert exercises.judge("9.3", answer)[0] == "correct"


def test_a_cache_that_cannot_be_sent_is_named(monkeypatch):
    """Where it is in a function that in_canary calls."""
    monkeypatch.setitem(globals(), "place", functools.cache(place))
    assert "remove @cache" in exercises.judge("9.3", with_numpy)[1]


SEEN: dict[str, int] = {}


@pytest.mark.parametrize("changing", [
    lambda: datetime.date.today(),
    lambda: datetime.datetime.now().hour,
    lambda: datetime.datetime.now().weekday(),
    lambda: time.localtime().tm_mon,
    lambda: time.strftime("%H"),
    lambda: time.time_ns() // 3_600_000_000_000,
    lambda: datetime.datetime.utcnow().hour,
    platform.node,
    lambda: int(time.time() / 3600),
    lambda: socket.gethostname(),
])
def test_what_changes_with_the_day_or_the_machine_is_no_canary(changing):
    """It is found at once, not tomorrow; where the hour ends meanwhile, even sooner."""
    said = exercises.judge("9.3", lambda id, share: place(f"{id}{changing()}") < share)[1]
    assert re.search("in another process|when it is asked again|must stay in", said)


@pytest.mark.parametrize("part", ["hour", "minute", "month", "day", "year"])
@pytest.mark.parametrize("today", [datetime.datetime(2031, 2, 3, 4, 5, 6), datetime.datetime(2034, 11, 16, 17, 28, 39)])
def test_the_moment_of_the_check_hides_no_clock(monkeypatch, part, today):
    """Also where the day that the other process has happens to be today."""
    monkeypatch.setattr(datetime, "datetime", type("Still", (), {"now": staticmethod(lambda: today)}))
    by_clock = lambda id, share: place(f"{id}{getattr(datetime.datetime.now(), part)}") < share  # noqa: E731
    assert "in another process" in exercises.judge("9.3", by_clock)[1]


def test_a_process_that_ends_early_gives_no_answers():
    """Its exit code is 0, as where all went well."""
    here = os.getpid()
    said = exercises.judge("9.3", lambda id, share: place(id) < share if os.getpid() == here else os._exit(0))
    assert said[0] == "not yet"


def test_what_an_answer_prints_is_no_answer(capsys):
    """A print for oneself is no mistake."""
    assert exercises.judge("9.3", lambda id, share: print(id) or place(id) < share)[0] == "correct"


def test_a_memory_that_is_carried_over_is_no_canary():
    """Who asks in another order gets other answers."""
    said = exercises.judge("9.3", lambda id, share: SEEN.setdefault(id, len(SEEN)) * 0.618034 % 1 < share)
    assert said[0] == "not yet"


@pytest.mark.parametrize("less", [
    lambda id, share: place(id) < share**0.9, lambda id, share: "/HA/" in id or place(id) < share])
def test_a_share_that_is_not_the_wanted_one_is_found(less):
    """Whether of all or of an airline."""
    assert "at a share of" in exercises.judge("9.3", less)[1]
