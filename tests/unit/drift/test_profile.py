"""The reference profile: small, faithful, and with an answer to every odd table."""
import datetime
import decimal
import json
import re
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from helpers import drift, features, flights
from helpers.drift import ALL, ReferenceProfile, summary, thresholds

ONE_POINT = 1 / (2 * summary.MOST)  # by how much a thinned profile's KS may err, but for one row
VERDICTS = {"ok", "drift", "cannot tell", "new categories", "stuck", "missing column", "new column", "changed type"}
search = settings(max_examples=40, deadline=None)


@pytest.fixture(autouse=True)
def no_warnings():
    """Let a warning fail the test: a report with warnings around it is not read."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", ResourceWarning)  # of other tests' files, whenever memory is tidied
        yield


@pytest.fixture(scope="module")
def year() -> pd.DataFrame:
    """Return the prepared flights of the year."""
    return features.prepare(*[flights.load(name) for name in ("flights", "weather", "airports")])


@pytest.fixture(scope="module")
def winter(year) -> pd.DataFrame:
    """Return the rows that the models are trained on."""
    return year[(year["month"] <= 3) & year["late"].notna()]


def table(rows: int = 3000, seed: int = 0) -> pd.DataFrame:
    """Return a table with a column of each type."""
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "gauge": random.normal(20, 5, rows),
            "hour": random.integers(0, 24, rows),
            "carrier": random.choice(["UA", "B6", "EV"], rows),
            "origin": pd.Categorical(random.choice(["EWR", "JFK"], rows)),
            "wet": random.random(rows) < 0.3,
            "seats": pd.array(random.integers(50, 300, rows), dtype="Int64"),
            "mixed": pd.Series(random.choice([1, "one"], rows), dtype=object),
        }
    )
    return frame.mask(random.random(frame.shape) < 0.05)


def answers(comparison: pd.DataFrame, feature: str) -> dict[str, str]:
    """Return the verdict of each statistic of a feature."""
    return comparison[comparison["feature"] == feature].set_index("statistic")["verdict"].to_dict()


def value(comparison: pd.DataFrame, feature: str, statistic: str) -> float:
    """Return one value of a comparison."""
    return comparison.set_index(["feature", "statistic"])["value"][feature, statistic]


@pytest.fixture(scope="module")
def profile() -> ReferenceProfile:
    """Return the profile of the table."""
    return ReferenceProfile.from_frame(table())


# What a comparison looks like


def test_one_row_for_each_feature_and_statistic(profile):
    """The rows follow the profile's order of columns, whatever the current table's is."""
    shuffled = table()[sorted(table().columns, reverse=True)]
    comparison = profile.compare(shuffled)
    assert list(comparison) == ["feature", "statistic", "value", "threshold", "verdict"]
    assert list(comparison["feature"].unique()) == list(table())
    assert not comparison.duplicated(["feature", "statistic"]).any()
    assert list(answers(comparison, "gauge")) == ["psi", "ks", "wasserstein", "missing", "outside", "stuck"]
    assert list(answers(comparison, "carrier")) == ["psi", "missing", "unseen", "stuck"]


def test_the_reference_is_like_itself(profile):
    """Nothing drifts between a table and its own profile."""
    comparison = profile.compare(table())
    assert set(comparison["verdict"]) == {"ok"}
    assert (comparison["value"] <= comparison["threshold"]).all()


def test_another_sample_of_the_same_source_is_ok(profile):
    """Chance alone fires nothing, in a sample large enough to tell."""
    assert set(profile.compare(table(seed=1))["verdict"]) == {"ok"}


def test_a_shift_is_found(profile):
    """Half a standard deviation shows in every statistic of the distribution, and in no other column."""
    comparison = profile.compare(table(seed=1).assign(gauge=lambda t: t["gauge"] + 2.5))
    found = answers(comparison, "gauge")
    assert (found["ks"], found["wasserstein"], found["missing"]) == ("drift", "drift", "ok")
    assert set(comparison[comparison["feature"] != "gauge"]["verdict"]) == {"ok"}
    assert value(comparison, "gauge", "wasserstein") == pytest.approx(0.5, abs=0.03)


def test_statistics_on_demand(profile):
    """Only what is asked for, where it suits the type; the order is the profile's."""
    comparison = profile.compare(table(), statistics=["chi_square", "jensen_shannon", "ks"])
    assert list(answers(comparison, "gauge")) == ["jensen_shannon", "chi_square", "ks"]
    assert list(answers(comparison, "wet")) == ["jensen_shannon", "chi_square"]


def test_one_statistic_may_be_named_alone(profile):
    """A text is the name of one statistic, not a list of letters, and any iterable is a list."""
    expected = profile.compare(table(), ["psi"])
    pd.testing.assert_frame_equal(profile.compare(table(), "psi"), expected)
    pd.testing.assert_frame_equal(profile.compare(table(), (name for name in ["psi"])), expected)
    with pytest.raises(ValueError, match="no statistic 'ps': choose from psi, ks"):
        profile.compare(table(), "ps")


def test_an_unknown_statistic_is_named(profile):
    """A slip of the pen is answered with the list."""
    with pytest.raises(ValueError, match="no statistic 'kss': choose from psi, ks"):
        profile.compare(table(), statistics=["kss"])


def test_chi_square_fires_on_trifles_once_there_are_rows_enough():
    """It asks whether there is any change: 51 % for 50 % is none of 1,000 rows and one of 100,000."""
    for rows, expected in ((1_000, "ok"), (100_000, "drift")):
        coins = [pd.DataFrame({"coin": np.arange(rows) < share * rows}) for share in (0.5, 0.51)]
        comparison = ReferenceProfile.from_frame(coins[0]).compare(coins[1], ["psi", "chi_square"])
        assert answers(comparison, "coin") == {"psi": "ok", "chi_square": expected}


# Odd tables


def test_unseen_categories(profile):
    """A level that the reference lacks has a row of its own, with its share."""
    renamed = table(seed=1).replace({"carrier": {"EV": "XE"}})
    comparison = profile.compare(renamed)
    assert answers(comparison, "carrier")["unseen"] == "new categories"
    assert answers(comparison, "carrier")["psi"] == "drift"
    assert value(comparison, "carrier", "unseen") == pytest.approx((renamed["carrier"] == "XE").mean(), abs=0.03)


def test_a_missing_column(profile):
    """Its rows stay in the table, without values."""
    comparison = profile.compare(table().drop(columns="hour"))
    assert set(answers(comparison, "hour").values()) == {"missing column"}
    assert comparison[comparison["feature"] == "hour"][["value", "threshold"]].isna().all(axis=None)
    assert set(comparison["verdict"]) == {"ok", "missing column"}


def test_an_extra_column(profile):
    """A column that the profile does not know is named at the end, whatever it holds."""
    comparison = profile.compare(table().assign(extra=pd.Timestamp("2013-01-01")))
    assert comparison.iloc[-1][["feature", "statistic", "verdict"]].tolist() == ["extra", "column", "new column"]
    assert answers(comparison, "extra") == {"column": "new column"}


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("gauge", lambda c: c.astype(str)),
        ("hour", lambda c: pd.to_datetime(c, unit="h")),
        ("carrier", lambda c: c.map({"UA": 1, "B6": 2, "EV": 3})),
        ("wet", lambda c: c.astype(float)),
    ],
)
def test_a_changed_type(profile, name, changed):
    """Numbers that became text or dates, and categories that became numbers, are not compared."""
    comparison = profile.compare(table().assign(**{name: lambda t: changed(t[name])}))
    assert set(answers(comparison, name).values()) == {"changed type"}


def test_types_that_hold_the_same_values(profile):
    """Integers as floats, text as categories, 64 as 32 bits: another type is not drift by itself."""
    other = table().assign(
        gauge=lambda t: t["gauge"].astype("float32"),
        hour=lambda t: t["hour"].astype("float32"),
        carrier=lambda t: t["carrier"].astype("category"),
        origin=lambda t: t["origin"].astype(object),
        seats=lambda t: t["seats"].astype(float),
    )
    plain, converted = profile.compare(table()), profile.compare(other)
    assert converted["verdict"].equals(plain["verdict"])
    np.testing.assert_allclose(converted["value"], plain["value"], atol=1e-6)


def test_a_32_bit_reference_meets_64_bit_data():
    """What float32 rounds in the reference is rounded in the current column too."""
    one = pd.DataFrame({"wind": np.tile([8.05546, 9.20624, 10.35702], 500)})
    comparison = ReferenceProfile.from_frame(one.astype("float32")).compare(one)
    assert value(comparison, "wind", "ks") == value(comparison, "wind", "outside") == 0


def test_numbers_beyond_a_coarser_type():
    """A reference of 64 bits that no 32-bit column could hold is compared all the same."""
    reference = pd.DataFrame({"x": [1.0, 2.0, 1e45] * 500})
    comparison = ReferenceProfile.from_frame(reference).compare(pd.DataFrame({"x": np.float32([1, 2, 3] * 500)}), ALL)
    assert value(comparison, "x", "ks") == pytest.approx(1 / 3)
    assert np.isfinite(comparison["value"]).all()


def test_an_all_missing_column(profile):
    """The share of missing values and PSI see it; statistics of values cannot tell."""
    for kind in (float, object, "str"):
        found = answers(profile.compare(table().assign(gauge=pd.Series(None, table().index, dtype=kind))), "gauge")
        assert found == {
            "psi": "drift",
            "missing": "drift",
            **dict.fromkeys(("ks", "wasserstein", "outside", "stuck"), "cannot tell"),
        }


@pytest.mark.parametrize("values", [1.5, "text", True])
def test_an_all_missing_reference(values):
    """Values where none were are drift; still none are not."""
    profile = ReferenceProfile.from_frame(pd.DataFrame({"new": [None] * 1000}))
    assert answers(profile.compare(pd.DataFrame({"new": [values] * 1000})), "new")["psi"] == "drift"
    assert set(answers(profile.compare(pd.DataFrame({"new": [np.nan] * 1000})), "new").values()) == {"ok"}


def test_a_constant_reference():
    """The same constant is ok; any other value is infinitely many standard deviations away."""
    profile = ReferenceProfile.from_frame(pd.DataFrame({"wind": [4.0] * 9000, "origin": ["JFK"] * 9000}))
    assert set(profile.compare(pd.DataFrame({"wind": [4.0] * 9000, "origin": "JFK"}))["verdict"]) == {"ok"}
    moved = profile.compare(pd.DataFrame({"wind": [5.0] * 9000, "origin": "JFK"}))
    assert value(moved, "wind", "wasserstein") == np.inf
    assert answers(moved, "wind") == {**dict.fromkeys(("psi", "ks", "wasserstein", "outside"), "drift"),
                                      "missing": "ok", "stuck": "ok"}  # fmt: skip
    for lower in (3.0, 5.0):
        assert value(profile.compare(pd.DataFrame({"wind": [lower] * 9000})), "wind", "psi") > 1


def test_a_column_that_stopped_moving(profile):
    """All rows the same, where the reference varied, is called stuck, even at the commonest value."""
    found = answers(profile.compare(table().assign(hour=7, carrier="UA")), "hour")
    assert found["stuck"] == "stuck"
    assert answers(profile.compare(table().assign(carrier="UA")), "carrier")["stuck"] == "stuck"


def test_a_few_equal_rows_are_no_proof_of_a_stuck_sensor(profile):
    """Three rows of a common value may be chance: 30 % for rain in each."""
    assert answers(profile.compare(table().assign(wet=False).iloc[:3]), "wet")["stuck"] == "cannot tell"


def test_an_empty_frame(profile):
    """No rows: nothing can be told of any column that is there."""
    comparison = profile.compare(table().iloc[:0])
    assert set(comparison["verdict"]) == {"cannot tell"}
    assert comparison["value"].isna().all()
    assert set(profile.compare(pd.DataFrame())["verdict"]) == {"missing column"}


def test_a_single_row(profile):
    """One ordinary row proves nothing, and nothing is claimed."""
    whole = table().dropna()
    assert set(profile.compare(whole.iloc[[0]])["verdict"]) <= {"cannot tell", "ok"}
    assert {"psi", "ks", "wasserstein", "missing", "outside", "unseen"} <= set(
        profile.compare(whole.iloc[[0]]).query("verdict == 'cannot tell'")["statistic"]
    )


@pytest.mark.parametrize("rows", [0, 1])
def test_a_reference_of_hardly_any_rows(rows):
    """A profile of no or one row is made, saved and compared; it vouches for nothing."""
    profile = ReferenceProfile.from_frame(table().dropna().iloc[:rows])
    found = profile.compare(table(), ALL)
    assert not set(found[found["statistic"].isin(["psi", "ks", "outside", "missing"])]["verdict"]) & {"ok", "drift"}


def test_infinite_values_count_as_missing(profile):
    """A division by zero upstream shows as missing values, and breaks no distance."""
    comparison = profile.compare(table().assign(gauge=lambda t: t["gauge"].where(t.index % 2 == 0, np.inf)))
    assert answers(comparison, "gauge")["missing"] == "drift"
    assert answers(comparison, "gauge")["ks"] == "ok"
    assert np.isfinite(comparison["value"]).all()
    profile_of_infinite = ReferenceProfile.from_frame(pd.DataFrame({"x": [1.0, np.inf, 2.0, -np.inf]}))
    assert profile_of_infinite.features["x"]["missing"] == 2


def test_very_many_categories():
    """The commonest are kept, the others share a cell, and what is unseen cannot be told from them."""
    names = pd.DataFrame({"tail": [f"N{number % 700}" for number in range(5000)]})
    profile = ReferenceProfile.from_frame(names)
    assert len(profile.features["tail"]["levels"]) == summary.MOST
    assert sum(profile.features["tail"]["levels"].values()) + profile.features["tail"]["other"] == 5000
    found = profile.compare(names)
    assert answers(found, "tail")["unseen"] == "ok"
    assert value(found, "tail", "psi") == value(found, "tail", "unseen") == 0
    assert answers(profile.compare(names + "X"), "tail")["psi"] == "drift"


@pytest.mark.parametrize(("levels", "each"), [(600, 10), (10_000, 1), (10_000, 10), (20_000, 2)])
def test_a_replacement_of_all_categories_alarms_however_many(levels, each):
    """All others, half others and one new one in fifty alarm; the same ones and a tenth of them do not."""
    old = pd.DataFrame({"tail": [f"N{row % levels}" for row in range(levels * each)]})
    profile = ReferenceProfile.from_frame(old)
    for share, error in ((1, 0.001), (2, 0.02), (50, 0.01)):
        current = old.assign(tail=old["tail"].where(old.index % (share * 7) >= 7, "X" + old["tail"]))
        found = profile.compare(current, ALL)
        assert answers(found, "tail")["unseen"] == "new categories", share
        assert value(found, "tail", "unseen") == pytest.approx(1 / share, abs=error)
    found = answers(profile.compare("X" + old, ALL), "tail")
    assert {found["psi"], found["jensen_shannon"], found["chi_square"]} == {"drift"}
    assert drift.psi(old["tail"], "X" + old["tail"]) > 10
    assert value(profile.compare(old[old.index % 10 == 0]), "tail", "unseen") == 0
    assert not set(profile.compare(old)["verdict"]) & {"drift", "new categories"}


def test_a_profile_of_before_tells_what_it_can():
    """Without the hashes of rare categories, what is unseen cannot be told, as it was."""
    names = pd.DataFrame({"tail": [f"N{number % 700}" for number in range(5000)]})
    profile = ReferenceProfile.from_frame(names)
    del profile.features["tail"]["hashes"]
    found = profile.compare("X" + names)
    assert answers(found, "tail")["unseen"] == "cannot tell"
    assert answers(found, "tail")["psi"] == "drift"


def test_columns_that_no_profile_can_hold():
    """Dates and columns that share a name are refused with the reason and the remedy."""
    with pytest.raises(TypeError, match="column 'day' is datetime64.*drop it"):
        ReferenceProfile.from_frame(pd.DataFrame({"day": pd.date_range("2013", periods=3)}))
    twins = pd.DataFrame([[1, 2]], columns=["a", "a"])
    for call in (ReferenceProfile.from_frame, ReferenceProfile.from_frame(twins.iloc[:, :1]).compare):
        with pytest.raises(ValueError, match="'a' occurs twice"):
            call(twins)


# Search for a table without an answer

cells = st.sampled_from([None, np.nan, np.inf, 0, 1, -1.5, 1e300, "a", "b", "1", True, False, (1, 2)])
kinds = st.sampled_from(["number", "short", "text", "flag", "anything"])
of_kind = {
    "number": st.sampled_from([np.nan, np.inf, 0.0, 0.1, 7.0, -1e9, 1e150, -1.7e308, 5e-324]),
    "short": st.sampled_from([np.nan, -np.inf, 0.1, 65504.0, 3e38]).map(np.float32),
    "text": st.sampled_from([None, "a", "b", "", "é✈", "missing"]),
    "flag": st.booleans(),
    "anything": cells,
}
frames = st.dictionaries(st.sampled_from("xyz"), kinds, max_size=3).flatmap(
    lambda chosen: st.integers(0, 9).flatmap(
        lambda rows: st.fixed_dictionaries(
            {name: st.lists(of_kind[kind], min_size=rows, max_size=rows) for name, kind in chosen.items()}
        ).map(pd.DataFrame)
    )
)


@search
@given(frames, frames)
def test_every_table_gets_an_answer(reference, current):
    """Whatever the two tables hold: no exception, no warning, and a verdict from the list in every row."""
    comparison = ReferenceProfile.from_frame(reference).compare(current, ALL)
    assert set(comparison["verdict"]) <= VERDICTS
    claims = comparison["verdict"].isin(["ok", "drift", "stuck", "new categories"])
    assert comparison["value"].notna()[claims].all()
    assert set(comparison["feature"]) == set(reference) | set(current)


@search
@given(frames)
def test_a_saved_profile_comes_back_equal(tmp_path_factory, frame):
    """Save and load change nothing, odd text included, and the file is plain JSON."""
    path = tmp_path_factory.mktemp("profile") / "profile.json"
    profile = ReferenceProfile.from_frame(frame)
    profile.save(path)
    assert ReferenceProfile.load(path) == profile
    assert json.loads(path.read_text(), parse_constant=pytest.fail)["version"] == 1


@search
@given(frames, st.randoms())
def test_the_order_of_rows_does_not_matter(frame, random):
    """A shuffled table has the same profile and the same comparison."""
    shuffled = frame.iloc[random.sample(range(len(frame)), len(frame))]
    profile = ReferenceProfile.from_frame(frame)
    assert ReferenceProfile.from_frame(shuffled) == profile
    pd.testing.assert_frame_equal(profile.compare(frame, ALL), profile.compare(shuffled, ALL))


@search
@given(st.lists(kinds, min_size=1, max_size=3), st.randoms(), st.data())
def test_limits_are_learned_from_any_table(tmp_path_factory, chosen, random, data):
    """Whatever the columns hold in the windows and in the rest, limits are numbers that a file can keep."""
    pools = [data.draw(st.lists(of_kind[kind], min_size=1, max_size=5)) for kind in chosen]
    columns = {str(number): [random.choice(pool) for _ in range(70)] for number, pool in enumerate(pools)}
    frame = pd.DataFrame(columns).assign(day=pd.date_range("2013", periods=70))
    profile = ReferenceProfile.from_frame(frame, blocks="day")
    profile.save(tmp_path_factory.mktemp("profile") / "profile.json")
    assert set(profile.compare(frame.iloc[:30], ALL)["verdict"]) <= VERDICTS


def test_windows_of_another_kind_than_the_rest_teach_no_limits():
    """A column of objects is numbers in the one part and categories in the other: there is nothing to compare."""
    frame = pd.DataFrame({"mixed": [0] * 40 + [False, 0] * 15, "day": pd.date_range("2013", periods=70)})
    limits = ReferenceProfile.from_frame(frame, blocks="day").features["mixed"]["limits"]
    assert set(limits) == {"psi", "jensen_shannon", "missing", "unseen"}


@pytest.mark.parametrize("kind", ["float16", "float32", "float64"])
def test_a_column_of_the_lowest_number_of_its_type_has_a_profile(tmp_path, kind):
    """Maps write -3.4028235e38, the lowest float32, for a missing value: there is no edge below it."""
    frame = pd.DataFrame({"depth": np.full(3_000, max(float(np.finfo(kind).min), -1e150), kind)})
    ReferenceProfile.from_frame(frame).save(tmp_path / "profile.json")
    profile = ReferenceProfile.load(tmp_path / "profile.json")
    assert set(profile.compare(frame, ALL)["verdict"]) == {"ok"}
    assert answers(profile.compare(frame * 0), "depth")["psi"] == "drift"


def test_a_profile_of_another_version_is_refused(tmp_path):
    """A file that this code cannot read says what to do."""
    for content in ('{"version": 99, "rows": 1, "features": {}}', "[]"):
        (tmp_path / "profile.json").write_text(content)
        with pytest.raises(ValueError, match="make the profile anew"):
            ReferenceProfile.load(tmp_path / "profile.json")


def spoil(path: Path, change) -> None:
    """Change the content of a profile's file."""
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content.pop("rows"),
        lambda content: content.pop("features"),
        lambda content: content.update(rows="3000"),
        lambda content: content.update(features=[]),
        lambda content: content["features"].update(gauge=None),
        lambda content: content["features"]["gauge"].update(kind="text"),
        lambda content: content["features"]["gauge"].update(kind=[]),
        lambda content: content["features"]["gauge"].update(sd=None),
        lambda content: content["features"]["gauge"].update(missing=-1),
        lambda content: content["features"]["gauge"]["cells"].__setitem__(0, "many"),
        lambda content: content["features"]["gauge"]["edges"].pop(),
        lambda content: content["features"]["gauge"].update(precision="fine"),
        lambda content: content["features"]["gauge"].update(precision=["float64"]),
        lambda content: content["features"]["gauge"].update(sd=-1.0),
        lambda content: content["features"]["gauge"].update(low=1e9),
        lambda content: content["features"]["gauge"].update(high=float("inf")),
        lambda content: content["features"]["carrier"]["levels"].update(mine=-1),
        lambda content: content["features"]["gauge"].update(missing=10**9),
        lambda content: content["features"]["gauge"].update(missing=True),
        lambda content: content["features"]["carrier"].update(levels={}),
        lambda content: content["features"]["carrier"].update(limits={"psi": 10**400}),
        lambda content: content["features"]["gauge"].update(points=[]),
        lambda content: content["features"]["gauge"].update(commonest=1e308),
        lambda content: content["features"]["gauge"].update(limits=None),
        lambda content: content["features"]["gauge"].update(limits={"psi": float("nan")}),
        lambda content: content["features"]["carrier"].update(limits={"psi": "0.1"}),
        lambda content: content["features"]["carrier"].update(hashes="no base"),
        lambda content: content["features"]["carrier"].update(hashes="AAA="),
        lambda content: content["features"]["gauge"]["points"].reverse(),
        lambda content: content["features"]["gauge"]["edges"].reverse(),
        lambda content: content["features"]["gauge"].update(counts=[0] * len(content["features"]["gauge"]["counts"])),
        *[lambda content, key=key: content["features"]["gauge"][key].pop() for key in ("points", "counts", "cells")],
        *[
            lambda content, key=key, wrong=wrong: content["features"]["gauge"][key].__setitem__(0, wrong)
            for key in ("points", "edges", "counts", "cells")
            for wrong in (None, "7", [1], float("nan"), 10**400)
        ],
        *[lambda content, key=key: content["features"]["gauge"].pop(key) for key in ("kind", "rows", "points", "low")],
        *[lambda content, key=key: content["features"]["carrier"].pop(key) for key in ("missing", "levels", "other")],
    ],
)
def test_a_damaged_profile_is_refused_with_the_key_that_it_lacks(profile, tmp_path, change):
    """A key that is not there or holds something else is named when the file is read, not when it is used."""
    profile.save(tmp_path / "profile.json")
    assert ReferenceProfile.load(tmp_path / "profile.json") == profile
    spoil(tmp_path / "profile.json", change)
    with pytest.raises(ValueError, match="profile.json is a damaged profile, (without|whose feature).* anew, with"):
        ReferenceProfile.load(tmp_path / "profile.json")


ENDLESS = pytest.param(b"[" * 10**5, id="endless")


@pytest.mark.parametrize("content", [b"", b"{", ENDLESS, b"not JSON", b"\xff\xfe", None, "folder"])
def test_a_file_that_is_no_profile_is_refused(tmp_path, content):
    """An empty file, broken or endless JSON, another encoding, no file, a folder: the file is named, and what to do."""
    path = tmp_path / "profile.json"
    if content == "folder":
        path.mkdir()
    elif content is not None:
        path.write_bytes(content)
    with pytest.raises(ValueError, match="profile.json cannot be read as a profile .*: make the profile anew, with"):
        ReferenceProfile.load(path)


def test_what_else_a_profiles_file_holds_is_left_alone(profile, tmp_path):
    """A key that this code does not know is no reason to refuse the rest."""
    profile.save(tmp_path / "profile.json")
    spoil(tmp_path / "profile.json", lambda content: content.update(made_by="us"))
    assert ReferenceProfile.load(tmp_path / "profile.json") == profile


# Columns of every type

WHOLE = ["int8", "uint8", "int64", "uint64", ">i4", ">i8", "Int64", "UInt64", "int64[pyarrow]", "object", "dictionary"]
WHOLE += ["category", pd.SparseDtype(int, 0)]
REAL = ["float16", "float32", "float64", ">f4", ">f8", "longdouble", "Float32", "Float64", "float[pyarrow]", "object"]
REAL += ["halffloat[pyarrow]", "category", "dictionary", "decimal", pd.SparseDtype(float)]
LABELS = ["object", "str", "string", "string[pyarrow]", "large_string[pyarrow]", "category", "S3", "dictionary"]
FLAGS = ["bool", "boolean", "bool[pyarrow]", "object", "category", pd.SparseDtype(bool)]
MISSING = ["Int64", "UInt64", "Float32", "object", "category", "boolean", "str", "string[pyarrow]", "dictionary"]
values_of = {
    "whole": (WHOLE, st.integers(0, 100)),
    "real": (REAL, st.floats(-1, 1, width=16) | st.sampled_from([0.1, 1e-3, 1000.0])),
    "labels": (LABELS, st.sampled_from(["a", "b", "ab", "1", ""])),
    "flags": (FLAGS, st.booleans()),
    "none": (["float64", "object", "null", "category", "Int64", "datetime64[ns]"], st.none()),
}
DAY = datetime.date(2013, 1, 1)
NOON = datetime.datetime(2013, 1, 1, 12)
neither = {
    "datetime64": pd.Series([NOON]),
    "with a time zone": pd.Series([NOON]).dt.tz_localize("UTC"),
    "timedelta64": pd.Series([datetime.timedelta(1)]),
    "period": pd.Series([NOON]).dt.to_period("D"),
    "interval": pd.Series(pd.interval_range(0, 1)),
    "complex": pd.Series([1j]),
    **{
        f"objects of {type(value).__name__}": pd.Series([value, None], dtype=object)
        for value in (DAY, NOON, NOON.time(), NOON - NOON, np.datetime64(DAY), pd.Timestamp(DAY), pd.Period(DAY, "D"))
        + (1j, np.complex64(1j), pd.Interval(0, 1))
    },
    "dates and text": pd.Series([DAY, "a"], dtype=object),
    "complex and real": pd.Series([1j, 2.0], dtype=object),
    **{
        f"arrow {array.type}": pd.Series(pd.arrays.ArrowExtensionArray(array))
        for array in map(pa.array, ([DAY], [NOON], [NOON - NOON], [NOON.time()], [b"a"], [[1]], [{"a": 1}]))
    },
}


def make_column(values: list, dtype: object, rows: int) -> pd.Series:
    """Return a column of a type with these values over and over."""
    if dtype in ("dictionary", "null"):
        array = pa.array(values)
        values = pd.arrays.ArrowExtensionArray(array.dictionary_encode() if dtype == "dictionary" else array)
    elif dtype == "decimal":
        values = [decimal.Decimal(str(value)) for value in values]
    repeated = np.resize(np.arange(len(values)), rows)
    if dtype in ("S3", "longdouble", ">i4", ">i8", ">f4", ">f8"):
        return pd.Series(np.array(values).astype(dtype)[repeated])
    column = pd.Series(values)
    column = column if dtype in ("dictionary", "null", "decimal") else column.astype(dtype)
    return column.iloc[repeated].reset_index(drop=True)


@st.composite
def columns(draw) -> tuple:
    """Return values, type and rows of a column of any type; 70,000 rows are counted in another way than 20,000."""
    dtypes, values = values_of[draw(st.sampled_from(list(values_of)))]
    dtype = draw(st.sampled_from(dtypes))
    found = draw(st.lists(values | st.none() if dtype in MISSING else values, min_size=1, max_size=9))
    if dtype in ("int64", "uint64", ">i8", "Int64", "int64[pyarrow]", "object"):
        far = draw(st.sampled_from([0, 2**53, 2**60 + 1]) if dtypes is WHOLE else st.just(0))
        step = draw(st.sampled_from([1, 1000, 10**12]) if dtypes is WHOLE else st.just(1))
        found = [value if value is None or dtypes is not WHOLE else far + step * value for value in found]
    return found, dtype, draw(st.sampled_from([20_000, 70_000]))


@settings(max_examples=80, deadline=None)
@given(columns())
def test_what_a_profile_accepts_is_like_itself(tmp_path_factory, column):
    """Of any type: no statistic of a column with itself differs from 0, and all are ok; what is refused is named."""
    column = make_column(*column)
    frame = column.to_frame("wind")
    try:
        profile = ReferenceProfile.from_frame(frame)
    except ValueError as error:
        assert re.search("column 'wind' holds whole numbers that differ by less .*: subtract the smallest", str(error))
        different = set(column.dropna().tolist())  # pandas finds no unique values of big-endian ones
        assert len({float(value) for value in different}) < len(different)
        return
    path = tmp_path_factory.mktemp("profile") / "profile.json"
    profile.save(path)
    assert ReferenceProfile.load(path) == profile
    found = profile.compare(frame, ALL).set_index("statistic")
    found.loc["missing", "value"] -= frame["wind"].isna().mean()
    assert set(found["verdict"]) == {"ok"}, found
    assert found["value"].abs().max() < 1e-9, found


@pytest.mark.parametrize("dtype", [dtype for dtypes, _ in values_of.values() for dtype in dtypes], ids=str)
def test_limits_are_learned_from_columns_of_every_type(dtype):
    """Parts of the column are compared with each other, whatever it is."""
    frame = make_column([None] if dtype in ("null", "datetime64[ns]") else [0, 1], dtype, 140).to_frame("x")
    profile = ReferenceProfile.from_frame(frame, blocks=pd.Series(pd.date_range("2013", periods=140)))
    assert profile.features["x"]["limits"]["psi"] == thresholds.NEGLIGIBLE["psi"]


@pytest.mark.parametrize("kind", neither)
def test_what_is_neither_number_nor_category_is_refused_by_name(kind):
    """However dates, spans, complex numbers, lists and bytes are stored; beside numbers they are a changed type."""
    column = neither[kind]
    with pytest.raises(TypeError, match="holds numbers and categories, but column 'wind' is .*: drop it"):
        ReferenceProfile.from_frame(pd.DataFrame({"mph": [1.0] * len(column), "wind": column}))
    numbers = ReferenceProfile.from_frame(pd.DataFrame({"wind": [1.0, 2.0]}))
    assert set(numbers.compare(column.to_frame("wind"))["verdict"]) == {"changed type"}
    with pytest.raises(TypeError, match="dates, complex numbers and the like cannot be compared: convert"):
        drift.psi(column, column)


@pytest.mark.parametrize("dtype", ["category", "dictionary", "object"])
def test_whole_categories_with_a_missing_value_are_the_same(dtype):
    """One missing value turns 1 into 1.0 on the way through a file: that is no new category."""
    before = pd.DataFrame({"gate": make_column([1, 2, 3, "A"][: 4 if dtype == "object" else 3], dtype, 3000)})
    floats = before["gate"].astype(object).map(lambda value: value if value == "A" else float(value))
    after = pd.DataFrame({"gate": floats.where(floats.index > 0).astype(object if dtype == "object" else "category")})
    for one, other in ((before, after), (after, before)):
        found = ReferenceProfile.from_frame(one).compare(other, ALL)
        assert set(found["verdict"]) == {"ok"} and value(found, "gate", "psi") < 0.01


def test_decimal_categories_are_the_same_whatever_their_zeros():
    """A database writes 2.00 and 2.50 where a file has 2 and 2.5."""
    texts = np.resize(["2.00", "2.50", "100.00"], 3000)
    before = pd.DataFrame({"fare": pd.Series([decimal.Decimal(text) for text in texts], dtype="category")})
    after = pd.DataFrame({"fare": pd.Series(texts.astype(float), dtype="category")})
    for one, other in ((before, after), (after, before)):
        assert set(ReferenceProfile.from_frame(one).compare(other, ALL)["verdict"]) == {"ok"}


@pytest.mark.parametrize("dtype", ["float64", "int64", "Int64", "int64[pyarrow]", "uint64"])
@pytest.mark.parametrize("far", [10**9, 2**53, 2**60])
def test_numbers_far_from_zero_keep_their_distance(far, dtype):
    """A tenth of a standard deviation is one, at 0 as at 2**60, with many points and with few."""
    near = np.random.default_rng(0).normal(0, 1e6, 5000).round() + 1e7
    there = [pd.DataFrame({"id": far + (near + move).astype("int64")}).astype(dtype) for move in (0, 1e5)]
    profile = ReferenceProfile.from_frame(there[0])
    assert value(profile.compare(there[0]), "id", "wasserstein") == pytest.approx(0, abs=0.005)  # of thinning
    assert value(profile.compare(there[1]), "id", "wasserstein") == pytest.approx(0.1, abs=0.005)
    assert drift.wasserstein(there[0]["id"], there[0]["id"]) == pytest.approx(0, abs=1e-6)
    assert drift.wasserstein(there[0]["id"], there[1]["id"]) == pytest.approx(1e5, rel=0.005)


@pytest.mark.parametrize("scale", [1e-200, 5e-322, 1e-9, 1e149])
def test_numbers_of_any_size_keep_their_distance(scale):
    """The squares of tiny numbers are 0, and those of huge ones nearly infinite: the distance is what it is."""
    frame = pd.DataFrame({"x": np.resize(np.arange(9.0), 9000)}) * scale
    found = ReferenceProfile.from_frame(frame).compare(frame + scale)
    assert value(found, "x", "wasserstein") == pytest.approx(1 / np.arange(9).std(), rel=0.02)
    assert value(ReferenceProfile.from_frame(frame).compare(frame), "x", "wasserstein") == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("dtype", ["int64", "uint64", "Int64", "int64[pyarrow]", "object"])
def test_whole_numbers_that_floats_cannot_tell_apart_are_refused(dtype):
    """A change among them could not be seen; a constant is one number, and fine."""
    ids = pd.Series(np.resize(np.arange(2**60, 2**60 + 50), 3000)).astype(dtype)
    with pytest.raises(ValueError, match="column 'id' holds whole numbers .*: subtract the smallest of them, or"):
        ReferenceProfile.from_frame(ids.to_frame("id"))
    constant = ReferenceProfile.from_frame(ids[:1].to_frame("id").loc[[0] * 3000])
    assert constant.features["id"]["points"] == [2.0**60]


@pytest.mark.parametrize("huge", [10**400, -(10**400), decimal.Decimal("1e400")], ids=["high", "low", "decimal"])
def test_numbers_beyond_a_float_count_as_infinite(huge):
    """They are missing values, as infinite ones are."""
    column = pd.Series([huge, type(huge)(1), type(huge)(2), None] * 1000, dtype=object)
    described = ReferenceProfile.from_frame(column.to_frame("x")).features["x"]
    assert (described["kind"], described["points"], described["missing"]) == ("number", [1.0, 2.0], 2000)


# Thresholds


def test_few_rows_raise_the_threshold_and_end_in_cannot_tell(profile):
    """The fewer the rows, the more chance does; PSI's part is close to (cells - 1)(1/n + 1/m), and above it."""
    learned = {}
    for rows in (10, 100, 1000, 3000):
        comparison = profile.compare(table(seed=1).iloc[:rows])
        learned[rows] = comparison.set_index(["feature", "statistic"])["threshold"]["gauge", "psi"]
        noise, mean = learned[rows] - 0.25, 10 * (1 / rows + 1 / 3000)
        assert mean < noise < 3 * mean
    assert sorted(learned.values(), reverse=True) == list(learned.values())
    assert set(profile.compare(table(seed=1).iloc[:10])["verdict"]) <= {"cannot tell", "ok"}


def test_chance_is_the_one_percent_point(profile):
    """What chance adds to a threshold is what SciPy's distributions pass once in 100 times."""
    current, s = summary.read_beside(profile.features["gauge"], table(seed=1)["gauge"]), 1 / 3000 + 1 / 3000
    noise = {name: thresholds.estimate_chance(name, profile.features["gauge"], current) for name in ("psi", "ks")}
    assert noise["psi"] == pytest.approx(stats.chi2.isf(0.01, 10) * s, rel=0.01)
    assert noise["ks"] == pytest.approx(stats.kstwobign.isf(0.01) * s**0.5, rel=0.05)  # of fewer: 5 % are missing


def test_false_alarms_are_rare_at_any_size(profile):
    """Of samples from the same source hardly one in 100 fires, for 5 rows as for 500."""
    for rows in (1, 5, 50, 500):
        drawn = [table(600, seed=seed).sample(rows, random_state=seed) for seed in range(20)]
        found = pd.concat([profile.compare(frame, ALL[:-1]) for frame in drawn])["verdict"]
        assert (~found.isin(["ok", "cannot tell"])).mean() < 0.01


def test_the_missing_share_counts_from_the_references_own():
    """A gap of 40 % is no news where 40 % were missing before."""
    gaps = pd.DataFrame({"gust": np.where(np.arange(5000) % 5 < 2, np.nan, 1.0)})
    profile = ReferenceProfile.from_frame(gaps)
    assert answers(profile.compare(gaps), "gust")["missing"] == "ok"
    assert answers(profile.compare(gaps * np.nan), "gust")["missing"] == "drift"


def seasonal(rows_a_day: int = 50) -> pd.DataFrame:
    """Return 90 days of a column that wanders by the week, and one that does not."""
    random = np.random.default_rng(0)
    day = np.repeat(np.arange(90), rows_a_day)
    noise = random.normal(size=(2, len(day)))
    wandering = random.normal(size=13)[day // 7] + noise[0]
    dates = pd.Timestamp("2013") + pd.to_timedelta(day, "D")
    return pd.DataFrame({"wandering": wandering, "steady": noise[1], "day": dates})


def test_limits_come_from_the_references_own_windows():
    """What the reference does to itself is no alarm; a column that never wandered is watched closely."""
    profile = ReferenceProfile.from_frame(seasonal(), blocks="day", days=7)
    assert list(profile.features) == ["wandering", "steady"]
    limits = {name: feature["limits"] for name, feature in profile.features.items()}
    assert limits["wandering"]["ks"] > 3 * limits["steady"]["ks"] == 3 * thresholds.NEGLIGIBLE["ks"]
    conventional = ReferenceProfile.from_frame(seasonal().drop(columns="day"))
    weeks = [week for _, week in seasonal().groupby(seasonal()["day"].dt.isocalendar().week)]
    reports = [pd.concat([each.compare(week) for week in weeks]) for each in (profile, conventional)]
    alarms = [report["verdict"].eq("drift").sum() for report in reports]
    assert alarms[0] <= 3 < 10 < alarms[1]


def test_dates_may_stand_beside_the_table():
    """A Series of dates does what a column of dates does, and any row index will do."""
    frame = seasonal().sample(frac=1, random_state=0)
    beside = ReferenceProfile.from_frame(frame.drop(columns="day"), blocks=frame["day"])
    assert beside == ReferenceProfile.from_frame(frame, blocks="day")


def test_rows_without_a_date_are_in_no_window():
    """They count as the rest of the reference; without any date, or with too few, there are no windows."""
    frame = seasonal()
    some = ReferenceProfile.from_frame(frame.assign(day=frame["day"].where(frame.index % 50 != 0)), blocks="day")
    assert some.rows == len(frame) and some.features["steady"]["limits"]["ks"] == thresholds.NEGLIGIBLE["ks"]
    with pytest.raises(ValueError, match="span 0 days.*pass no dates"):
        ReferenceProfile.from_frame(frame.assign(day=pd.NaT), blocks="day")
    with pytest.raises(ValueError, match="each of the 4500 rows: it has 9"):
        ReferenceProfile.from_frame(frame.drop(columns="day"), blocks=frame["day"][:9])
    with pytest.raises(ValueError, match=r"blocks holds numbers \(\d{8}\): make dates of them first"):
        ReferenceProfile.from_frame(frame.drop(columns="day"), blocks=frame["day"].dt.strftime("%Y%m%d").astype(int))
    with pytest.raises(ValueError, match="blocks has its rows in another order than the table"):
        ReferenceProfile.from_frame(frame.drop(columns="day"), blocks=frame["day"][::-1])


def test_a_column_that_moves_in_one_window_only(tmp_path):
    """Without that window it is constant, and has no standard deviation to learn from; all other limits are learned."""
    frame = seasonal().assign(steady=lambda t: t["day"].between("2013-03-02", "2013-03-20").astype(float))
    profile = ReferenceProfile.from_frame(frame, blocks="day")
    profile.save(tmp_path / "profile.json")
    assert ReferenceProfile.load(tmp_path / "profile.json") == profile
    assert profile.features["steady"]["limits"]["ks"] > thresholds.NEGLIGIBLE["ks"]


def test_windows_need_twice_their_days():
    """Too short a reference is refused with the longest window that fits."""
    with pytest.raises(ValueError, match="span 45 days.*pass days=22 or fewer"):
        ReferenceProfile.from_frame(seasonal().iloc[: 45 * 50], blocks="day")


@pytest.mark.parametrize("days", [0, -1, -30, 2.5, "30", None, np.nan])
def test_windows_have_a_whole_number_of_days(days):
    """No day, less than one and what is no whole number are refused with the value and the remedy."""
    with pytest.raises(ValueError, match=f"whole number of days, 1 or more, and not {days!r}: pass days=30"):
        ReferenceProfile.from_frame(seasonal(), blocks="day", days=days)


def test_a_column_of_dates_that_is_not_there_is_named():
    """A slip of the pen in `blocks` is no KeyError."""
    with pytest.raises(ValueError, match="blocks='date' is no column: pass the one that holds the dates"):
        ReferenceProfile.from_frame(seasonal(), blocks="date")


def test_windows_slide_by_a_week():
    """Each window is whole, starts a week after the one before, and leaves a rest."""
    dates = pd.Series(pd.date_range("2013-01-01", periods=90))
    windows = list(thresholds.hold_out_windows(dates, 30))
    assert [int(np.flatnonzero(window)[0]) for window in windows] == list(range(0, 61, 7))
    assert {int(window.sum()) for window in windows} == {30}


# Against the exact statistics


def exact(reference: pd.Series, current: pd.Series) -> dict[str, float]:
    """Return the statistics of two columns without a profile between."""
    found = {"psi": drift.psi(reference, current), "jensen_shannon": drift.jensen_shannon(reference, current)}
    found["chi_square"] = drift.chi_square(reference, current)[0]
    if pd.api.types.is_numeric_dtype(reference):
        found["ks"] = drift.ks(reference, current)[0]
        found["wasserstein"] = drift.wasserstein(reference, current) / reference.std(ddof=0)
    return found


@search
@given(st.integers(600, 4000), st.integers(1, 500), st.floats(-2, 2), st.integers(0, 9), st.booleans())
def test_a_profile_is_within_its_documented_error(rows, current_rows, shift, seed, heavy):
    """Cells are exact; KS errs by at most 1/1024 and a row, Wasserstein by no more than points and reference differ."""
    random = np.random.default_rng(seed)
    reference, current = random.normal(size=rows), random.normal(shift, size=current_rows)
    if heavy:
        reference, current = np.exp(1.5 * reference), np.exp(1.5 * current)
    reference, current = pd.Series(reference), pd.Series(current)
    profile = ReferenceProfile.from_frame(reference.to_frame("x"))
    found = profile.compare(current.to_frame("x"), ALL).set_index("statistic")["value"]
    truth, kept = exact(reference, current), profile.features["x"]
    for name in ("psi", "jensen_shannon", "chi_square"):
        assert found[name] == pytest.approx(truth[name], rel=1e-9, abs=1e-9)
    assert found["ks"] == pytest.approx(truth["ks"], abs=ONE_POINT + 1 / rows)
    own = drift.wasserstein(reference, np.repeat(kept["points"], kept["counts"])) / kept["sd"]
    assert found["wasserstein"] == pytest.approx(truth["wasserstein"], abs=own + 1e-9)


@pytest.mark.parametrize("month", [4, 8, 12])
def test_a_profile_of_the_flights_is_within_a_thousandth(year, winter, month):
    """On real months: cells exact, KS and Wasserstein within .001."""
    profile = ReferenceProfile.from_frame(winter[features.FEATURES])
    current = year[year["month"] == month]
    found = profile.compare(current[features.FEATURES], ALL).set_index(["feature", "statistic"])["value"]
    for name in features.FEATURES:
        for statistic, truth in exact(winter[name], current[name]).items():
            error = 0.001 if statistic in ("ks", "wasserstein") else 1e-9
            assert found[name, statistic] == pytest.approx(truth, rel=1e-9, abs=error), (name, statistic)


def test_the_profile_of_the_flights_is_small(winter, tmp_path):
    """17 features, limits included, take less than 200 kB, at most 512 points each."""
    profile = ReferenceProfile.from_frame(winter[[*features.FEATURES, "date"]], blocks="date")
    profile.save(tmp_path / "profile.json")
    assert (tmp_path / "profile.json").stat().st_size < 200_000
    assert profile.rows == 77_911
    assert max(len(feature.get("points", [])) for feature in profile.features.values()) <= 512


def test_nannyml_agrees(year, winter):
    """Where the definitions are the same, NannyML's stored figures for these flights are ours."""
    stored = json.loads(Path(__file__).with_name("nannyml.json").read_text(encoding="utf-8"))
    months = {month: rows for month, rows in year.groupby("month") if month > 3}
    for name, figures in stored.items():
        for method, values in figures.items():
            ours = {month: NANNYML[method](winter[name], rows[name]) for month, rows in months.items()}
            for month, found in values.items():
                assert ours[int(month)] == pytest.approx(found, rel=1e-9), (name, method, month)


NANNYML = {
    "kolmogorov_smirnov": lambda *columns: drift.ks(*columns)[0],
    "wasserstein": drift.wasserstein,
    "chi2": lambda *columns: drift.chi_square(*columns)[0],
    "jensen_shannon": drift.jensen_shannon,
}


def test_importing_is_light():
    """SciPy, scikit-learn and MLflow wait until they are asked for."""
    code = "import sys, helpers.drift; print([name for name in ('scipy', 'sklearn', 'mlflow') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
