"""A minute of the watch, and the figure over its minutes."""
from helpers.alerts import charts, notices
from helpers.alerts.monitor import Monitor
from helpers.alerts.receiver import Receiver
from helpers.alerts.rules import Rule
from helpers.alerts.watch import Watch
from helpers.paths import ROOT

TEXTS = {"summary": "x is high", "runbook": "R"}


def test_an_alert_goes_all_the_way():
    """It is scraped, evaluated, grouped and received, and so is its end; the figure has a bar for it."""
    monitor, receiver = Monitor(), Receiver()
    monitor.start()
    receiver.start()
    to = {"tickets": f"{receiver.url}/ticket"}
    routes = notices.read(ROOT / "deploy" / "monitoring" / "alertmanager.yml", **to)
    labels = {"severity": "ticket", "owner": "me", "service": "s"}
    watch = Watch([Rule("High", "monitoring_labelled_share > 1", 60, labels, TEXTS)], routes, {"test": monitor.url})
    said = []
    for minute, value in enumerate([0, 2, 2, 2, 0, 0, 0]):
        monitor.set("labelled_share", value)
        watch.look(minute)
        said.append(receiver.read_new()[:1])
    assert said == [[], [], [], ["/ticket: firing, 1 alert in one message"], [],
                    ["/ticket: resolved, 1 alert in one message"], []]
    figure, words = charts.draw_operations(watch.samples, watch.history, 7, 19)
    assert words == "Operations in 7 minutes. Alerts: High from minute 2 to minute 4."
    labels = next(axis for axis in figure.axes if axis.get_title() == "Labels of two weeks ago")
    assert list(labels.lines[0].get_ydata()) == [0, 2, 2, 2, 0, 0, 0]
    assert len(figure.axes) == 8 and [bar.get_width() for bar in figure.axes[-1].patches] == [2]
    monitor.stop()
    receiver.stop()


def test_the_figure_of_the_first_minute_needs_no_values():
    """It has its panels, and says that there is no alert."""
    watch = Watch([], notices.read(ROOT / "deploy" / "monitoring" / "alertmanager.yml"), {})
    figure, words = charts.draw_operations(watch.samples, [], 1, 19)
    assert len(figure.axes) == 8 and words == "Operations in 1 minutes. Alerts: none."
