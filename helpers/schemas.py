"""What is true of the tables, as pandera schemas: the raw ones as published, the prepared one as the model needs it.

A raw schema holds on the published table, quirks included. The prepared schema is
stricter: it is what a model, and whoever watches one, may rely on.
"""
import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from helpers import features

_KEYS = {
    "flights": ["year", "month", "day", "carrier", "flight", "origin"],
    "weather": ["origin", "time_hour"],
    "planes": ["tailnum"],
    "airports": ["faa"],
    "airlines": ["carrier"],
}


def build_raw(name: str) -> pa.DataFrameSchema:
    """Return the pandera schema of a raw table.

    Parameters
    ----------
    name : {"flights", "weather", "planes", "airports", "airlines"}
    """
    if name not in _KEYS:
        raise ValueError(f"there is no table {name!r}: choose one of {', '.join(_KEYS)}")
    return pa.DataFrameSchema(_RAW[name], unique=_KEYS[name], unique_column_names=True, strict=True, name=name)


def build_prepared() -> pa.DataFrameSchema:
    """Return the pandera schema of the prepared table: one row a flight, features in their units, a late label."""
    checks = [
        pa.Check(lambda t: t["date"].dt.month == t["month"], name="month_of_date"),
        pa.Check(lambda t: _find_local_date(t["sched_dep"]) == t["date"], name="date_of_departure"),
    ]
    whole = {"unique": features.KEY, "unique_column_names": True, "strict": True}
    return pa.DataFrameSchema(_PREPARED, checks=checks, name="prepared", **whole)


def _find_local_date(moments: pd.Series) -> pd.Series:
    """Return the day in New York of moments in UTC."""
    return moments.dt.tz_convert(features.NEW_YORK).dt.tz_localize(None).dt.normalize()


def find_failures(table: pd.DataFrame, schema: pa.DataFrameSchema) -> pd.DataFrame:
    """Return the rules of a schema that a table breaks.

    Returns
    -------
    DataFrame
        A row per broken rule: `column`, `rule`, `rows` (how many break it), and one
        `example` of a value that does. Empty when the table is valid.
    """
    try:
        schema.validate(table.reset_index(drop=True), lazy=True)
    except SchemaErrors as found:
        cases = found.failure_cases
        cases["column"] = cases["column"].where(cases["schema_context"] == "Column", "(table)")
        cases["failure_case"] = [", ".join(one) if isinstance(one, pd.Index) else one for one in cases["failure_case"]]
        broken = cases.groupby(["column", "check"], sort=False)
        summary = broken.agg(rows=("index", "nunique"), example=("failure_case", "first"))
        return summary.reset_index().rename(columns={"check": "rule"})
    return pd.DataFrame({"column": [], "rule": [], "rows": [], "example": []}, dtype=str).astype({"rows": int})


def _measure(low: float, high: float, nullable: bool = True) -> pa.Column:
    """Return a column of measurements between two ends, which may be missing."""
    return pa.Column(float, pa.Check.in_range(low, high), nullable=nullable)


def _count(low: float, high: float) -> pa.Column:
    """Return a column of whole numbers between two ends, none of them missing."""
    return pa.Column(int, pa.Check.in_range(low, high))


def _text(*checks: pa.Check, nullable: bool = False) -> pa.Column:
    """Return a column of texts."""
    return pa.Column(str, list(checks), nullable=nullable)


def _choice(*allowed: str) -> pa.Column:
    """Return a column of texts, each of them one of those allowed."""
    return _text(pa.Check.isin(list(allowed)))


_UTC = "datetime64[us, UTC]"
_CODE = pa.Check.str_length(3, 3)
_AIRPORTS = ("EWR", "JFK", "LGA")
_CARRIERS = ("9E", "AA", "AS", "B6", "DL", "EV", "F9", "FL", "HA", "MQ", "OO", "UA", "US", "VX", "WN", "YV")
_CALENDAR = {"year": _count(2013, 2013), "month": _count(1, 12), "day": _count(1, 31), "hour": _count(0, 23)}
_RAW = {
    "flights": _CALENDAR | {
        "minute": _count(0, 59),
        "time_hour": pa.Column(_UTC),
        "sched_dep_time": _count(0, 2359),
        "sched_arr_time": _count(0, 2359),
        "dep_time": _measure(1, 2400),  # 2400 is midnight at the end of the day
        "arr_time": _measure(1, 2400),
        "dep_delay": _measure(-60, 1440),
        "arr_delay": _measure(-120, 1440),
        "air_time": _measure(10, 900),
        "distance": _count(1, 6000),
        "carrier": _choice(*_CARRIERS),
        "flight": _count(1, 9999),
        "tailnum": _text(nullable=True),
        "origin": _choice(*_AIRPORTS),
        "dest": _text(_CODE),
    },
    "weather": _CALENDAR | {
        "origin": _choice(*_AIRPORTS),
        "time_hour": pa.Column(_UTC),
        "temp": _measure(-40, 130),
        "dewp": _measure(-60, 100),
        "humid": _measure(0, 100),
        "wind_dir": _measure(0, 360),
        "wind_speed": pa.Column(float, pa.Check.ge(0), nullable=True),  # no upper limit: the published table breaks any
        "wind_gust": _measure(0, features.STRONGEST_WIND),
        "precip": _measure(0, 10, nullable=False),
        "pressure": _measure(870, 1090),
        "visib": _measure(0, 10, nullable=False),
    },
    "planes": {
        "tailnum": _text(),
        "year": _measure(1950, 2013),
        "speed": _measure(0, 1000),
        "engines": _count(1, 4),
        "seats": _count(1, 500),
        **{name: _text() for name in ("type", "manufacturer", "model", "engine")},
    },
    "airports": {
        "faa": _text(_CODE),
        "name": _text(),
        "lat": _measure(-90, 90, nullable=False),
        "lon": _measure(-180, 180, nullable=False),
        "alt": _count(-300, 15000),
        "tz": _count(-12, 14),
        "dst": _choice("A", "N", "U"),
        "tzone": _text(nullable=True),
    },
    "airlines": {"carrier": _choice(*_CARRIERS), "name": _text()},
}
_PREPARED = {
    "date": pa.Column("datetime64[us]", pa.Check.in_range("2013-01-01", "2013-12-31")),
    **{name: _RAW["flights"][name] for name in ("carrier", "flight", "origin", "dest", "month")},
    "sched_dep": pa.Column(_UTC),
    "dow": _count(0, 6),
    "sched_dep_min": _count(0, 1439),
    "sched_block_min": _measure(20, 900, nullable=False),
    "distance": _count(1, 6000),
    "n_sched_hour": _count(1, 100),
    "temp": _RAW["weather"]["temp"],
    "humid": _RAW["weather"]["humid"],
    "wind_speed": _measure(0, features.STRONGEST_WIND),
    "precip": _measure(0, 10),
    "pressure": _RAW["weather"]["pressure"],
    "visib": _measure(0, 10),
    **{name: _measure(0, 1) for name in features.RECENT},
    features.LABEL: pa.Column(float, pa.Check.isin([0, 1]), nullable=True),
}
