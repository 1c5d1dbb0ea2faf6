"""A receiver of alerts: a web server on loopback, in a thread of this kernel, that keeps the messages it gets."""
import http.server
import json
import threading

HOST = "127.0.0.1"


class Receiver(http.server.ThreadingHTTPServer):
    """Listens on a free port until `stop`, or until this process ends, and keeps what is posted to it.

    Attributes
    ----------
    messages : list of tuple
        A path, such as ``/page``, and the JSON that came.
    """

    daemon_threads = True

    def __init__(self) -> None:
        """Start to listen."""
        super().__init__((HOST, 0), _Handler)
        self.messages: list[tuple[str, dict]] = []
        self.url = f"http://{HOST}:{self.server_port}"
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """Stop listening."""
        self.shutdown()
        self.server_close()

    def read_new(self) -> list[str]:
        """Return a line for each message since the last call and for each alert in it, and forget the messages."""
        taken, self.messages = self.messages, []
        return [line for path, message in taken for line in _describe(path, message)]


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        try:
            message = json.loads(self.rfile.read(max(0, int(self.headers.get("Content-Length", "0")))))
            _describe(self.path, message)
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            self.send_error(400, "This is no message of Alertmanager")
            return
        self.server.messages.append((self.path, message))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Print nothing."""


def _describe(path: str, message: dict) -> list[str]:
    """Return a message as lines: where it came to and what it is, then its alerts."""
    own = {"alertname", "severity", "owner", "job"}
    lines = [f"{path} {message['status']}:"]
    for labels in sorted((alert["labels"] for alert in message["alerts"]), key=lambda labels: sorted(labels.items())):
        more = ", ".join(f"{name} {value}" for name, value in sorted(labels.items()) if name not in own)
        lines.append(f"    {labels['alertname']}, owner {labels.get('owner', 'nobody')}{more and f': {more}'}")
    return lines
