# expects: a flight with sched_dep_min 1440 is still taken
from typing import Literal

from pydantic import Field


class StrictFlight(Flight):
    origin: Literal["EWR", "JFK", "LGA"]
    humid: float | None = Field(default=None, ge=0, le=100)
    sched_dep_min: int = Field(ge=0, le=24 * 60)
