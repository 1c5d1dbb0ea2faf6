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


def test_estimates_stand_beside_what_came():
    """Dots are what came, crosses what was expected."""
    expected = pd.Series([0.74, 0.77], index=MONTHS, name="AUC")
    axes = charts.draw_estimates(expected, intervals_of([0.7, 0.7]), "t").axes[0]
    _, dots, crosses = axes.collections
    assert [y for _, y in dots.get_offsets()] == [0.7, 0.7] and [y for _, y in crosses.get_offsets()] == [0.74, 0.77]
    assert axes.get_ylabel() == "AUC"


def test_the_matrix_leaves_silent_checks_empty():
    """Zero alarms are no number, and each fault's name carries its AUC."""
    caught = pd.DataFrame({"psi": [0, 10], "ks": [1, 0]}, index=["clean", "celsius"])
    axes = charts.draw_fault_matrix(caught, pd.Series([0.686, 0.69], index=caught.index), "t").axes[0]
    assert [text.get_text() for text in axes.texts] == ["", "1", "10", ""]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["clean  (0.686)", "celsius  (0.690)"]
