"""Charts of notebook 11: a dashboard that is drawn anew in place, and what policies cost."""
from collections.abc import Iterable

import numpy as np
import pandas as pd
from matplotlib import dates, pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.year.drills import Episode
from helpers.year.policies import Decision

_OUTCOMES = {"promoted": ("C2", "refit, promoted"), "refused": ("C3", "refit, refused"), "silent": ("C7", "no alarm")}


def name_outcome(decision: Decision) -> str:
    """Return what came of a check, in a word: ``promoted``, ``refused`` or ``silent``."""
    return "promoted" if decision.promoted else "refused" if decision.alarm else "silent"


def draw_dashboard(
    records: list[dict], decisions: dict[pd.Timestamp, Decision], days: pd.DatetimeIndex
) -> tuple[Figure, str]:
    """Return base rate, calibration gap, drift and version over the days so far, with decisions as lines; and in words.

    Parameters
    ----------
    records : list of dict
        For each week its ``day``, ``late`` and ``forecast`` (shares), ``gap`` with ``low`` and
        ``high``, ``psi``, ``version``; shares are missing and the interval infinite without evidence.
    decisions : dict of Timestamp to Decision
        What was decided, by day.
    days : DatetimeIndex
        All days of the year in production, for the width of the axes.
    """
    weeks = pd.DataFrame(records).set_index("day").replace([np.inf, -np.inf], np.nan)
    outcomes = {day: name_outcome(decision) for day, decision in decisions.items()}
    figure, axes = pyplot.subplots(4, sharex=True, figsize=(9, 9.5), height_ratios=[3, 3, 2, 1.3])
    figure.subplots_adjust(left=0.13, right=0.98, top=0.96, bottom=0.06, hspace=0.3)
    for axis, draw in zip(axes, (_draw_base_rate, _draw_gap, _draw_drift, _draw_champion)):
        draw(axis, weeks)
        for day, outcome in outcomes.items():
            axis.axvline(day, color=_OUTCOMES[outcome][0], linestyle="--", linewidth=1.5)
    axes[3].set(xlabel="2013", xlim=(days[0], days[-1]))
    axes[3].xaxis.set_major_formatter(dates.DateFormatter("%b"))
    _add_legend(axes[0], outcomes.values())
    return figure, _describe_dashboard(weeks, outcomes)


def _draw_base_rate(axis: Axes, weeks: pd.DataFrame) -> None:
    """Draw the share of late flights beside the mean forecast."""
    axis.plot(weeks["late"], "C0o-", markersize=4, label="were late")
    axis.plot(weeks["forecast"], "C1o-", markersize=4, label="forecast")
    axis.set(title="Base rate: the share of late flights, and the mean forecast", ylabel="share", ylim=(0, 0.45))


def _draw_gap(axis: Axes, weeks: pd.DataFrame) -> None:
    """Draw the calibration gap with its interval."""
    axis.vlines(weeks.index, weeks["low"], weeks["high"], color="C0", linewidth=2)
    axis.plot(weeks["gap"], "C0o", markersize=5)
    axis.axhline(0, color="black", linestyle=":")
    title = "Calibration gap: mean forecast - share late, with 95 % interval"
    axis.set(title=title, ylabel="gap", ylim=(-0.17, 0.17))


def _draw_drift(axis: Axes, weeks: pd.DataFrame) -> None:
    """Draw the largest PSI beside the rule of thumb."""
    axis.plot(weeks["psi"], "C4o-", markersize=4)
    axis.axhline(0.25, color="black", linestyle=":")
    axis.set(title="Drift: largest PSI of the last four weeks (.25 is dotted)", ylabel="largest PSI", ylim=(0, 10))


def _draw_champion(axis: Axes, weeks: pd.DataFrame) -> None:
    """Draw the version that was champion."""
    axis.step(weeks.index, weeks["version"], "C2", where="post", linewidth=3)
    axis.set(title="Champion", ylabel="version")
    axis.locator_params(axis="y", integer=True)


def _add_legend(axis: Axes, outcomes: Iterable[str]) -> None:
    """Add a legend, in which the lines that mark decisions have their names too."""
    for outcome in dict.fromkeys(outcomes):
        color, label = _OUTCOMES[outcome]
        axis.plot([], [], color=color, linestyle="--", label=f"check: {label}")
    axis.legend(loc="upper left", ncols=5, fontsize=9)


def _describe_dashboard(weeks: pd.DataFrame, outcomes: dict[pd.Timestamp, str]) -> str:
    """Return what the dashboard shows, in words."""
    made = ", ".join(f"{day:%d %b} {outcome}" for day, outcome in outcomes.items())
    gap = f"gap {weeks['gap'].min():+.3f} to {weeks['gap'].max():+.3f}"
    psi = f"largest PSI {weeks['psi'].min():.1f} to {weeks['psi'].max():.1f}"
    return f"Dashboard to {weeks.index[-1]:%d %b}: {gap}, {psi}. Checks: {made or 'none yet'}."


def draw_costs(table: pd.DataFrame, title: str) -> Figure:
    """Return three columns of dots with intervals: Brier score against never, refits, wrong alarms.

    Parameters
    ----------
    table : DataFrame
        A row for each policy; columns ``brier``, ``refits`` and ``wrong``, each with ``_low`` and ``_high``.
    """
    names = {"brier": "Brier score minus that of never", "refits": "refits in nine months", "wrong": "wrong alarms"}
    figure, axes = pyplot.subplots(1, 3, sharey=True, figsize=(11, 0.55 * len(table) + 1.6))
    for axis, (column, label) in zip(axes, names.items()):
        axis.hlines(table.index, table[f"{column}_low"], table[f"{column}_high"], color="C0", linewidth=3)
        axis.scatter(table[column], table.index, color="C0", s=60, zorder=3)
        axis.set(xlabel=label)
    axes[0].axvline(0, color="black", linestyle=":")
    axes[0].invert_yaxis()
    figure.tight_layout(rect=(0, 0, 1, 0.93))
    axes[0].set_title(title)  # after the layout, which would widen the first panel's place for it
    return figure


def draw_drill(alarms: list[pd.Timestamp], faults: list[Episode], title: str) -> Figure:
    """Return a line for each fault with its days, and the alarms, on and off them."""
    figure, axes = pyplot.subplots(figsize=(10, 5.5))
    for row, fault in enumerate(faults):
        axes.barh(row, fault.last - fault.first + pd.Timedelta(days=1), left=fault.first, color="C1", height=0.7)
    names = [fault.fault.replace("_", " ") for fault in faults]
    off = [day for day in alarms if not any(fault.covers(day) for fault in faults)]
    on = [day for day in alarms if day not in off]
    for color, days, label in (("C0", on, "alarm on a fault"), ("C7", off, "false alarm")):
        axes.scatter(days, [len(names)] * len(days), marker="|", s=150, color=color, label=label)
    axes.set(title=title, xlabel="2013", yticks=range(len(names) + 1), yticklabels=[*names, "alarms"])
    axes.xaxis.set_major_formatter(dates.DateFormatter("%b"))
    axes.legend(loc="lower right", fontsize=11)
    figure.tight_layout()
    return figure
