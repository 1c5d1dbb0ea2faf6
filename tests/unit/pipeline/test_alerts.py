"""The stand-in for Prometheus: it says what promtool says of the same series, and sends what begins and what ends."""
import shutil

import pytest
import requests
import yaml
from prometheus_client import CollectorRegistry, Counter, Gauge, start_http_server

from helpers.paths import ROOT
from helpers.pipeline import alerts
from helpers.pipeline.receiver import Receiver
from support.prometheus import call, find_second

FILES = ROOT / "deploy" / "monitoring"
RULES = alerts.read_rules(FILES / "alerts.yml")
LIVE, MONITORING = 'job="live"', 'job="monitoring"'
STORIES = {  # by what happens: series with their values, minute by minute
    "a champion fails from the sixth minute to the eleventh": {
        f'live_requests_total{{{LIVE},status="200"}}': range(0, 3000, 100),
        f'live_requests_total{{{LIVE},status="500"}}': [*[0] * 6, *range(20, 120, 20), *[100] * 19],
        f'live_requests_total{{{LIVE},status="503"}}': [*[0] * 20, *range(0, 300, 30)],
        f'live_failures_total{{{LIVE},where="answer",version="2"}}': [*[0] * 6, *range(20, 120, 20), *[100] * 19],
        f'live_failures_total{{{LIVE},where="shadow",version="1"}}': [*[3] * 15, *[4] * 15],
    },
    "a server starts anew, and its counters with it": {
        f"up{{{LIVE}}}": [1, 1, 1, 0, 0, 1, 1, 1, 0, 1, *[1] * 20],
        f'live_requests_total{{{LIVE},status="500"}}': [*range(0, 120, 40), *range(0, 1080, 40)],
    },
    "the registry fails for long, and for a moment": {
        f'live_failures_total{{{LIVE},where="registry",version=""}}': [*[0] * 3, *range(1, 28)],
    },
    "drift, labels and a monitor that goes": {
        f'monitoring_psi{{{MONITORING},feature="temp"}}': [3] * 100,
        f'monitoring_psi{{{MONITORING},feature="dewp"}}': [*[0.3] * 4, *[0.2] * 96],
        f"monitoring_labelled_share{{{MONITORING}}}": [0.8] * 100,
        f"up{{{MONITORING}}}": [*[1] * 5, *[0] * 20, *[1] * 75],
    },
}


def split(series: str) -> tuple[str, alerts.Labels]:
    """Return the name and the labels of a series."""
    name, _, rest = series.partition("{")
    return name, frozenset((label, value) for label, _, value in alerts._CONDITION.findall(rest))


def watched(story: dict[str, list]) -> list[list[dict]]:
    """Return the labels of the alerts that the stand-in has firing at each minute of a story."""
    watch, firing = alerts.Watch(RULES), []
    for minute in range(len(next(iter(story.values())))):
        samples = {split(series): float(values[minute]) for series, values in story.items()}
        watch.scrapes.append((60 * minute, samples))
        watch.look(60 * minute)
        firing.append([dict(alert.labels) for alert in watch.active.values() if alert.fires])
    return firing


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_it_says_what_promtool_says(story, tmp_path):
    """Which alerts fire, with which labels, at each minute."""
    firing = watched(story)
    assert any(firing)
    told = {rule.alert: rule.annotations for rule in RULES}
    expected = []
    for minute, name in [(minute, name) for minute in range(len(firing)) for name in told]:
        mine = [one for one in firing[minute] if one["alertname"] == name]
        labels = [{label: one[label] for label in one.keys() - {"alertname"}} for one in mine]
        listed = [{"exp_labels": one, "exp_annotations": told[name]} for one in labels]
        expected.append({"eval_time": f"{minute}m", "alertname": name, "exp_alerts": listed})
    given = [{"series": name, "values": " ".join(map(str, values))} for name, values in story.items()]
    test = {"interval": "1m", "input_series": given, "alert_rule_test": expected}
    shutil.copy(FILES / "alerts.yml", tmp_path)
    file = tmp_path / "story.yml"
    settings = {"rule_files": ["alerts.yml"], "evaluation_interval": "1m", "tests": [test]}
    file.write_text(yaml.safe_dump(settings), encoding="utf-8")
    call(find_second(), "test", "rules", file)


@pytest.mark.parametrize("expr", [
    "rate(a[5m]) > 1", "sum(increase(a[5m]) > 1", "sum(a) > 1", "a[5m] > 1", "a != 1", "sum(increase(a)) > 1", "a > b",
    "a > 1 and b > 1", 1, "a > 1.2.3",
])
def test_an_expression_of_another_form_is_refused(expr, tmp_path):
    """It is named, where the file is read: none is silent for ever."""
    file = tmp_path / "alerts.yml"
    rule = {"alert": "A", "expr": expr, "for": "1m", "labels": {}, "annotations": {}}
    file.write_text(yaml.safe_dump({"groups": [{"name": "g", "rules": [rule]}]}), encoding="utf-8")
    with pytest.raises(ValueError, match="the stand-in knows") as caught:
        alerts.read_rules(file)
    assert repr(expr) in str(caught.value)


def test_what_real_servers_count_is_read_and_one_that_is_gone_is_down():
    """Each sample carries its job; a metric that was never set is not there."""
    registry = CollectorRegistry()
    Counter("live_requests", "", ["status"], registry=registry).labels(500).inc(3)
    Gauge("monitoring_psi", "", ["feature"], registry=registry).labels("temp").set(0.5)
    server, _ = start_http_server(0, "127.0.0.1", registry)
    url = f"http://127.0.0.1:{server.server_port}"
    try:
        found = alerts.scrape({"live": url, "monitoring": "http://127.0.0.1:9"})
    finally:
        server.shutdown()
        server.server_close()
    live = ("job", "live")
    assert found["live_requests_total", frozenset({live, ("status", "500")})] == 3
    assert found["monitoring_psi", frozenset({live, ("feature", "temp")})] == 0.5
    assert found["up", frozenset({live})] == 1 and found["up", frozenset({("job", "monitoring")})] == 0


def make(name: str, severity: str, **labels: str) -> alerts.Alert:
    """Return an alert."""
    rule = alerts.Rule(name, "a > 1", 0, {"severity": severity, "owner": "models"}, {"summary": "s"})
    return alerts.Alert(rule, frozenset({("alertname", name), *rule.labels.items(), *labels.items()}), 0)


def test_alerts_of_one_name_come_in_one_message():
    """In lines that name each with its owner and what tells it apart; what nobody fires is not sent."""
    receiver = Receiver()
    to = {"page": f"{receiver.url}/page", "ticket": f"{receiver.url}/ticket"}
    drift = [make("InputsDrift", "ticket", feature=name) for name in ("temp", "dewp")]
    try:
        alerts.send([*drift, make("AnswersFail", "page")], "firing", to)
        alerts.send([make("AnswersFail", "page")], "resolved", to)
        alerts.send([], "resolved", to)
        assert [path for path, _ in receiver.messages] == ["/ticket", "/page", "/page"]
        assert receiver.read_new() == [
            "/ticket firing:",
            "    InputsDrift, owner models: feature dewp", "    InputsDrift, owner models: feature temp",
            "/page firing:", "    AnswersFail, owner models",
            "/page resolved:", "    AnswersFail, owner models",
        ]  # fmt: skip
        assert receiver.read_new() == []
    finally:
        receiver.stop()


def test_a_condition_that_is_no_regular_expression_is_refused():
    """It is named where the rule is read, not minutes later; a text that is compared as it is may be anything."""
    rule = {"alert": "A", "for": "1m", "labels": {}}
    with pytest.raises(ValueError, match=r"'5\(\.\.' in .* is no regular expression"):
        alerts.read_rule({**rule, "expr": 'a{status=~"5(.."} > 1'})
    assert alerts.read_rule({**rule, "expr": 'a{status="5("} > 1'}).wait == 60


@pytest.mark.parametrize("body", [
    "{", "[]", "{}", '{"status": "firing", "alerts": [{}]}', '{"status": 1, "alerts": 2}',
])
def test_the_receiver_refuses_what_is_no_message(body):
    """Whoever sent it is told; the messages that came before and after it can be read."""
    receiver = Receiver()
    try:
        whole = {"status": "firing", "alerts": [{"labels": {"alertname": "A"}}]}
        answers = [requests.post(f"{receiver.url}/page", timeout=10, **one) for one in (
            {"json": whole}, {"data": body}, {"json": whole})]
        assert [answer.status_code for answer in answers] == [200, 400, 200]
        assert receiver.read_new() == ["/page firing:", "    A, owner nobody"] * 2
    finally:
        receiver.stop()
