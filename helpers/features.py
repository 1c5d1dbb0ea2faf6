"""From raw flights to the prepared table: nothing known later than two hours before departure.

``t*`` is the moment of scoring, two hours before the scheduled departure. A
flight counts as *held up* when it left more than 15 minutes late or not at all;
15 minutes after its scheduled departure that is known for good, whatever follows.
"""
import numpy as np
import pandas as pd

CATEGORIES = ["carrier", "origin", "dest"]
_SCHEDULE = ["dow", "sched_dep_min", "sched_block_min", "distance", "n_sched_hour"]
WEATHER = ["temp", "humid", "wind_speed", "precip", "pressure", "visib"]
RECENT = ["late_share_3h", "late_share_prev_day", "carrier_late_7d"]
FEATURES = CATEGORIES + _SCHEDULE + WEATHER + RECENT
LABEL = "late"
KEY = ["date", "carrier", "flight", "origin"]

LEAD = 120  # minutes from t* to the scheduled departure
SETTLED = 15  # minutes after its scheduled departure at which a flight is held up or not
_LATE = 15  # minutes of arrival delay that the industry still calls on time
STRONGEST_WIND = 200  # mph; a record above it is an instrument's fault, not weather
NEW_YORK = "America/New_York"
ATLANTIC = dict.fromkeys(["BQN", "PSE", "SJU", "STT"], "America/Puerto_Rico")  # airports that `airports` lacks


def prepare(flights: pd.DataFrame, weather: pd.DataFrame, airports: pd.DataFrame) -> pd.DataFrame:
    """Return one row per scheduled flight, with its key, features and label.

    Parameters
    ----------
    flights, weather, airports : DataFrame
        Raw tables as `helpers.flights.load` returns them, also in pandas' nullable or Arrow's types.

    Returns
    -------
    DataFrame
        As many rows as `flights`, ordered by scheduled departure. `KEY` identifies a
        flight, `sched_dep` is its scheduled departure (UTC), `FEATURES` are known at
        ``t*``, and `late` is 1.0 when it arrived more than 15 minutes late, 0.0 when
        not, missing when it was cancelled or diverted. The shares and `n_sched_hour` count
        the flights in `flights`: give it every flight of the seven days before.

    Raises
    ------
    ValueError
        Where the day or the hour of a flight is missing.
    """
    flights, weather, airports = map(_make_plain, (flights.reset_index(drop=True), weather, airports))
    for name in ("year", "month", "day", "time_hour"):
        if lacking := int(flights[name].isna().sum()):
            raise ValueError(f"the column {name!r} of flights is missing in {lacking} rows: drop them or fill it in")
    table = flights.assign(
        date=pd.to_datetime(flights[["year", "month", "day"]]),
        sched_dep=compute_scheduled_departure(flights),
        dow=lambda f: f["date"].dt.day_of_week.astype("int64"),
        sched_dep_min=flights["hour"] * 60 + flights["minute"],
        late=label(flights["arr_delay"]),
    )
    table["sched_block_min"] = _compute_block_minutes(table, airports)
    table["n_sched_hour"] = table.groupby(["origin", "time_hour"])["flight"].transform("size")
    table = table.sort_values(["sched_dep", *KEY[1:]], kind="stable", ignore_index=True)
    table[WEATHER] = join_weather(table, weather)
    held_up = was_held_up(table["dep_delay"])
    table["late_share_3h"] = compute_share_in_window(table, held_up)
    table["late_share_prev_day"] = _compute_share_of_days(table, held_up, "origin", days=1)
    table["carrier_late_7d"] = _compute_share_of_days(table, held_up, "carrier", days=7)
    return table[[*KEY, "month", "sched_dep", *[f for f in FEATURES if f not in KEY], LABEL]]


def _make_plain(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table without columns of types in which what is missing is ``NA``, which is neither late nor not.

    Whole numbers are 64 bits wide and signed: in narrower types sums of minutes would overflow without a word.
    """
    nullable = {str(name): one for name, one in table.items() if getattr(one.dtype, "na_value", 0) is pd.NA}
    table = table.assign(**{name: one.array.__arrow_array__().to_pandas().array for name, one in nullable.items()})
    return table.astype({name: "int64" for name, dtype in table.dtypes.items() if dtype.kind in "iu"})


def label(arr_delay: pd.Series) -> pd.Series:
    """Return 1.0 for an arrival more than 15 minutes late, 0.0 for one on time, NaN without arrival."""
    return (arr_delay > _LATE).astype(float).where(arr_delay.notna())


def was_held_up(dep_delay: pd.Series) -> pd.Series:
    """Return True where a flight left more than 15 minutes late or never left."""
    return ~(dep_delay <= SETTLED)


def compute_scheduled_departure(flights: pd.DataFrame) -> pd.Series:
    """Return the scheduled departure as UTC: the hour is given in UTC, the minute is the same everywhere."""
    return flights["time_hour"] + pd.to_timedelta(flights["minute"], unit="min")


def _compute_block_minutes(table: pd.DataFrame, airports: pd.DataFrame) -> pd.Series:
    """Return the scheduled minutes from gate to gate, corrected for time zones.

    Clock times are local: an arrival in Los Angeles is three hours early on a New York
    watch. Both clocks are read at the scheduled departure. Missing where nobody knows the
    destination's time zone.
    """
    zones = table["dest"].map(airports.set_index("faa")["tzone"].to_dict() | ATLANTIC)
    here = pd.Series(NEW_YORK, index=table.index)
    shift = _compute_utc_offset(table["sched_dep"], zones) - _compute_utc_offset(table["sched_dep"], here)
    arrival = table["sched_arr_time"] // 100 * 60 + table["sched_arr_time"] % 100
    return (arrival - table["sched_dep_min"] - shift) % 1440


def _compute_utc_offset(moments: pd.Series, zones: pd.Series) -> pd.Series:
    """Return the minutes that the local clock of each zone is ahead of UTC at each moment."""
    offset = pd.Series(np.nan, index=moments.index)
    for zone, rows in moments.groupby(zones):
        local = rows.dt.tz_convert(zone).dt.tz_localize(None)
        offset.loc[rows.index] = (local - rows.dt.tz_localize(None)).dt.total_seconds() / 60
    return offset


def join_weather(table: pd.DataFrame, weather: pd.DataFrame) -> pd.DataFrame:
    """Return the weather at the origin three hours before the scheduled hour, joined on UTC.

    The record of an hour is complete when the hour is over: three hours before the hour
    of departure is the last one that is complete at ``t*`` for every minute of departure.
    An impossible wind counts as missing.
    """
    hour = (table["sched_dep"].dt.floor("h") - pd.Timedelta(hours=3)).rename("time_hour")
    keys = pd.concat([table["origin"], hour], axis=1)
    records = weather.drop_duplicates(["origin", "time_hour"])[["origin", "time_hour", *WEATHER]]
    records["wind_speed"] = records["wind_speed"].where(records["wind_speed"] <= STRONGEST_WIND)
    return keys.merge(records, how="left", on=["origin", "time_hour"])[WEATHER].set_index(table.index)


def compute_share_in_window(table: pd.DataFrame, held_up: pd.Series, least: int = 5) -> pd.Series:
    """Return the share of the origin's flights, scheduled from t*-195 to t*-15 minutes, that were held up.

    The window is half open, (t*-195, t*-15]; with fewer than `least` flights in it the
    share is missing. `table` is ordered by `sched_dep`.
    """
    share = pd.Series(np.nan, index=table.index)
    minute = (table["sched_dep"] - pd.Timestamp(0, tz="UTC")).dt.total_seconds().to_numpy() / 60
    for rows in table.groupby("origin").indices.values():
        scheduled = minute[rows]
        total = np.concatenate([[0], np.cumsum(held_up.to_numpy()[rows])])
        last = np.searchsorted(scheduled, scheduled - LEAD - SETTLED, side="right")
        first = np.searchsorted(scheduled, scheduled - LEAD - SETTLED - 180, side="right")
        count = last - first
        share.iloc[rows] = np.where(count >= least, (total[last] - total[first]) / np.maximum(count, 1), np.nan)
    return share


def _compute_share_of_days(table: pd.DataFrame, held_up: pd.Series, by: str, days: int) -> pd.Series:
    """Return the share of held-up flights with the same `by` over the `days` local days before.

    Missing where there were none, and where ``t*`` is less than 15 minutes after midnight,
    when the last flights of the day before are not settled yet.
    """
    daily = held_up.groupby([table["date"], table[by]])
    held, scheduled = (sum_past_days(daily.agg(how).unstack(fill_value=0), days) for how in ("sum", "size"))
    share = (held / scheduled.where(scheduled > 0)).stack().rename("share")
    joined = table[["date", by]].join(share, on=["date", by])["share"]
    since_midnight = table["sched_dep"] - table["date"].dt.tz_localize(NEW_YORK)
    return joined.where(since_midnight >= pd.Timedelta(minutes=LEAD + SETTLED))


def sum_past_days(daily: pd.DataFrame, days: int) -> pd.DataFrame:
    """Return each day's sum over the `days` days before it; a day without a row counts zero."""
    return daily.asfreq("D", fill_value=0).rolling(days, min_periods=1).sum().shift(1)
