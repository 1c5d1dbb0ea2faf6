"""A stand-in for Prometheus and Alertmanager: it reads their files, and knows the few expressions that ours use."""
import operator
import re
from dataclasses import dataclass, field
from pathlib import Path

import requests
import yaml
from prometheus_client.parser import text_string_to_metric_families

Labels = frozenset[tuple[str, str]]
_EXPRESSION = re.compile(
    r"(?P<sum>sum (by \((?P<by>\w+)\) )?\(increase\(|sum\(increase\()?"
    r"(?P<name>\w+)({(?P<where>[^}]*)})?(\[(?P<minutes>\d+)m\]\)\))?\s*(?P<sign><=|>=|==|<|>)\s*(?P<limit>\d+(\.\d+)?)")
_CONDITION = re.compile(r'(\w+)(=~?)"([^"\\]*)"')
_CONDITIONS = re.compile(rf"(\s*{_CONDITION.pattern}\s*(,|$))*")
_SIGNS = {"<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt, "==": operator.eq}
_SECONDS = {"s": 1, "m": 60, "h": 3600}


@dataclass(frozen=True)
class Rule:
    """A rule of the file: an alert, its expression, and how many seconds that must hold before the alert fires."""

    alert: str
    expr: str
    wait: int
    labels: dict[str, str]
    annotations: dict[str, str]


@dataclass
class Alert:
    """An alert: its labels, the second since which its expression holds, and whether it fires."""

    rule: Rule
    labels: Labels
    since: float
    fires: bool = False


@dataclass
class Watch:
    """The scrapes so far, and the alerts that are pending or fire."""

    rules: list[Rule]
    scrapes: list[tuple[float, dict[tuple[str, Labels], float]]] = field(default_factory=list)
    active: dict[Labels, Alert] = field(default_factory=dict)

    def look(self, now: float) -> tuple[list[Alert], list[Alert]]:
        """Evaluate all rules at the second `now`; return the alerts that begin to fire, and those that resolve."""
        before, self.active, fired = self.active, {}, []
        for rule in self.rules:
            for labels in evaluate(rule.expr, self.scrapes, now):
                labels = labels | {("alertname", rule.alert), *rule.labels.items()}
                alert = before.pop(labels, None) or Alert(rule, labels, since=now)
                if not alert.fires and now - alert.since >= rule.wait:
                    alert.fires = True
                    fired.append(alert)
                self.active[labels] = alert
        return fired, [alert for alert in before.values() if alert.fires]


def read_rules(path: Path) -> list[Rule]:
    """Return the rules of a file for Prometheus; raise ValueError for an expression that the stand-in does not know."""
    rules = [rule for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"] for rule in group["rules"]]
    return [read_rule(rule) for rule in rules]


def read_rule(rule: dict) -> Rule:
    """Return a rule of the file; raise ValueError for an expression or a time that the stand-in does not know."""
    _match(rule["expr"])
    if not re.fullmatch(r"\d+[smh]", str(rule["for"])):
        raise ValueError(f"`for` is written as \"5m\", and not as {rule['for']!r}")
    wait = int(rule["for"][:-1]) * _SECONDS[rule["for"][-1]]
    return Rule(rule["alert"], rule["expr"], wait, rule["labels"], rule.get("annotations", {}))


def scrape(targets: dict[str, str]) -> dict[tuple[str, Labels], float]:
    """Return the metrics of some servers, by name and labels; ``up`` says for each job whether it answered.

    Parameters
    ----------
    targets : dict
        The address of each job's server.
    """
    found = {}
    for job, url in targets.items():
        mine = {("job", job)}
        try:
            text = requests.get(f"{url}/metrics", timeout=10).text
        except requests.ConnectionError:
            found["up", frozenset(mine)] = 0.0
            continue
        found["up", frozenset(mine)] = 1.0
        samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
        found |= {(one.name, frozenset(one.labels.items() | mine)): one.value for one in samples}
    return found


def evaluate(expr: str, scrapes: list[tuple[float, dict]], now: float) -> dict[Labels, float]:
    """Return the labels and values for which an expression holds at the second `now`."""
    asked = _match(expr)
    conditions = _CONDITION.findall(asked["where"] or "")
    if not asked["sum"]:
        found = _select(scrapes[-1][1], asked["name"], conditions)
    else:
        found = {}
        for labels, growth in _grow(scrapes, asked["name"], conditions, now - 60 * int(asked["minutes"])).items():
            kept = frozenset((name, value) for name, value in labels if name == asked["by"])
            found[kept] = found.get(kept, 0.0) + growth
    holds, limit = _SIGNS[asked["sign"]], float(asked["limit"])
    return {labels: value for labels, value in found.items() if holds(value, limit)}


def _match(expr: str) -> re.Match:
    """Return the parts of an expression; raise ValueError where the stand-in does not know its form."""
    asked = _EXPRESSION.fullmatch(str(expr).strip())  # YAML may have read a number
    if not asked or bool(asked["sum"]) != bool(asked["minutes"]):
        raise ValueError(f"the stand-in knows NAME > 1 and sum(increase(NAME[5m])) > 1, and not {str(expr).strip()!r}")
    if not _CONDITIONS.fullmatch(asked["where"] or ""):
        raise ValueError(f"the stand-in knows status=\"500\" and status=~\"5..\", and not {{{asked['where']}}}")
    for _, sign, value in _CONDITION.findall(asked["where"] or ""):
        try:
            re.compile(value if sign == "=~" else "")
        except re.error as error:
            raise ValueError(f"{value!r} in {{{asked['where']}}} is no regular expression ({error})") from None
    return asked


def _select(samples: dict, name: str, conditions: list[tuple[str, str, str]]) -> dict[Labels, float]:
    """Return the values of a metric whose labels fit, by labels."""
    def fits(labels: Labels) -> bool:
        given = dict(labels)
        return all(re.fullmatch(value if sign == "=~" else re.escape(value), given.get(label, ""))
                   for label, sign, value in conditions)

    return {labels: value for (one, labels), value in samples.items() if one == name and fits(labels)}


def _grow(scrapes: list, name: str, conditions: list, start: float) -> dict[Labels, float]:
    """Return by how much counters grew since the second `start`; one that falls was set to zero by a new start."""
    grown, last = {}, {}
    for moment, samples in scrapes:
        for labels, value in _select(samples, name, conditions).items() if moment >= start else ():
            if labels in last:
                grown[labels] = grown.get(labels, 0.0) + (value - last[labels] if value >= last[labels] else value)
            last[labels] = value
    return grown


def send(alerts: list[Alert], status: str, receivers: dict[str, str]) -> None:
    """Post alerts to the receivers of their severities, those of one name in one message."""
    for rule in {alert.rule.alert: alert.rule for alert in alerts}.values():
        mine = [alert for alert in alerts if alert.rule.alert == rule.alert]
        listed = [{"labels": dict(alert.labels), "annotations": rule.annotations} for alert in mine]
        url = receivers[rule.labels["severity"]]
        requests.post(url, json={"status": status, "alerts": listed}, timeout=10).raise_for_status()
