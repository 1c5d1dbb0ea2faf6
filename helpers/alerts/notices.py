"""The stand-in for Alertmanager: alerts are grouped by its real file, and each group is sent to a webhook."""
import datetime
from dataclasses import dataclass, field
from pathlib import Path

import requests
import yaml

from helpers.alerts.expressions import Unknown, read_seconds
from helpers.alerts.rules import Alert

_KEYS = {
    "": {"route", "receivers"},
    "route": {"receiver", "group_by", "group_wait", "group_interval", "repeat_interval", "routes"},
    "sub-route": {"receiver", "matchers"},
    "receiver": {"name", "webhook_configs"},
    "webhook": {"url", "send_resolved"},
}

_NEVER = "0001-01-01T00:00:00Z"  # what Alertmanager writes as the end of what still fires


@dataclass
class Group:
    """Alerts that go into one message: when it is due next, which of them were told to fire, and when that was."""

    receiver: str
    labels: dict[str, str]
    due: float
    alerts: dict[frozenset, Alert] = field(default_factory=dict)
    told: set[frozenset] = field(default_factory=set)
    when: float = 0.0


@dataclass
class Notices:
    """Takes alerts that fire and that resolved, and sends groups of them when the file says that they are due.

    Attributes
    ----------
    routes : list of tuple
        A matcher (a label and its value) and a receiver for each; the first that fits is taken.
    receiver : str
        Who gets what fits no route.
    urls : dict
        The address of each receiver.
    """

    routes: list[tuple[tuple[str, str], str]]
    receiver: str
    urls: dict[str, str]
    group_by: list[str]
    wait: float
    interval: float
    repeat: float
    groups: dict[tuple, Group] = field(default_factory=dict)

    def take(self, alerts: list[Alert], now: float) -> None:
        """Put alerts into their groups; a new group waits for others before it is sent."""
        for alert in alerts:
            labels = {name: alert.labels[name] for name in self.group_by if name in alert.labels}
            receiver = self._find_receiver(alert)
            key = receiver, *labels.items()
            group = self.groups.setdefault(key, Group(receiver, labels, now + self.wait))
            group.alerts[frozenset(alert.labels.items())] = alert

    def send(self, now: float) -> int:
        """Send every group that is due and has news, or was told long ago; return how many."""
        sent = 0
        for key, group in list(self.groups.items()):
            if now < group.due:
                continue
            group.due = now + self.interval
            firing = {labels for labels, alert in group.alerts.items() if alert.ended is None}
            resolved = group.told - firing
            if firing - group.told or resolved or firing and now >= group.when + self.repeat:
                requests.post(self.urls[group.receiver], json=write(group), timeout=30).raise_for_status()
                group.told, group.when, sent = firing, now, sent + 1
            group.alerts = {labels: group.alerts[labels] for labels in group.alerts if labels in firing}
            if not firing:
                del self.groups[key]
        return sent

    def _find_receiver(self, alert: Alert) -> str:
        """Return who gets an alert."""
        return next((name for (label, value), name in self.routes if alert.labels.get(label) == value), self.receiver)


def write(group: Group) -> dict:
    """Return a group as the JSON that Alertmanager sends to webhooks, without its links."""
    alerts = [_write_alert(alert) for alert in group.alerts.values()]
    status = "firing" if any(alert["status"] == "firing" for alert in alerts) else "resolved"
    head = {"version": "4", "receiver": group.receiver, "status": status, "groupLabels": group.labels}
    return {**head, "alerts": sorted(alerts, key=lambda alert: sorted(alert["labels"].items()))}


def _write_alert(alert: Alert) -> dict:
    """Return an alert as it is sent; one that fires has no end yet."""
    ends = _NEVER if alert.ended is None else _write_time(alert.ended)
    times = {"startsAt": _write_time(alert.fired), "endsAt": ends}
    status = "firing" if alert.ended is None else "resolved"
    return {"status": status, "labels": alert.labels, "annotations": alert.annotations, **times}


def _write_time(second: float) -> str:
    """Return a second as Alertmanager writes it."""
    return datetime.datetime.fromtimestamp(second, datetime.UTC).isoformat().replace("+00:00", "Z")


def read(path: Path, **urls: str) -> Notices:
    """Return the routes of Alertmanager's file; raise Unknown, by name, for what the stand-in does not know.

    Parameters
    ----------
    path : Path
    urls : str
        Addresses for receivers, in place of those in the file.
    """
    settings = _require(yaml.safe_load(path.read_text(encoding="utf-8")), "")
    route = _require(settings["route"], "route")
    found = {}
    for receiver in settings["receivers"]:
        [webhook] = _require(receiver, "receiver")["webhook_configs"]
        found[receiver["name"]] = _require(webhook, "webhook")["url"]
    times = (read_seconds(route[name]) for name in ("group_wait", "group_interval", "repeat_interval"))
    routes = [_read_route(one) for one in route.get("routes", [])]
    return Notices(routes, route["receiver"], {**found, **urls}, route["group_by"], *times)


def _read_route(route: dict) -> tuple[tuple[str, str], str]:
    """Return the one condition of a route, and who gets what meets it."""
    [matcher] = _require(route, "sub-route")["matchers"]
    label, sign, value = matcher.partition("=")
    if not sign or label[-1:] == "!" or value[:1] == "~":
        raise Unknown(f"the stand-in knows conditions of routes as severity=\"page\", not {matcher}")
    return (label.strip(), value.strip().strip('"')), route["receiver"]


def _require(part: dict, place: str) -> dict:
    """Return a part of the file; raise Unknown where it has a key besides those that are known."""
    for key in part.keys() - _KEYS[place]:
        raise Unknown(f"the stand-in does not know the key {key!r} of Alertmanager's file, only {_KEYS[place]}")
    return part
