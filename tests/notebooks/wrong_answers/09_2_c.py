# expects: a flight without humid is refused
from typing import Literal

from pydantic import Field


class StrictFlight(Flight):
    origin: Literal["EWR", "JFK", "LGA"]
    humid: float | None = Field(ge=0, le=100)
    sched_dep_min: int = Field(ge=0, lt=24 * 60)
