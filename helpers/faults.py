"""Faults of real pipelines, injected into a month of prepared traffic, for drills.

Each fault takes the prepared table of `helpers.features.prepare` and returns a
changed copy; the columns and their types stay, so nothing raises on the way to
the model. `FAULTS` lists them by name, `drill` draws a few without saying which.
"""
import random
from collections.abc import Callable

import numpy as np
import pandas as pd

from helpers import flights
from helpers.features import KEY, LABEL, WEATHER

_KM_PER_MILE = 1.609344


def celsius(table: pd.DataFrame) -> pd.DataFrame:
    """The weather provider switched from °F to °C, and nobody read the release notes."""
    return table.assign(temp=convert_to_celsius(table["temp"]))


def celsius_at_lga(table: pd.DataFrame) -> pd.DataFrame:
    """One of three weather stations was replaced, and the new one reports °C."""
    return table.assign(temp=table["temp"].mask(table["origin"] == "LGA", convert_to_celsius(table["temp"])))


def wind_stuck_at_zero(table: pd.DataFrame) -> pd.DataFrame:
    """The anemometer froze: every hour reports 0 mph."""
    return table.assign(wind_speed=0.0)


def visibility_stuck_at_ten(table: pd.DataFrame) -> pd.DataFrame:
    """A default of 10 miles, the most frequent true value, fills a field that no longer arrives."""
    return table.assign(visib=10.0)


def recent_delays_stuck_at_zero(table: pd.DataFrame) -> pd.DataFrame:
    """The job that counts the last three hours' delays died, and its output defaults to 0."""
    return table.assign(late_share_3h=0.0)


def carrier_renamed(table: pd.DataFrame) -> pd.DataFrame:
    """ExpressJet files its flights under another code, XE in place of EV."""
    return table.assign(carrier=table["carrier"].replace("EV", "XE"))


def weather_missing_at_jfk(table: pd.DataFrame) -> pd.DataFrame:
    """The link to one weather station is down for the whole month."""
    there = table["origin"] != "JFK"
    return table.assign(**{name: table[name].where(there) for name in WEATHER})


def distance_in_km(table: pd.DataFrame) -> pd.DataFrame:
    """A new source of airport data measures distances in kilometres."""
    return table.assign(distance=(table["distance"] * _KM_PER_MILE).round().astype(table["distance"].dtype))


def schedule_in_utc(table: pd.DataFrame) -> pd.DataFrame:
    """The scheduled minute is in UTC, but the model was trained on New York time."""
    minute = table["sched_dep"].dt.hour * 60 + table["sched_dep"].dt.minute
    return table.assign(sched_dep_min=minute.astype(table["sched_dep_min"].dtype))


def day_of_week_off_by_one(table: pd.DataFrame) -> pd.DataFrame:
    """The program was written anew in another language, which counts the days of the week from Sunday."""
    return table.assign(dow=(table["dow"] + 1) % 7)


def rows_duplicated(table: pd.DataFrame) -> pd.DataFrame:
    """A retried upload delivers a fifth of the flights twice."""
    return pd.concat([table, table.sample(frac=0.2, random_state=0)], ignore_index=True)


def label_redefined(table: pd.DataFrame) -> pd.DataFrame:
    """The team that owns the label now calls any arrival after the scheduled minute late.

    The delay in minutes comes from the raw flights, found by `KEY`.
    """
    raw = flights.load("flights")
    raw["date"] = pd.to_datetime(raw[["year", "month", "day"]])
    delay = table[KEY].merge(raw[[*KEY, "arr_delay"]], how="left", on=KEY)["arr_delay"]
    return table.assign(**{LABEL: (delay > 0).astype(float).where(delay.notna()).to_numpy()})


def late_labels_outstanding(table: pd.DataFrame) -> pd.DataFrame:
    """Four in ten late arrivals have not been reported yet when the month is evaluated."""
    waiting = np.random.default_rng(0).random(len(table)) < 0.4
    return table.assign(**{LABEL: table[LABEL].mask(waiting & (table[LABEL] == 1))})


FAULTS: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    fault.__name__: fault
    for fault in (
        celsius, celsius_at_lga, wind_stuck_at_zero, visibility_stuck_at_ten, recent_delays_stuck_at_zero,
        carrier_renamed, weather_missing_at_jfk, distance_in_km, schedule_in_utc, day_of_week_off_by_one,
        rows_duplicated, label_redefined, late_labels_outstanding,
    )
}


def drill(table: pd.DataFrame, seed: int, letters: str = "ABC") -> dict[str, pd.DataFrame]:
    """Return the table under one fault a letter; which one it is, `draw` says for the same seed."""
    return {letter: FAULTS[name](table) for letter, name in draw(seed, letters).items()}


def draw(seed: int, letters: str = "ABC") -> dict[str, str]:
    """Return the name of the fault behind each letter of a drill."""
    chance = random.Random(seed)  # its random() repeats on every version of Python, its shuffle() need not
    order = sorted(FAULTS, key=lambda name: chance.random())
    return dict(zip(letters, order))


def convert_to_celsius(fahrenheit: pd.Series) -> pd.Series:
    """Return temperatures in °C from °F."""
    return (fahrenheit - 32) / 1.8
