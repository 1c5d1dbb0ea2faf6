"""The data are what the model needs, and know nothing of the future."""
import candidate
import evaluate
import pandas as pd

from helpers import features, flights, paths, schemas
from helpers.features import FEATURES

LEAD, SETTLED = 120, 15  # minutes from a forecast to the departure, and from a departure until its delay is known
OUTCOMES = {"dep_time", "dep_delay", "arr_time", "arr_delay", "air_time", "late"}  # known after the departure


def test_the_month_fits_the_schema():
    """Names, types, units and ranges are those of the pandera schema."""
    month = pd.read_parquet(paths.PREPARED / f"{candidate.MONTH}.parquet")
    assert schemas.find_failures(month, schemas.build_prepared()).empty


def test_no_feature_is_an_outcome():
    """What is known only after the departure is no feature."""
    assert not OUTCOMES & set(FEATURES)


def test_no_feature_knows_the_future():
    """A flight has the same features with and without the data that came later."""
    moment = pd.Timestamp("2013-01-08 17:00", tz="UTC")
    raw, weather, airports = (flights.load(name) for name in ("flights", "weather", "airports"))
    raw = raw[(raw["month"] == 1) & (raw["day"] <= 9)]
    departure = features.compute_scheduled_departure(raw)
    unknown = departure + pd.Timedelta(minutes=SETTLED) > moment
    early = raw.assign(dep_delay=raw["dep_delay"].mask(unknown), arr_delay=raw["arr_delay"].mask(unknown))
    complete = weather[weather["time_hour"] + pd.Timedelta(hours=1) <= moment]
    then, later = features.prepare(early, complete, airports), features.prepare(raw, weather, airports)
    scored = later["sched_dep"] - pd.Timedelta(minutes=LEAD) <= moment
    pd.testing.assert_frame_equal(then.loc[scored, FEATURES], later.loc[scored, FEATURES])


def test_the_training_ends_before_the_evaluation(run):
    """Each month that the run has on record as training data is earlier."""
    months = evaluate.list_training_months(run)
    assert months and max(months) < candidate.MONTH
