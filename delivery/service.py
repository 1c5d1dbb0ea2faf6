"""The service: answers whether a flight will be late, as the server of notebook 9 does."""
from collections.abc import Callable

import numpy as np
import pandas as pd
from fastapi import FastAPI
from pydantic import BaseModel, Field

from helpers.features import FEATURES


class Flight(BaseModel):
    """The features of a flight, in the units of the training: °F, mph, inches, hPa, miles."""

    carrier: str
    origin: str
    dest: str
    dow: int = Field(ge=0, le=6)
    sched_dep_min: int = Field(ge=0, lt=24 * 60)
    distance: int
    n_sched_hour: int
    sched_block_min: float | None = None
    temp: float | None = None
    humid: float | None = Field(default=None, ge=0, le=100)
    wind_speed: float | None = None
    precip: float | None = None
    pressure: float | None = None
    visib: float | None = None
    late_share_3h: float | None = None
    late_share_prev_day: float | None = None
    carrier_late_7d: float | None = None


def create(predict: Callable[[pd.DataFrame], np.ndarray], types: pd.Series) -> FastAPI:
    """Return the application around a model, given as a function, and the types of its features."""
    service = FastAPI(title="late flights")

    @service.post("/predict")
    def answer(flight: Flight):
        """Return the probability that a flight is late."""
        row = pd.DataFrame([flight.model_dump()])[FEATURES].astype(types)
        return {"late": float(predict(row)[0])}

    return service
