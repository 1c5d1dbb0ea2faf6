"""Charts of the live server: who answers while the champion changes."""
import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure

_STEP = 0.25  # seconds in a step of the chart


def draw_answers(answers: pd.DataFrame, began: float, moved: float) -> Figure:
    """Return the answers per second, stacked by version, with a line at the moment at which the alias moved.

    Parameters
    ----------
    answers : DataFrame
        A row for each answer: ``time`` in seconds and ``version``.
    began, moved : float
        By the same clock: where the axis has its zero, and when the alias moved.
    """
    step = ((answers["time"] - began) // _STEP).astype(int)
    counts = answers.groupby([step, answers["version"]]).size().unstack(fill_value=0)
    counts = counts.reindex(range(counts.index[0], counts.index[-1] + 2), fill_value=0)  # no answer is shown as 0
    figure, axes = pyplot.subplots()
    labels = [f"version {number}" for number in counts.columns]
    axes.stackplot(_STEP * counts.index.to_numpy(), counts.T.to_numpy() / _STEP, labels=labels, step="post")
    axes.axvline(moved - began, color="black", linestyle=":", label="alias moved")
    axes.set(title="The server keeps answering while the champion changes")
    axes.set(xlabel="second", ylabel="answers per second")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=3)
    return figure
