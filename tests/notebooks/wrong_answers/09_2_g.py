# expects: origin 'jfk' is still taken
from typing import Literal

from pydantic import Field


class StrictFlight(Flight):
    origin: str = Field(pattern="(?i)^(EWR|JFK|LGA)$")
    humid: float | None = Field(default=None, ge=0, le=100)
    sched_dep_min: int = Field(ge=0, lt=24 * 60)
