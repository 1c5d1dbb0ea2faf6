"""The checks of notebook 09: right answers in other forms, and odd values."""
import pandas as pd
import pytest
from fastapi import APIRouter, FastAPI, HTTPException, Response
from pydantic import BaseModel, create_model, field_validator

from helpers import exercises
from helpers.checks import nb09
from helpers.features import FEATURES

RIGHT = [0.1, 0.2, 0.3, 0.4, 0.5]


@pytest.fixture(autouse=True)
def champion(monkeypatch):
    """Put five flights with known probabilities in place of those that the champion scores."""
    flights = pd.DataFrame([nb09._FLIGHT] * len(RIGHT))[FEATURES].astype(object)
    flights["temp"] = [float("nan"), 20.0, 30.0, 40.0, 50.0]
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
    assert "your code raised an exception" in exercises.judge("9.1", raises)[1]
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


@pytest.mark.parametrize("answer", [None, Flight, BaseModel, dict, "StrictFlight", Flight.model_construct(), int])
def test_other_classes_and_values_are_not_yet_right(answer):
    """None of them raises."""
    assert exercises.judge("9.2", answer)[0] == "not yet"
