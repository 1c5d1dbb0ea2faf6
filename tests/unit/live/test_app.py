"""The live server keeps MLflow's contract, swaps without a failed request, and loses nothing when it is killed."""
import itertools
import json
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pandas as pd
import psutil
import requests
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from helpers.features import FEATURES, LABEL
from helpers.live import payloads
from helpers.live.models import bucket
from helpers.live.prediction_log import PredictionLog
from support.live import NAME, post, serve, serves, wait_until_it_serves
from support.load import bodies, load
from support.processes import family, listening, until

JSON = {"Content-Type": "application/json"}


def forms(row: dict, two: pd.DataFrame) -> dict[str, dict]:
    """Return requests right and wrong in every way that notebook 7 knows, and more."""
    json_type, text = {"Content-Type": "application/json"}, json.dumps({"dataframe_records": [row]})
    split = json.loads(two.to_json(orient="split", index=False))

    def records(**changes) -> dict:
        return {"json": {"dataframe_records": [{**row, **changes}]}}

    return {
        "records": records(),
        "two records": {"json": {"dataframe_records": json.loads(two.to_json(orient="records"))}},
        "split": {"json": {"dataframe_split": split}},
        "split with index": {"json": {"dataframe_split": {**split, "index": [7, 8]}}},
        "instances": {"json": {"instances": [row, row]}},
        "inputs by row": {"json": {"inputs": [row]}},
        "inputs by column": {"json": {"inputs": {name: [value] for name, value in row.items()}}},
        "CSV": {"data": two.to_csv(index=False), "headers": {"Content-Type": "text/csv"}},
        "parquet": {"data": two.to_parquet(), "headers": {"Content-Type": "application/vnd.apache.parquet"}},
        "charset": {"data": text, "headers": {"Content-Type": "application/json; charset=utf-8"}},
        "wrong charset": {"data": text, "headers": {"Content-Type": "application/json; charset=latin-1"}},
        "params": {"json": {"dataframe_records": [row], "params": {"threshold": 0.5}}},
        "bad JSON": {"data": text[:-2], "headers": json_type},
        "no bytes": {"data": b"", "headers": json_type},
        "not UTF-8": {"data": b"\xff\xfe{", "headers": json_type},
        "a list": {"json": [row]},
        "a number": {"json": 3},
        "two names": {"json": {"dataframe_records": [row], "instances": [row]}},
        "unknown name": {"json": {"rows": [row]}},
        "plain text": {"data": text, "headers": {"Content-Type": "text/plain"}},
        "empty batch": {"json": {"dataframe_records": []}},
        "record that is a list": {"json": {"dataframe_records": [list(row.values())]}},
        "ragged split": {"json": {"dataframe_split": {**split, "data": [split["data"][0], [1, 2]]}}},
        "missing whole number": {"json": {"dataframe_records": [{k: v for k, v in row.items() if k != "distance"}]}},
        "missing fraction": {"json": {"dataframe_records": [{k: v for k, v in row.items() if k != "temp"}]}},
        "word for a number": records(temp="warm"),
        "number as text": records(temp="60.08"),
        "fraction for a whole number": records(distance=187.9),
        "whole number for a fraction": records(temp=60),
        "truth for a number": records(temp=True),
        "truth for a whole number": records(distance=True),
        "number for a name": records(carrier=5),
        "null for a whole number": records(distance=None),
        "null for a fraction": records(temp=None),
        "null for a name": records(carrier=None),
        "list for a number": records(temp=[1.0]),
        "beyond 64 bits": records(distance=2**70),
        "fraction beyond 64 bits": records(temp=2**70),
        "infinite": {"data": text.replace('"temp": ', '"temp": Infinity, "x": '), "headers": json_type},
        "unknown category": records(carrier="XE"),
        "a column too many": records(color="blue"),
        "another order": {"json": {"dataframe_records": [dict(reversed(row.items()))]}},
    }


def test_keeps_mlflows_contract(live, model, week):
    """Each payload, right or wrong, gets the status and the predictions that MLflow's own server gives."""
    from mlflow.pyfunc import scoring_server
    from starlette.testclient import TestClient

    mlflows = TestClient(scoring_server.init(model), raise_server_exceptions=False)
    two = week[FEATURES].dropna().head(2)
    different = {}
    for name, payload in forms(json.loads(two.to_json(orient="records"))[0], two).items():
        content = json.dumps(payload["json"]) if "json" in payload else payload["data"]
        headers = payload.get("headers", {"Content-Type": "application/json"})
        theirs = mlflows.post("/invocations", content=content, headers=headers)
        ours = requests.post(f"{live.url}/invocations", data=content, headers=headers, timeout=30)
        expected = 400 if theirs.status_code == 500 else theirs.status_code
        if ours.status_code != expected:
            different[name] = (expected, ours.status_code, ours.text[:200])
        elif expected == 200:
            np.testing.assert_allclose(ours.json()["predictions"], theirs.json()["predictions"], atol=1e-6)
    assert different == {}


def test_a_forgotten_content_type_is_the_clients_fault(live, week):
    """No Content-Type is 415, where MLflow's server answers 500, and the connection goes on."""
    with requests.Session() as session:
        body = bodies(week[FEATURES].head(1))[0]
        answer = session.post(f"{live.url}/invocations", data=body, timeout=30)
        assert answer.status_code == 415 and "Content-Type" in answer.json()["message"]
        right = {"Content-Type": "application/json"}
        assert session.post(f"{live.url}/invocations", data=body, headers=right, timeout=30).status_code == 200


def test_errors_tell_no_secrets(live, week):
    """An error names what is wrong and holds no traceback, which MLflow's server sends along."""
    answer = post(live, week[FEATURES].head(1).assign(temp="warm"))
    assert answer.status_code == 400
    assert set(answer.json()) == {"error_code", "message"} and "Traceback" not in answer.text


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=4), st.lists(st.integers(), max_size=2)
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(changes=st.dictionaries(st.sampled_from([*FEATURES, "id", "color"]), VALUES, max_size=3))
@example(changes={"temp": float("nan")})  # Python writes NaN, which JSON does not know
@example(changes={"temp": float("inf")})
def test_the_fast_reader_reads_what_mlflow_reads(model, week, changes):
    """Where the fast reader accepts a payload, MLflow's code accepts it too and finds the same values."""
    row = json.loads(week[FEATURES].dropna().head(1).to_json(orient="records"))[0] | changes
    body = json.dumps({"dataframe_records": [row]}).encode()
    fast = payloads.read_fast(body, payloads.kinds_of(model.metadata.signature))
    if fast is not None:
        slow = payloads.read(body, "application/json", model.metadata)
        assert fast.keys() == slow.keys()
        for name in fast:
            assert fast[name] == slow[name]


def test_the_fast_reader_reads_the_usual_payloads(week, model):
    """Records and split of well-formed flights never need the slow way, with and without ids."""
    for rows in (week[FEATURES].head(50), week[["id", *FEATURES]].head(50)):
        split = json.loads(rows.to_json(orient="split", index=False))
        for payload in ({"dataframe_records": json.loads(rows.to_json(orient="records"))}, {"dataframe_split": split}):
            columns = payloads.read_fast(json.dumps(payload).encode(), payloads.kinds_of(model.metadata.signature))
            assert columns and len(columns["temp"]) == 50 and ("id" in columns) == ("id" in rows)


CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


def test_no_input_breaks_it(live, tmp_path):
    """Whatever is sent, by the OpenAPI document or against it: never 500, and every answer as documented."""
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{live.url}/openapi.json", "--checks", CHECKS]
    options = ["--mode", "all", "--max-examples", "150", "--seed", "1", "--no-color", "--workers", "1"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, cwd=tmp_path, timeout=1800)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-1000:]


def test_predictions_are_logged_with_their_version_and_inputs(live, place, week):
    """A row of the log tells who answered what, and with which inputs; without an id it gets one."""
    rows = week[["id", *FEATURES]].tail(3)
    answer = post(live, rows)
    assert answer.headers["X-Model-Version"] == "1"
    logged = PredictionLog(place / "shared.db").read().set_index("id").loc[rows["id"]]
    assert logged["version"].tolist() == [1, 1, 1] and logged["role"].tolist() == ["answer"] * 3
    assert logged["probability"].tolist() == [late for _, late in answer.json()["predictions"]]
    assert [json.loads(text)["carrier"] for text in logged["inputs"]] == rows["carrier"].tolist()
    before = len(PredictionLog(place / "shared.db").read())
    post(live, week[FEATURES].head(2))
    assert len(PredictionLog(place / "shared.db").read()) == before + 2


def test_an_id_with_other_inputs_is_a_conflict(live, week):
    """The same id again gets the same answer; with other inputs it gets 409."""
    row = week[["id", *FEATURES]].tail(10).head(1)
    assert post(live, row).json() == post(live, row).json()
    answer = post(live, row.assign(temp=3.0))
    assert answer.status_code == 409 and "an id of its own" in answer.json()["message"]


def test_versions_can_be_asked_for_by_number(live, champion, week):
    """A version that is loaded answers, an unknown one is not found, a retired one is gone, with the reason."""
    row = week[FEATURES].head(1)
    assert post(live, row, "/versions/1/invocations").headers["X-Model-Version"] == "1"
    for number in ("7", "x", "²", "9" * 30):
        assert post(live, row, f"/versions/{number}/invocations").status_code == 404
    champion.set_model_version_tag(NAME, "2", "reason", "version 3 is better")
    champion.set_model_version_tag(NAME, "2", "status", "retired")  # last: the server acts on it
    wait_until_it_serves(live, retired=[2])
    answer = post(live, row, "/versions/2/invocations")
    assert answer.status_code == 410 and "version 3 is better" in answer.json()["message"]
    champion.delete_model_version_tag(NAME, "2", "status")
    wait_until_it_serves(live, retired=[])


def test_counts_what_it_does(live, week):
    """Prometheus finds the answers by status and the rows by version."""

    def count(line: str) -> float:
        text = requests.get(f"{live.url}/metrics", timeout=30).text
        return sum(float(row.split()[-1]) for row in text.splitlines() if row.startswith(line))

    rows, good = count('live_predictions_total{role="answer",version="1"}'), count('live_requests_total{status="200"}')
    bad = count('live_requests_total{status="415"}')
    post(live, week[FEATURES].head(5))
    requests.post(f"{live.url}/invocations", data=b"{}", timeout=30)
    assert count('live_predictions_total{role="answer",version="1"}') == rows + 5
    assert count('live_requests_total{status="200"}') == good + 1
    assert count('live_requests_total{status="415"}') == bad + 1
    assert count('live_in_flight{version="1"}') == 0


def test_a_shadow_scores_beside_and_a_canary_answers_its_share(champion, live, place, week):
    """At share 0 the challenger scores every row and answers none; above, the same ids always meet it."""
    champion.set_registered_model_alias(NAME, "challenger", "2")
    wait_until_it_serves(live, challenger=2)
    rows = week[["id", *FEATURES]].iloc[200:600]
    shadowed = rows.assign(id="s-" + rows["id"])
    assert post(live, shadowed).headers["X-Model-Version"] == "1"
    wait_until_it_serves(live, shadow_waiting=0)
    logged = PredictionLog(place / "shared.db").read()
    logged = logged[logged["id"].isin(shadowed["id"])]
    assert logged.groupby(["role", "version"]).size().to_dict() == {("answer", 1): 400, ("shadow", 2): 400}

    champion.set_model_version_tag(NAME, "2", "canary_share", "0.25")
    wait_until_it_serves(live, canary_share=0.25)
    some = [rows.iloc[[place]] for place in range(40)]
    one_by_one = {row["id"].item(): post(live, row).headers["X-Model-Version"] for row in some}
    assert post(live, rows).headers["X-Model-Version"] == "1, 2"
    by_id = PredictionLog(place / "shared.db").read().set_index("id")["version"].loc[rows["id"]]
    assert {id: str(by_id[id]) for id in one_by_one} == one_by_one
    assert by_id.eq(2).equals(rows["id"].map(bucket).lt(0.25).set_axis(rows["id"]))
    assert 0.15 < by_id.eq(2).mean() < 0.35
    champion.delete_registered_model_alias(NAME, "challenger")
    champion.delete_model_version_tag(NAME, "2", "canary_share")
    wait_until_it_serves(live, challenger=None, canary_share=0.0)


def test_without_the_onnx_form_scikit_learn_answers_the_same(champion, live, week):
    """Version 3 is version 2 without its ONNX form: another way to the same probabilities."""
    rows, answers = week[FEATURES].head(300).assign(carrier="ZZ"), {}
    rows.loc[::3, "carrier"] = "UA"
    for number, form in (("2", "onnx"), ("3", "sklearn")):
        champion.set_registered_model_alias(NAME, "champion", number)
        wait_until_it_serves(live, champion=int(number), forms={number: form})
        answers[number] = np.array(post(live, rows).json()["predictions"])
    champion.set_registered_model_alias(NAME, "champion", "1")
    wait_until_it_serves(live, champion=1)
    np.testing.assert_allclose(answers["2"], answers["3"], atol=1e-6)


def test_a_version_that_cannot_be_loaded_is_not_served(champion, live, place, week):
    """The old version goes on answering, the status names the trouble, and the next good version is taken."""
    (place / "empty").mkdir(exist_ok=True)
    broken = champion.create_model_version(NAME, source=(place / "empty").as_uri())
    champion.set_registered_model_alias(NAME, "champion", broken.version)
    until(lambda: requests.get(f"{live.url}/status", timeout=30).json()["trouble"])
    assert serves(live, champion=1) and post(live, week[FEATURES].head(1)).headers["X-Model-Version"] == "1"
    champion.set_registered_model_alias(NAME, "champion", "2")
    wait_until_it_serves(live, champion=2, trouble="")
    champion.set_registered_model_alias(NAME, "champion", "1")
    wait_until_it_serves(live, champion=1)


def test_a_broken_challenger_does_not_stand_in_the_way_of_a_rollback(champion, live, place):
    """With a challenger that cannot be loaded, or whose share is no number, the champion is swapped all the same."""
    (place / "hollow").mkdir(exist_ok=True)
    broken = champion.create_model_version(NAME, source=(place / "hollow").as_uri())
    champion.set_registered_model_alias(NAME, "challenger", broken.version)
    champion.set_registered_model_alias(NAME, "champion", "2")
    wait_until_it_serves(live, champion=2, challenger=None)
    assert "challenger: " in requests.get(f"{live.url}/status", timeout=30).json()["trouble"]
    champion.set_model_version_tag(NAME, "3", "canary_share", "a fifth")
    champion.set_registered_model_alias(NAME, "challenger", "3")
    champion.set_registered_model_alias(NAME, "champion", "1")
    wait_until_it_serves(live, champion=1, challenger=None)
    champion.delete_model_version_tag(NAME, "3", "canary_share")
    champion.delete_registered_model_alias(NAME, "challenger")
    wait_until_it_serves(live, trouble="")


def test_waits_for_a_champion_with_503(place, client, week):
    """Before there is a champion every request is told to come back; then it is answered, with no new start."""
    client.set_registered_model_alias(NAME, "champion", "1")
    client.delete_registered_model_alias(NAME, "champion")
    with serve(place, health="/status") as server:
        wait_until_it_serves(server, trouble=f"models:/{NAME}@champion points to no version")
        answer = post(server, week[FEATURES].head(1))
        assert answer.status_code == 503 and answer.headers["Retry-After"] == "1"
        assert requests.get(f"{server.url}/health", timeout=30).status_code == 503
        client.set_registered_model_alias(NAME, "champion", "1")
        until(lambda: requests.get(f"{server.url}/health", timeout=30).status_code == 200)
        assert post(server, week[FEATURES].head(1)).status_code == 200


def test_swaps_under_load_without_a_failed_request(champion, live, week):
    """The alias moves six times while eight clients ask; every request is answered, by one version, rightly."""
    done, box, counts = threading.Event(), [], [0]
    feed = itertools.cycle(bodies(week[FEATURES].head(200)))

    def over(seconds: float, answers: int) -> bool:
        counts.append(answers)
        return done.is_set()

    sender = threading.Thread(target=lambda: box.extend(load(live.port, feed, 8, over)))
    sender.start()
    for number in ("2", "1", "2", "3", "2", "1"):
        champion.set_registered_model_alias(NAME, "champion", number)
        wait_until_it_serves(live, champion=int(number))
        enough = counts[-1] + 20  # more than the eight that were asked before the swap
        until(lambda enough=enough: counts[-1] >= enough)
    done.set()
    sender.join()
    assert {answer.status for answer in box} == {200}
    assert {answer.version for answer in box} == {"1", "2", "3"}


def test_killed_in_the_middle_nothing_is_lost_or_counted_twice(champion, place, week):
    """SIGKILL under load: every answer is in the log; after a restart the clients retry, and each id is there once."""
    sent = week[["id", *FEATURES]].head(1500)
    requests_of = {id: body for id, body in zip(sent["id"], bodies(sent))}
    answered, waiting = set(), list(requests_of)
    server = serve(place, "killed.db")
    server.start()
    url = f"{server.url}/invocations"

    def ask(limit: float) -> None:
        with requests.Session() as session:
            while time.monotonic() < limit:
                try:
                    id = waiting.pop()
                except IndexError:  # all are asked
                    return
                try:
                    answer = session.post(url, requests_of[id], headers=JSON, timeout=30)
                    assert answer.status_code == 200
                    answered.add(id)
                except requests.RequestException:  # the server died before, or in the middle of, its answer
                    waiting.insert(0, id)
                    return

    def ask_all(seconds: float) -> None:
        threads = [threading.Thread(target=ask, args=(time.monotonic() + seconds,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        yield
        for thread in threads:
            thread.join()

    first = ask_all(600)
    next(first)
    until(lambda: len(answered) > 200)
    [process] = [p for p in psutil.Process(server._process.pid).children() if "helpers.live" in p.cmdline()]
    process.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
    next(first, None)
    server.stop()
    logged = PredictionLog(place / "killed.db").read()["id"]
    assert 200 < len(answered) < len(sent), "the server was not killed in the middle"
    assert answered <= set(logged) and logged.is_unique
    with server:
        for _ in ask_all(600):
            pass
        answered_all = post(server, sent.head(500))
    assert answered == set(sent["id"]) and answered_all.status_code == 200
    log = PredictionLog(place / "killed.db")
    assert sorted(log.read()["id"]) == sorted(sent["id"])
    log.add_labels(week[["id", LABEL]])
    joined = log.joined()
    assert len(joined) == len(sent)
    assert joined.set_index("id")["late"].astype(float).sort_index().equals(
        sent.set_index("id").join(week.set_index("id")[LABEL])[LABEL].rename("late").sort_index()
    )


def test_listens_on_this_machine_alone(live):
    """The server binds to 127.0.0.1, whatever the machine's other addresses are."""
    assert listening(family(live._process.pid)) == {"127.0.0.1"}
