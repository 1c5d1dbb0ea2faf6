"""The table of a server's metrics: own answers alone, a row per version."""
import http.server
import threading

import pytest

from helpers.live.metrics import read_metrics

TEXT = """# HELP live_predictions_total Rows scored
# TYPE live_predictions_total counter
live_predictions_total{role="answer",version="2"} 40.0
live_predictions_total{role="answer",version="10"} 7.0
live_predictions_total{role="shadow",version="1"} 47.0
# HELP live_failures_total What went wrong inside
# TYPE live_failures_total counter
live_failures_total{version="10",where="answer"} 3.0
live_failures_total{version="1",where="shadow"} 5.0
live_failures_total{version="",where="log"} 1.0
"""


@pytest.fixture
def url():
    """The address of a server whose metrics are `TEXT`."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/metrics" else 404)
            self.end_headers()
            self.wfile.write(TEXT.encode())

        def log_message(self, *_):
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_version_has_what_it_answered_itself(url):
    """Shadows are left out, and a count that is not there is zero."""
    table = read_metrics(url, "live_predictions_total", "live_failures_total")
    assert table.to_dict("index") == {
        2: {"live_predictions_total": 40, "live_failures_total": 0},
        10: {"live_predictions_total": 7, "live_failures_total": 3},
    }


def test_a_metric_that_nobody_counted_is_zero(url):
    """It has a column all the same."""
    assert read_metrics(url, "live_predictions_total", "unheard_of")["unheard_of"].tolist() == [0, 0]
