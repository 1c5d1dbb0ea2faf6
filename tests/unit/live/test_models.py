"""What fails around the live server: a registry that is gone, a log that is locked or deleted, a name that is wrong."""
import os
import threading

import pytest
import requests

from helpers import servers
from helpers.features import FEATURES
from helpers.live import models
from support.live import NAME, locked, post, serve, wait_until_it_serves
from support.processes import until


def trouble(server) -> str:
    """Return what the server says is wrong."""
    return requests.get(f"{server.url}/status", timeout=30).json()["trouble"]


def test_a_wrong_name_is_told_at_once(place, client):
    """The error that the context manager raises names the model and those that there are."""
    store = {"MLFLOW_TRACKING_URI": f"sqlite:///{(place / 'mlflow.db').as_posix()}"}
    with pytest.raises(servers.ServerError, match=f"models:/late-tset@champion cannot be served.*has: {NAME}") as told:
        servers.live_server("late-tset", env=store, timeout=120).start()
    assert "Traceback" not in str(told.value)


def test_a_registry_that_does_not_answer_is_told_at_once(place):
    """So is the address at which nobody is."""
    nobody = {"MLFLOW_TRACKING_URI": f"http://127.0.0.1:{servers.free_port()}"}
    with pytest.raises(servers.ServerError, match=f"models:/{NAME}@champion cannot be served") as told:
        servers.live_server(NAME, env=nobody, timeout=120).start()
    assert "ended before it was ready" in str(told.value) and "Traceback" not in str(told.value)


def test_a_registry_that_goes_and_comes_back_is_seen(place, champion, week):
    """While it is gone the status says so and answers go on; after it is back a move is followed."""
    store = f"sqlite:///{(place / 'mlflow.db').as_posix()}"
    registry = servers.tracking_server(store=store)
    registry.start()
    with servers.live_server(NAME, env={"MLFLOW_TRACKING_URI": registry.url}, poll=0.2) as live:
        registry.kill()
        until(lambda: trouble(live))
        assert post(live, week[FEATURES].head(1)).status_code == 200
        assert requests.get(f"{live.url}/health", timeout=30).status_code == 200
        with registry:
            until(lambda: not trouble(live))
            champion.set_registered_model_alias(NAME, "champion", "2")
            wait_until_it_serves(live, champion=2)
    assert "trouble: " in live.log.read_text(encoding="utf-8")
    champion.set_registered_model_alias(NAME, "champion", "1")


def test_a_locked_log_holds_only_answers(place, champion, week):
    """Another process locks the file: an answer waits until it is free, and the state is told meanwhile."""
    with serve(place, "locked.db", patience=1200) as live:
        answers: list[int] = []
        asked = threading.Thread(target=lambda: answers.append(post(live, week[FEATURES].head(1)).status_code))
        with locked(place / "locked.db"):
            asked.start()
            until(lambda: in_flight(live) == 1)
            assert requests.get(f"{live.url}/livez", timeout=30).status_code == 200
            health = requests.get(f"{live.url}/health", timeout=30)
            assert health.status_code == 503 and "the log takes no row" in health.json()["message"]
            assert not answers
        asked.join()
        assert answers == [200]


def test_a_log_that_stays_locked_answers_503(place, champion, week):
    """After a while nobody waits any more; it is counted, and afterwards all is as before."""
    with serve(place, "stuck.db", patience=8) as live:
        with locked(place / "stuck.db"):
            answer = post(live, week[FEATURES].head(1))
            assert answer.status_code == 503 and "locked" in answer.json()["message"]
            assert answer.headers["Retry-After"] == "1"
            assert requests.get(f"{live.url}/health", timeout=30).status_code == 503
        assert 'where="log"' in requests.get(f"{live.url}/metrics", timeout=30).text
        assert post(live, week[FEATURES].head(1)).status_code == 200
        assert requests.get(f"{live.url}/health", timeout=30).status_code == 200


def in_flight(server) -> float:
    """Return how many requests hold version 1."""
    lines = requests.get(f"{server.url}/metrics", timeout=30).text.splitlines()
    return sum(float(line.split()[1]) for line in lines if line.startswith('live_in_flight{version="1"}'))


@pytest.mark.skipif(os.name != "posix", reason="Windows does not let go of an open file")
def test_a_log_that_was_deleted_or_replaced_is_no_log(place, champion, week):
    """Nothing is answered that is logged nowhere: 503 says what happened, and so does the state of health."""
    with serve(place, "gone.db") as live:
        assert post(live, week[FEATURES].head(1)).status_code == 200
        (place / "gone.db").rename(place / "elsewhere.db")
        for _ in range(2):
            answer = post(live, week[FEATURES].head(1))
            assert answer.status_code == 503 and "was deleted or replaced" in answer.json()["message"]
            assert requests.get(f"{live.url}/health", timeout=30).status_code == 503
            (place / "gone.db").touch()
        assert requests.get(f"{live.url}/livez", timeout=30).status_code == 200


@pytest.fixture
def tries(monkeypatch) -> list[float]:
    """The moments at which a version that cannot be loaded was tried, by a clock that each look moves on by 2 s."""
    now, tried = [0.0], []

    def fail(version) -> None:
        tried.append(now[0])
        raise OSError("no such files")

    def tick() -> float:
        now[0] += 1.0  # `load` asks twice where it tries
        return now[0]

    monkeypatch.setattr(models, "_load", fail)
    monkeypatch.setattr(models.time, "monotonic", tick)
    return tried


def look_often(client, retries: models.Retries, times: int) -> None:
    """Look at the registry some times, which finds a champion that cannot be loaded."""
    for _ in range(times):
        with pytest.raises(OSError, match="no such files"):
            models.look(client, NAME, models.Models(), retries)


def test_a_version_that_cannot_be_loaded_is_tried_less_and_less(champion, tries):
    """The pause doubles from 2 seconds to 64 and stays there; each look between says the same error."""
    look_often(champion, models.Retries(), 300)
    pauses = [later - earlier for earlier, later in zip(tries, tries[1:])]
    assert all(2**step <= pause <= 2**step + 3 for step, pause in enumerate(pauses[:6], start=1)), pauses
    assert len(pauses) < 12 and all(64 <= pause <= 67 for pause in pauses[6:]), pauses


def test_a_changed_alias_is_tried_at_once(champion, tries):
    """Another version, and the same again after the alias was elsewhere, wait for nothing."""
    retries = models.Retries()
    look_often(champion, retries, 20)
    for number in ("2", "1"):
        before = len(tries)
        champion.set_registered_model_alias(NAME, "champion", number)
        look_often(champion, retries, 1)
        assert len(tries) == before + 1


def test_a_challenger_that_is_loaded_stays_while_its_version_cannot_be_read(champion, monkeypatch):
    """Also where the store gives numbers as numbers: a moment without an answer changes nothing."""
    now = models.Models(*(models.Version(number, "sklearn", None, None) for number in (1, 2)), share=0.2)
    read = champion.get_model_version

    def fail_for_the_second(name: str, number: str):
        if str(number) == "2":
            raise OSError("no answer")
        return read(name, number)

    monkeypatch.setattr(champion, "get_model_version", fail_for_the_second)
    champion.set_registered_model_alias(NAME, "challenger", "2")
    seen = models.look(champion, NAME, now, models.Retries())
    champion.delete_registered_model_alias(NAME, "challenger")
    assert (seen.champion, seen.challenger, seen.share) == (now.champion, now.challenger, 0.2)
    assert seen.trouble == "challenger: OSError: no answer"


def test_alive_before_it_is_ready(place, client):
    """Without a champion the process lives, and is not ready."""
    client.set_registered_model_alias(NAME, "champion", "1")
    client.delete_registered_model_alias(NAME, "champion")
    with serve(place, health="/livez") as live:
        assert requests.get(f"{live.url}/health", timeout=30).status_code == 503
    client.set_registered_model_alias(NAME, "champion", "1")
