"""Charts of the live server."""
import matplotlib
import pandas as pd

from helpers.live import charts


def test_answers_are_stacked_by_version_and_a_pause_is_seen():
    """Two versions make two areas of answers per second; a moment without an answer is drawn as zero."""
    matplotlib.use("Agg")
    times = [100.0, 100.1, 100.2, 101.0, 101.1]
    answers = pd.DataFrame({"time": times, "version": [1, 1, 2, 2, 2]})
    axes = charts.draw_answers(answers, began=100.0, moved=100.9).axes[0]
    first, both = (area.get_paths()[0].vertices for area in axes.collections)
    assert (first[:, 1].max(), both[:, 1].max()) == (2 / 0.25, 3 / 0.25)
    assert {y for x, y in both if 0.3 < x < 0.9} == {0}
    assert round(axes.lines[0].get_xdata()[0], 1) == 0.9
    words = [text.get_text() for text in axes.get_legend().get_texts()]
    assert words == ["version 1", "version 2", "alias moved"]
    matplotlib.pyplot.close("all")
