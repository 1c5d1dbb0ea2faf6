"""A way to a server on which something happens when so many bytes have passed."""
import http.server
import threading

import pytest
import requests

from helpers.stores.interruptions import Interruption


class Sink(http.server.BaseHTTPRequestHandler):
    """A server that takes what it is sent."""

    def do_PUT(self) -> None:
        """Read a body, and answer."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *arguments) -> None:
        """Say nothing."""


@pytest.fixture
def port():
    """Return where a sink listens."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Sink)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(("sent", "times"), [(10_000, 0), (200_000, 1)])
def test_something_happens_once_when_so_many_bytes_have_passed(port, sent, times):
    """Not before, and not again; all bytes pass."""
    happened = []
    with Interruption(port, 100_000, lambda: happened.append(True)) as way:
        assert requests.put(way.url, data=b"x" * sent, timeout=60).status_code == 200
    assert len(happened) == times
