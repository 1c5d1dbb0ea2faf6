"""Locust's clients are started, end with their result, and the result is read."""
import json

import pytest

from helpers.live import load

CLIENT = """
from locust import HttpUser, task

class Nobody(HttpUser):
    host = "http://127.0.0.1:1"

    @task
    def ask(self):
        self.client.get("/")
        if self.environment.stats.total.num_requests == 3:
            self.environment.runner.quit()
"""


def test_clients_run_and_their_failures_are_counted(tmp_path, capsys):
    """Where no server listens, every request fails, and the command line is shown."""
    (tmp_path / "locustfile.py").write_text(CLIENT, encoding="utf-8")
    (tmp_path / "nobody.json").write_text("of an earlier run", encoding="utf-8")
    options = ["--headless", "--users", "1", "--host", "http://127.0.0.1:1"]
    load.start(tmp_path, "nobody", options).wait(timeout=120)
    requests, failures, *_ = load.read(tmp_path, "nobody")
    assert requests == failures >= 3
    assert capsys.readouterr().out.startswith("$ locust --headless --users 1 ")


def test_percentiles_count_each_time_as_often_as_it_occurred(tmp_path):
    """Of a hundred requests 98 needed 10 ms and two 30 ms: the 99 % percentile is 30 ms."""
    seen = {"num_requests": 100, "num_failures": 3, "start_time": 50.0, "last_request_timestamp": 54.0}
    text = json.dumps([{**seen, "response_times": {"10.0": 98, "30.0": 2}}])
    (tmp_path / "some.json").write_text(text, encoding="utf-8")
    assert load.read(tmp_path, "some") == [100, 3, 10, 10, 30, 25]


def test_a_load_that_did_not_end_well_is_told_with_its_log(tmp_path):
    """Without a result, or with one of no request, the error shows what Locust printed."""
    (tmp_path / "some.log").write_text("no locustfile\n", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(FileNotFoundError, match="no locustfile"):
            load.read(tmp_path, "some")
        (tmp_path / "some.json").write_text("[]", encoding="utf-8")
