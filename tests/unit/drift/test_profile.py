"""The reference profile: small, faithful, and with an answer to every odd table."""
import json
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
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
    assert answers(found, "tail")["unseen"] == "cannot tell"
    assert value(found, "tail", "psi") == 0
    assert answers(profile.compare(names + "X"), "tail")["psi"] == "drift"


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


def test_a_profile_of_another_version_is_refused(tmp_path):
    """A file that this code cannot read says what to do."""
    for content in ('{"version": 99, "rows": 1, "features": {}}', "[]"):
        (tmp_path / "profile.json").write_text(content)
        with pytest.raises(ValueError, match="make the profile anew"):
            ReferenceProfile.load(tmp_path / "profile.json")


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
