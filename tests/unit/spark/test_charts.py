"""Charts of notebook 14: they show what was measured, and say in what unit."""
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot

from helpers.processes import Use
from helpers.spark import charts


@pytest.fixture(autouse=True)
def close():
    """Close what a test drew."""
    yield
    pyplot.close("all")


def points(line) -> list[tuple[float, float]]:
    """Return the points of a line, rounded."""
    return [(round(float(x), 6), round(float(y), 6)) for x, y in zip(line.get_xdata(), line.get_ydata())]


def words(axis) -> tuple[str, str, str]:
    """Return an axis' title, wherever the style puts it, and its labels."""
    return axis.get_title(loc="left") or axis.get_title(), axis.get_xlabel(), axis.get_ylabel()


def test_the_ladder_shows_what_each_size_took_and_a_cross_where_it_was_killed():
    """Two sizes are points of the line; the killed third is a cross, in the memory's panel at the limit."""
    uses = {"pandas": [Use(1, 5e8), Use(3, 15e8), Use(4, 21e8, True)], "DuckDB": [Use(1, 1e8)] * 3}
    time, memory = charts.draw_ladder([1_000_000, 3_000_000, 9_000_000], uses, 2e9).axes
    assert points(time.lines[0]) == [(1, 1), (3, 3)] and points(memory.lines[0]) == [(1, 0.5), (3, 1.5)]
    assert points(time.lines[1]) == [(9, 4)] and points(memory.lines[1]) == [(9, 2)]
    assert [line.get_marker() for line in time.lines] == ["o", "x", "o", "x"]
    assert len(points(time.lines[2])) == 3 and points(time.lines[3]) == []
    assert points(memory.lines[-1])[0][1] == 2
    assert [text.get_text() for text in time.get_legend().get_texts()] == ["pandas", "DuckDB"]
    assert words(time)[1:] == ("million flights", "seconds") and words(memory)[1:] == ("million flights", "GB")
    assert all(words(axis)[0] for axis in (time, memory))


def test_rates_are_medians_with_a_point_for_each_run_beside_the_model_alone():
    """The first setting is on top, in thousands of flights per second; its bar ends at the middle run."""
    runs = {"batches of 300": [10_000.0, 20_000.0, 90_000.0], "2 partitions": [50_000.0] * 3}
    axis = charts.draw_rates(runs, 80_000.0).axes[0]
    assert [bar.get_width() for bar in axis.patches] == [20, 50] and axis.yaxis_inverted()
    assert [tick.get_text() for tick in axis.get_yticklabels()] == ["batches of 300", "2 partitions"]
    assert points(axis.lines[0]) == [(10, 0), (20, 0), (90, 0)] and points(axis.lines[1]) == [(50, 1)] * 3
    assert points(axis.lines[2])[0][0] == 80 and words(axis)[1] == "thousand flights per second" and words(axis)[0]


def test_psi_pairs_the_figures_by_feature():
    """Whatever the order of the two tables, a bar and its point are of the same feature."""
    one, other = pd.Series({"temp": 3.0, "hour": 1.0}), pd.Series({"hour": 1.0, "temp": 3.0})
    axis = charts.draw_psi(one, other).axes[0]
    assert [bar.get_width() for bar in axis.patches] == [1, 3] == list(axis.lines[0].get_xdata())
    assert [tick.get_text() for tick in axis.get_yticklabels()] == ["hour", "temp"] == list(axis.lines[0].get_ydata())
    assert words(axis)[1] == "population stability index" and words(axis)[0]


def test_cost_follows_the_largest_pair_to_ten_billion_and_says_one_digit():
    """A core-second for a thousand flights is 28 core-hours for a hundred million; other pairs make the band."""
    flights = np.array([1e6, 3e6, 1e7])
    axis = charts.draw_cost(flights, flights / 1000, np.array([8e-4, 1e-3]), 0.05).axes[0]
    line, measured = points(axis.lines[0]), points(axis.lines[1])
    assert line[-1] == (1e10, round(1e7 / 3600, 6)) and measured[0] == (1e6, round(1000 / 3600, 6))
    assert [text.get_text() for text in axis.texts] == [
        "100 million:\nabout 30 core-hours,\n1 dollars",
        "10 billion:\nabout 3,000 core-hours,\n100 dollars",
    ]
    edge = axis.collections[0].get_paths()[0].vertices
    top, bottom = (edge[np.isclose(edge[:, 0], 1e10)][:, 1].max(), edge[np.isclose(edge[:, 0], 1e10)][:, 1].min())
    assert (bottom, top) == pytest.approx((8e6 / 3600, 1e7 / 3600))
    assert words(axis) == ("Core-hours, drawn on far beyond what was measured", "flights", "core-hours")
