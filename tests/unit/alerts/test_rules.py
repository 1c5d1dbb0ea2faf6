"""The stand-in tells pending, firing and resolved as Prometheus does, and refuses what it does not know by name."""
import random
import re

import pytest
import yaml

from helpers.alerts import rules
from helpers.alerts.expressions import Unknown
from helpers.alerts.rules import Alerts, Rule
from helpers.alerts.samples import Samples
from helpers.paths import ROOT
from support.prometheus import call, find_second

FILE = ROOT / "deploy" / "monitoring" / "alerts.yml"
MINUTES = 90


def look(alerts: Alerts, samples: Samples, minute: int, value: float) -> list[str]:
    """Scrape a value of x and return the alerts that changed."""
    samples.add(f"x {value}\n", 60 * minute, job="test")
    return [f"{alert.rule.alert} {alert.ended is None}" for alert in alerts.look(samples, 60 * minute)]


def test_an_alert_waits_fires_and_resolves():
    """It fires after the time that `for` names, once, starts over after a gap, and resolves once."""
    alerts, samples = Alerts([Rule("High", "x > 1", 120)]), Samples()
    seen = [look(alerts, samples, minute, value) for minute, value in enumerate([2, 2, 0, 2, 2, 2, 2, 0, 0])]
    assert seen == [[], [], [], [], [], ["High True"], [], ["High False"], []]
    assert alerts.names(firing=True) == alerts.names(firing=False) == []


def test_labels_of_the_value_and_of_the_rule_go_into_the_alert():
    """Each version has an alert of its own, whose summary names it."""
    texts = {"summary": "version {{ $labels.version }} fails"}
    rule = Rule("Bad", "sum by (version) (x) > 0", 0, {"owner": "me"}, texts)
    samples = Samples()
    samples.add('x{version="1",where="a"} 1\nx{version="2",where="a"} 1\nx{version="3",where="a"} 0\n', 0, job="test")
    found = Alerts([rule]).look(samples, 0)
    assert sorted(alert.annotations["summary"] for alert in found) == ["version 1 fails", "version 2 fails"]
    assert found[0].labels["owner"] == "me" and found[0].labels["alertname"] == "Bad"


WRONG = {
    "keep_firing_for": {"alert": "A", "expr": "x > 1", "keep_firing_for": "5m"},
    "recording rules": {"record": "a:b", "expr": "x"},
    "histogram_quantile": {"alert": "A", "expr": "histogram_quantile(0.9, x)"},
    "1m30s": {"alert": "A", "expr": "x > 1", "for": "1m30s"},
    r"\$value": {"alert": "A", "expr": "x > 1", "annotations": {"summary": "{{ $value }}"}},
    "offset": {"alert": "A", "expr": "x offset 5m > 1"},
}


@pytest.mark.parametrize("name", WRONG)
def test_what_the_stand_in_does_not_know_is_refused_by_name(name, tmp_path):
    """Nothing in a file is passed over in silence."""
    file = tmp_path / "rules.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "g", "rules": [WRONG[name]]}]}))
    with pytest.raises(Unknown, match="recording rules|key 'record'" if name == "recording rules" else name):
        rules.read(file)


class Story:
    """Random series of all metrics of the real rules, as promtool reads them and as a server would serve them."""

    def __init__(self, seed: int) -> None:
        """Draw them."""
        self.chance = random.Random(seed)
        live, monitoring = 'job="live"', 'job="monitoring"'
        self.series = {f"up{{{job}}}": self.hold(0, 2, digits=0) for job in (live, monitoring)}
        counters = [f'live_requests_total{{{live},status="{status}"}}' for status in (200, 400, 500, 503)]
        counters += [f'live_failures_total{{{live},where="{where}",version="{number}"}}'
                     for where in ("answer", "shadow", "by number") for number in (1, 2)]
        counters += [f'live_failures_total{{{live},where="registry"}}', f"live_request_seconds_count{{{live}}}"]
        counters += [f'live_request_seconds_bucket{{{live},le="{le}"}}' for le in ("1.0", "2.5")]
        self.series |= {name: self.count() for name in counters}
        gauges = {"answer_minus_shadow": 0.1, "calibration_gap_low": 0.05, "calibration_gap_high": 0.01}
        self.series |= {f"monitoring_{name}{{{monitoring}}}": self.hold(-most, most) for name, most in gauges.items()}
        self.series[f"monitoring_compared_flights{{{monitoring}}}"] = self.hold(0, 200)
        self.series[f"monitoring_labelled_share{{{monitoring}}}"] = self.hold(0.6, 1)
        self.series[f"monitoring_last_run_timestamp_seconds{{{monitoring}}}"] = self.hold(-93_000, -88_000)
        for metric in ("psi", "psi_limit"):
            for feature in ("temp", "wind"):
                self.series[f'monitoring_{metric}{{{monitoring},feature="{feature}"}}'] = self.hold(0, 2)

    def draw(self, value) -> list[float | None]:
        """Return a value for each minute; for some in a row there is none."""
        drawn, gone = [], False
        for minute in range(MINUTES):
            gone = self.chance.random() < (0.7 if gone else 0.03)
            drawn.append(None if gone else value(minute))
        return drawn

    def hold(self, low: float, high: float, digits: int = 3) -> list[float | None]:
        """Return values that stay the same for a while."""
        values = [round(self.chance.uniform(low, high), digits) for _ in range(4)]
        ends = sorted(self.chance.sample(range(MINUTES), 3))
        return self.draw(lambda minute: values[sum(end <= minute for end in ends)])

    def count(self) -> list[float | None]:
        """Return a counter: it is still for long, grows by jumps, and sometimes begins anew."""
        total, values, rests = 0, [], True
        for _ in range(MINUTES):
            rests = self.chance.random() < (0.9 if rests else 0.2)
            total = 0 if self.chance.random() < 0.03 else total + (0 if rests else self.chance.randrange(60))
            values.append(float(total))
        return self.draw(values.__getitem__)

    def serve(self, samples: Samples, minute: int) -> None:
        """Let each target be scraped, as the series have it."""
        for job in ("live", "monitoring"):
            rows = {name: values[minute] for name, values in self.series.items() if f'job="{job}"' in name}
            up = rows.pop(f'up{{job="{job}"}}')
            text = "".join(f"{name} {value}\n" for name, value in rows.items() if value is not None)
            samples.add(text, 60 * minute, job=job)
            series = samples.series["up"][frozenset({("job", job)})]
            series[-1:] = [] if up is None else [(60 * minute, up)]

    def write(self) -> list[dict]:
        """Return the series in promtool's notation, in which one that a scrape lacks is stale."""
        words = {name: ["stale" if v is None else f"{v}" for v in values] for name, values in self.series.items()}
        return [{"series": name, "values": " ".join(values)} for name, values in words.items()]


def follow(story: Story, known: list[Rule]) -> tuple[list[dict], int]:
    """Return what the stand-in says at each minute, as tests for promtool, and how many alerts fired in all."""
    alerts, samples, tests, fired = Alerts(known), Samples(), [], 0
    for minute in range(MINUTES):
        story.serve(samples, minute)
        changed = alerts.look(samples, 60 * minute)
        fired += sum(alert.ended is None for alert in changed)
        for rule in known:
            told = [one for one in alerts.active.values() if one.rule is rule and one.fired is not None]
            expected = [{"exp_labels": {k: v for k, v in one.labels.items() if k != "alertname"},
                         "exp_annotations": one.annotations} for one in told]
            tests.append({"eval_time": f"{minute}m", "alertname": rule.alert, "exp_alerts": expected})
    return tests, fired


def test_the_stand_in_says_what_prometheus_says(tmp_path):
    """On random series, with gaps and counters that begin anew, both have the same alerts at every minute."""
    file = tmp_path / "rules.yml"
    file.write_text(re.sub("for: (1h|10m)", "for: 3m", FILE.read_text(encoding="utf-8")), encoding="utf-8")
    program, known, stories, fired = find_second(), rules.read(file), [], 0
    for seed in range(6):
        story = Story(seed)
        tests, number = follow(story, known)
        stories.append({"interval": "1m", "input_series": story.write(), "alert_rule_test": tests})
        fired += number
    tests = tmp_path / "stories_test.yml"
    settings = {"rule_files": [str(file)], "evaluation_interval": "1m", "tests": stories}
    tests.write_text(yaml.dump(settings, Dumper=Plain), encoding="utf-8")
    call(program, "test", "rules", tests)
    assert fired > 100
    seen = {test["alertname"] for story in stories for test in story["alert_rule_test"] if test["exp_alerts"]}
    assert seen == {rule.alert for rule in known}


class Plain(yaml.SafeDumper):
    """Writes the same text twice where it is there twice."""

    def ignore_aliases(self, data: object) -> bool:
        """Say so of everything."""
        return True
