"""The chart of runs per second."""
import pandas as pd
from matplotlib import pyplot

from helpers.stores import charts


def test_each_architecture_is_a_line_over_the_clients():
    """Columns of other measures are left out."""
    rows = {"runs_a_second_1_clients": [2.0, 1.0], "runs_a_second_16_clients": [3.0, 9.0], "start_seconds": [0.0, 5.0]}
    axes = charts.draw_rates(pd.DataFrame(rows, index=["a file", "a server"])).axes[0]
    assert [list(line.get_ydata()) for line in axes.lines] == [[2.0, 3.0], [1.0, 9.0]]
    assert list(axes.lines[0].get_xdata()) == [1, 16]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["a file", "a server"]
    assert axes.get_xlabel() and axes.get_ylabel()
    pyplot.close("all")
