"""Charts of notebook 08."""
import matplotlib
import pandas as pd
import pytest

from helpers.drift import charts
from helpers.monitoring import Estimate

MONTHS = ["Apr", "May"]


@pytest.fixture(autouse=True)
def no_window():
    """Draw without a screen, and close every figure."""
    matplotlib.use("Agg")
    yield
    matplotlib.pyplot.close("all")


def intervals_of(values: list[float]) -> pd.DataFrame:
    """Return values with intervals around them."""
    low, high = [v - 0.1 for v in values], [v + 0.1 for v in values]
    return pd.DataFrame({"value": values, "low": low, "high": high}, index=MONTHS)


def test_bars_show_the_shares_and_steps_the_samples():
    """Each bar is a share, each curve ends at one, and the line stands where the gap is."""
    shares = pd.DataFrame({"winter": [0.5, 0.5], "April": [0.2, 0.8]}, index=["≤ 40", "> 40"])
    samples = {"winter": pd.Series([30.0, 50.0]), "April": pd.Series([35.0, 60.0])}
    left, right = charts.draw_shares_and_steps(shares, samples, where=40, unit="°F").axes
    assert [bar.get_height() for bar in left.patches] == [0.5, 0.5, 0.2, 0.8]
    assert [line.get_ydata()[-1] for line in right.lines] == [1, 1, 1] and list(right.lines[2].get_xdata()) == [40, 40]


def test_the_heat_map_starts_with_the_feature_that_moved_most():
    """Rows are ordered by their largest PSI, whatever their order in the table."""
    by_month = pd.DataFrame({"Apr": [0.1, 3.0], "May": [0.2, 7.0]}, index=["dow", "temp"])
    axes = charts.draw_psi_heat_map(by_month, "t").axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["temp", "dow"]
    assert [text.get_text() for text in axes.texts] == ["3.00", "7.00", "0.10", "0.20"]


def test_alarms_of_the_gap_are_orange():
    """A month with an alarm has another colour than one without, in the gap's panel and in the AUC's."""
    gaps = intervals_of([-0.2, 0.0]).assign(alarm=[True, False])
    largest, march = pd.Series([3.0, 7.0], index=MONTHS), Estimate(0.73, 0.69, 0.77)
    axes = charts.draw_three_alarms(largest, gaps, intervals_of([0.7, 0.75]), march).axes
    assert [bar.get_height() for bar in axes[0].patches] == [3, 7]
    for panel in axes[1:]:
        first, second = panel.collections[-1].get_facecolors()
        assert tuple(first) != tuple(second)
    assert [y for _, y in axes[1].collections[-1].get_offsets()] == [-0.2, 0.0]
    assert [panel.get_title(loc="left") or panel.get_title() for panel in axes] == [
        "The largest PSI is above .25 (dotted) in 2 of 2 months",
        "The calibration gap raises an alarm in 1 of 2 months",
        "The interval of the AUC overlaps March's (grey band) in 2 of 2 months",
    ]
    words = [text.get_text() for text in axes[0].figure.legends[0].get_texts()]
    assert words == ["the calibration gap raises an alarm", "no alarm of the gap"]


def test_each_month_has_a_panel_with_its_bands():
    """A dot is a band's gap, orange where the band raises an alarm."""
    bands = intervals_of([0.02, -0.2]).assign(alarm=[False, True])
    axes = charts.draw_gaps_by_band({"May": bands, "Jun": bands * 1}, "t").axes
    assert [panel.get_title(loc="left") or panel.get_title() for panel in axes[:2]] == ["May", "Jun"]
    dots = axes[0].collections[-1]
    assert [y for _, y in dots.get_offsets()] == [0.02, -0.2] and len({tuple(c) for c in dots.get_facecolors()}) == 2


def test_estimates_stand_beside_what_came():
    """Dots are what came, crosses what was expected."""
    expected = pd.Series([0.74, 0.77], index=MONTHS, name="AUC")
    axes = charts.draw_estimates(expected, intervals_of([0.7, 0.7]), "t").axes[0]
    _, dots, crosses = axes.collections
    assert [y for _, y in dots.get_offsets()] == [0.7, 0.7] and [y for _, y in crosses.get_offsets()] == [0.74, 0.77]
    assert axes.get_ylabel() == "AUC"


def alarms(*pairs: tuple[str, str]) -> pd.Series:
    """Return alarms by part and check, as the notebook has them."""
    return pd.Series(1.0, pd.MultiIndex.from_tuples(pairs, names=["part", "check"]))


def test_the_matrix_tells_a_faults_alarms_from_those_of_the_clean_month():
    """A number counts what the fault adds, in blue; what the clean month raises too is grey; silence is empty."""
    wind, temp = ("wind_speed", "ks"), ("temp", "ks")
    raised = {"clean": alarms(wind), "dow": alarms(wind), "celsius": alarms(wind, temp, ("temp", "psi"))}
    further = {name: found.drop([wind]) for name, found in raised.items()}
    auc, checks = {"clean": 0.686, "dow": 0.68, "celsius": 0.69}, {"data quality": ["stuck"], "drift": ["psi", "ks"]}
    axes = charts.draw_fault_matrix(raised, further, auc, checks, "t").axes[0]
    shown = [text.get_text() for text in axes.texts]
    assert shown == ["", "", "1", "", "", "1", "", "1", "1", "data quality", "drift"]
    assert axes.collections[0].get_array().ravel().tolist() == [0, 0, 0.5, 0, 0, 0.5, 0, 1, 1]
    assert [label.get_text() for label in axes.get_yticklabels()][1:] == ["dow  (AUC 0.680)", "celsius  (AUC 0.690)"]
