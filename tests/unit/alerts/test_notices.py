"""Alerts are grouped, sent when they are due, and told to have resolved, as Alertmanager does it."""
import pytest
import yaml

from helpers.alerts import notices
from helpers.alerts.expressions import Unknown
from helpers.alerts.receiver import Receiver
from helpers.alerts.rules import Alert, Rule
from helpers.paths import ROOT

FILE = ROOT / "deploy" / "monitoring" / "alertmanager.yml"


def alert(name: str, severity: str = "ticket", fired: float = 0) -> Alert:
    """Return one that fires."""
    labels = {"alertname": name, "severity": severity, "service": "s", "owner": "me"}
    return Alert(Rule(name, "x"), labels, {"summary": f"{name} is bad", "runbook": "R"}, fired, fired)


@pytest.fixture
def receiver():
    """A receiver that listens."""
    one = Receiver()
    one.start()
    yield one
    one.stop()


@pytest.fixture
def routes(receiver):
    """The routes of the real file, to the receiver."""
    return notices.read(FILE, pager=f"{receiver.url}/page", tickets=f"{receiver.url}/ticket")


def test_alerts_of_one_severity_come_in_one_message(routes, receiver):
    """The group waits for others; a page does not wait for tickets, nor they for it."""
    routes.take([alert("A"), alert("B"), alert("P", "page")], 0)
    assert routes.send(0) == 0 and routes.send(30) == 2
    told = {path: [one["labels"]["alertname"] for one in message["alerts"]] for path, message in receiver.messages}
    assert told == {"/ticket": ["A", "B"], "/page": ["P"]}
    assert receiver.messages[0][1]["groupLabels"] == {"service": "s"}


def test_a_group_is_told_again_when_it_has_news_or_after_hours(routes, receiver):
    """No message comes as long as nothing changes, until the time to repeat it is over."""
    routes.take([alert("A")], 0)
    sent = [routes.send(60 * minute) for minute in range(1, 10)]
    routes.take([alert("B", fired=600)], 600)
    assert sent == [1] + [0] * 8 and routes.send(720) == 1 and len(receiver.messages[-1][1]["alerts"]) == 2
    assert routes.send(720 + 3 * 3600) == 0 and routes.send(720 + 5 * 3600) == 1


def test_what_resolved_is_told_once(routes, receiver):
    """The message says so, with its end; the group is gone then."""
    one = alert("A")
    routes.take([one], 0)
    routes.send(60)
    one.ended = 300
    routes.take([one], 300)
    assert [routes.send(300), routes.send(500)] == [1, 0] and routes.groups == {}
    message = receiver.messages[-1][1]
    assert message["status"] == "resolved" and message["alerts"][0]["endsAt"] == "1970-01-01T00:05:00Z"


def test_what_resolved_before_it_was_told_is_never_told(routes, receiver):
    """Nobody is called for what is over."""
    one = alert("A")
    routes.take([one], 0)
    one.ended = 20
    routes.take([one], 20)
    assert routes.send(30) == 0 and receiver.messages == []


@pytest.mark.parametrize(
    ("place", "key", "value"),
    [((), "inhibit_rules", []), (("route",), "mute_time_intervals", ["night"]),
     (("receivers", 0), "email_configs", []), (("route", "routes", 0), "continue", True),
     (("receivers", 0, "webhook_configs", 0), "max_alerts", 5)],
)  # fmt: skip
def test_what_the_stand_in_does_not_know_is_refused_by_name(place, key, value, tmp_path):
    """Nothing in the file is passed over in silence."""
    settings = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    part = settings
    for step in place:
        part = part[step]
    part[key] = value
    (tmp_path / "routes.yml").write_text(yaml.safe_dump(settings))
    with pytest.raises(Unknown, match=key):
        notices.read(tmp_path / "routes.yml")


@pytest.mark.parametrize("matcher", ['severity=~"p.*"', 'severity!="page"', "severity"])
def test_only_one_kind_of_condition_is_known(matcher, tmp_path):
    """Others are refused with their text."""
    text = FILE.read_text(encoding="utf-8").replace('severity="page"', matcher)
    (tmp_path / "routes.yml").write_text(text)
    with pytest.raises(Unknown, match="conditions"):
        notices.read(tmp_path / "routes.yml")
