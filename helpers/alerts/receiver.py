"""A receiver of alerts: a web server on loopback, in a thread of this kernel, that keeps the messages it gets."""
import http.server
import json
import threading
from dataclasses import dataclass, field

HOST = "127.0.0.1"


@dataclass
class Receiver:
    """Keeps what is posted to it, with the path to which it was posted, from `start` to `stop`.

    Attributes
    ----------
    messages : list of tuple
        A path, such as ``/page``, and the JSON that came.
    """

    messages: list[tuple[str, dict]] = field(default_factory=list)
    _server: http.server.ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{HOST}:{self._server.server_port}"

    def start(self) -> None:
        """Listen on a free port, as long as this process lives or until `stop`."""
        messages = self.messages

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                messages.append((self.path, json.loads(body)))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *args: object) -> None:
                """Print nothing."""

        self._server = http.server.ThreadingHTTPServer((HOST, 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """Stop listening."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def read_new(self) -> list[str]:
        """Return a line for each message since the last call, and for each alert in it, and forget them."""
        taken = self.messages[:]
        del self.messages[: len(taken)]
        return [line for path, message in taken for line in describe(path, message)]


def describe(path: str, message: dict) -> list[str]:
    """Return a message as lines: where it came to and what it is, then each alert with its summary and owner."""
    alerts = message["alerts"]
    lines = [f"{path}: {message['status']}, {len(alerts)} alert{'s' if len(alerts) != 1 else ''} in one message"]
    for alert in alerts:
        labels = alert["labels"]
        lines.append(f"  {alert['status']}: {labels['alertname']}: {alert['annotations']['summary']}")
        lines.append(f"    owner {labels['owner']}, runbook {alert['annotations']['runbook']}")
    return lines
