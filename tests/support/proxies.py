"""A reverse proxy as hosted machines have it: what it passes on was asked of localhost, the page's origin stays."""
import contextlib
import re
import socket
import socketserver
import threading


class _Forwarding(socketserver.StreamRequestHandler):
    """Passes one connection on, in both directions, after a change of the request's head."""

    def handle(self) -> None:
        """Pass a request on, or what a websocket says."""
        head = b"".join(iter(self.rfile.readline, b"\r\n"))
        head = re.sub(rb"(?im)^Host: .*\r\n", b"Host: localhost:%d\r\n" % self.server.target, head)
        if b"\r\nUpgrade: " not in head:  # so that each request has a connection of its own
            head = re.sub(rb"(?im)^Connection: .*\r\n", b"", head) + b"Connection: close\r\n"
        with socket.create_connection(("127.0.0.1", self.server.target)) as passed_on:
            passed_on.sendall(head + b"\r\n")
            threading.Thread(target=copy, args=(self.rfile.read1, passed_on), daemon=True).start()
            copy(lambda: passed_on.recv(1 << 16), self.connection)


def copy(read, to: socket.socket) -> None:
    """Copy what is read until its end, then tell the other side that nothing more comes."""
    with contextlib.suppress(OSError):
        for data in iter(read, b""):
            to.sendall(data)
        to.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def forwarding(port: int):
    """Yield the address of a proxy that passes on to a port of this machine."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Forwarding) as server:
        server.target, server.daemon_threads, server.block_on_close = port, True, False
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
