"""Charts of notebook 08: each takes tables that the notebook computed, and returns a figure."""
import pandas as pd
import seaborn
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from helpers.monitoring import Estimate

_MONTH = "month of 2013"
_ALARM, _QUIET = "C3", "C0"


def draw_shares_and_steps(shares: pd.DataFrame, samples: dict[str, pd.Series], where: float, unit: str) -> Figure:
    """Return the shares of each cell beside the cumulative shares, with their largest difference marked.

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
    left.set_title("PSI adds up the differences of all cells")
    for name, sample in samples.items():
        seaborn.ecdfplot(sample, ax=right, label=name)
    right.axvline(where, color="black", linestyle=":", label="largest difference")
    right.set(title="KS is the largest difference of the curves", xlabel=unit, ylabel="cumulative share of flights")
    right.legend(loc="lower right")
    figure.tight_layout()
    return figure


def draw_psi_heat_map(by_month: pd.DataFrame, title: str) -> Figure:
    """Return a heat map of the PSI of features (rows, the largest first) in months (columns)."""
    figure, axes = pyplot.subplots(figsize=(9, 6.5))
    order = by_month.max(axis=1).sort_values(ascending=False, kind="stable").index
    look = {"cmap": "rocket_r", "annot": True, "fmt": ".2f", "annot_kws": {"size": 10}}
    seaborn.heatmap(by_month.loc[order], vmax=1, ax=axes, **look)
    axes.set(title=title, xlabel=_MONTH, ylabel="feature")
    axes.collections[0].colorbar.set_label("PSI (1 and more: darkest)")
    return figure


def draw_three_alarms(largest: pd.Series, gaps: pd.DataFrame, aucs: pd.DataFrame, before: Estimate) -> Figure:
    """Return largest PSI, calibration gap and AUC month by month; months with an alarm of the gap are orange.

    Parameters
    ----------
    largest : Series
        Largest PSI of each month.
    gaps, aucs : DataFrame
        Columns value, low and high for each month; `gaps` also ``alarm``.
    before : Estimate
        The AUC of the month before production, drawn as a grey band.
    """
    figure, axes = pyplot.subplots(3, sharex=True, figsize=(9, 8.5))
    colors = _color_alarms(gaps)
    overlap = ((aucs["low"] <= before.high) & (aucs["high"] >= before.low)).sum()
    axes[0].bar(largest.index, largest, color="C7")
    axes[0].axhline(0.25, color="black", linestyle=":")
    above = f"The largest PSI is above .25 (dotted) in {(largest > 0.25).sum()} of {len(largest)} months"
    axes[0].set(title=above, ylabel="largest PSI")
    _draw_intervals(axes[1], gaps, colors)
    axes[1].axhline(0, color="black", linestyle=":")
    alarms = f"The calibration gap raises an alarm in {gaps['alarm'].astype(bool).sum()} of {len(gaps)} months"
    axes[1].set(title=alarms, ylabel="mean prediction\n- observed rate")
    _draw_intervals(axes[2], aucs, colors)
    axes[2].axhspan(before.low, before.high, color="C7", alpha=0.3)
    near = f"The interval of the AUC overlaps March's (grey band) in {overlap} of {len(aucs)} months"
    axes[2].set(title=near, ylabel="AUC", xlabel=_MONTH)
    figure.legend(handles=_explain_alarms(), loc="lower center", ncols=2, frameon=False)
    figure.tight_layout(rect=(0, 0.04, 1, 1))
    return figure


def draw_gaps_by_band(by_band: dict[str, pd.DataFrame], title: str) -> Figure:
    """Return the calibration gap of each band of scores, with its interval, in a panel for each month.

    Parameters
    ----------
    by_band : dict of str to DataFrame
        For each month columns value, low, high and ``alarm``, a row for each band.
    title : str
        What the figure shows.
    """
    figure, axes = pyplot.subplots(3, 3, sharex=True, sharey=True, figsize=(10, 8))
    for axis, (name, bands) in zip(axes.flat, by_band.items()):
        _draw_intervals(axis, bands, _color_alarms(bands))
        axis.axhline(0, color="black", linestyle=":")
        axis.set_title(name)
    figure.suptitle(title)
    figure.supylabel("calibration gap (mean prediction - observed rate)", fontsize="medium")
    figure.supxlabel("champion's score", y=0.045, fontsize="medium")
    figure.legend(handles=_explain_alarms(), loc="lower center", ncols=2, frameon=False)
    figure.tight_layout(rect=(0, 0.04, 1, 1))
    return figure


def draw_estimates(expected: pd.Series, came: pd.DataFrame, title: str) -> Figure:
    """Return estimated figures (crosses) beside those that came (dots, with their intervals)."""
    figure, axes = pyplot.subplots()
    _draw_intervals(axes, came, ["C0"] * len(came), label="realised, with 95 % interval")
    axes.scatter(expected.index, expected, color="C1", marker="X", s=90, zorder=4, label="estimated without labels")
    axes.set(title=title, ylabel=expected.name, xlabel=_MONTH)
    axes.legend(loc="lower left")
    return figure


def draw_fault_matrix(
    raised: dict[str, pd.Series],
    further: dict[str, pd.Series],
    auc: dict[str, float],
    checks: dict[str, list[str]],
    title: str,
) -> Figure:
    """Return which check (column) has how many alarms for which fault (row), in blue where the fault adds some.

    Parameters
    ----------
    raised, further : dict of str to Series
        For each fault its alarms, with the check's name in the index's level ``check``: all of them, and
        those that the clean month does not raise. A cell with other alarms only is grey.
    auc : dict of str to float
        The AUC of each faulty month, shown beside the fault's name.
    checks : dict of str to list of str
        The names of the checks by kind, in the order of the columns.
    title : str
        What the figure shows.
    """
    order = [check for kind in checks.values() for check in kind]
    every, added = _count_checks(raised, order), _count_checks(further, order)
    shade = added.gt(0) * 1.0 + (every.gt(0) & added.eq(0)) * 0.5
    counts = added.where(added > 0, every).astype(str).replace("0", "")
    figure, axes = pyplot.subplots(figsize=(10, 6.5))
    labels = [f"{name}  (AUC {auc[name]:.3f})" for name in every.index]
    look = {"cmap": ListedColormap(["white", "#d0d0d0", "#4a90c2"]), "vmin": 0, "vmax": 1, "cbar": False}
    seaborn.heatmap(shade, annot=counts, fmt="", yticklabels=labels, linewidths=1, linecolor="#eee", ax=axes, **look)
    end = 0
    for kind, names in checks.items():
        axes.text(end + len(names) / 2, -0.2, kind, ha="center", va="bottom")
        end += len(names)
        axes.axvline(end, color="black", linewidth=1.5 if end < len(order) else 0)
    axes.set_title(title, pad=28)
    axes.set(xlabel="check (grey: the clean month raises the same alarms)", ylabel="fault")
    return figure


def _count_checks(alarms: dict[str, pd.Series], order: list[str]) -> pd.DataFrame:
    """Return how many alarms each check (column) has for each fault (row)."""
    counts = {name: found.index.get_level_values("check").value_counts() for name, found in alarms.items()}
    return pd.DataFrame(counts).T.reindex(index=list(alarms), columns=order).fillna(0).astype(int)


def _color_alarms(table: pd.DataFrame) -> list[str]:
    """Return a colour for each row, another one where there is an alarm."""
    return [_ALARM if alarm else _QUIET for alarm in table["alarm"]]


def _explain_alarms() -> list[Line2D]:
    """Return the marks of a legend for the two colours."""
    look = {"linewidth": 3, "marker": "o", "markersize": 8}
    words = {_ALARM: "the calibration gap raises an alarm", _QUIET: "no alarm of the gap"}
    return [Line2D([], [], color=color, label=label, **look) for color, label in words.items()]


def _draw_intervals(axes: Axes, table: pd.DataFrame, colors: list[str], label: str | None = None) -> None:
    """Draw a dot at each row's value and a line from its low to its high."""
    axes.vlines(table.index, table["low"], table["high"], colors=colors, linewidth=3)
    axes.scatter(table.index, table["value"], c=colors, s=60, zorder=3, label=label)
