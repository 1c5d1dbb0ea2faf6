"""What is true of the tables, as pandera schemas: the raw ones as published, the prepared one as the model needs it.

A raw schema holds on the published table, quirks included. The prepared schema is
stricter: it is what a model, and whoever watches one, may rely on.
"""
from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from helpers import features

if TYPE_CHECKING:
    import pandera.pandas as pa

_ORIGINS = ["EWR", "JFK", "LGA"]
_CARRIERS = ["9E", "AA", "AS", "B6", "DL", "EV", "F9", "FL", "HA", "MQ", "OO", "UA", "US", "VX", "WN", "YV"]
_KEYS = {
    "flights": ["year", "month", "day", "carrier", "flight", "origin"],
    "weather": ["origin", "time_hour"],
    "planes": ["tailnum"],
    "airports": ["faa"],
    "airlines": ["carrier"],
}


def raw(name: str) -> pa.DataFrameSchema:
    """Return the pandera schema of a raw table.

    Parameters
    ----------
    name : {"flights", "weather", "planes", "airports", "airlines"}
    """
    import pandera.pandas as pa

    if name not in _KEYS:
        raise ValueError(f"there is no table {name!r}: choose one of {', '.join(_KEYS)}")
    make = {"flights": _flights, "weather": _weather, "planes": _planes, "airports": _airports, "airlines": _airlines}
    return pa.DataFrameSchema(make[name](), unique=_KEYS[name], strict=True, name=name)


def prepared() -> pa.DataFrameSchema:
    """Return the pandera schema of the prepared table: one row a flight, features in their units, a late label."""
    import pandera.pandas as pa

    columns = _key() | _schedule() | _weather_features() | _recent()
    columns[features.LABEL] = pa.Column(float, pa.Check.isin([0, 1]), nullable=True)
    return pa.DataFrameSchema(
        columns, checks=[_month_of_date(), _date_of_departure()], unique=features.KEY, strict=True, name="prepared"
    )


def failures(table: pd.DataFrame, schema: pa.DataFrameSchema) -> pd.DataFrame:
    """Return the rules of a schema that a table breaks.

    Returns
    -------
    DataFrame
        A row per broken rule: `column`, `rule`, `rows` (how many break it), and one
        `example` of a value that does. Empty when the table is valid.
    """
    from pandera.errors import SchemaErrors

    try:
        schema.validate(table.reset_index(drop=True), lazy=True)
    except SchemaErrors as found:
        cases = found.failure_cases
        cases["column"] = cases["column"].where(cases["schema_context"] == "Column", "(table)")
        broken = cases.groupby(["column", "check"], sort=False)
        summary = broken.agg(rows=("index", "nunique"), example=("failure_case", "first"))
        return summary.reset_index().rename(columns={"check": "rule"})
    return pd.DataFrame({"column": [], "rule": [], "rows": [], "example": []}, dtype=str).astype({"rows": int})


def _between(low: float, high: float, dtype: type = float, nullable: bool = True) -> pa.Column:
    import pandera.pandas as pa

    return pa.Column(dtype, pa.Check.in_range(low, high), nullable=nullable)


def _count(low: float, high: float) -> pa.Column:
    return _between(low, high, dtype=int, nullable=False)


def _text(*checks, nullable: bool = False) -> pa.Column:
    import pandera.pandas as pa

    return pa.Column(str, list(checks), nullable=nullable)


def _calendar() -> dict[str, pa.Column]:
    return {"year": _count(2013, 2013), "month": _count(1, 12), "day": _count(1, 31), "hour": _count(0, 23)}


def _moment() -> pa.Column:
    import pandera.pandas as pa

    return pa.Column("datetime64[us, UTC]")


def _flights() -> dict[str, pa.Column]:
    import pandera.pandas as pa

    clock = _between(1, 2400)  # 2400 is midnight at the end of the day
    return _calendar() | {
        "minute": _count(0, 59),
        "time_hour": _moment(),
        "sched_dep_time": _count(0, 2359),
        "sched_arr_time": _count(0, 2359),
        "dep_time": clock,
        "arr_time": clock,
        "dep_delay": _between(-60, 1440),
        "arr_delay": _between(-120, 1440),
        "air_time": _between(10, 900),
        "distance": _count(1, 6000),
        "carrier": _text(pa.Check.isin(_CARRIERS)),
        "flight": _count(1, 9999),
        "tailnum": _text(nullable=True),
        "origin": _text(pa.Check.isin(_ORIGINS)),
        "dest": _text(pa.Check.str_length(3, 3)),
    }


def _weather() -> dict[str, pa.Column]:
    import pandera.pandas as pa

    return _calendar() | {
        "origin": _text(pa.Check.isin(_ORIGINS)),
        "time_hour": _moment(),
        "temp": _between(-40, 130),
        "dewp": _between(-60, 100),
        "humid": _between(0, 100),
        "wind_dir": _between(0, 360),
        "wind_speed": pa.Column(float, pa.Check.ge(0), nullable=True),  # no upper limit: the published table breaks any
        "wind_gust": _between(0, features.STRONGEST_WIND),
        "precip": _between(0, 10, nullable=False),
        "pressure": _between(870, 1090),
        "visib": _between(0, 10, nullable=False),
    }


def _planes() -> dict[str, pa.Column]:
    return {
        "tailnum": _text(),
        "year": _between(1950, 2013),
        "speed": _between(0, 1000),
        "engines": _count(1, 4),
        "seats": _count(1, 500),
        **{name: _text() for name in ("type", "manufacturer", "model", "engine")},
    }


def _airports() -> dict[str, pa.Column]:
    import pandera.pandas as pa

    return {
        "faa": _text(pa.Check.str_length(3, 3)),
        "name": _text(),
        "lat": _between(-90, 90, nullable=False),
        "lon": _between(-180, 180, nullable=False),
        "alt": _count(-300, 15000),
        "tz": _count(-12, 14),
        "dst": _text(pa.Check.isin(["A", "N", "U"])),
        "tzone": _text(nullable=True),
    }


def _airlines() -> dict[str, pa.Column]:
    import pandera.pandas as pa

    return {"carrier": _text(pa.Check.isin(_CARRIERS)), "name": _text()}


def _key() -> dict[str, pa.Column]:
    import pandera.pandas as pa

    return {
        "date": pa.Column("datetime64[us]", pa.Check.in_range("2013-01-01", "2013-12-31")),
        "carrier": _text(pa.Check.isin(_CARRIERS)),
        "flight": _count(1, 9999),
        "origin": _text(pa.Check.isin(_ORIGINS)),
        "dest": _text(pa.Check.str_length(3, 3)),
        "month": _count(1, 12),
        "sched_dep": _moment(),
    }


def _schedule() -> dict[str, pa.Column]:
    return {
        "dow": _count(0, 6),
        "sched_dep_min": _count(0, 1439),
        "sched_block_min": _between(20, 900, nullable=False),
        "distance": _count(1, 6000),
        "n_sched_hour": _count(1, 100),
    }


def _weather_features() -> dict[str, pa.Column]:
    limits = {"wind_speed": _between(0, features.STRONGEST_WIND), "precip": _between(0, 10), "visib": _between(0, 10)}
    return {name: limits.get(name) or _weather()[name] for name in features.WEATHER}


def _recent() -> dict[str, pa.Column]:
    return {name: _between(0, 1) for name in features.RECENT}


def _month_of_date() -> pa.Check:
    import pandera.pandas as pa

    return pa.Check(lambda t: t["date"].dt.month == t["month"], name="month_of_date")


def _date_of_departure() -> pa.Check:
    import pandera.pandas as pa

    return pa.Check(
        lambda t: t["sched_dep"].dt.tz_convert(features.NEW_YORK).dt.tz_localize(None).dt.normalize() == t["date"],
        name="date_of_departure",
    )
