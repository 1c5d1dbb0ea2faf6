# expects: raise ValueError
from pydantic import field_validator


class StrictFlight(Flight):
    @field_validator("origin")
    @classmethod
    def check(cls, origin):
        if origin not in ("EWR", "JFK", "LGA"):
            raise KeyError(origin)
        return origin
