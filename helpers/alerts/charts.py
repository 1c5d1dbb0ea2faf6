"""The figure that a person on call keeps open: the live server and its monitoring, minute by minute."""
from collections.abc import Sequence

import numpy as np
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.alerts import expressions
from helpers.alerts.rules import Alert
from helpers.alerts.samples import Samples

_SLOWNESS = "sum(increase(live_request_seconds_sum[1m])) / sum(increase(live_request_seconds_count[1m]))"
PANELS = {  # title: the unit, the query, the label that tells its lines apart, and a limit
    "Requests by status": ("per minute", "sum by (status) (increase(live_requests_total[1m]))", "status", None),
    "Errors by version": (
        "failed per minute", 'sum by (version) (increase(live_failures_total{where="answer"}[1m]))', "version", None,
    ),
    "Mean time to an answer": ("seconds", _SLOWNESS, "", None),
    "Version that answers": (
        "rows per minute", 'sum by (version) (increase(live_predictions_total{role="answer"}[1m]))', "version", None,
    ),
    "Answers minus shadow": ("difference", "abs(monitoring_answer_minus_shadow)", "", 0.05),
    "Drift": ("largest PSI / limit", "max(monitoring_psi / monitoring_psi_limit)", "", 1.0),
    "Labels of two weeks ago": ("share", "monitoring_labelled_share", "", 0.9),
}  # fmt: skip
MINUTE = 60


def draw_operations(samples: Samples, history: Sequence[Alert], minutes: int, most: int) -> tuple[Figure, str]:
    """Return a panel for each query over the minutes so far, and one for the alerts; and in words.

    Parameters
    ----------
    samples : Samples
        Scraped once a minute, from the second 0 on.
    history : sequence of Alert
        Those that have fired.
    minutes : int
        How many minutes there are so far.
    most : int
        How many there will be, for the width of the axes.
    """
    figure, axes = pyplot.subplots(4, 2, sharex=True, figsize=(11, 11))
    for axis, (title, (unit, query, label, limit)) in zip(axes.flat, PANELS.items()):
        _draw_lines(axis, _collect(samples, query, label, minutes), limit)
        axis.set(title=title, ylabel=unit)
        axis.set_ylim(bottom=0)
    _draw_alerts(axes.flat[-1], history, minutes)
    for axis in axes[-1]:
        axis.set(xlabel="minute", xlim=(-0.5, most - 0.5))
    figure.tight_layout()
    return figure, _describe(history, minutes)


def _collect(samples: Samples, query: str, label: str, minutes: int) -> dict[str, np.ndarray]:
    """Return the values of a query at each minute, by the value of a label; missing where there is none."""
    lines: dict[str, np.ndarray] = {}
    for minute in range(minutes):
        for labels, value in expressions.evaluate(query, samples, MINUTE * minute).items():
            name = f"{label} {dict(labels)[label]}" if label else ""
            lines.setdefault(name, np.full(minutes, np.nan))[minute] = value
    return lines


def _draw_lines(axis: Axes, lines: dict[str, np.ndarray], limit: float | None) -> None:
    """Draw lines of one panel, with a legend where they have names, and the limit dotted."""
    for place, name in enumerate(sorted(lines)):
        axis.plot(lines[name], f"C{place}o-", markersize=4, label=name or None)
    if limit is not None:
        axis.axhline(limit, color="black", linestyle=":", linewidth=2)
    if any(lines):
        axis.legend(fontsize=11)


def _draw_alerts(axis: Axes, history: Sequence[Alert], minutes: int) -> None:
    """Draw a bar for the time in which each alert fires."""
    names = sorted({alert.rule.alert for alert in history})
    for alert in history:
        ended = minutes * MINUTE if alert.ended is None else alert.ended
        color = "C3" if alert.labels["severity"] == "page" else "C1"
        axis.barh(alert.rule.alert, (ended - alert.fired) / MINUTE, left=alert.fired / MINUTE, color=color, height=0.6)
    axis.set(title="Alerts that fire (pages red, tickets orange)", ylim=(-0.6, max(len(names), 1) - 0.4))


def _describe(history: Sequence[Alert], minutes: int) -> str:
    """Return what the figure shows of the alerts, in words."""
    spans = {}
    for alert in history:
        end = "now" if alert.ended is None else f"minute {alert.ended / MINUTE:.0f}"
        spans.setdefault(f"{alert.rule.alert} from minute {alert.fired / MINUTE:.0f} to {end}", None)
    return f"Operations in {minutes} minutes. Alerts: {'; '.join(spans) or 'none'}."
