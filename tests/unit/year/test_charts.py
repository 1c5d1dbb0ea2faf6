"""Charts of notebook 11."""
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot

from helpers import plots
from helpers.year import charts
from helpers.year.drills import Episode
from helpers.year.policies import Decision

DAYS = pd.date_range("2013-04-01", "2013-12-31")
WEEK = {"late": 0.2, "forecast": 0.25, "gap": 0.05, "low": 0.01, "high": 0.09, "psi": 3.0, "version": 1,
        "shadow": 2}
NOTHING = {"late": np.nan, "forecast": np.nan, "gap": np.nan, "low": -np.inf, "high": np.inf, "psi": 2.0,
           "version": 2, "shadow": None}


@pytest.fixture(autouse=True)
def close():
    """Close what a test drew."""
    yield
    pyplot.close("all")


def test_the_dashboard_shows_weeks_and_decisions():
    """The gap is drawn where there is one, decisions are lines in every panel, and the words say both."""
    records = [{"day": DAYS[21], **WEEK}, {"day": DAYS[28], **NOTHING}]
    decisions = {DAYS[28]: Decision(1, -1, True, True), DAYS[56]: Decision(2, 1, True, False)}
    figure, words = charts.draw_dashboard(records, decisions, DAYS)
    assert list(figure.axes[1].lines[0].get_ydata())[0] == 0.05 and len(figure.axes) == 4
    assert [text.get_text() for text in figure.axes[1].texts] == ["new version:\nflights too recent"]
    champion, shadow = figure.axes[3].collections[:2]
    assert [path[0, 1] for path in champion.get_segments()] == [1, 2] and shadow.get_segments()[0][0, 1] == 2
    assert [text.get_text() for text in figure.legends[0].texts] == ["check: promoted", "check: refused"]
    assert words == ("Dashboard to 29 Apr: gap +0.050 to +0.050, largest PSI 2.0 to 3.0. "
                     "Checks: 29 Apr promoted, 27 May refused.")


def test_a_dashboard_is_replaced_in_place(monkeypatch):
    """The first figure is displayed, each later one updates it; the text for readers without pictures never changes."""
    shown = []

    class Handle:
        def update(self, content, **options):
            shown.append(("update", content["text/plain"]))

    def display(content, **options):
        shown.append(("display", content["text/plain"]))
        return Handle()

    monkeypatch.setattr("IPython.display.display", display)
    board = plots.Redrawn("the year")
    for _ in range(3):
        board.draw(pyplot.figure(), "alt")
    assert shown == [("display", "the year"), ("update", "the year"), ("update", "the year")]
    assert pyplot.get_fignums() == []


def test_costs_have_a_row_for_each_policy():
    """The three panels show the same policies, the first on top, and the words give each one's figures."""
    index = ["never", "always"]
    ours, low, high = (
        pd.DataFrame({"brier": [0.0, gain], "refits": [0, 9], "wrong": [0, wrong]}, index)
        for gain, wrong in ((-0.002, 4), (-0.003, 2), (-0.001, 7))
    )
    figure, words = charts.draw_costs(ours, low, high, "title")
    assert len(figure.axes) == 3 and figure.axes[0].yaxis_inverted()
    assert figure.axes[2].collections[0].get_segments()[1][:, 0].tolist() == [2, 7]
    assert words.endswith("always -0.0020 (-0.0030 to -0.0010), 9 refits (9 to 9), 4 wrong alarms (2 to 7)")


def test_a_drill_tells_false_alarms_apart():
    """Alarms on a fault's days and off them are two groups of marks, and the words count both."""
    faults = [Episode("celsius", DAYS[10], DAYS[12]), Episode("unit", DAYS[30], DAYS[33])]
    figure, words = charts.draw_drill([DAYS[11], DAYS[12], DAYS[20], DAYS[21], DAYS[22]], faults, "title")
    assert [len(marks.get_offsets()) for marks in figure.axes[0].collections] == [2, 3]
    assert words == ("The days of 2 faults from 11 Apr to 04 May, with the alarms in a row above: 1 have one; "
                     "alarms on other days: 3.")
