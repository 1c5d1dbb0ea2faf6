"""The chart of runs on several platforms."""
from matplotlib import pyplot

from helpers.platforms import charts


def test_mlflow_is_a_line_and_the_others_are_marks_on_it():
    """A colour for each run, a mark for each platform, and a legend of both."""
    points = {"one": [(10, 0.25, 1), (20, 0.2, 2)], "two": [(10, 0.3, 1), (20, 0.1, 2)]}
    curves = {(platform, name): points[name] for platform in ("Neptune", "MLflow") for name in points}
    axes = charts.draw_curves(curves, "Brier score").axes[0]
    drawn = [(line.get_linestyle(), line.get_marker(), line.get_color()) for line in axes.lines[:4]]
    assert drawn == [("None", "o", "C0"), ("None", "o", "C1"), ("-", "None", "C0"), ("-", "None", "C1")]
    assert [list(line.get_ydata()) for line in axes.lines[:2]] == [[0.25, 0.2], [0.3, 0.1]]
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels == ["one", "two", "MLflow", "Neptune"] and axes.get_ylabel() == "Brier score"
    assert "2 platforms" in (axes.get_title(loc="left") or axes.get_title())
    pyplot.close("all")
