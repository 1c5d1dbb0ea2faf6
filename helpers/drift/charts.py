"""Charts of notebook 08: each takes tables that the notebook computed, and returns a figure."""
import pandas as pd
import seaborn
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.monitoring import Estimate

_MONTH = "month of 2013"


def draw_shares_and_steps(shares: pd.DataFrame, samples: dict[str, pd.Series], where: float, unit: str) -> Figure:
    """Return the shares of each cell beside the cumulative shares, with their largest gap marked.

    Parameters
    ----------
    shares : DataFrame
        A row for each cell, a column for each sample.
    samples : dict of str to Series
        The samples themselves, by the same names.
    where : float
        Where their cumulative shares lie furthest apart.
    unit : str
        What the samples measure, for the axes.
    """
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(11, 4))
    shares.plot.bar(ax=left, width=0.8, xlabel=f"cell, {unit}", ylabel="share of flights")
    left.set_title("PSI compares shares cell by cell")
    for name, sample in samples.items():
        seaborn.ecdfplot(sample, ax=right, label=name)
    right.axvline(where, color="black", linestyle=":", label="largest gap")
    right.set(title="KS finds the largest gap", xlabel=unit, ylabel="cumulative share of flights")
    right.legend(loc="lower right")
    figure.tight_layout()
    return figure


def draw_psi_heat_map(by_month: pd.DataFrame, title: str) -> Figure:
    """Return a heat map of the PSI of features (rows, the largest first) in months (columns)."""
    figure, axes = pyplot.subplots(figsize=(9, 6.5))
    order = by_month.max(axis=1).sort_values(ascending=False, kind="stable").index
    look = {"cmap": "rocket_r", "annot": True, "fmt": ".2f", "annot_kws": {"size": 10}}
    seaborn.heatmap(by_month.loc[order], vmax=1, ax=axes, **look)
    axes.set(title=title, xlabel=_MONTH, ylabel="")
    axes.collections[0].colorbar.set_label("PSI (1 and more: darkest)")
    return figure


def draw_three_alarms(largest: pd.Series, gaps: pd.DataFrame, aucs: pd.DataFrame, before: Estimate) -> Figure:
    """Return largest PSI, calibration gap and AUC month by month; the gap's alarms are orange.

    Parameters
    ----------
    largest : Series
        Largest PSI of each month.
    gaps, aucs : DataFrame
        Columns value, low and high for each month; `gaps` also ``alarm``.
    before : Estimate
        The AUC of the month before production, drawn as a grey band.
    """
    figure, axes = pyplot.subplots(3, sharex=True, figsize=(9, 8))
    colors = ["C3" if alarm else "C0" for alarm in gaps["alarm"]]
    axes[0].bar(largest.index, largest, color="C7")
    axes[0].axhline(0.25, color="black", linestyle=":")
    axes[0].set(title="The drift alarm (above .25, dotted) is on in every month", ylabel="largest PSI")
    _draw_intervals(axes[1], gaps, colors)
    axes[1].axhline(0, color="black", linestyle=":")
    axes[1].set(title="The gap's alarm (orange) is not", ylabel="mean prediction\n- observed rate")
    _draw_intervals(axes[2], aucs, colors)
    axes[2].axhspan(before.low, before.high, color="C7", alpha=0.3)
    axes[2].set(title="No AUC is clear of March's, before production (grey)", ylabel="AUC", xlabel=_MONTH)
    figure.tight_layout()
    return figure


def draw_estimates(expected: pd.Series, came: pd.DataFrame, title: str) -> Figure:
    """Return estimated figures (crosses) beside those that came (dots, with their intervals)."""
    figure, axes = pyplot.subplots()
    _draw_intervals(axes, came, ["C0"] * len(came), label="realised, with 95 % interval")
    axes.scatter(expected.index, expected, color="C1", marker="X", s=90, zorder=4, label="estimated without labels")
    axes.set(title=title, ylabel=expected.name, xlabel=_MONTH)
    axes.legend(loc="lower left")
    return figure


def draw_fault_matrix(caught: pd.DataFrame, auc: pd.Series, title: str) -> Figure:
    """Return which check (column) has how many alarms for which fault (row), and the AUC beside the fault's name."""
    figure, axes = pyplot.subplots(figsize=(9, 6))
    labels = [f"{name}  ({value:.3f})" for name, value in auc.items()]
    counts = caught.astype(str).replace("0", "")
    look = {"cmap": "Blues", "cbar": False, "linewidths": 1}
    seaborn.heatmap(caught > 0, vmax=1.5, annot=counts, fmt="", yticklabels=labels, ax=axes, **look)
    axes.set(title=title, xlabel="", ylabel="")
    return figure


def _draw_intervals(axes: Axes, table: pd.DataFrame, colors: list[str], label: str | None = None) -> None:
    """Draw a dot at each row's value and a line from its low to its high."""
    axes.vlines(table.index, table["low"], table["high"], colors=colors, linewidth=3)
    axes.scatter(table.index, table["value"], c=colors, s=60, zorder=3, label=label)
