"""The figure of operations: each panel has its lines, and an alert its squares."""
import matplotlib.pyplot as pyplot

from helpers.pipeline import alerts, board

JOB = ("job", "live")


def scrape(minute: int) -> dict:
    """Return a scrape of a server that answers ten rows a minute, and fails on two from the second minute on."""
    failed = 2.0 * max(minute - 1, 0)
    return {
        ("live_requests_total", frozenset({JOB, ("status", "200")})): 10.0 * (minute + 1),
        ("live_requests_total", frozenset({JOB, ("status", "503")})): 0.0,
        ("live_failures_total", frozenset({JOB, ("where", "answer"), ("version", "2")})): failed,
        ("live_predictions_total", frozenset({JOB, ("version", "1"), ("role", "answer")})): 10.0 * (minute + 1),
        ("monitoring_psi", frozenset({("feature", "temp")})): 3.0,
        ("monitoring_psi", frozenset({("feature", "dewp")})): 1.0,
        ("monitoring_labelled_share", frozenset()): 0.95,
    }


def test_each_panel_shows_what_grew_and_what_is():
    """Counters that grew by the minute, the largest of the gauges, and the alerts by severity; and in words."""
    watch = alerts.Watch([], [(60 * minute, scrape(minute)) for minute in range(4)])
    figure, words = board.draw(watch, [(2, "VersionFails", "ticket"), (3, "VersionFails", "ticket")], 6)
    lines = [[list(line.get_ydata()) for line in axis.lines] for axis in figure.axes]
    assert lines[0] == [[10] * 4] and lines[1] == [[0, 0, 2, 2]] and lines[2] == [[10] * 4]
    assert lines[3][0] == [3] * 4 and lines[4][0] == [0.95] * 4 and len(lines[5]) == 2
    assert figure.axes[5].get_yticklabels()[0].get_text() == "VersionFails"
    assert words == "Operations in 4 minutes. Alerts that fired: VersionFails."
    pyplot.close(figure)
