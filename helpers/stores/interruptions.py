"""A way to a server that is cut in the middle of a transfer: something happens when so many bytes have passed."""
import contextlib
import socket
import socketserver
import threading
from collections.abc import Callable

from helpers import servers


class Interruption(socketserver.ThreadingTCPServer):
    """Stands before a server and passes bytes on; when so many have gone in, something happens before any more do.

    Parameters
    ----------
    port : int
        Where the server listens on this machine.
    size : int
        How many bytes go in before something happens.
    happens : callable
        What happens, such as `kill` of a server; meanwhile each connection sends at most one chunk more.
    """

    daemon_threads = True

    def __init__(self, port: int, size: int, happens: Callable[[], None]) -> None:
        """Take a free port; nothing passes before the ``with`` block."""
        super().__init__((servers.HOST, 0), _Passage)
        self.port, self.left, self.happens, self.lock = port, size, happens, threading.Lock()
        self.url = f"http://{servers.HOST}:{self.server_address[1]}"

    def __enter__(self) -> "Interruption":
        """Let connections through."""
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        """Wait until what happens is over, and let nothing through any more."""
        self.wait()
        self.shutdown()
        self.server_close()

    def wait(self) -> None:
        """Wait until what happens is over, so that it does not meet what is done next."""
        with self.lock:
            pass

    def count(self, size: int) -> None:
        """Count bytes that have gone in; who comes while something happens waits."""
        with self.lock:
            self.left, before = self.left - size, self.left
            if self.left <= 0 < before:
                self.happens()


class _Passage(socketserver.BaseRequestHandler):
    """A connection through a door."""

    def handle(self) -> None:
        """Pass bytes on, both ways, until either end is gone."""
        with contextlib.suppress(OSError), socket.create_connection((servers.HOST, self.server.port)) as inside:
            back = threading.Thread(target=_pass_on, args=(inside, self.request, lambda size: None), daemon=True)
            back.start()
            _pass_on(self.request, inside, self.server.count)
            back.join()


def _pass_on(source: socket.socket, target: socket.socket, count: Callable[[int], None]) -> None:
    """Send on what comes, and count it, until either end is gone; then end both."""
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)
            count(len(data))
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
