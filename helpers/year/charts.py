"""Charts of notebook 11: a dashboard that is drawn anew in place, and what policies cost."""
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from matplotlib import dates, pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from helpers.year.drills import Episode
from helpers.year.policies import Decision

_OUTCOMES = {"promoted": ("C2", "-", 3.0), "refused": ("C3", "--", 3.0), "no alarm": ("C7", ":", 2.0)}  # lines


def name_outcome(decision: Decision) -> str:
    """Return what came of a check, in a word: ``promoted``, ``refused`` or ``no alarm``."""
    return "promoted" if decision.promoted else "refused" if decision.alarm else "no alarm"


def draw_dashboard(
    records: list[dict], decisions: dict[pd.Timestamp, Decision], days: pd.DatetimeIndex
) -> tuple[Figure, str]:
    """Return base rate, calibration gap, drift and versions over the days so far, with checks as lines; and in words.

    Parameters
    ----------
    records : list of dict
        For each week its ``day``, ``late`` and ``forecast`` (shares), ``gap`` with ``low`` and
        ``high``, ``psi``, ``version`` and ``shadow`` (a version too, or None); shares are missing and the
        interval infinite without evidence.
    decisions : dict of Timestamp to Decision
        What was decided, by day.
    days : DatetimeIndex
        All days of the year in production, for the width of the axes.
    """
    weeks = pd.DataFrame(records).set_index("day").astype(float).replace([np.inf, -np.inf], np.nan)
    outcomes = {day: name_outcome(decision) for day, decision in decisions.items()}
    figure, axes = pyplot.subplots(4, sharex=True, figsize=(9, 11), height_ratios=[3, 3, 2, 1.6])
    figure.subplots_adjust(left=0.12, right=0.98, top=0.92, bottom=0.05, hspace=0.36)
    for axis, draw in zip(axes, (_draw_base_rate, _draw_gap, _draw_drift, _draw_versions)):
        draw(axis, weeks)
        for day, outcome in outcomes.items():
            color, style, width = _OUTCOMES[outcome]
            axis.axvline(day, color=color, linestyle=style, linewidth=width, zorder=1)
    axes[3].set(xlabel="day of the record, 2013", xlim=(days[0], days[-1]))
    axes[3].xaxis.set_major_locator(dates.MonthLocator())
    axes[3].xaxis.set_major_formatter(dates.DateFormatter("%b"))
    _add_legends(figure, axes, outcomes.values())
    return figure, _describe_dashboard(weeks, outcomes)


def _draw_base_rate(axis: Axes, weeks: pd.DataFrame) -> None:
    """Draw the share of late flights beside the mean forecast."""
    axis.plot(weeks["late"], "C0o-", markersize=6, linewidth=2, label="were late")
    axis.plot(weeks["forecast"], "C1s-", markersize=6, linewidth=2, label="forecast")
    axis.set(title="The forecast changes less than the share of late flights", ylabel="share", ylim=(0, 0.45))


def _draw_gap(axis: Axes, weeks: pd.DataFrame) -> None:
    """Draw the calibration gap with its interval, and say where there is none."""
    axis.vlines(weeks.index, weeks["low"], weeks["high"], color="C0", linewidth=3)
    axis.plot(weeks["gap"], "C0o", markersize=7)
    axis.axhline(0, color="black", linestyle=":", linewidth=2)
    for day in weeks.index[weeks["gap"].isna()][:1]:
        axis.annotate("new version:\nflights too recent", (day, -0.16), fontsize=12, va="bottom")
    title = "Calibration gap: mean forecast - share late, with 95 % interval"
    axis.set(title=title, ylabel="gap", ylim=(-0.17, 0.17))


def _draw_drift(axis: Axes, weeks: pd.DataFrame) -> None:
    """Draw the largest PSI beside the rule of thumb."""
    axis.plot(weeks["psi"], "C4o-", markersize=6, linewidth=2)
    axis.axhline(0.25, color="black", linestyle=":", linewidth=2)
    axis.set(title="Drift: largest PSI of the last four weeks (.25 is dotted)", ylabel="largest PSI", ylim=(0, 10))


def _draw_versions(axis: Axes, weeks: pd.DataFrame) -> None:
    """Draw the version that was champion, and the one that was its shadow."""
    ends = weeks.index + pd.Timedelta(days=7)
    for column, name, color in (("version", "champion", "C2"), ("shadow", "shadow", "C1")):
        axis.hlines(weeks[column], weeks.index, ends, color=color, linewidth=7, label=name)
    top = np.nanmax(weeks[["version", "shadow"]].to_numpy())
    title = "Versions: the champion, and the shadow beside it"
    axis.set(title=title, ylabel="version", yticks=range(1, int(top) + 1), ylim=(0.5, max(top, 2) + 0.5))


def _add_legends(figure: Figure, axes: Sequence[Axes], outcomes: Iterable[str]) -> None:
    """Add legends to the first and the last panel, and one above all for the lines that mark checks."""
    axes[0].legend(loc="upper left", ncols=2, fontsize=13)
    axes[3].legend(loc="lower right", ncols=2, fontsize=13)
    lines = []
    for outcome in dict.fromkeys(outcomes):
        color, style, width = _OUTCOMES[outcome]
        lines.append(Line2D([], [], color=color, linestyle=style, linewidth=width, label=f"check: {outcome}"))
    if lines:
        figure.legend(handles=lines, loc="upper center", ncols=3, fontsize=13)


def _describe_dashboard(weeks: pd.DataFrame, outcomes: dict[pd.Timestamp, str]) -> str:
    """Return what the dashboard shows, in words."""
    made = ", ".join(f"{day:%d %b} {outcome}" for day, outcome in outcomes.items())
    gap = f"gap {weeks['gap'].min():+.3f} to {weeks['gap'].max():+.3f}"
    psi = f"largest PSI {weeks['psi'].min():.1f} to {weeks['psi'].max():.1f}"
    return f"Dashboard to {weeks.index[-1]:%d %b}: {gap}, {psi}. Checks: {made or 'none yet'}."


def draw_costs(ours: pd.DataFrame, low: pd.DataFrame, high: pd.DataFrame, title: str) -> tuple[Figure, str]:
    """Return three columns of dots with intervals: Brier score against never, refits, wrong alarms; and in words.

    Parameters
    ----------
    ours, low, high : DataFrame
        Our year's figures and the ends of their intervals: a row for each policy, columns ``brier`` (less that
        of never), ``refits`` and ``wrong``.
    """
    names = {"brier": "Brier score minus that of never", "refits": "refits in nine months", "wrong": "wrong alarms"}
    figure, axes = pyplot.subplots(1, 3, sharey=True, figsize=(11, 0.55 * len(ours) + 1.6))
    for axis, (column, label) in zip(axes, names.items()):
        axis.hlines(ours.index, low[column], high[column], color="C0", linewidth=3)
        axis.scatter(ours[column], ours.index, color="C0", s=60, zorder=3)
        axis.set(xlabel=label)
    axes[0].axvline(0, color="black", linestyle=":")
    axes[0].invert_yaxis()
    figure.tight_layout(rect=(0, 0, 1, 0.93))
    axes[0].set_title(title)  # after the layout, which would widen the first panel's place for it
    return figure, _describe_costs(ours, low, high)


def _describe_costs(ours: pd.DataFrame, low: pd.DataFrame, high: pd.DataFrame) -> str:
    """Return what the chart of costs shows, in words."""
    rows = [
        f"{name} {brier:+.4f} ({low['brier'][name]:+.4f} to {high['brier'][name]:+.4f}), "
        f"{refits:.0f} refits ({low['refits'][name]:.0f} to {high['refits'][name]:.0f}), "
        f"{wrong:.0f} wrong alarms ({low['wrong'][name]:.0f} to {high['wrong'][name]:.0f})"
        for name, brier, refits, wrong in ours[["brier", "refits", "wrong"]].itertuples()
    ]
    return "Brier score minus that of never, refits and wrong alarms, with intervals: " + "; ".join(rows)


def draw_drill(alarms: list[pd.Timestamp], faults: list[Episode], title: str) -> tuple[Figure, str]:
    """Return a line for each fault with its days, and the alarms, on and off them; and in words."""
    figure, axes = pyplot.subplots(figsize=(10, 5.5))
    for row, fault in enumerate(faults):
        axes.barh(row, fault.last - fault.first + pd.Timedelta(days=1), left=fault.first, color="C1", height=0.7)
    names = [fault.fault.replace("_", " ") for fault in faults]
    off = [day for day in alarms if not any(fault.covers(day) for fault in faults)]
    on = [day for day in alarms if day not in off]
    for color, days, label in (("C0", on, "alarm on a fault"), ("C3", off, "false alarm")):
        axes.scatter(days, [len(names)] * len(days), marker="|", s=400, linewidths=3, color=color, label=label)
    axes.set(title=title, xlabel="2013", yticks=range(len(names) + 1), yticklabels=[*names, "alarms"])
    axes.xaxis.set_major_locator(dates.MonthLocator())
    axes.xaxis.set_major_formatter(dates.DateFormatter("%b"))
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=2, fontsize=13)
    figure.tight_layout()
    found = sum(any(fault.covers(day) for day in on) for fault in faults)
    days = f"The days of {len(faults)} faults from {faults[0].first:%d %b} to {faults[-1].last:%d %b}"
    return figure, f"{days}, with the alarms in a row above: {found} have one; alarms on other days: {len(off)}."
