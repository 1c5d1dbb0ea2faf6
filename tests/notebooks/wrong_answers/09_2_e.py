# expects: the class has no field
from typing import Literal

from pydantic import Field


class StrictFlight(BaseModel):
    origin: Literal["EWR", "JFK", "LGA"]
    humid: float | None = Field(default=None, ge=0, le=100)
    sched_dep_min: int = Field(ge=0, lt=24 * 60)
