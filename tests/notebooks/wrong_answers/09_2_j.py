# expects: a flight with humid -0.1 is still taken
from typing import Literal

from pydantic import Field


class StrictFlight(Flight):
    origin: Literal["EWR", "JFK", "LGA"]
    humid: float | None = Field(default=None, ge=-1, le=100)
    sched_dep_min: int = Field(ge=0, lt=24 * 60)
