"""Remarks are written by their rule, the same every time, and keep apart what training shows and what it does not."""
import pandas as pd
import pytest

from helpers import flights, texts


@pytest.fixture
def table() -> pd.DataFrame:
    """Return five flights: rain, wind, a full hour, a day of delays, and nothing of note."""
    return pd.DataFrame({
        "carrier": ["B6", "AA", "DL", "UA", "EV"],
        "dest": ["BOS", "MIA", "ATL", "SJU", "BUF"],
        "precip": [0.1, 0, 0, 0, 0],
        "visib": [10.0] * 5,
        "wind_speed": [5, 30, 5, 5, 5],
        "n_sched_hour": [40, 20, 40, 20, 20],
        "late_share_3h": [0.5, 0.1, None, 0.4, None],
    })


def test_the_weather_counts_before_the_traffic(table):
    """Rain at a full hour is a matter for the weather desk; what is missing is no reason."""
    assert texts.choose_desks(table).tolist() == ["weather", "weather", "traffic", "traffic", "routine"]


def test_a_remark_names_airline_airport_and_condition(table):
    """Names are those of the tables, or the code where the table has none; the wording is one of the desk's."""
    written = texts.write(table)
    assert written["text"][0].startswith("JetBlue Airways to General Edward Lawrence Logan Intl: ")
    assert "SJU" not in set(flights.load("airports")["faa"]) and " to SJU: " in written["text"][3]
    for text, desk in zip(written["text"], written["desk"]):
        assert text.split(": ", 1)[1] in texts.WORDINGS[desk]


def test_a_seed_repeats(table):
    """The same seed writes the same remarks, another one others."""
    many = pd.concat([table] * 20, ignore_index=True)
    assert texts.write(many).equals(texts.write(many))
    assert not texts.write(many).equals(texts.write(many, seed=1))


def test_strange_wordings_are_never_shown_in_training():
    """No sentence is in both sets, and each desk has some in either."""
    known, strange = (set(sum(wordings.values(), [])) for wordings in (texts.WORDINGS, texts.UNSEEN))
    assert known and strange and not known & strange
    assert set(texts.WORDINGS) == set(texts.UNSEEN) == set(texts.DESKS)
