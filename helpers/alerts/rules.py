"""The stand-in for Prometheus' alerts: rules of its file, and what becomes of each alert from one look to the next."""
import re
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from helpers.alerts import expressions
from helpers.alerts.expressions import Unknown
from helpers.alerts.samples import Labels, Samples

_GROUP, _RULE = {"name", "rules"}, {"alert", "expr", "for", "labels", "annotations"}
_FIELD = re.compile(r"\{\{ *\$labels\.(\w+) *\}\}")


@dataclass(frozen=True)
class Rule:
    """One alert of a rule file: its expression, how many seconds that must hold, and what the alert carries."""

    alert: str
    expr: str
    wait: float = 0.0
    labels: dict[str, str] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)

    def make_labels(self, found: Labels) -> Labels:
        """Return the labels of an alert: those of the value, the rule's own, and the alert's name."""
        return frozenset({**dict(found), **self.labels, "alertname": self.alert}.items())

    def write(self, found: Labels) -> dict[str, str]:
        """Return the annotations with the labels of the value filled in."""
        labels = dict(found)
        return {name: _FIELD.sub(lambda m: labels.get(m[1], ""), text) for name, text in self.annotations.items()}


@dataclass
class Alert:
    """An alert: the second since which its expression holds, and those in which it began to fire and resolved."""

    rule: Rule
    labels: dict[str, str]
    annotations: dict[str, str]
    since: float
    fired: float | None = None
    ended: float | None = None


@dataclass
class Alerts:
    """The alerts of some rules, pending and firing, from one look to the next."""

    rules: list[Rule]
    active: dict[Labels, Alert] = field(default_factory=dict)

    def look(self, samples: Samples, now: float) -> list[Alert]:
        """Evaluate all rules at the second `now`; return the alerts that began to fire, and those that resolved."""
        before, self.active, changed = self.active, {}, []
        for rule in self.rules:
            for found in expressions.evaluate(rule.expr, samples, now):
                labels = rule.make_labels(found)
                alert = before.pop(labels, None) or Alert(rule, dict(labels), rule.write(found), since=now)
                if alert.fired is None and now - alert.since >= rule.wait:  # the time that `for` names is over
                    alert.fired = now
                    changed.append(alert)
                self.active[labels] = alert
        resolved = [alert for alert in before.values() if alert.fired is not None]  # their expressions hold no more
        for alert in resolved:
            alert.ended = now
        return changed + resolved

    def names(self, firing: bool) -> list[str]:
        """Return the names of the alerts that fire, or of those that wait, each once, in order."""
        return sorted({alert.rule.alert for alert in self.active.values() if (alert.fired is not None) == firing})


def read(path: Path) -> list[Rule]:
    """Return the rules of a file; raise Unknown, by name, for what is in it and the stand-in does not know."""
    groups = yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]
    return [_read_rule(rule) for group in _require(groups, _GROUP) for rule in _require(group["rules"], _RULE)]


def _require(items: list[dict], known: set[str]) -> list[dict]:
    """Return some parts of a file; raise Unknown where one has a key besides those that are known."""
    for key in {key for item in items for key in item} - known:
        raise Unknown(f"the stand-in does not know the key {key!r} of a rule file, only {', '.join(sorted(known))}")
    return items


def _read_rule(rule: dict) -> Rule:
    """Return a rule whose expression and texts the stand-in knows."""
    if "alert" not in rule:
        raise Unknown(f"the stand-in knows alerts, no recording rules: {rule.get('expr')}")
    expressions.check(rule["expr"])
    labels, annotations = rule.get("labels", {}), rule.get("annotations", {})
    for text in [*labels.values(), *map(_FIELD.sub, [""] * len(annotations), annotations.values())]:
        if "{{" in text:
            raise Unknown(f"the stand-in fills in labels of annotations alone, as {{{{ $labels.version }}}}: {text}")
    wait = expressions.read_seconds(rule.get("for", "0s"))
    return Rule(rule["alert"], rule["expr"].strip(), wait, labels, annotations)
