"""The checks of 01 to 08 and the canary of 09: every form of a right answer, the edges of each rule, odd values."""
import datetime
import decimal
import fractions
import hashlib
import itertools
import json
import os
import random
import time
import zlib
from collections import namedtuple
from functools import cache
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pandera.pandas as pa
import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from mlflow.entities import Run as StoredRun
from mlflow.models import MetricThreshold, ModelSignature, make_metric
from mlflow.models import Model as LoggedModel
from mlflow.pyfunc import PyFuncModel
from mlflow.types import ColSpec, ParamSchema, ParamSpec, Schema
from mlflow.types.schema import AnyType
from requests.adapters import HTTPAdapter
from sklearn.model_selection import TimeSeriesSplit
from urllib3.util import Retry

from helpers import drift, exercises, faults, flights, monitoring
from helpers.checks import nb01, nb02, nb03, nb04, nb05, nb06, nb07, nb08, records
from helpers.checks.registry import NotAttempted, NotYet, describe
from helpers.features import CATEGORIES, FEATURES

INTERVALS = {"trees": (-0.02497, -0.0365, -0.0160), "logistic": (-0.02588, -0.0401, -0.0147)}
RUN = namedtuple("Run", "info data")
WINDOWS = pd.DataFrame(0.1, index=FEATURES, columns=nb08._WINDOWS)
WINDOWS.loc["temp"] = [1.071, 0.923, 0.5, *[0.3] * 6]
GAPS = {"value": 0.0, "low": -0.1, "high": [0.004, *[-0.004] * 8], "alarm": False}
GAPS = pd.DataFrame(GAPS, index=nb08._MONTHS)
ALARMS = [name for name in GAPS.index if name not in ("May", "Sep")]
GAPS.loc[ALARMS, ["high", "alarm"]] = [-0.006, True]
BY_MONTH = pd.DataFrame(3.0, index=FEATURES, columns=nb08._MONTHS)
NAMED = {"A": "late_labels_outstanding", "B": "celsius_at_lga", "C": "carrier_renamed"}
SESSION = requests.Session()
SESSION.mount("http://", HTTPAdapter(max_retries=Retry(
    total=5, backoff_factor=0.2, backoff_max=2, status_forcelist=[503], allowed_methods=["POST"])))


def make_run(number: int, brier: float, low: float) -> RUN:
    """Return a run as the store has it."""
    info = SimpleNamespace(run_id=f"id{number}", run_name="search" if number == 0 else "child")
    tags = {"mlflow.parentRunId": "id0"} if number else {}
    return RUN(info, SimpleNamespace(metrics={"brier": brier, "low": low}, tags=tags))


RUNS = [make_run(0, 0.1, 0), make_run(1, 0.171, 0.001), make_run(2, 0.172, -0.001), make_run(3, 0.174, 0.002)]


class Trees:
    """Trees with a seed, which matters unless they do not stop early; they refuse settings as the real ones do."""

    def __init__(self, seed, *, early_stopping="auto", validation_fraction=0.1, max_iter=100):
        """Keep the settings."""
        self.off = seed if early_stopping and validation_fraction else 0

    def fit(self, rows, late):
        """Learn nothing."""

    def predict_proba(self, rows):
        """Return a probability for each row."""
        return np.linspace(self.off, self.off + 1, 2 * len(rows)).reshape(-1, 2)


@cache
def load_raw() -> pd.DataFrame:
    """Return the year's flights."""
    return flights.load("flights")


def read_month(month: str) -> pd.DataFrame:
    """Return a month's flights, with a column for every feature."""
    raw = load_raw()[lambda rows: rows["month"] == int(month[-2:])]
    return raw.reindex(columns=list(dict.fromkeys([*FEATURES, "origin", "dest", "distance", "late"]))).head(9000)


APRIL = pd.DataFrame({name: np.arange(25.0) + place for place, name in enumerate(FEATURES)})
APRIL = APRIL.assign(carrier="UA", origin="EWR", dest="ORD", pressure=np.nan, distance=range(187, 212))


@pytest.fixture(autouse=True)
def stored(monkeypatch):
    """Let the checks find small stand-ins for what the notebooks' cells leave."""
    raw = load_raw()
    load = nb04._load
    counted = {"2013-01": 26_000, "2013-02": 23_611, "2013-03": 27_000}
    profiles = {month: {"num_rows": rows, "num_elements": 18 * rows} for month, rows in counted.items()}
    monkeypatch.setattr(nb01.flights, "load", lambda name: raw)
    monkeypatch.setattr(nb02, "_compare_to_base_rate", INTERVALS.get)
    monkeypatch.setattr(nb02, "find_latest", lambda *_: RUNS[0])
    monkeypatch.setattr(nb02, "find_runs", lambda *_: RUNS)
    monkeypatch.setattr(nb02, "_count_winter", lambda: (50_009, 51_955))
    monkeypatch.setattr(nb03, "read_month", read_month)
    monkeypatch.setattr(nb04, "read_month", read_month)
    monkeypatch.setattr(nb04, "_load_trees", Pipeline)
    monkeypatch.setattr(nb04, "_find_required", lambda: REQUIRED)
    monkeypatch.setattr(nb04, "_load", lambda given: given if isinstance(given, PyFuncModel) else load(given))
    monkeypatch.setattr(nb05, "find_model", lambda name: name)
    monkeypatch.setattr(nb05, "_score_march", lambda model: MARCH)
    monkeypatch.setattr(nb06, "_read_profiles", lambda: (profiles, 76_611))
    monkeypatch.setattr(nb06, "_count_flights", lambda: 24_951)
    monkeypatch.setattr(nb07, "_read_april", lambda rows: APRIL.head(rows))
    monkeypatch.setattr(nb08.faults, "draw", lambda seed: NAMED)


def judge(number: str, value: object) -> tuple[str, str]:
    """Return the verdict on an answer and the words, with what the notebook hands over beside it."""
    beside = {"3.2": (Trees, value), "8.2": (value, WINDOWS), **dict.fromkeys(["2.1", "5.2", "5.3"], value)}
    return exercises.judge(number, *beside.get(number, (value, GAPS, BY_MONTH) if number == "8.3" else (value,)))


between = pa.Check.in_range


def schema(humid=None, share=None, origin=("EWR", "JFK", "LGA"), kind=str, rule=None, name="late_share_3h", **other):
    """Return a schema of three columns."""
    humid, share, rule = humid or between(0, 100), share or between(0, 1), rule or pa.Check.isin(origin)
    return pa.DataFrameSchema({"origin": pa.Column(kind, rule), "humid": pa.Column(float, humid, nullable=True),
                               name: pa.Column(float, share, nullable=True)}, **other)


class Model(pa.DataFrameModel):
    """The same rules, as a class."""

    origin: str = pa.Field(isin=["EWR", "JFK", "LGA"])
    humid: float = pa.Field(ge=0, le=100, nullable=True)
    late_share_3h: float = pa.Field(ge=0, le=1, nullable=True)


COUNT = "n_sched_hour"
REQUIRED = [*CATEGORIES, "dow", "sched_dep_min", "sched_block_min", "distance", COUNT]  # as in the model of the course


class Pipeline:
    """A fitted pipeline, which needs its columns."""

    def predict_proba(self, rows):
        """Return the probabilities of each row, which differ from row to row."""
        order = pd.util.hash_pandas_object(rows[FEATURES].astype(str), index=False).to_numpy() / 2**64
        return np.column_stack([1 - order, order])


def sign(kinds=(), required=True, but=()):
    """Return a signature for decimal numbers, with some columns of other types, and some that must be there anyway."""
    types = {name: "string" if name in CATEGORIES else "double" for name in FEATURES} | dict(kinds)
    specs = [ColSpec(AnyType() if kind == "any" else kind, name, required=required or name in but)
             for name, kind in types.items()]
    return ModelSignature(inputs=Schema(specs))


class Chooser:
    """A model with a capacity, at least and at most, which takes the highest or the lowest probabilities."""

    def __init__(self, name, least, most, sign, form):
        """Keep the settings."""
        self.name, self.least, self.most, self.sign, self.form = name, least, most, sign, form

    def predict(self, rows, params=None):
        """Return whether a flight is taken."""
        p = self.sign * Pipeline().predict_proba(rows)[:, 1]
        return self.form((-p).argsort().argsort() < np.clip(params[self.name], self.least, self.most))


class Ranker:
    """A model with a capacity, which takes the flights of the best ranks, by another rule for the rank."""

    def __init__(self, rank, share=None):
        """Keep the rule."""
        self.rank, self.share = rank, share

    def predict(self, rows, params=None):
        """Return whether a flight is taken."""
        p = pd.Series(Pipeline().predict_proba(rows)[:, 1])
        limit = params["capacity"] if self.share is None else params["capacity"] * self.share / len(rows)
        return self.rank(p) <= limit


def choose(name="capacity", default=10, kind="long", least=0, most=10**6, sign=1, form=np.asarray, how=None):
    """Return a loaded model with a parameter."""
    params = ParamSchema([ParamSpec(name, kind, float(default) if kind == "double" else default)])
    own = how or Chooser(name, least, most, sign, form)
    return PyFuncModel(LoggedModel(signature=ModelSignature(params=params)), own)


def rank(method, digits=9, share=None):
    """Return a loaded model that ranks rounded probabilities by a method of pandas."""
    return choose(how=Ranker(lambda p: p.round(digits).rank(method=method, ascending=False), share))


def split(dates, n_splits, gap):
    """Return pairs of row positions, of whole days."""
    days = pd.DatetimeIndex(dates.unique()).sort_values()
    pairs = TimeSeriesSplit(n_splits, gap=gap).split(days)
    return [tuple(np.flatnonzero(dates.isin(days[part])) for part in pair) for pair in pairs]


def split_by_masks(dates, n_splits, gap):
    """Return pairs of True and False for each row."""
    return [[np.isin(np.arange(len(dates)), part) for part in pair] for pair in split(dates, n_splits, gap)]


def split_rows(dates, n_splits, gap):
    """Return pairs of rows as they come."""
    return list(TimeSeriesSplit(n_splits, gap=gap).split(dates))


def split_late(dates, n_splits, gap):
    """Return pairs that forget the gap where it is a week, with validations from the second day on."""
    if gap < 7:
        return split(dates, n_splits, gap)
    days = pd.DatetimeIndex(dates.unique()).sort_values()
    return [tuple(np.flatnonzero(dates.isin(part)) for part in (days[:at], days[at:at + 1])) for at in (1, 2)]


def top_gap(predictions, targets, metrics):
    """Return the size of the gap of forecasts of at least a half."""
    top = predictions >= 0.5
    return abs(predictions[top].mean() - targets[top].mean()) if top.any() else 0


def top_between(least, most=2):
    """Return a metric of the forecasts between two limits, and the right threshold for it."""
    return (lambda p, y, m: abs((p - y)[(p >= least) & (p < most)].mean()) if (p >= least).any() else 0), DEMAND


def threshold(value, greater=False):
    """Return a threshold for a metric."""
    return MetricThreshold(threshold=value, greater_is_better=greater)


def make_march():
    """Return flights of a month with calibrated scores."""
    rng = np.random.default_rng(0)
    score = rng.beta(2, 4, 4000)
    return pd.DataFrame({"date": pd.date_range("2013-03-01", periods=31)[np.arange(4000) % 31], "score": score,
        "late": (rng.random(4000) < score).astype(float)})


def saving(at, prices=(3, 2), **drawn):
    """Return a threshold, and the interval of its cost minus that of calling no flight late."""
    called, late = MARCH["score"] >= at, MARCH["late"] == 1
    more = prices[1] * (called & ~late) - prices[0] * (called & late).astype(float)
    return at, *monitoring.mean_interval(more, MARCH["date"], **drawn)


def may_evaluate(context: str | None = "training", unknown=False, form=bool):
    """Return a rule for 3.3: on datasets of one context or of all, with an answer for a run that has none."""
    def rule(run, month):
        found = [item.dataset.name for item in run.inputs.dataset_inputs if context in (None, item.tags[0].value)]
        return form(month not in found if found else unknown)

    return rule


def keep_last(run, month):
    """Return a rule's answer for 3.3 that keeps one context for each month only."""
    found = {item.dataset.name: item.tags[0].value for item in run.inputs.dataset_inputs}
    return "training" in found.values() and found.get(month) != "training"


def by_the_first(run, month):
    """Return a rule's answer for 3.3 that trusts the context of the first dataset."""
    first = [item.tags[0].value for item in run.inputs.dataset_inputs][:1]
    return first == ["training"] and may_evaluate()(run, month)


def only(holds):
    """Return a rule for 3.3 that allows a month only where something else holds too."""
    return lambda run, month: may_evaluate()(run, month) and holds(run, month)


def look_up(run, month):
    """Return a rule's answer for 3.3 on the run as the store has it."""
    return may_evaluate()(records.connect().get_run(run.info.run_id), month)


def gate(limit=0.05, low_end=0, high_end=0, form=str):
    """Return a gate with a limit for the gap, and ends which an interval must be beyond."""
    return lambda low, high, gap: form(
        "yes" if high < high_end and abs(gap) <= limit else "no" if low > low_end else "not yet")


def rounded_gate(low, high, gap):
    """Decide by the interval's rounded ends."""
    return gate()(round(low, 3), round(high, 3), gap)


def signed_gate(low, high, gap):
    """Decide by the gap with its sign."""
    return gate()(low, high, max(gap, 0))


def by_midpoint(low, high, gap):
    """Promote where the middle of the interval is below zero."""
    return "yes" if low + high < 0 and abs(gap) <= 0.05 else "no" if low > 0 else "not yet"


def decide(**other):
    """Return a rule for statuses, some of which are decided otherwise."""
    rule = {"200": "use", **dict.fromkeys(["None", "408", "429", "502", "503", "504"], "retry"), **other}
    return lambda status: rule.get(str(status), "repair")


async def decide_later(status):
    """Return a decision, but only where somebody waits for it."""
    return "use"


def client(size=None, pause=None, timeout=(3, 60), form=list, name="dataframe_records", again=(), tries=20,
           change=lambda rows: rows, kind="application/json", path="", end=0, ping=False):
    """Return a client: with `session`, or where a pause is told with a loop of its own, after some statuses."""
    def post(url, rows):
        body = json.dumps({name: rows.astype(object).where(rows.notna(), None).to_dict("records")})
        how = {"data": body, "headers": {"Content-Type": kind}, "timeout": timeout}
        for _ in range(tries):
            answer = (SESSION if pause is None else requests).post(url + path, **how)
            if answer.status_code not in (503, *again):
                return answer.json()["predictions"]
            time.sleep(pause)

    def score_all(flights, url, asked):
        if ping:
            SESSION.get(url.replace("invocations", "ping"), timeout=3)
        step, flights = size or asked, change(flights)
        return form([p for a in range(0, len(flights) + end, step) for _, p in post(url, flights.iloc[a : a + step])])

    return score_all


def score_by_label(flights, url, size):
    """Return what a client gets that takes the rows by their labels, as if these were places."""
    return client(change=lambda rows: rows.loc[0 : len(rows) - 1])(flights, url, size)


def write_body(form="dataframe_records", columns=False, **changes):
    """Return the body for April's first flight, by row or by column, with changes."""
    row = APRIL.head(1).astype(object).where(APRIL.head(1).notna(), None).to_dict("records")[0] | changes
    return json.dumps({form: {name: [value] for name, value in row.items()} if columns else [row]})


def psi(digits=None, empty=1e-4, least=0.0, half=False, prepare=lambda both: both, rows=None):
    """Return the PSI of labels, rounded, with another share for an empty cell, or of columns that are prepared."""
    def psi_of_labels(*both):
        both = prepare(both)
        counted = [column.value_counts(dropna=False) / len(rows(both) if rows else column) for column in both]
        shares = pd.concat(counted, axis=1).fillna(0).to_numpy()
        fill = [max(empty, 0.5 / len(column)) if half else empty for column in both]
        p, q = np.maximum(np.where(shares > 0, shares, fill), least).T
        return round(float(np.sum((q - p) * np.log(q / p))), digits or 15)

    return psi_of_labels


DEMAND, MARCH, CHEAPEST = threshold(0.05), make_march(), 0.43
COLUMNS = ["sched_dep_time", "sched_arr_time", "carrier", "distance"]
HELD_UP = float((~(load_raw().query("origin == 'JFK' and month == 2 and day == 8")["dep_delay"] <= 15)).mean())


def forms_of_number(value: float, digits: int = 4) -> list:
    """Return the forms of a number that a student may hand over."""
    near = round(value, digits)
    return [value, near, str(near), f" {near} ", np.float64(value), np.array(value), [value], (value,), {value},
            np.array([value]), pd.Series([value], index=[7]), pd.DataFrame([[value]]), decimal.Decimal(str(near))]


def forms_of_names(names: list) -> list:
    """Return the forms of some names, in their order, that a student may hand over."""
    marks = dict.fromkeys(names, True) | {"strange": False, "other": False}
    return [names, tuple(names), np.array(names), pd.Series(names, index=names), pd.Index(names), ", ".join(names),
            marks, pd.Series(marks), [f"`{name}`" for name in names], " and ".join(f"`{name}`" for name in names),
            f" {' , '.join(names)} ", str(names), dict.fromkeys(names).keys(), [f" {name}" for name in names],
            pd.Series(names, dtype="category"), np.array(names, dtype=object)]


RIGHT = {
    "1.1": [1.0, "1.0", np.float64(1), np.array(1.0), pd.Series([1.0]), [1.0], decimal.Decimal("1.000"), 1, "1", [1],
            np.int64(1), decimal.Decimal(1), fractions.Fraction(7, 7)],
    "1.2": [*forms_of_names(COLUMNS), set(COLUMNS), frozenset(COLUMNS), COLUMNS * 2],
    "1.3": [*forms_of_number(HELD_UP), *forms_of_number(HELD_UP, 3)],
    "1.4": [schema(), Model, Model.to_schema(), schema(humid=[pa.Check.ge(0), pa.Check.le(100)]),
            schema(rule=pa.Check.str_matches("^(EWR|JFK|LGA)$"))],
    "2.1": [INTERVALS["trees"], (-0.025, -0.037, -0.016), ("-0.02497", "-0.0365", " -.0160"),
            (pd.Series([-0.025]), np.float32(-0.0365), [-0.016]), (np.float64(-0.02497), -0.0378, -0.0165),
            (-0.025, -0.0356, -0.0165), (-0.025, -0.0371, -0.0155)],  # drawn with other seeds, fewer draws
    "2.3": forms_of_names(["id2", "id1"]),
    "3.2": [{"early_stopping": False}, {"early_stopping": False, "max_iter": 50},
            {"early_stopping": False, "validation_fraction": None}],
    "3.3": [may_evaluate(), may_evaluate(form=np.bool_), may_evaluate(form=int), may_evaluate(form=np.array)],
    "4.1": [sign(), sign(required=False, but=REQUIRED), sign(kinds={"temp": "double"})],
    "4.2": [choose(), choose(form=list), choose(form=pd.Series), choose(form=lambda chosen: chosen.astype(int)),
            choose(form=lambda chosen: pd.DataFrame({"take": chosen})), choose(kind="integer"), rank("first")],
    "4.3": [*forms_of_names(["pandera"]), {"pandera"}, "pandera", "Pandera", "pandera==0.35.0", ["pandera>=0.30"],
            "pandera[io]", ["pandera[io]==0.26"], "pandera ; python_version > '3.9'", "pandera>=0.30,<1",
            [" pandera\n"]],
    "5.1": [split, lambda *given: iter(split(*given)), lambda *given: [(list(a), b) for a, b in split(*given)],
            lambda *given: np.array(split(*given), dtype=object), split_by_masks,
            lambda *given: [(set(a), frozenset(b)) for a, b in split(*given)],
            lambda *given: [map(iter, pair) for pair in split(*given)]],
    "5.2": [(top_gap, DEMAND), (top_gap, {"top_gap": DEMAND}), (lambda *given: np.round(top_gap(*given), 4), DEMAND),
            (lambda *given: str(top_gap(*given)), DEMAND)],
    "5.3": [saving(0.4), saving(0.4, seed=1), *(saving(0.4, block=days) for days in (1, 3, 4, 7)),
            tuple(map(str, saving(0.4))), tuple(round(end, 3) for end in saving(0.4)), np.array(saving(0.4)),
            ("2/5", *saving(0.4)[1:]), (fractions.Fraction(2, 5), *saving(0.4)[1:])],
    "6.2": [*forms_of_number(23_611), 23_611, "23611", "23,611", "23 611", np.int64(23_611)],
    "6.3": [gate(), gate(form=str.upper), gate(form=np.str_), gate(form="{} ".format)],
    "7.1": [write_body(), write_body().encode(), write_body(distance=187.0), write_body(colour="blue"),
            write_body(form="inputs"), write_body(form="instances"), write_body(form="inputs", columns=True),
            write_body(form="instances").encode()],
    "7.2": [decide(), decide(**{"500": "retry"}), decide(**{"200": " USE"})],
    "7.3": [client(), client(pause=0.1), client(form=np.array), client(form=pd.Series), client(timeout=5),
            client(form=lambda all: np.round(all, 3)), client(form=iter), client(form=pd.DataFrame), client(ping=True),
            client(kind="application/json; charset=utf-8")],
    "8.1": [psi(), psi(3), psi(4), lambda *both: str(psi(4)(*both)), lambda *both: np.array([psi()(*both)]),
            psi(half=True), drift.psi],
    "8.2": [*forms_of_number(0.93), 0.9300000001, np.float32(0.93)],
    "8.3": [*forms_of_names(["May", "Sep"]), {"May", "Sep"}, "may sep", ~GAPS["alarm"].astype(bool)],
    "8.4": [NAMED, pd.Series(NAMED), {key: f" {name} " for key, name in NAMED.items()},
            {key: faults.FAULTS[name] for key, name in NAMED.items()}, {key: [name] for key, name in NAMED.items()},
            {key.lower(): name for key, name in NAMED.items()}],
}
NEVER = [None, True, np.True_, float("nan"), float("inf"), "", "much", [], {}, set(), [[1.0, 2.0], [3.0]],
         pd.DataFrame(), pd.Series(dtype=float), pd.NA, np.float64, object(), b"", 1j, [...], {"strange": 1},
         datetime.date(2013, 4, 1)]
RIGHT["9.3"] = [
    lambda id, share: int(zlib.crc32(id.encode()) / 2**32 < share),
    lambda id, share: zlib.crc32(id.encode()) / 2**32 < share,
    lambda id, share: int(hashlib.md5(id.encode()).hexdigest(), 16) % 1000 < share * 1000,
    lambda id, share: int(hashlib.sha256(id.encode()).hexdigest()[:8], 16) % 100 < share * 100,
    lambda id, share: zlib.adler32(id.encode()) % 1000 < share * 1000,
    lambda id, share: random.Random(id).random() < share,
    lambda id, share: np.random.default_rng(zlib.crc32(id.encode())).random() < share,
]
WRONG = {
    "1.1": [(True, "not a number"), (1.0006, "is 1.0006. A share lies between 0 and 1"), (2512, "is 2512. A share"),
            (-0.01, "between 0 and 1"), (0.998, "0.9980 is not it"), (0, "0.0000 is not it")],
    "1.2": [(COLUMNS[:3], "1 more"), ([*COLUMNS, "dest", "flight"], "of the exercise: dest, flight."),
            ([[1]], "holds [1]"), (7, "is 7"), *((none, "holds no name") for none in ([], "", iter([]))),
            ([*COLUMNS, "tailnum"], "`tailnum` is missing"), (dict.fromkeys(COLUMNS[:3], True), "1 more"),
            ([*COLUMNS, "dep_time", "air_time"], "Look at air_time, dep_time: what gets")],
    "1.3": [(HELD_UP + 0.0011, "is not it"), (100 * HELD_UP, "between 0 and 1"), (-0.01, "between 0 and 1"),
            (HELD_UP - 0.0006, f"{HELD_UP - 0.0006:.4f} is not it"), (round(HELD_UP, 2), "at least three decimals"),
            (True, "is True, which is not a number")],
    "1.4": [(schema(humid=between(0, 101)), "humidity of 101 %"), (schema(humid=between(0, 120)), "humidity of 101 %"),
            (schema(share=pa.Check.le(1)), "-0.01"), (schema(share=between(-0.4, 1.4)), "a share of 1.01"),
            (schema(origin=["EWR", "JFK", "LGA", "PHL"]), "'PHL'"),
            (schema(origin=["EWR", "JFK", "LGA", "HPN"]), "'HPN'"), (schema(kind=object), "not object"),
            (schema(humid=between(0, 100, include_max=False)), "rejects a good table"),
            (SimpleNamespace(validate=lambda: 1), "raises TypeError"), (SimpleNamespace(validate=1), "no `validate`"),
            (None, "`schema` is None"), ({}, "as pa.DataFrameSchema({...})"),
            (schema(rule=pa.Check.str_matches("EWR|JFK|LGA")), "'JFKX'"),
            (schema(rule=pa.Check.str_endswith(("EWR", "JFK", "LGA"))), "'XJFK'"),
            (schema(rule=pa.Check(lambda origin: origin.str.contains("^(?:EWR|JFK|LGA)|(?:EWR|JFK|LGA)$"))), "'JFKX'"),
            (schema(unique=["origin"]), "nothing is unique"), (schema(strict=True), "leave out `strict`"),
            (schema(name="late_share"), "the columns of this schema are"),
            (schema(humid=pa.Check(lambda _: 1 / 0)), 'ZeroDivisionError("division by zero")): the check itself')],
    "2.1": [(INTERVALS["logistic"], "the logistic model"), ((-0.026, -0.0365, -0.016), "the logistic model"),
            ((-0.0254, -0.0365, -0.016), "over all flights, not day by day"), ((-0.02, -0.04, -0.02), "three decimals"),
            ((-0.0246, -0.0365, -0.016), "which is not the Brier score"), ((-0.025, 0.009, 0.0115), "`low`, 0.0090"),
            ((-0.025, -0.0347, -0.0166), "from -0.0347 to -0.0166 is too narrow"), ((0.025, 0.016, 0.0365), "sign"),
            ((-0.025, -0.0342, -0.0171), "a 95 % interval"),
            ((-0.025, -0.0386, -0.0148), "single days"), ((-0.025, -0.0381, -0.0153), "single days"),
            ((-0.025, -0.0270, -0.0230), "or flights"), ((-0.025, -0.0650, 0.0150), "flight by flight"),
            ((-0.025, -0.0395, -0.0187), "the quantiles .025"), ((-0.025, -0.01, -0.04), "lies above"),
            ((-0.025, None, -0.016), "`low` is None"), ((-0.025, -0.0365, ...), "still `...`")],
    "2.3": [(["id1", "id2"], "smallest `low`"), ({"id1", "id2"}, "no order"), (["id2"], "length of `ids` is 1"),
            (["id2", "id1", "id1"], "length of `ids` is 3"), (["id2", "id9"], "'id9' is not the id of a run"),
            (["id2", "id1", "id3"], "0.173 or more"), (["id0"], "not children"), ([1], "holds 1"),
            ([StoredRun(SimpleNamespace(), None)], "take run.info.run_id")],
    "3.2": [(None, "write a dictionary"), ({"depth": 3}, "keyword argument 'depth'"), ({1: 2}, "a dictionary"),
            ({}, "is empty"), ({"early_stopping": True}, "{'early_stopping': True}, another seed"),
            ({"seed": 0}, "hides the question"), ({"validation_fraction": None}, "may stop before max_iter"),
            ({"validation_fraction": None, "early_stopping": True}, "may stop before max_iter")],
    "3.3": [(may_evaluate(context=None), "another context than `training`"),
            (may_evaluate(unknown=True), "nobody knows"),
            (may_evaluate(context="evaluation"), "it answers False: the model was not trained on this month"),
            (may_evaluate(form=lambda one: not one), "it answers True: the model was trained on this month"),
            (may_evaluate(form=lambda one: one or None), "returns None"), (may_evaluate(form=float), "returns 0.0"),
            (lambda run, month: run.data.params["months"], "KeyError"), (lambda run: True, "TypeError"),
            (True, "is True, which is not a function"), (look_up, "This run is not in the store: look at `run` itself"),
            (lambda run, month: 1 / 0, 'Try may_evaluate(run_named("trees", "late-flights"), "2013-03")'),
            (may_evaluate(form=str), "returns 'False': return True or False"),
            (may_evaluate(form=lambda one: [one]), "returns [False]"), (keep_last, "was trained on this month"),
            (by_the_first, "not trained on this month"),
            (only(lambda run, _: len(run.inputs.dataset_inputs) > 1), "not trained on this month"),
            (only(lambda run, _: run.info.status == "FINISHED"), "For a FAILED run"),
            (only(lambda _, month: month.startswith("2013")), 'the month "2014-01", it answers False')],
    "4.1": [(sign(kinds={"distance": "long"}), "with decimal numbers is not scored"),
            (sign(kinds={COUNT: "long"}), "with decimal numbers is not scored"), (None, "is None"),
            (sign(kinds={"temp": "float"}), "with decimal numbers is not scored"),
            (sign(kinds={"distance": "any"}), "distance is text is accepted"),
            (sign(required=False), "passes the signature, and the pipeline fails"), (APRIL, "is a DataFrame of"),
            *((sign(required=False, but=[one for one in REQUIRED if one != name]), f"without the column {name} passes")
              for name in REQUIRED),
            *((sign(kinds={name: "any"}), f"whose {name} is ") for name in FEATURES),
            (ModelSignature(outputs=Schema([ColSpec("double")])), "is not a signature for a table")],
    "4.2": [(choose(default=9), "is 9, not 10"), (choose(kind="double"), "is double"),
            (choose(most=58), "with 59, is True for 58"),
            (choose(least=1), "with 0, is True for 1"), (choose(sign=-1), "a higher probability"), (5, "is 5: give"),
            (choose(name="top"), "no parameter `capacity`"), ("mine", "is 'mine': give"),
            (choose(form=lambda chosen: chosen[:-1]), "each True or False. It returns 59 values."),
            (choose(form=lambda chosen: chosen * 0.5 + 0.1234), "It returns 60 values, such as 0."),
            (choose(form=lambda chosen: list(map(str, chosen))), "60 values, such as 'False'"),
            (choose(form=lambda chosen: [{"take": bool(one)} for one in chosen]), "60 values, such as {'take': False}"),
            (choose(form=lambda chosen: {"take": 1}), "It returns {'take': 1}"),
            (choose(form=lambda chosen: pd.DataFrame({"p": chosen, "take": chosen})), "a table with 2 columns"),
            (rank("min"), "20 equal flights with 5, is True for 20"),
            (rank("average"), "equal flights with 5, is True"),
            (rank("first", digits=2), "a higher probability"), (rank("first", digits=3), "a higher probability"),
            (rank("first", share=60), "asked for 20 flights with 5, is True for 15"), ("models:/m-none", "raises")],
    "4.3": [("pandas", "MLflow has found pandas"), (["scikit-learn", "pandera"], "found scikit-learn"), ([], "empty"),
            ("late_checks", "a module of ours"), ("late_checks.py", "a module of ours"),
            ("json", "need a line for json"),
            ("pandera.errors", "as pip knows it"), ("pandera typeguard", "comes with another"), ([1], "holds 1"),
            (b"pandera", "is b'pandera', which are bytes: give the name as a text"), ([""], "is empty"),
            (None, "is None: give the name as a text"),
            ({"package": "pandera"}, "a line for package"),
            ("pandas[excel]>=2", "found pandas")],
    "5.1": [(split_rows, "is in both parts"), (lambda dates, n, gap: split(dates, n, 0), "must train on all flights"),
            (lambda dates, n, gap: split(dates, n, gap + 1), "must train on all flights"),
            (lambda dates, n, gap: split(dates, n + 1, gap), "is 4: return a list of 3 pairs"),
            (lambda *given: split(*given)[::-1], "later than that of the pair before"),
            (lambda *given: [(a, b[1:]) for a, b in split(*given)], "is not complete"),
            (lambda *given: [(a[1:], b) for a, b in split(*given)], "must train on all flights"),
            (lambda *given: [(b, a) for a, b in split(*given)], "first part of a pair is the training"),
            (lambda dates, *given: [(dates.index[a], b) for a, b in split(dates, *given)], "not labels"),
            (lambda *given: [(a, np.append(b, 1003)) for a, b in split(*given)], "holds 1003, and positions lie in 0"),
            (lambda *given: [a for a, _ in split(*given)], "The length of pair 1"),
            (lambda *_: None, "It returns None"),
            (lambda *given: [(a, b, a) for a, b in split(*given)], "The length of pair 1 (n_splits=3, gap=0) is 3"),
            (lambda *given: [1, 2, 3], "It returns 1 as pair 1"), (lambda *_: 5, "It returns 5: return a list"),
            (lambda *_: {"unknown": 1}, "It returns {'unknown': 1}: return a list"),
            (lambda *_: np.array(5), "array(5)"),
            (lambda *given: pd.DataFrame(split(*given)), "DataFrame of 3 rows: return a list"),
            (lambda *given: (1 / 0 for _ in [1]), "raises ZeroDivisionError"),
            (lambda dates, *given: [(dates.iloc[a], b) for a, b in split(dates, *given)], "holds Timestamp('2013-"),
            (lambda *given: [(a, b.astype(float)) for a, b in split(*given)], "The validation of pair 1"),
            (lambda *given: [(a, list(map(str, b))) for a, b in split(*given)], "holds '"),
            (lambda *given: [(3, b) for _, b in split(*given)], "training of pair 1 (n_splits=3, gap=0) is 3: give"),
            (lambda *given: [([], b) for _, b in split(*given)], "training of pair 1 (n_splits=3, gap=0) is empty"),
            (lambda *given: [(a, np.append(b[1:], b[1])) for a, b in split(*given)], "holds a position twice"),
            (split_late, "no day is left to train on before"),
            (None, "not a function"), (lambda *_: itertools.repeat(([], [])), "is 100: return a list of 3 pairs")],
    "5.2": [((lambda p, y, m: top_gap(-p, -y, m), DEMAND), "0.000 in place of"), ((top_gap, 0.05), "is 0.05: write"),
            ((lambda p, y, m: (p - y)[p >= 0.5].mean(), DEMAND), "has no sign"),
            ((lambda p, y, m: abs((p - y)[p >= 0.5].mean()), DEMAND), "is nan, which is not a number"),
            ((top_gap, threshold(0.0498)), "0.0499 fails"), ((top_gap, threshold(0.0503)), "0.0501 passes"),
            ((top_gap, {"gap": DEMAND}), "write MetricThreshold"),
            ((top_gap, threshold(0.05, True)), "0.0000 fails"), ((top_gap, ...), "still `...`"),
            (top_between(0.4999), "a forecast of 0.49999 it returns"),
            (top_between(0.5, 1), "a forecast of 1 it returns"),
            (top_between(0.499), "The forecasts are [0.9, 0.2, 0.8, 0.9, 0.95, 0.49999], and the labels [1.0, 1.0,"),
            ((make_metric(eval_fn=top_gap, greater_is_better=False), DEMAND), "what make_metric returns"),
            ((lambda p, y, m: None, DEMAND), "is None"), ((None, DEMAND), "not a function")],
    "5.3": [(saving(CHEAPEST), "is 0.43. On March it is cheaper than 0.4, the threshold from the costs, but"),
            (saving(0.5), "is 0.5, which is not the threshold from"), (saving(0.42), "`threshold` is 0.42. On March"),
            (saving(1 / 6), "is 0.1667, which is not"), (saving(0.6), "is 0.6: which mistake costs 3"),
            ((38, *saving(0.4)[1:]), "the position"), ((-0.01, *saving(0.4)[1:]), "between 0 and 1"),
            ((0.4, *saving(0.4)[:0:-1]), "lies above"), ((0.4, *(-end for end in saving(0.4)[:0:-1])), "sign"),
            ((0.4, -0.2, -0.19), "-0.2000 to -0.1900, is too narrow"),
            ((0.4, -0.3, 0.1), "Not right: `low` is -0.3000 and `high` is 0.1000."),
            ((*saving(0.4)[:2], 0), "Not right: `high` is 0.0000."), ((0.4, ..., 0.1), "still `...`"),
            ((True, *saving(0.4)[1:]), "not a number"),
            (saving(0.4, prices=(2, 3)), "a miss at 2 and a false alarm at 3"),
            (saving(0.4, prices=(5, 1)), "a miss at 5 and a false alarm at 1: this user's cost 3 and 2")],
    "6.2": [(23_612, "not say 23,612: look into the profile"), ("76,611", "all three"), (26_000.0, "another month"),
            (True, "not a number"), (18 * 23_611, "424,998 is `num_elements`"),
            (24_951, "flights without a label"), ({"2013-02": 23_611}, "one number, such as 25000"),
            (-23_611, "not say -23,611: look"), (0, "not say 0: look")],
    "6.3": [(gate(0.049), "0.05) answers"), (gate(0.051), "0.050001) answers 'yes', not 'not yet'"),
            (gate(0.0501), "the size of the gap is more than 0.05"),
            (gate(0.02), "the size of the gap is at most 0.05"),
            (by_midpoint, "strict_gate(-0.013, 0, 0.01)"), (gate(high_end=1e-9), "strict_gate(-0.013, 0, 0.01)"),
            (gate(low_end=-0.001), "strict_gate(0, 0.004, 0.01)"), (gate(high_end=-1e-5), "(-0.013, -0.000001, 0.01)"),
            (gate(low_end=1e-5), "(0.000001, 0.004, 0.01)"),
            (rounded_gate, "(-0.013, -0.000001, 0.01) answers 'not yet'"),
            (lambda low, high, gap: gate()(low, high, 0), "more than 0.05"), (signed_gate, "-0.050001) answers 'yes'"),
            (lambda *_: True, "answers True"), (lambda *_: None, "answers None"), (lambda low: "no", "TypeError")],
    "7.1": [(write_body(distance="187"), "'187' in the body"), (write_body(distance=True), "True in the body"),
            (write_body(distance=187.001), "187.001 in the body"), (write_body(distance=[1]), "[1] in the body"),
            ('{"inputs": 1}', "no column names"),
            ('{"dataframe_split": 1}', "cannot read"), ("[" * 10**5, "not JSON"), (b"\xff", "not JSON"),
            (None, "NoneType"),
            (write_body(pressure=0), "travels as null")],
    "7.2": [(decide(**{"500": "use"}), "decide(500)"), (decide(**{"401": "use"}), "decide(401)"),
            (decide(**{"422": "use"}), "decide(422)"), (decide(**{"408": "repair"}), "decide(408)"),
            (decide(**{"429": "repair"}), "decide(429)"), (decide(**{"415": "retry"}), "decide(415)"),
            (decide(**{"413": "retry"}), "decide(413)"), (decide(**{"418": "use"}), 'decide(418) is "use"'),
            (decide(**{"425": "retry"}), "decide(425)"), (decide(**{"499": None}), "decide(499) returned None"),
            (decide_later, "decide(200) returns a coroutine"),
            (decide(**{"503": None}), "returned None"), (None, "not a function"), (lambda: "use", "raises TypeError")],
    "7.3": [(client(size=10), "A request carried 10 flights, and 7"), (client(timeout=None), "no time-out"),
            (client(pause=0, tries=10**6), "pause before each new attempt"),
            (client(pause=0.1, tries=10**6), "stayed busy"),
            (client(form=lambda _: None), "returned None"), (client(timeout=(3, None)), "no time-out"),
            (client(pause=0.01, again=[400], name="rows", tries=10**6), "50 requests for 25 flights and did not stop"),
            (client(pause=0, again=[400, 200], tries=10**6), "50 requests for 25 flights and did not stop"),
            (client(size=1), "25 requests for 25 flights"), (client(end=1), "send no request when there are none"),
            (client(form=lambda all: all[::-1]), "keep the order"),
            (client(form=lambda all: all[:12] + all[12:20][::-1] + all[20:]), "keep the order"),
            (client(change=lambda rows: rows.sort_values("sched_dep_min")), "keep the order"),
            (client(form=lambda all: all[:6] + [0.18] * (len(all) - 6)), "[6] is 0.18, and the server said"),
            (client(form=lambda all: [100 * p for p in all]), "[0] is "),
            (client(form=lambda all: [[1 - p, p] for p in all]), "[0]` is ["),
            (client(form=lambda all: [None for _ in all]), "[0]` is None"), (client(form=set), "returned a set"),
            (client(form=lambda all: dict(enumerate(all))), "returned a dict"),
            (client(form=lambda all: [*all, 0.5]), "26 numbers came back for 25 flights, of which 25 were sent"),
            (client(form=np.concatenate), "raises"), (lambda *_: [], "No request came"),
            (client(form=lambda all: all or 1 / 0), "score_all(flights.head(0), url, size) raises ZeroDivision"),
            (score_by_label, "flights, of which"), (client(timeout=1e-9), "timed out"),
            (client(change=lambda rows: rows[["distance", "temp"]]), "columns are missing from the body: carrier"),
            (client(change=lambda rows: rows.drop(columns="carrier")), "columns are missing from the body: carrier"),
            (client(change=lambda rows: rows.fillna(0)), "pressure is 0"),
            (client(change=lambda rows: rows.assign(temp=0)), "temp is 0 in the body"),
            (client(kind=None), "content type is None"), (client(kind="text/csv"), "content type is text/csv"),
            (client(path="/invocations"), "went to the path /invocations/invocations")],
    "8.1": [(psi(empty=5e-5), "empty sides change"), (psi(1), "With the counts"), (lambda *_: None, "is None"),
            (5, "function"), (psi(least=1e-4), "the share 1 / 20,000 stays"),
            (psi(rows=lambda both: both[0]), "its own column's rows"),
            (psi(prepare=lambda both: (both[0].dropna(), both[1])), "a cell of their own"),
            (psi(prepare=lambda both: [column.dropna() for column in both]), "a cell of their own"),
            (psi(prepare=lambda both: [column.str.lower() for column in both]), "labels of one side only")],
    "8.2": [(0.92, "2 of 9 windows"), (0.94, "1 of 9 windows has an alarm, but 0.93 would do"), (True, "number"),
            (0.925, "0.925 has more than two decimals"), (None, "number")],
    "8.3": [(["May"], "1 of 2"), (["May", "Sep", "Apr"], "the gap raises an alarm"), (["Mai"], "'Mai' is not"),
            (["temp"], "'temp' is not"), ([True], "holds True")],
    "8.4": [({**NAMED, "B": "celsius"}, "Report B is not 'celsius'"), ({**NAMED, "B": None}, "Report B has None"),
            ({**NAMED, "B": ["x"]}, "has 'x', which is none"), ({**NAMED, "B": {"x", "y"}}, "none of the thirteen"),
            ({**NAMED, "D": "celsius"}, "a report 'D'"), ({"A": "celsius", "B": "celsius"}, "no report 'C'"),
            ({**NAMED, "B": ...}, "Report B is still `...`"), (None, "`named` is None"),
            (list(NAMED.values()), "Give a dict")],
}
WRONG["9.3"] = [
    (lambda id, share: zlib.crc32(id.encode()) / 2**32 < 0.2, "at a share of 0, 20.3% of"),  # whatever the share
    (lambda id, share: zlib.crc32(id.encode()) / 2**32 < min(share, 0.5), "at a share of 0.9, 50.0% of"),
    (lambda id, share: int(id[8:10]) / 31 < share, "favours some days"),
    (lambda id, share: int(id.split("/")[2]) % 10 < 10 * share, "favours some flights"),
    (lambda id, share: random.random() < share, "different answers when it is asked again"),
    *((function, "in another process, on another day, the answers") for function in (
        lambda id, share: hash(id) % 1000 < 1000 * share, lambda id, share: hash((id,)) % 1000 < 1000 * share,
        lambda id, share: id.__hash__() % 1000 < 1000 * share,
        lambda id, share: zlib.crc32(f"{os.getpid()}{id}".encode()) / 2**32 < share)),
    *((lambda id, share, favoured=favoured: zlib.crc32(id.encode()) / 2**32 < share ** (0.6 if favoured in id else 1.3),
       said) for favoured, said in (("JFK", "at a share of 0.05, 7.0%"), ("/B6/", "favours some airlines"))),
    (lambda id, share: zlib.crc32(f"{share}{id}".encode()) / 2**32 < share, "must stay in"),
    (lambda id, share: zlib.crc32(id.encode()) / 2**32, "return True or False"),
    (lambda id: True, "in_canary raises TypeError"), (0.2, "not a function yet"),
]


def cases(table: dict) -> list:
    """Return the cases of a table, each with a name."""
    return [pytest.param(number, case, id=f"{number}-{place}")
            for number, found in table.items() for place, case in enumerate(found)]


@pytest.mark.parametrize("number, answer", cases(RIGHT))
def test_every_form_of_a_right_answer_is_right(number, answer):
    """Text, lists, sets, arrays and Series, and what is rounded to three or four digits."""
    assert judge(number, answer)[0] == "correct", judge(number, answer)[1]


@pytest.mark.parametrize("number, case", cases(WRONG))
def test_what_is_wrong_by_little_is_told_so(number, case):
    """What lies just beyond the edge of a rule, and what has the wrong form, gets the words that help."""
    verdict, words = judge(number, case[0])
    assert verdict == "not yet" and case[1] in words and "could not use" not in words


@pytest.mark.parametrize("windows, said", [
    (WINDOWS.iloc[:, :8], "`windows` has no column '26 Feb'"), (WINDOWS.T, "`windows` has no row"),
    (WINDOWS * np.nan, "`windows` lacks some"), (pd.DataFrame(), "`windows` has no row"), ([], "`windows` is []"),
])
def test_a_table_of_windows_that_is_not_whole_is_named(windows, said):
    """Not the limit is blamed."""
    verdict, words = exercises.judge("8.2", 0.93, windows)
    assert verdict == "not yet" and said in words


@pytest.mark.parametrize("gaps, by_month, said", [
    (GAPS.assign(alarm=GAPS["high"] < -0.01), BY_MONTH, "`alarm` in `gaps` is False in Apr"),
    (GAPS.assign(alarm=True), BY_MONTH, "`alarm` in `gaps` is True in May"),
    (GAPS.drop(index="Nov"), BY_MONTH, "`gaps` has no row 'Nov'"), (GAPS.T, BY_MONTH, "`gaps` has no row 'Apr'"),
    (None, BY_MONTH, "`gaps` is None"), (GAPS, BY_MONTH * 0, "no PSI above .25"),
    (GAPS, BY_MONTH[["Apr", "May"]], "`by_month` has no column 'Jun'"), (GAPS, BY_MONTH.T, "`by_month` has no row"),
])
def test_a_table_of_months_that_is_not_the_notebooks_is_named(gaps, by_month, said):
    """An alarm by another slack, a turned table and one that is cut are told, whatever the months are."""
    for answer in (["May", "Sep"], []):
        verdict, words = exercises.judge("8.3", answer, gaps, by_month)
        assert verdict == "not yet" and said in words


def make_own(**parts: object) -> SimpleNamespace:
    """Return a reader's run for 2.2 that has every part, but for those given."""
    names = parts.get("names", ["2013-01", "2013-02"])
    context = parts.get("context", "training")
    tags = [SimpleNamespace(key="mlflow.data.context", value=context)] if context else []
    told = [f'{{"num_rows": {rows}}}' if rows else None for rows in parts.get("rows", [26_398, 23_611, 27_902])]
    datasets = [SimpleNamespace(dataset=SimpleNamespace(name=name, profile=profile), tags=tags)
                for name, profile in zip(names, told)]
    scores = {"brier": MARCH_ERROR.mean(), **dict(zip(["brier_low", "brier_high"], MARCH_ENDS))}
    return SimpleNamespace(
        info=SimpleNamespace(status=parts.get("status", "FINISHED")),
        data=SimpleNamespace(params=parts.get("params", {"C": "1"}), metrics=scores | parts.get("metrics", {})),
        inputs=SimpleNamespace(dataset_inputs=datasets),
        outputs=SimpleNamespace(model_outputs=parts.get("models", [SimpleNamespace(model_id="m-1")])))


UNSEEN = pd.DataFrame({name: 0.0 for name in FEATURES}, index=range(3100))
UNSEEN = UNSEEN.assign(date=pd.Timestamp("2013-03-01") + pd.to_timedelta(UNSEEN.index // 100, unit="D"))
UNSEEN = UNSEEN.assign(late=np.random.default_rng(0).integers(0, 2, len(UNSEEN)) * (UNSEEN["date"].dt.day % 3 > 0))
CHANCE = np.linspace(0, 1, len(UNSEEN))
MARCH_ERROR = (CHANCE - UNSEEN["late"]) ** 2
MARCH_ENDS = monitoring.mean_interval(MARCH_ERROR, UNSEEN["date"])
SINGLE = dict(zip(["brier_low", "brier_high"], np.add(MARCH_ERROR.mean(), [-0.6, 0.6] * np.diff(MARCH_ENDS))))
TWO = np.column_stack([1 - CHANCE, CHANCE])


@pytest.mark.parametrize("parts, answer, said", [
    *(({}, form, "The store has all of it") for form in
      (TWO, CHANCE, CHANCE[:, None], pd.DataFrame(TWO), pd.Series(CHANCE), list(CHANCE))),
    ({"names": ["both months"], "rows": [50_009]}, TWO, "The store has all of it"),
    ({"rows": [27_004, 24_951]}, TWO, "The store has all of it"),
    ({"rows": [26_398, None]}, TWO, "The store has all of it"),
    ({"names": ["train"], "rows": [None]}, TWO, "have an unknown number of rows"),
    ({"names": ["train"], "rows": [26_398]}, TWO, "(train) have 26398 rows"),
    ({"names": ["train"], "rows": [77_911]}, TWO, "(train) have 77911 rows"),
    ({"names": ["2013-04"]}, TWO, "(2013-04) have 26398 rows"),
    ({"names": ["2013-01", "2013-02", "2013-04"]}, TWO, "(2013-01, 2013-02, 2013-04) have 77911 rows"),
    ({"names": ["2013-01", "2013-02", "2013-03"]}, TWO, "March is among"),
    ({"names": ["2013-01"]}, TWO, "names only 2013-01: log both"),
    ({"context": "validation"}, TWO, "(found: 2013-01 with validation, 2013-02 with validation)"),
    ({"context": None}, TWO, "(found: 2013-01 with none, 2013-02 with none)"),
    ({"status": "RUNNING"}, TWO, "call mlflow.end_run()"),
    ({"status": "FAILED"}, TWO, "The run is FAILED"),
    ({"params": {}}, TWO, "no parameter"),
    ({"names": []}, TWO, "no dataset"),
    ({"names": ["2013-03"]}, TWO, "March is among"),
    ({"metrics": {"brier": 0.9}}, TWO, "does not lie between"),
    ({"metrics": {"brier": MARCH_ERROR.mean() + 0.001}}, TWO, "but your model from the store has"),
    ({"metrics": SINGLE}, TWO, "not as wide"),
    ({"models": []}, TWO, "no model"),
    ({}, 1 - TWO, "the last column that a model returns"),
    ({"models": [SimpleNamespace(model_id="m-1")] * 2, "metrics": {"brier": MARCH_ERROR.mean() + 0.001}}, TWO,
     "has 2 models, and the last one"),
    *(({}, form, "and not with one probability") for form in
      (TWO[:9], np.ones((3100, 3)), ["late"] * 3100, None, 7, "late", {})),
    ({}, TWO[:9], "For 3,100 flights of March the model answers with 9 numbers"),
    ({}, CHANCE * np.nan, "Of the 3,100 probabilities that the model returns for March, 3,100 are missing"),
    ({}, CHANCE * 100, "numbers from 0 to 100: a probability"),
    ({}, (CHANCE > 0.5).astype(int), "answers 0 or 1"),
    ({}, ZeroDivisionError("division by zero"), "cannot score March's flights: ZeroDivisionError"),
    ({"signature": None}, TWO, "no signature"),
])
def test_each_part_of_an_own_run_is_asked_for(monkeypatch, parts, answer, said):
    """A run of 2.2 that lacks one part, or whose model answers in another way, is told which; a whole one is right."""

    def predict(rows):
        if isinstance(answer, Exception):
            raise answer
        return answer

    info = SimpleNamespace(signature=parts.get("signature", SimpleNamespace(inputs=["carrier"])))
    monkeypatch.setattr(nb02, "find_attempt", lambda *_: make_own(**parts))
    monkeypatch.setattr(nb02, "read_month", lambda _: UNSEEN)
    monkeypatch.setattr(nb02.mlflow.models, "get_model_info", lambda _: info)
    monkeypatch.setattr(nb02.mlflow.pyfunc, "load_model", lambda _: SimpleNamespace(predict=predict))
    verdict, words = exercises.judge("2.2")
    assert said in words and verdict == ("correct" if said.startswith("The store") else "not yet")


def test_an_own_run_without_the_ends_of_its_interval_is_told_which(monkeypatch):
    """A Brier score alone is not enough."""
    run = make_own()
    del run.data.metrics["brier_low"]
    monkeypatch.setattr(nb02, "find_attempt", lambda *_: run)
    assert "no metric `brier_low`" in exercises.judge("2.2")[1]


def make_registry(scratch=(), late=(), tags=({}, {}), on_model=({}, {})):
    """Return a client of two models: their aliases, the tags of the versions of each, and of the models."""
    names = ["late-scratch", "late"]
    models = {name: SimpleNamespace(aliases=dict(found), tags=own)
              for name, found, own in zip(names, (scratch, late), on_model)}
    versions = {name: [SimpleNamespace(version=number, tags=found.get(number, {})) for number in (2, 1)]
                for name, found in zip(names, tags)}
    return SimpleNamespace(get_registered_model=models.get, get_model_version=lambda name, _: versions[name][1],
                           search_model_versions=lambda query: versions[query.split("'")[1]])


OWNER = ({1: {"owner": "ours"}}, {})
AT_ONE = {"shadow": 1}


@pytest.mark.parametrize("parts, said", [
    ({"scratch": AT_ONE, "tags": OWNER}, "which belongs to ours"),
    ({"scratch": {"shadow": "1", "champion": 2}, "tags": OWNER}, "which belongs to ours"),
    ({}, ""),
    ({"scratch": {"champion": 2}, "tags": ({2: {"status": "archived"}}, {1: {"status": "previous"}})}, ""),
    ({"scratch": {"shadows": 1}}, "has the alias `shadows`: it must be called `shadow`"),
    ({"scratch": {"Shadow": 1}, "tags": OWNER}, "has the alias `Shadow`"),
    ({"scratch": {"shadow": 2}, "tags": OWNER}, "points to version 2: it belongs to version 1"),
    ({"late": AT_ONE, "tags": OWNER}, "The alias `shadow` is on the model `late`"),
    ({"tags": OWNER}, "has no alias `shadow`"),
    ({"scratch": AT_ONE}, "has no tag `owner`"),
    ({"tags": ({}, {2: {"owner": "ours"}})}, "The tag `owner` is on version 2 of late:"),
    ({"scratch": AT_ONE, "tags": ({2: {"owner": "ours"}}, {})}, "The tag `owner` is on version 2 of late-scratch:"),
    ({"scratch": AT_ONE, "on_model": ({"owner": "ours"}, {})}, "on the registered model late-scratch: it belongs to"),
    ({"scratch": AT_ONE, "on_model": ({}, {"owner": "ours"})}, "on the registered model late: it belongs to"),
    ({"tags": ({1: {"Owner": "ours"}}, {})}, "The tag `Owner` must be called `owner`"),
    *(({"scratch": AT_ONE, "tags": ({1: {"owner": name}}, {})}, f"is {name!r}, which is no team's name")
      for name in ("None", "nan", "Ellipsis", "...", " ")),
])
def test_the_alias_and_the_tag_are_told_where_they_are(monkeypatch, parts, said):
    """Both on version 1 of the scratch model are right; what is elsewhere or called otherwise is an attempt."""
    monkeypatch.setattr(nb06, "connect", lambda: make_registry(**parts))
    verdict, words = exercises.judge("6.1")
    right = "correct" if "belongs to ours" in said else "not yet" if said else "not attempted yet"
    assert (verdict, said in words) == (right, True), words


def test_the_cause_in_a_long_message_is_told():
    """MLflow writes the rows before the cause, which is what helps."""
    error = Exception(f"Failed to enforce schema of data '{'9E JFK ' * 40}'. Error: long is not double")
    assert describe(error) == "Exception: long is not double"


def make_evaluation(name="may", month="2013-05", status="FINISHED", uri="models:/m-1", entry="evaluate", **tags):
    """Return a run for 3.1."""
    info = SimpleNamespace(run_name=name, status=status)
    tags = {"mlflow.project.entryPoint": entry, **tags}
    data = SimpleNamespace(params={"month": month, "model_uri": uri}, tags=tags, metrics={"auc": 0.7})
    return SimpleNamespace(info=info, data=data)


PARENT = {"mlflow.parentRunId": "id0"}


@pytest.mark.parametrize("run, said", [
    (make_evaluation(), "On May the model has an AUC of 0.700"),
    (make_evaluation(uri="runs:/id1/model"), "On May the model has an AUC of 0.700"),
    (make_evaluation(uri="models:/m-2"), "'models:/m-2', than that of the run `first`"),
    (make_evaluation(status="RUNNING"), "wait until it has ended"),
    (make_evaluation(status="FAILED", uri="models:/m-no"), "is FAILED, with model_uri 'models:/m-no'"),
    (make_evaluation("big-hen-7"), "has the name 'big-hen-7': its name must be `may`"),
    (make_evaluation("big-hen-7", month="2013-02"), ""),
    (make_evaluation("big-hen-7", **PARENT), ""),
])
def test_an_evaluation_of_may_is_read_from_its_run(monkeypatch, run, said):
    """The model's address in both forms is right; an open run, a failed one and one without the name are told so."""
    models = [SimpleNamespace(model_id="m-1")]
    first = SimpleNamespace(info=SimpleNamespace(run_id="id1"), outputs=SimpleNamespace(model_outputs=models))
    client = SimpleNamespace(get_logged_model=lambda number: SimpleNamespace(model_id=number, name="model"),
        get_experiment_by_name=lambda name: SimpleNamespace(experiment_id="1"), search_experiments=lambda: [],
        search_runs=lambda _, query="": [run] if not query or query.endswith(f"= '{run.info.run_name}'") else [])
    monkeypatch.setattr(nb03, "find_latest", lambda *_: first)
    monkeypatch.setattr(nb03, "connect", lambda: client)
    monkeypatch.setattr(records, "connect", lambda: client)
    verdict, words = exercises.judge("3.1")
    assert said in words and (verdict == "not attempted yet") == (said == "")


def test_a_long_error_is_told_with_its_end():
    """MLflow shows a table before its reason, and pandera a traceback after it."""
    assert describe(ValueError(f"bad table {'1 ' * 500} Error: no column late.")).endswith("Error: no column late")
    told = describe(ValueError('ZeroDivisionError("by zero")\nTraceback (most recent call last):\n File "x.py"'))
    assert told == 'ValueError: ZeroDivisionError("by zero")'


@pytest.mark.parametrize("name, said", [("May", "its name must be `may`"), ("maybe", "")])
def test_a_run_that_is_close_to_the_one_asked_for_is_an_attempt(monkeypatch, name, said):
    """A run under another spelling or in another experiment is told where it belongs; else nothing was tried."""
    run = SimpleNamespace(info=SimpleNamespace(run_name=name, experiment_id="1"))
    experiment = SimpleNamespace(experiment_id="1", name="Default")
    client = SimpleNamespace(get_experiment_by_name=lambda name: None, search_experiments=lambda: [experiment],
                             search_runs=lambda ids, query: [run])
    monkeypatch.setattr(records, "connect", lambda: client)
    with pytest.raises(NotYet if said else NotAttempted) as caught:
        records.find_attempt("03-projects", "may")
    assert said in str(caught.value)


def test_a_run_that_no_cell_has_made_sends_to_the_cells_above(monkeypatch):
    """Where an earlier cell was not run, it is not the answer that is blamed."""
    monkeypatch.setattr(records, "connect", lambda: SimpleNamespace(get_experiment_by_name=lambda name: None))
    with pytest.raises(NotYet, match="There is no run `first`.*: run the cells above"):
        records.find_latest("03-projects", "first")


@pytest.mark.parametrize(
    "number, blank", [("1.1", ...), ("2.1", (..., ..., ...)), ("3.2", ...), ("3.3", ...), ("8.3", ...)]
)
def test_only_an_untouched_blank_is_not_attempted(number, blank):
    """What the notebook hands over beside a blank is no attempt."""
    assert judge(number, blank) == ("not attempted yet", "")


class Unkind:
    """An object that cannot be shown, gone through, compared or measured."""

    __repr__ = __iter__ = __len__ = __eq__ = __bool__ = __float__ = __array__ = lambda self, *_: 1 / 0
    __hash__ = object.__hash__


def count_for_ever():
    """Return a generator without an end."""
    return itertools.count()


def leave(*_):
    """End the kernel, as `exit()` does."""
    raise SystemExit


ODD = st.recursive(
    st.sampled_from([*NEVER, leave, Unkind, count_for_ever(), (1 / 0 for _ in [1]), APRIL, APRIL["dest"],
        np.zeros((2, 3)), np.array("2013", dtype="datetime64[s]"), pd.NaT, "A", "200", '{"inputs": [1]}', Trees])
    | st.builds(Unkind) | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.fractions()
    | st.decimals() | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=3)
    | st.tuples(inner, inner),
    max_leaves=4,
)
WRAPPED = [  # an odd value as it is, as what a function returns, and in dictionaries that the checks ask for
    lambda value: value, lambda value: lambda *_, **__: value, lambda value: {"early_stopping": value},
    lambda value: dict.fromkeys(NAMED, value),
]
OWN = sorted(set(RIGHT) | set(WRONG))


@settings(max_examples=150)
@given(value=ODD, wrap=st.sampled_from(WRAPPED), number=st.sampled_from(OWN))
def test_no_answer_makes_a_check_raise(value, wrap, number):
    """Whatever is handed over, a check says in words what it makes of it."""
    value = wrap(value)
    own = exercises.find(number).check
    beside = {"2.1": (value,) * 3, "3.2": (Trees, value), "8.2": (value, WINDOWS), "8.3": (value, GAPS, BY_MONTH)}
    beside |= {"5.2": (value, value), "5.3": (value, value, value)}
    try:
        words = own(*beside.get(number, (value,)))
    except NotYet as look_at:
        words = str(look_at)
    except NotAttempted:
        words = ""
    assert 10 < len(words) < 700
