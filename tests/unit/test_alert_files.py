"""The files of deploy/monitoring: Prometheus' own programs accept them, and they agree with each other."""
import contextlib
import json
import re
import shutil
from pathlib import Path

import pytest
import yaml
from prometheus_client import CollectorRegistry, Counter, start_http_server

from helpers import servers
from helpers.live.scoring import Counters
from helpers.paths import ROOT
from helpers.pipeline import alerts
from helpers.pipeline.receiver import Receiver
from support.processes import until
from support.prometheus import call, find, find_manager

FOLDER = ROOT / "deploy" / "monitoring"
RULES = alerts.read_rules(FOLDER / "alerts.yml")
ALERTS = [rule.alert for rule in RULES]
DASHBOARD = json.loads((FOLDER / "dashboard.json").read_text(encoding="utf-8"))
ENDS = {"counter": ["_total"], "gauge": [""], "histogram": ["_bucket", "_count", "_sum"]}  # of a metric's name
LIVE = {family.name + end for family in Counters().registry.collect() for end in ENDS[family.type]}


def test_prometheus_accepts_the_rules_and_its_settings():
    """Promtool finds no fault in rules and settings, and amtool none in the routes."""
    assert f"{len(RULES)} rules found" in call(find("promtool"), "check", "rules", FOLDER / "alerts.yml")
    assert "SUCCESS" in call(find("promtool"), "check", "config", FOLDER / "prometheus.yml")
    assert "SUCCESS" in call(find("amtool"), "check-config", FOLDER / "alertmanager.yml")


def test_the_rules_pass_their_tests():
    """Each rule fires in the tests of the rules when it should, and only then."""
    call(find("promtool"), "test", "rules", FOLDER / "alerts_test.yml")


def test_the_tests_of_the_rules_find_those_that_never_fire(tmp_path):
    """When all rules are silent, a test fails for each: so no rule is without a test."""
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    loaded = yaml.safe_load((FOLDER / "alerts.yml").read_text(encoding="utf-8"))
    for rule in [rule for group in loaded["groups"] for rule in group["rules"]]:
        rule["expr"] = f"({rule['expr']}) and vector(1) == 2"
    (tmp_path / "alerts.yml").write_text(yaml.safe_dump(loaded), encoding="utf-8")
    said = call(find("promtool"), "test", "rules", tmp_path / "alerts_test.yml", right=False)
    assert set(re.findall(r"alertname: (\w+)", said)) == set(ALERTS)


@pytest.mark.parametrize(("right", "wrong"), [("> 20", "> 200"), ("for: 2m", "for: 20m"), ('"5.."', '"[45].."')])
def test_the_tests_of_the_rules_find_a_changed_limit(right, wrong, tmp_path):
    """Another limit, another time and another set of statuses fail."""
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    text = (FOLDER / "alerts.yml").read_text(encoding="utf-8")
    assert right in text
    (tmp_path / "alerts.yml").write_text(text.replace(right, wrong), encoding="utf-8")
    call(find("promtool"), "test", "rules", tmp_path / "alerts_test.yml", right=False)


def test_every_alert_has_its_section_in_the_runbook_and_every_section_its_alert():
    """Severity and owner are the same in both, and the link of the alert leads to its section."""
    text = (FOLDER / "RUNBOOK.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))
    assert list(sections) == ALERTS
    for rule in RULES:
        assert rule.annotations["runbook"] == f"RUNBOOK.md#{rule.alert.lower()}"
        told = f"- **Severity and owner**: {rule.labels['severity']}, {rule.labels['owner']}."
        assert told in sections[rule.alert]
        assert all(f"- **{part}**: " in sections[rule.alert] for part in ("Means", "Look at", "Do"))


def test_every_severity_has_a_receiver_on_loopback():
    """A page goes to the pager, all else to the tickets, and no address leads away from this machine."""
    route = yaml.safe_load((FOLDER / "alertmanager.yml").read_text(encoding="utf-8"))["route"]
    assert {rule.labels["severity"] for rule in RULES} == {"page", "ticket"}
    assert [(one["matchers"], one["receiver"]) for one in route["routes"]] == [(['severity="page"'], "pager")]
    assert route["receiver"] == "tickets" and route["group_by"] == ["alertname"]  # as the stand-in groups them
    for file in FOLDER.iterdir():
        hosts = set(re.findall(r"https?://([\w.]+)", file.read_text(encoding="utf-8")))
        assert hosts <= {"127.0.0.1"}, file.name


# The real programs run the real files


def speed_up(name: str, folder: Path, **addresses: str) -> Path:
    """Write a file of ours with seconds in place of minutes, and other addresses; return where."""
    text = (FOLDER / name).read_text(encoding="utf-8")
    for old, new in addresses.items():
        text = text.replace(f"127.0.0.1:{old.strip('_')}", new)
    text = re.sub(r"\b(15|30)s\b", "1s", text)
    file = folder / name
    file.write_text(re.sub(r"\b(\d+)m\b", lambda found: f"{max(int(found[1]), 2)}s", text), encoding="utf-8")
    return file


def start(program: str, folder: Path, file: Path) -> servers.Server:
    """Return a program of Prometheus on a free port, with its data in a folder."""
    port = servers.free_port()
    command = [program, f"--config.file={file}", f"--web.listen-address=127.0.0.1:{port}"]
    command += [f"--storage.{'tsdb.' * (program == 'prometheus')}path={folder / program}"]
    command += ["--cluster.listen-address="] * (program != "prometheus")
    found = find(program) if program == "prometheus" else find_manager()
    return servers.Server(command, port, "/-/ready", program=[found])


def test_an_alert_goes_through_prometheus_and_alertmanager(tmp_path):
    """It fires on failed answers, comes with the others of its name, in the stand-in's form, and ends."""
    registry, receiver = CollectorRegistry(), Receiver()
    requests = Counter("live_requests", "", ["status"], registry=registry)
    failures = Counter("live_failures", "", ["where", "version"], registry=registry)
    requests.labels(500), [failures.labels("answer", number) for number in (2, 3)]
    live, _ = start_http_server(0, "127.0.0.1", registry)
    with contextlib.ExitStack() as stack:
        stack.callback(receiver.stop)
        stack.callback(live.server_close)
        stack.callback(live.shutdown)
        routes = speed_up("alertmanager.yml", tmp_path, _9095=receiver.url.removeprefix("http://"))
        manager = stack.enter_context(start("prometheus-alertmanager", tmp_path, routes))
        speed_up("alerts.yml", tmp_path)
        to = {"_9093": f"127.0.0.1:{manager.port}", "_5001": f"127.0.0.1:{live.server_port}"}
        stack.enter_context(start("prometheus", tmp_path, speed_up("prometheus.yml", tmp_path, **to)))
        until(lambda: fail(requests, failures) or {"/page", "/ticket"} <= {path for path, _ in receiver.messages})
        until(lambda: "resolved" in {message["status"] for path, message in receiver.messages if path == "/page"})
    first = {message["groupLabels"]["alertname"]: (path, message) for path, message in reversed(receiver.messages)}
    assert first["AnswersFail"][0] == "/page" and first["VersionFails"][0] == "/ticket"
    assert len(first["VersionFails"][1]["alerts"]) == 2
    assert receiver.read_new()  # what they send is read as what the stand-in sends


def fail(requests: Counter, failures: Counter) -> None:
    """Count failed requests of each of two versions."""
    for number in (2, 3):
        requests.labels(500).inc(30)
        failures.labels("answer", number).inc()


# The dashboard


def panels() -> list[dict]:
    """Return the dashboard's panels."""
    return DASHBOARD["panels"]


def queries() -> list[str]:
    """Return what the panels ask Prometheus for."""
    return [target["expr"] for panel in panels() for target in panel["targets"]]


def test_prometheus_accepts_every_query_of_the_dashboard(tmp_path):
    """Grafana is not run here; its queries are those of a rule file that promtool accepts."""
    recorded = [{"record": f"query:{place}", "expr": expr} for place, expr in enumerate(queries())]
    file = tmp_path / "queries.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": recorded}]}))
    assert f"{len(recorded)} rules found" in call(find("promtool"), "check", "rules", file)


def test_dashboard_and_rules_ask_for_metrics_that_exist():
    """No query names a metric of the live server that it has not."""
    asked = set(re.findall(r"\b(?:live|monitoring)_\w+", " ".join([*queries(), *(rule.expr for rule in RULES)])))
    assert asked and {name for name in asked if name.startswith("live_")} <= LIVE


def test_the_panels_of_the_dashboard_lie_side_by_side():
    """Each has a number, a title, a unit and a description of its own, and none lies over another or beyond the 24
    columns."""
    assert len({panel["id"] for panel in panels()}) == len({panel["title"] for panel in panels()}) == len(panels())
    cells = [cell for panel in panels() for cell in covered(panel["gridPos"])]
    assert len(cells) == len(set(cells)) and max(x for x, _ in cells) < 24
    assert all(panel["description"] and panel["fieldConfig"]["defaults"]["unit"] for panel in panels())
    assert all(panel["datasource"]["uid"] == "${source}" for panel in panels())
    assert [one["name"] for one in DASHBOARD["templating"]["list"]] == ["source"]


def covered(place: dict) -> list[tuple[int, int]]:
    """Return the cells of the grid under a panel."""
    columns = range(place["x"], place["x"] + place["w"])
    return [(x, y) for x in columns for y in range(place["y"], place["y"] + place["h"])]
