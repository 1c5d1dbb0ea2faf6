"""Short remarks on flights, written by rule: text to classify, of which the right answer is known.

Airlines and airports have their real names, the condition comes from the flight's record,
and the wording is drawn from a few sentences. So a classifier can learn them all: it shows
how text travels, not how well a library reads.
"""
import numpy as np
import pandas as pd

from helpers import flights

DESKS = ["routine", "traffic", "weather"]  # who a remark is for
WORDINGS = {
    "routine": ["no rain, no queue", "clear sky, light wind", "on schedule, gate free", "nothing to report"],
    "traffic": [
        "heavy traffic, long queue for the runway",
        "ground stop, flow control",
        "late arrivals fill the gates",
        "no gate free",
    ],
    "weather": [
        "heavy rain on the field",
        "low clouds, poor visibility",
        "strong crosswind on the runway",
        "rain and spray, long braking distance",
    ],
}
UNSEEN = {  # wordings that training never shows
    "routine": ["all quiet, doors closed", "fine day, no delays", "calm and sunny"],
    "traffic": ["slots put back by control", "congestion, forty minutes of taxiing", "aircraft still inbound"],
    "weather": ["thunderstorm over the airport", "snow, ploughs at work", "fog, less than a mile"],
}


def choose_desks(table: pd.DataFrame) -> pd.Series:
    """Return the desk that each flight of a prepared table is a matter for: of the weather first, then of traffic."""
    weather = (table["precip"] > 0) | (table["visib"] < 5) | (table["wind_speed"] > 22)
    traffic = (table["late_share_3h"] > 0.3) | (table["n_sched_hour"] > 32)
    return pd.Series(np.select([weather, traffic], ["weather", "traffic"], "routine"), table.index)


def write(table: pd.DataFrame, wordings: dict[str, list[str]] = WORDINGS, seed: int = 0) -> pd.DataFrame:
    """Return a remark on each flight of a prepared table, and the desk that it is for.

    Parameters
    ----------
    table : DataFrame
        Its columns `carrier` and `dest` name the flight, the weather and the counts decide the desk.
    wordings : dict of str to list of str
        Sentences for each desk, of which one is drawn for each flight.
    seed : int
        Seed of the draw.

    Returns
    -------
    DataFrame
        Columns ``text`` and ``desk``.
    """
    random, desk = np.random.default_rng(seed), choose_desks(table)
    airlines = flights.load("airlines").set_index("carrier")["name"]
    airports = flights.load("airports").set_index("faa")["name"]
    who = table["carrier"].map(airlines).fillna(table["carrier"])
    where = table["dest"].map(airports).fillna(table["dest"])
    said = [random.choice(wordings[name]) for name in desk]
    return pd.DataFrame({"text": who + " to " + where + ": " + said, "desk": desk})
