"""Features: exact small cases by hand, and the search for a feature that knows the future."""
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from helpers import features, flights

AIRPORTS = pd.DataFrame(
    {
        "faa": ["LAX", "HNL", "PHX", "BOS", "EEN"],
        "tzone": ["America/Los_Angeles", "Pacific/Honolulu", "America/Phoenix", "America/New_York", None],
    }
)
NO_WEATHER = pd.DataFrame(columns=["origin", *features.WEATHER], dtype=float).assign(
    origin=pd.Series(dtype=str), time_hour=pd.Series(dtype="datetime64[us, UTC]")
)


def raw_flights(departures, delays=0.0, origin="JFK", dest="BOS", carrier="B6", arrival="0000") -> pd.DataFrame:
    """Return raw flights that depart at the given moments (UTC) with the given delays."""
    moment = pd.DatetimeIndex(pd.to_datetime(departures, utc=True)).as_unit("us")
    local = moment.tz_convert(features.NEW_YORK)
    table = pd.DataFrame({"flight": range(1, len(moment) + 1)})
    for part in ("year", "month", "day", "hour", "minute"):
        table[part] = getattr(local, part).astype("int64")
    return table.assign(
        time_hour=moment.floor("h"), dep_delay=delays, arr_delay=delays, sched_arr_time=int(arrival), distance=100,
        dep_time=1200.0, arr_time=1300.0, air_time=60.0, tailnum="N1", origin=origin, dest=dest, carrier=carrier,
    )  # fmt: skip


def prepare(raw: pd.DataFrame, weather: pd.DataFrame = NO_WEATHER) -> pd.DataFrame:
    """Return the prepared table with the flight number as index."""
    return features.prepare(raw, weather, AIRPORTS).set_index("flight").sort_index()


def hourly(start: str, hours: int, **columns) -> pd.DataFrame:
    """Return weather at JFK whose temperature is the hour since `start` (UTC)."""
    moments = pd.date_range(start, periods=hours, freq="h", tz="UTC", unit="us")
    values = {name: 1.0 for name in features.WEATHER} | {"temp": 1.0 * np.arange(hours)} | columns
    return pd.DataFrame({"origin": "JFK", "time_hour": moments, **values})


def local(*times: str) -> list[pd.Timestamp]:
    """Return New York clock times as moments."""
    return [pd.Timestamp(time, tz=features.NEW_YORK) for time in times]


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    """Return the raw tables by the names of the arguments of `prepare`."""
    return {name: flights.load(name) for name in ("flights", "weather", "airports")}


@pytest.fixture(scope="module")
def prepared(tables) -> pd.DataFrame:
    """Return the prepared year."""
    return features.prepare(**tables)


# What is not known at t*


def change_what_is_unknown(raw, weather, moment, seed):
    """Return the tables as they may still turn out to be at a moment: every outcome after it drawn anew."""
    random = np.random.default_rng(seed)
    scheduled = features.compute_scheduled_departure(raw)
    gone = scheduled + pd.to_timedelta(raw["dep_delay"], unit="min") <= moment
    least = ((moment - scheduled).dt.total_seconds() // 60 + 1).clip(lower=-60)
    more = random.integers(0, random.choice([2, 5, 120], len(raw)))
    delay = (least + more).where(random.random(len(raw)) > 0.3)
    raw = raw.assign(dep_delay=raw["dep_delay"].where(gone, delay))
    landed = gone & (scheduled + pd.Timedelta("30min") < moment) & (random.random(len(raw)) > 0.5)
    for column in ("dep_time", "arr_time", "arr_delay", "air_time"):
        raw[column] = raw[column].where(landed, random.integers(1, 2400, len(raw)))
    raw["tailnum"] = raw["tailnum"].where(landed, None)
    complete = weather["time_hour"] + pd.Timedelta("1h") <= moment
    drawn = pd.DataFrame(random.random((len(weather), 6)), weather.index, features.WEATHER)
    return raw, weather.assign(**weather[features.WEATHER].where(complete, drawn))


def assert_features_are_blind(raw, weather, airports, moment, seed=0):
    """Assert that nothing unknown at a moment enters a feature of a flight that is scored at it or before."""
    before = features.prepare(raw, weather, airports)
    after = features.prepare(*change_what_is_unknown(raw, weather, moment, seed), airports)
    scored = before["sched_dep"] - pd.Timedelta(minutes=features.LEAD) <= moment
    assert scored.any()
    columns = [*features.KEY, *features.FEATURES]
    pd.testing.assert_frame_equal(before.loc[scored, columns], after.loc[scored, columns], check_exact=True)


NIGHTS = ["2013-03-10", "2013-11-03", "2013-06-13"]  # two of them change the clocks
BORDERS = st.sampled_from([-196, -195, -194, -60, -45, -30, -16, -15, -14, -13, -5, 0, 1])


@st.composite
def small_tables(draw):
    """Draw a flight and others around its t*, many of them where a window begins or ends, and hourly weather."""
    midnight = pd.Timestamp(draw(st.sampled_from(NIGHTS)), tz=features.NEW_YORK)
    moment = midnight + pd.Timedelta(minutes=draw(st.one_of(st.integers(-5, 20), st.integers(-120, 1320))))
    minute = st.one_of(BORDERS, BORDERS, st.integers(-1500, 300), st.integers(-12_000, 3_000))
    delay = st.sampled_from([0.0, -5.0, 14.0, 15.0, 16.0, 60.0, 300.0, np.nan])
    other = st.tuples(minute, delay, st.sampled_from(["JFK", "JFK", "EWR"]), st.sampled_from(["B6", "B6", "UA"]))
    rows = [(features.LEAD, 0.0, "JFK", "B6"), *draw(st.lists(other, min_size=6, max_size=25))]
    table = pd.DataFrame(rows, columns=["minute", "delay", "origin", "carrier"])
    departures = moment + pd.to_timedelta(table["minute"], unit="min")
    raw = raw_flights(departures, table["delay"], table["origin"], carrier=table["carrier"])
    weather = hourly(f"{moment.tz_convert(None) - pd.Timedelta('3D'):%Y-%m-%d}", 24 * 6)
    return raw, weather, moment, draw(st.integers(0, 1000))


SEARCH = {"deadline": None, "suppress_health_check": list(HealthCheck)}
SMALLEST = {"phases": [Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink]}
FIRST_FOUND = {"phases": [Phase.explicit, Phase.reuse, Phase.generate]}  # to shrink a moment of the year takes minutes


@settings(max_examples=40, **SEARCH, **SMALLEST)
@given(small_tables())
def test_no_outcome_after_scoring_changes_a_feature_of_a_small_table(case):
    """Whatever happens after t*, no feature of the flight changes: small tables at all hours."""
    raw, weather, moment, seed = case
    assert_features_are_blind(raw, weather, AIRPORTS, moment, seed)


def slice_around(tables, moment):
    """Return the real tables, with the flights from nine days before a moment to two days after it."""
    near = tables["flights"]["time_hour"].between(moment - pd.Timedelta("9D"), moment + pd.Timedelta("2D"))
    return {**tables, "flights": tables["flights"][near]}


@settings(max_examples=12, **SEARCH, **FIRST_FOUND)
@given(minute=st.integers(60 * 24, 60 * 24 * 364), seed=st.integers(0, 1000))
def test_no_outcome_after_scoring_changes_a_feature_of_the_real_table(tables, minute, seed):
    """Whatever happens after any moment of the year, no feature of a flight scored before it changes."""
    moment = pd.Timestamp("2013-01-01", tz="UTC") + pd.Timedelta(minutes=minute)
    assert_features_are_blind(**as_arguments(slice_around(tables, moment)), moment=moment, seed=seed)


def test_no_outcome_after_a_moment_changes_a_feature_of_the_whole_year(tables):
    """Half a year of outcomes drawn anew leaves the features of the other half as they are."""
    assert_features_are_blind(**as_arguments(tables), moment=pd.Timestamp("2013-07-01 16:00", tz="UTC"))


def as_arguments(tables):
    """Return the tables by the names of the arguments of the assertion above."""
    return {"raw": tables["flights"], "weather": tables["weather"], "airports": tables["airports"]}


def window_15_minutes_longer(monkeypatch):
    """Count flights whose 15 minutes are not over at t*."""
    wrong = with_constant("SETTLED", 0, features.compute_share_in_window)
    monkeypatch.setattr(features, "compute_share_in_window", wrong)


def scored_an_hour_later(monkeypatch):
    """Count flights up to an hour before departure."""
    wrong = with_constant("LEAD", 60, features.compute_share_in_window)
    monkeypatch.setattr(features, "compute_share_in_window", wrong)


def weather_an_hour_later(monkeypatch):
    """Take the weather record of the hour that begins at t*."""
    right = features.join_weather
    hour = pd.Timedelta("1h")
    moved = lambda table, weather: right(table, weather.assign(time_hour=weather["time_hour"] - hour))  # noqa: E731
    monkeypatch.setattr(features, "join_weather", moved)


def today_among_the_days_before(monkeypatch):
    """Count today among the days before."""
    right = features.sum_past_days
    monkeypatch.setattr(features, "sum_past_days", lambda daily, days: right(daily, days).shift(-1))


def with_constant(name, value, function):
    """Return a function that runs with another value of a constant of the features."""

    def changed(*args):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(features, name, value)
            return function(*args)

    return changed


LEAKS = [window_15_minutes_longer, scored_an_hour_later, weather_an_hour_later, today_among_the_days_before]


@pytest.mark.parametrize("leak", LEAKS)
def test_the_search_finds_a_leak_where_there_is_one(leak, tables, monkeypatch):
    """Features broken on purpose do not pass the test above."""
    leak(monkeypatch)
    moment = pd.Timestamp("2013-03-08 18:00", tz="UTC")
    with pytest.raises(AssertionError):
        assert_features_are_blind(**as_arguments(slice_around(tables, moment)), moment=moment)


# The label


def test_a_flight_is_late_from_16_minutes_on():
    """15 minutes are on time, 16 are late, and a flight that never arrived has no label."""
    assert features.label(pd.Series([-3.0, 15.0, 16.0])).tolist() == [0.0, 0.0, 1.0]
    assert features.label(pd.Series([np.nan])).isna().all()


def test_a_flight_is_held_up_from_16_minutes_on_or_cancelled():
    """15 minutes of delay are not held up, 16 are, and so is a flight that never left."""
    assert features.was_held_up(pd.Series([-3.0, 15.0, 16.0, np.nan])).tolist() == [False, False, True, True]


# The schedule


@pytest.mark.parametrize(
    ("dest", "departure", "arrival", "minutes"),
    [
        ("BOS", "2013-07-01 08:00", "0910", 70),
        ("BOS", "2013-07-01 23:30", "0040", 70),
        ("LAX", "2013-01-15 08:00", "1120", 380),
        ("LAX", "2013-07-15 08:00", "1120", 380),
        ("HNL", "2013-01-15 10:00", "1530", 630),
        ("HNL", "2013-07-15 10:00", "1430", 630),
        ("PHX", "2013-01-15 08:00", "1120", 320),
        ("PHX", "2013-07-15 08:00", "1020", 320),
        ("SJU", "2013-01-15 08:00", "1240", 220),
        ("SJU", "2013-07-15 08:00", "1140", 220),
        ("SJU", "2013-11-03 00:30", "0410", 220),
        ("SJU", "2013-11-03 06:00", "1040", 220),
        ("SJU", "2013-03-10 06:00", "0940", 220),
    ],
)
def test_the_block_time_is_true_across_time_zones_and_clock_changes(dest, departure, arrival, minutes):
    """Gate to gate takes as long in winter as in summer, whatever the clocks at both ends say."""
    table = prepare(raw_flights(local(departure), dest=dest, arrival=arrival))
    assert table["sched_block_min"].tolist() == [minutes]


@pytest.mark.parametrize("dest", ["XXX", "EEN"])
def test_a_destination_without_a_time_zone_has_no_block_time(dest):
    """An unknown destination is not given the time of another."""
    table = prepare(raw_flights(local("2013-07-01 08:00"), dest=dest, arrival="0910"))
    assert table["sched_block_min"].isna().all()


def test_the_day_and_minute_are_those_of_new_york():
    """A departure late on a Sunday evening in New York is Sunday's, though it is Monday in UTC."""
    table = prepare(raw_flights(local("2013-07-07 23:45")))
    assert table[["dow", "sched_dep_min", "month"]].values.tolist() == [[6, 1425, 7]]


def test_flights_of_the_same_hour_and_origin_are_counted():
    """Cancelled flights count, other hours and other origins do not."""
    moments = local("2013-07-01 08:00", "2013-07-01 08:59", "2013-07-01 09:00", "2013-07-01 08:30")
    table = prepare(raw_flights(moments, delays=[0, np.nan, 0, 0], origin=["JFK", "JFK", "JFK", "EWR"]))
    assert table["n_sched_hour"].tolist() == [2, 2, 1, 1]


def test_the_hour_that_november_repeats_counts_twice():
    """The two hours from 1 to 2 o'clock on 3 November are two."""
    table = prepare(raw_flights(["2013-11-03 05:10", "2013-11-03 05:40", "2013-11-03 06:10"]))
    assert table["n_sched_hour"].tolist() == [2, 2, 1]


# The weather


@pytest.mark.parametrize(("departure", "hour"), [("08:00", 5), ("08:59", 5), ("09:00", 6), ("02:59", None)])
def test_the_weather_is_that_of_three_hours_before(departure, hour):
    """At 8:00 and at 8:59 it is the record of 5 o'clock; where there is no record it is missing."""
    table = prepare(raw_flights([f"2013-07-01 {departure}"]), hourly("2013-07-01", 24))
    assert table["temp"].tolist() == [hour] if hour is not None else table["temp"].isna().all()


@pytest.mark.parametrize(
    ("departure", "hour"), [("2013-11-03 03:10", 5), ("2013-11-03 04:10", 6), ("2013-11-03 05:10", 7)]
)
def test_the_weather_of_the_repeated_hour_is_told_apart(departure, hour):
    """Three hours before 4:10 on 3 November is the second 1 o'clock, not the first."""
    assert prepare(raw_flights(local(departure)), hourly("2013-11-03", 24))["temp"].tolist() == [hour]


def test_the_weather_of_another_airport_is_not_taken():
    """A flight from an airport without records has no weather."""
    table = prepare(raw_flights(["2013-07-01 08:00"], origin="EWR"), hourly("2013-07-01", 24))
    assert table[features.WEATHER].isna().all(axis=None)


def test_an_impossible_wind_is_missing_and_a_strong_one_is_not():
    """1,048 mph is a fault of the instrument; 60 mph is a storm; the rest of the record stays."""
    wind = [0.0, 0.0, 0.0, 0.0, 0.0, 1048.36, 60.0]
    table = prepare(raw_flights(["2013-07-01 08:00", "2013-07-01 09:00"]), hourly("2013-07-01", 7, wind_speed=wind))
    assert np.isnan(table["wind_speed"].iloc[0]) and table["wind_speed"].iloc[1] == 60.0
    assert table["temp"].tolist() == [5, 6]


# The recent past


def share_of_last_row(minutes_before, delays):
    """Return late_share_3h of a flight, given others of so many minutes before its t*."""
    star = pd.Timestamp("2013-07-01 16:00", tz="UTC")
    moments = [star - pd.Timedelta(minutes=m) for m in minutes_before] + [star + pd.Timedelta(minutes=120)]
    return prepare(raw_flights(moments, [*delays, 0.0]))["late_share_3h"].iloc[-1]


def test_the_recent_share_counts_delayed_and_cancelled_flights():
    """One of five left 16 minutes late, one never left, one left 15 minutes late: two of five."""
    assert share_of_last_row([60, 70, 80, 90, 100], [0, 15, 16, np.nan, -5]) == 0.4


@pytest.mark.parametrize(("minutes", "inside"), [(14, False), (15, True), (194, True), (195, False)])
def test_the_window_ends_15_minutes_before_scoring_and_spans_three_hours(minutes, inside):
    """A delayed flight on the window's border counts on one side and not on the other."""
    share = share_of_last_row([60, 70, 80, 90, 100, minutes], [0, 0, 0, 0, 0, 99])
    assert share == (pytest.approx(1 / 6) if inside else 0)


def test_four_flights_are_too_few_for_a_share():
    """Under five flights the share is missing."""
    assert np.isnan(share_of_last_row([60, 70, 80, 90], [99, 99, 99, 99]))


def test_the_recent_share_is_that_of_the_origin():
    """Five delayed flights at Newark say nothing about Kennedy."""
    moments = ["2013-07-01 12:00"] * 5 + ["2013-07-01 15:00"] * 2
    table = prepare(raw_flights(moments, [99.0] * 5 + [0, 0], origin=["EWR"] * 5 + ["JFK", "EWR"]))
    assert np.isnan(table.loc[6, "late_share_3h"]) and table.loc[7, "late_share_3h"] == 1.0


def test_yesterday_is_the_local_day_before_at_the_same_origin():
    """Two of four flights of yesterday at this origin; not today's, nor those of the day before or elsewhere."""
    moments = local(*["2013-07-01 12:00"] * 2, *["2013-07-02 12:00"] * 4, "2013-07-02 12:00", *["2013-07-03 12:00"] * 2)
    delays = [99, 99, 99, np.nan, 0, 0, 99, 99, 0]
    table = prepare(raw_flights(moments, delays, origin=["JFK"] * 6 + ["EWR"] + ["JFK"] * 2))
    assert table["late_share_prev_day"].iloc[-2:].tolist() == [0.5, 0.5]
    assert table["late_share_prev_day"].iloc[:2].isna().all()


@pytest.mark.parametrize(
    ("departure", "known"),
    [
        ("2013-07-02 02:14", False),
        ("2013-07-02 02:15", True),
        ("2013-03-10 03:14", False),
        ("2013-03-10 03:15", True),
        ("2013-11-03 01:14", False),
        ("2013-11-03 01:15", True),
    ],
)
def test_yesterday_is_known_from_a_quarter_past_midnight(departure, known):
    """Before, its last flights are not settled; on clock-change nights, minutes count and not the clock's hands."""
    day = pd.Timestamp(departure).normalize() - pd.Timedelta("1D")
    moments = [*local(f"{day:%Y-%m-%d} 12:00"), pd.Timestamp(departure).tz_localize(features.NEW_YORK, ambiguous=False)]
    table = prepare(raw_flights(moments, [99.0, 0.0]))
    assert table["late_share_prev_day"].notna().tolist() == [False, known]


def test_a_carriers_week_is_the_seven_days_before():
    """The eighth day back is out, days without flights count nothing, other carriers do not matter."""
    moments = local("2013-07-01 12:00", "2013-07-02 12:00", "2013-07-05 12:00", "2013-07-05 13:00", "2013-07-09 12:00")
    raw = raw_flights(moments, [99, 99, 0, 99, 0], carrier=["B6", "B6", "B6", "UA", "B6"])
    assert prepare(raw)["carrier_late_7d"].iloc[-1] == 0.5


# The whole table


def test_every_flight_is_kept_once(tables, prepared):
    """No row is lost or doubled, and the key identifies a flight."""
    assert len(prepared) == len(tables["flights"])
    assert not prepared.duplicated(features.KEY).any()
    assert list(prepared) == [*features.KEY, "month", "sched_dep", *features.FEATURES[2:], features.LABEL]


def test_the_figures_that_the_course_rests_on(prepared):
    """Labelled flights of the first quarter, flights without a label, and the base rate of April."""
    assert prepared["late"].isna().sum() == 9430
    assert prepared.query("month <= 3")["late"].count() == 77_911
    assert prepared.query("month == 4")["late"].mean() == pytest.approx(0.279, abs=0.0005)


def test_the_year_is_prepared_in_five_seconds_of_computing(tables):
    """Readers who arrive late do not wait: the bound leaves room for a slow machine."""
    started = time.process_time()
    features.prepare(**tables)
    assert time.process_time() - started < 5


def test_the_order_of_the_rows_does_not_matter(tables, prepared):
    """Shuffled rows, doubled index values included, come out the same."""
    shuffled = tables["flights"].sample(frac=1, random_state=0)
    shuffled.index = shuffled.index // 2
    again = features.prepare(shuffled, tables["weather"].sample(frac=1, random_state=0), tables["airports"])
    pd.testing.assert_frame_equal(again, prepared, check_exact=True)


def test_a_part_of_the_table_gives_the_same_features_after_its_first_week(tables, prepared):
    """A month prepared alone equals that month of the year, from its eighth day on."""
    part = features.prepare(tables["flights"].query("month == 5"), tables["weather"], tables["airports"])
    later = [table.query("month == 5 and date >= '2013-05-08'").reset_index(drop=True) for table in (part, prepared)]
    pd.testing.assert_frame_equal(*later, check_exact=True)


def test_an_empty_table_stays_empty(tables, prepared):
    """No flights give no rows, with the same columns and types."""
    empty = features.prepare(tables["flights"].head(0), tables["weather"], tables["airports"])
    assert len(empty) == 0
    pd.testing.assert_series_equal(empty.dtypes, prepared.dtypes)


@pytest.mark.parametrize("backend", ["numpy_nullable", "pyarrow"])
def test_tables_in_pandas_nullable_or_arrows_types_give_the_same(tables, backend):
    """Whoever reads a table with another backend has missing values as `NA`, and neither share nor label changes."""
    part = {**tables, "flights": tables["flights"].iloc[:9000]}
    other = {name: table.convert_dtypes(dtype_backend=backend) for name, table in part.items()}
    assert other["flights"]["dep_delay"].isna().any() and other["flights"]["dep_delay"].dtype.na_value is pd.NA
    pd.testing.assert_frame_equal(features.prepare(**other), features.prepare(**part), check_exact=True)


@pytest.mark.parametrize("narrow", ["int8", "uint8", "int16", "uint16", "uint32", "uint64", "Int8", "UInt16"])
def test_whole_numbers_of_any_width_give_the_same(narrow):
    """Columns that a reader made narrow to save memory do not overflow in sums of minutes, nor below zero."""
    raw = raw_flights(local("2013-03-05 22:50", "2013-03-05 06:05"), dest="LAX", arrival="0110")
    most = pd.api.types.pandas_dtype(narrow)
    most = np.iinfo(getattr(most, "numpy_dtype", most)).max
    fits = {name: narrow for name in raw.select_dtypes("int64") if raw[name].max() <= most}
    assert {"hour", "minute", "day"} <= fits.keys()
    pd.testing.assert_frame_equal(prepare(raw.astype(fits)), prepare(raw))


def test_a_flight_without_its_day_is_told_with_the_column():
    """It cannot be ordered among the others."""
    raw = raw_flights(local("2013-06-13 12:00", "2013-06-13 13:00")).astype({"day": "Int64"})
    with pytest.raises(ValueError, match="the column 'day' of flights is missing in 1 rows: drop them or fill it in"):
        prepare(raw.assign(day=raw["day"].where(raw["flight"] != 2)))


def test_the_raw_tables_are_left_as_they_are(tables):
    """Preparing changes nothing in its arguments."""
    part = {**tables, "flights": tables["flights"].head(1000)}
    before = {name: table.copy() for name, table in part.items()}
    features.prepare(**part)
    for name, table in part.items():
        pd.testing.assert_frame_equal(table, before[name])
