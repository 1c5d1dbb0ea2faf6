"""Versions that go wrong after they were loaded: the champion answers, failures are counted, nobody waits for them."""
import asyncio
import contextlib
import gc
import json
import threading

import pytest
import requests

from helpers.features import FEATURES
from helpers.live import scoring
from helpers.live.models import Models, Version
from helpers.live.prediction_log import PredictionLog
from helpers.live.scoring import Counters, Scoring
from helpers.paths import ROOT
from support.live import NAME, post, serve, wait_until_it_serves
from support.odd_models import Odd
from support.processes import until

WITH_ODD = {"env": {"PYTHONPATH": str(ROOT / "tests")}}
SLEEP = 900.0  # seconds that a slow version takes; no test waits for it


@pytest.fixture(scope="module")
def odd(client, week):
    """Return a function that registers a model that goes wrong, and returns its number."""
    import mlflow

    numbers = {}

    def register(kind: str, seconds: float = 0.0) -> str:
        if (kind, seconds) not in numbers:
            mlflow.set_experiment("live")
            signature = mlflow.models.infer_signature(week[FEATURES].dropna().head(3))
            with mlflow.start_run():
                logged = mlflow.sklearn.log_model(
                    Odd(kind, seconds), name="odd", signature=signature, pip_requirements=["scikit-learn"],
                    serialization_format="cloudpickle", pyfunc_predict_fn="predict_proba",
                )  # fmt: skip
            numbers[kind, seconds] = client.create_model_version(NAME, source=logged.model_uri).version
        return numbers[kind, seconds]

    return register


@pytest.fixture
def canary(champion, live):
    """Return a function that makes a version the challenger with a share of the ids; afterwards there is none."""

    def answer_some(number: str, share: float) -> None:
        champion.set_model_version_tag(NAME, number, "canary_share", str(share))
        champion.set_registered_model_alias(NAME, "challenger", number)
        wait_until_it_serves(live, champion=1, challenger=int(number), canary_share=share)

    yield answer_some
    champion.delete_registered_model_alias(NAME, "challenger")
    wait_until_it_serves(live, challenger=None)


@pytest.fixture(scope="module")
def live(place, client):
    """A live server that knows the odd models, with a log."""
    client.set_registered_model_alias(NAME, "champion", "1")
    with serve(place, "odd.db", **WITH_ODD) as server:
        yield server


def count(server, line: str) -> float:
    """Return the sum of the counters that begin so."""
    text = requests.get(f"{server.url}/metrics", timeout=30).text
    return sum(float(row.split()[-1]) for row in text.splitlines() if row.startswith(line))


@pytest.mark.parametrize("share", [1.0, 0.5])
@pytest.mark.parametrize("kind", ["raises", "nan", "infinite", "3.5", "short", "flat", "texts", "nothing"])
def test_where_the_canary_fails_the_champion_answers(canary, live, odd, place, week, kind, share):
    """Every row of a batch is answered; the failure is counted by version, and the log has its rows."""
    number = odd(kind)
    canary(number, share)
    failures = f'live_failures_total{{version="{number}",where="answer"}}'
    before = count(live, failures)
    rows = week[["id", *FEATURES]].dropna().head(20)
    rows = rows.assign(id=f"{kind}-{share}-" + rows["id"])
    answer = post(live, rows)
    assert answer.status_code == 200, answer.text
    assert answer.headers["X-Model-Version"] == "1" and len(answer.json()["predictions"]) == 20
    assert count(live, failures) == before + 1
    logged = PredictionLog(place / "odd.db").read()
    logged = logged[logged["id"].isin(rows["id"])]
    logged = logged.groupby(["role", "version"]).agg({"id": "size", "probability": "count"})
    assert logged.loc[("answer", 1)].tolist() == [20, 20]
    some, probabilities = logged.loc[("failed", int(number))]
    assert 0 < some <= 20 and (some == 20) == (share == 1) and probabilities == 0


def test_a_champion_that_fails_says_nothing_of_its_insides(champion, live, odd, week):
    """The client gets 500 with our body and an id, under which the server's log has the reason; so by number."""
    number = odd("raises")
    champion.set_registered_model_alias(NAME, "champion", number)
    wait_until_it_serves(live, champion=int(number))
    for path in ("/invocations", f"/versions/{number}/invocations"):
        answer = post(live, week[FEATURES].dropna().head(2), path)
        assert answer.status_code == 500 and answer.json().keys() == {"error_code", "message"}
        assert "words of an exception" not in answer.text
        name = answer.json()["message"].split()[-1]
        log = live.log.read_text(encoding="utf-8")
        assert name in log and "the words of an exception" in log
    champion.set_registered_model_alias(NAME, "champion", "1")
    wait_until_it_serves(live, champion=1)


@pytest.mark.parametrize("kind", ["raises", "nan", "short"])
def test_a_broken_shadow_is_counted_and_not_felt(canary, live, odd, week, kind):
    """What the shadow does is in the counts alone."""
    number = odd(kind)
    canary(number, 0.0)
    assert post(live, week[FEATURES].dropna().head(5)).headers["X-Model-Version"] == "1"
    until(lambda: count(live, f'live_failures_total{{version="{number}",where="shadow"}}') == 1)


def test_a_slow_shadow_keeps_nobody_waiting(canary, champion, live, odd, week):
    """Answers come, and a moved alias is followed, while the shadow still works."""
    canary(odd("fine", SLEEP), 0.0)
    for _ in range(3):
        assert post(live, week[FEATURES].dropna().head(2)).status_code == 200
    champion.set_registered_model_alias(NAME, "champion", "2")
    wait_until_it_serves(live, champion=2, shadow_waiting=3)
    champion.set_registered_model_alias(NAME, "champion", "1")
    wait_until_it_serves(live, champion=1, shadow_waiting=3)


def test_a_slow_canary_is_replaced_by_the_champion(canary, live, odd, week):
    """After ten seconds its clients get the champion's answer, and the failure is counted."""
    number = odd("fine", SLEEP)
    canary(number, 1.0)
    assert post(live, week[FEATURES].dropna().head(2)).headers["X-Model-Version"] == "1"
    assert count(live, f'live_failures_total{{version="{number}",where="answer"}}') == 1


def test_a_champion_that_hangs_can_be_rolled_back(champion, odd, place, week):
    """Its threads are its own: the version before, without a quick form either, answers at once."""
    rows, number = week[["id", *FEATURES]].dropna(), odd("fine", SLEEP)
    champion.set_registered_model_alias(NAME, "champion", number)
    with serve(place, **WITH_ODD) as live:
        asked = [threading.Thread(target=_ask, args=(live, rows.iloc[[row]]), daemon=True) for row in range(8)]
        for one in asked:
            one.start()
        until(lambda: count(live, f'live_in_flight{{version="{number}"}}') == 8)
        champion.set_registered_model_alias(NAME, "champion", "3")
        wait_until_it_serves(live, champion=3)
        assert post(live, rows.head(2)).headers["X-Model-Version"] == "3"
        assert all(one.is_alive() for one in asked)


def test_a_slow_canary_keeps_only_its_own_clients_waiting(canary, champion, odd, place, week):
    """Whom the champion answers, and who asks for the state, need not wait, also where it is asked by its number."""
    rows = week[["id", *FEATURES]].dropna()
    with serve(place, **WITH_ODD) as live:
        number = odd("fine", SLEEP)
        champion.set_model_version_tag(NAME, number, "canary_share", "1")
        champion.set_registered_model_alias(NAME, "challenger", number)
        wait_until_it_serves(live, challenger=int(number), canary_share=1.0)
        path = f"/versions/{number}/invocations"
        asked = [threading.Thread(target=_ask, args=(live, rows.iloc[[row]], path), daemon=True) for row in range(6)]
        for one in asked:
            one.start()
        until(lambda: count(live, f'live_in_flight{{version="{number}"}}') == 6)
        assert post(live, rows.head(2), "/versions/1/invocations").status_code == 200
        champion.set_model_version_tag(NAME, number, "canary_share", "0")
        wait_until_it_serves(live, canary_share=0.0)
        assert post(live, rows.tail(2)).headers["X-Model-Version"] == "1"
        assert all(one.is_alive() for one in asked)
    champion.delete_registered_model_alias(NAME, "challenger")


def _ask(server, rows, path: str = "/invocations") -> None:
    with contextlib.suppress(requests.RequestException):  # the server is stopped at the end of the test
        requests.post(server.url + path, json={"dataframe_records": json.loads(rows.to_json(orient="records"))})


def test_threads_of_a_version_that_was_replaced_end():
    """A server that has swapped a thousand times holds no thread of the versions before."""
    scoring, version = Scoring("late", None, Counters()), Version(1, "sklearn", None, None)
    assert asyncio.run(scoring._run_in_thread(version, version.threads, lambda: [0.5])) == [0.5]
    [thread] = version.threads._threads
    del version
    gc.collect()
    thread.join(60)
    assert not thread.is_alive() and not scoring._queued


class Sudden(Version):
    """A version that was quick when it was loaded, and then waits."""

    def predict_late(self, columns, rows: int) -> list[float]:
        """Answer at once as the champion, and late as any other."""
        threading.Event().wait(0 if self.number == 1 else 1)
        return [self.number / 10] * rows


def test_a_canary_that_is_slow_only_now_holds_up_nobody(monkeypatch):
    """It was quick enough to be asked without a thread, yet the deadline holds: the champion answers."""
    monkeypatch.setattr(scoring, "_DEADLINE", 0.1)
    models = Models(*(Sudden(number, "onnx", None, None) for number in (1, 2)), share=1.0)
    odd, rows = Scoring("late", None, Counters()), scoring._Rows(["a"], {}, ["{}"])
    [answer] = asyncio.run(odd._predict(models.challenger, models, rows))
    assert (answer.version, answer.probability) == (1, 0.1)
    assert odd.counters.registry.get_sample_value("live_failures_total", {"where": "answer", "version": "2"}) == 1


def served(number: int) -> Models:
    """Return models whose champion has a number."""
    return Models(Version(number, "sklearn", None, None))


def versions(counters: Counters) -> set[str]:
    """Return the versions of which something is counted."""
    rows = [row for family in counters.registry.collect() for row in family.samples]
    return {row.labels["version"] for row in rows if row.labels.get("version")}


def test_failures_are_counted_from_zero():
    """Prometheus sees only growth, so a first failure needs a zero before it: of each version, and of each answer."""
    counters = Counters()
    counters.follow(served(7))
    count = counters.registry.get_sample_value
    assert [count("live_failures_total", {"where": where, "version": "7"}) for where in ("answer", "shadow")] == [0, 0]
    assert [count("live_failures_total", {"where": where, "version": ""}) for where in ("registry", "log")] == [0, 0]
    assert [count("live_requests_total", {"status": status}) for status in ("200", "500", "503")] == [0, 0, 0]


def test_versions_that_are_gone_are_counted_no_more():
    """Of a hundred versions the last ten stay, and what a request still holds; one that is served loses nothing."""
    counters, always = Counters(), Version(1, "sklearn", None, None)
    with counters.hold(served(5)):
        for number in range(2, 102):
            models = Models(always, served(number).champion)
            with counters.hold(models):
                counters.predictions.labels(number, "answer").inc()
                counters.predictions.labels(1, "answer").inc()
                counters.failures.labels("shadow", number).inc()
                counters.failures.labels("log", "").inc()
            counters.follow(models)
        assert versions(counters) == {"1", "5", *map(str, range(93, 102))}
    counters.follow(models)
    assert versions(counters) == {"1", *map(str, range(93, 102))}
    count = counters.registry.get_sample_value
    assert count("live_predictions_total", {"version": "1", "role": "answer"}) == 100
    assert count("live_failures_total", {"where": "log", "version": ""}) == 100


def test_a_shadow_has_only_so_many_rows_before_it(monkeypatch):
    """What would be too many is missed and counted; once they are scored others are taken."""
    monkeypatch.setattr(scoring, "_MOST_ROWS_BESIDE", 5)
    odd, rows = Scoring("late", None, Counters()), scoring._Rows(["a"] * 3, {}, ["{}"] * 3)

    async def ask() -> list[float]:
        missed = []
        for _ in range(2):
            for _ in range(2):
                odd._score_beside(Models(None, Version(2, "sklearn", None, None)), rows)
            await asyncio.gather(*odd.beside)
            missed.append(odd.counters.registry.get_sample_value("live_shadow_missed_requests_total"))
        return missed

    assert asyncio.run(ask()) == [1, 2]


@pytest.mark.parametrize("share", ["2", "inf", "nan", "-0.1"])
def test_a_share_that_is_none_sends_nobody_to_the_challenger(champion, live, week, share):
    """The status names the tag and its rule, and the champion answers all."""
    champion.set_model_version_tag(NAME, "2", "canary_share", share)
    champion.set_registered_model_alias(NAME, "challenger", "2")
    until(lambda: "must lie from 0 to 1" in requests.get(f"{live.url}/status", timeout=30).json()["trouble"])
    assert post(live, week[FEATURES].head(20)).headers["X-Model-Version"] == "1"
    champion.delete_registered_model_alias(NAME, "challenger")
    champion.delete_model_version_tag(NAME, "2", "canary_share")
    wait_until_it_serves(live, trouble="")


def test_a_share_on_the_champion_is_no_matter(champion, live, week):
    """A tag that is no number, on a version that answers all, does not keep it from being served."""
    champion.set_model_version_tag(NAME, "2", "canary_share", "a fifth")
    champion.set_registered_model_alias(NAME, "champion", "2")
    wait_until_it_serves(live, champion=2, trouble="")
    champion.delete_model_version_tag(NAME, "2", "canary_share")


def test_a_version_is_no_shadow_of_itself(champion, live, week):
    """In the moment of a promotion both aliases name one version."""
    champion.set_registered_model_alias(NAME, "challenger", "2")
    wait_until_it_serves(live, champion=1, challenger=2)
    champion.set_registered_model_alias(NAME, "champion", "2")
    wait_until_it_serves(live, champion=2, challenger=None)
    champion.delete_registered_model_alias(NAME, "challenger")


def test_an_answer_by_number_does_not_fix_what_the_alias_answers(canary, live, week):
    """The same id asked of a version by number, and then of the alias: each answers for itself, and again the same."""
    canary("2", 0.0)
    row = week[["id", *FEATURES]].dropna().head(1).assign(id="by number")
    for _ in range(2):
        assert post(live, row, "/versions/2/invocations").headers["X-Model-Version"] == "2"
        assert post(live, row).headers["X-Model-Version"] == "1"


def test_what_training_never_met_is_answered_and_flagged(champion, place, week, tmp_path):
    """With a profile beside the version, a header names the columns, and a counter their values."""
    from helpers.drift import ReferenceProfile

    ReferenceProfile.from_frame(week[FEATURES].assign(other=1.0)).save(tmp_path / "profile.json")
    champion.set_model_version_tag(NAME, "1", "profile", (tmp_path / "profile.json").as_uri())
    usual = week[FEATURES].dropna().head(3)
    with serve(place) as live:
        assert "X-Unusual-Columns" not in post(live, usual).headers
        answer = post(live, usual.assign(temp=[60.0, 300.0, -90.0], carrier="XX"))
        assert answer.status_code == 200 and answer.headers["X-Unusual-Columns"].split(", ") == ["temp", "carrier"]
        assert count(live, 'live_unusual_values_total{column="temp"}') == 2 + (week["temp"].max() < 60)
        assert count(live, 'live_unusual_values_total{column="carrier"}') == 3
    champion.delete_model_version_tag(NAME, "1", "profile")


def test_an_infinite_number_that_breaks_a_model_is_the_clients(champion, live, odd, week):
    """JSON can write numbers beyond every float; a version that fails on them is not to blame."""
    number = odd("raises")
    champion.set_registered_model_alias(NAME, "champion", number)
    wait_until_it_serves(live, champion=int(number))
    [row] = json.loads(week[FEATURES].dropna().head(1).to_json(orient="records"))
    body = json.dumps({"dataframe_records": [row | {"temp": 1.0}]}).replace('"temp": 1.0', '"temp": 1e999')
    answer = requests.post(f"{live.url}/invocations", body, headers={"Content-Type": "application/json"}, timeout=30)
    assert answer.status_code == 400 and "infinite" in answer.json()["message"]
    champion.set_registered_model_alias(NAME, "champion", "1")
    wait_until_it_serves(live, champion=1)
