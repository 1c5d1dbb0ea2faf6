"""The figure that a person on call keeps open: the live server and its monitoring, minute by minute."""
import numpy as np
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator

from helpers.pipeline.alerts import Watch

_COUNTERS = {  # title: the counter, the label that tells its lines apart
    "Answers a minute, by status": ("live_requests_total", "status"),
    "Failed rows a minute, by version": ("live_failures_total", "version"),
    "Answered rows a minute, by version": ("live_predictions_total", "version"),
}
_GAUGES = {"Largest PSI of a feature": ("monitoring_psi", 0.25), "Labelled share": ("monitoring_labelled_share", 0.9)}


def draw(watch: Watch, fired: list[tuple[int, str, str]], most: int) -> tuple[Figure, str]:
    """Return five panels and one of the alerts over the minutes so far; and what they show, in words.

    Parameters
    ----------
    watch : Watch
        Scraped once a minute.
    fired : list of tuple
        Minute, name and severity of each alert that fired at a minute.
    most : int
        How many minutes there will be.
    """
    figure, axes = pyplot.subplots(3, 2, sharex=True, figsize=(11, 8.5))
    for axis, (title, (counter, label)) in zip(axes.flat, _COUNTERS.items()):
        for place, (name, values) in enumerate(sorted(_count(watch, counter, label).items())):
            if values.any():  # what never grew would hide what did
                axis.plot(values, f"C{place}o-", markersize=4, label=f"{label} {name}")
                axis.legend(fontsize=11)
        axis.set(title=title)
    for axis, (title, (gauge, limit)) in zip(axes.flat[3:], _GAUGES.items()):
        axis.plot([max(_values(samples, gauge).values(), default=np.nan) for _, samples in watch.scrapes], "C0o-")
        axis.axhline(limit, color="black", linestyle=":", linewidth=2)
        axis.set(title=f"{title} (dotted: the limit)")
    _draw_alerts(axes.flat[5], fired)
    for axis in axes.flat:
        axis.set(xlim=(-0.5, most - 0.5))
        axis.set_ylim(bottom=0 if axis is not axes.flat[5] else None)
    for axis in axes[-1]:
        axis.set(xlabel="minute")
        axis.xaxis.set_major_locator(MultipleLocator(3))
    figure.tight_layout()
    names = ", ".join(dict.fromkeys(name for _, name, _ in fired)) or "none"
    return figure, f"Operations in {len(watch.scrapes)} minutes. Alerts that fired: {names}."


def _draw_alerts(axis: Axes, fired: list[tuple[int, str, str]]) -> None:
    """Draw a square for each alert and each minute in which it fires."""
    names = list(dict.fromkeys(name for _, name, _ in fired))
    for minute, name, severity in fired:
        axis.plot(minute, names.index(name), "s", color="C3" if severity == "page" else "C1", markersize=9)
    axis.set(title="Alerts that fire (dark red: page, orange: ticket)", ylim=(-0.7, max(len(names), 1) - 0.3))
    axis.set_yticks(range(len(names)), names)


def _values(samples: dict, name: str, label: str = "") -> dict[str, float]:
    """Return the sums of a metric by the value of a label."""
    found: dict[str, float] = {}
    for (one, labels), value in samples.items():
        if one == name and (not label or dict(labels).get(label)):
            key = dict(labels).get(label, "") if label else str(sorted(labels))
            found[key] = found.get(key, 0.0) + value
    return found


def _count(watch: Watch, counter: str, label: str) -> dict[str, np.ndarray]:
    """Return how much a counter grew in each minute, by the value of a label."""
    each = [_values(samples, counter, label) for _, samples in watch.scrapes]
    names = {name for found in each for name in found}
    return {name: np.diff([found.get(name, 0.0) for found in each], prepend=0.0) for name in names}
