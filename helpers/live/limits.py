"""What a client may do to the live server: whom it may ask for, how much it may send, and how long that may take."""
import asyncio
import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import Request
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from helpers.live.payloads import Refused

if TYPE_CHECKING:
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol as _Protocol
else:
    try:
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol as _Protocol
    except ImportError:  # on Windows
        _Protocol = object

MOST_BODY = 10_000_000  # bytes
MOST_WAITING = 3 * MOST_BODY  # bytes of bodies that have no answer yet
MOST_HEAD = 64_000  # bytes of the line of the request and its headers
patience = 20.0  # seconds in which a head, and then a body, must be there; the command line sets it
_HERE = {"127.0.0.1", "localhost"}


@dataclass
class Bodies:
    """Reads the bodies of requests, and knows how many bytes of them wait for their answer in all."""

    waiting: int = 0

    @contextlib.contextmanager
    def hold(self) -> Iterator[list[bytes]]:
        """Yield a list for the parts of a body; at the end, with the answer, they wait no more."""
        parts: list[bytes] = []
        try:
            yield parts
        finally:
            self.waiting -= sum(map(len, parts))

    async def read(self, request: Request, parts: list[bytes]) -> bytes:
        """Return a request's body; raise Refused where it, or all that wait, are too long, or it comes too slowly."""
        _require_short(int(request.headers.get("content-length", "0")))
        length = 0
        try:
            async with asyncio.timeout(patience):
                async for part in request.stream():
                    parts.append(part)
                    length += len(part)
                    self.waiting += len(part)
                    _require_short(length)
                    if self.waiting > MOST_WAITING:
                        message = f"more than {MOST_WAITING:,} bytes wait for their answers: send this again later"
                        raise Refused(503, message, "TEMPORARILY_UNAVAILABLE")
        except TimeoutError as error:
            raise Refused(408, f"the body did not come within {patience:g} seconds", "TIMEOUT") from error
        except ClientDisconnect as error:
            raise Refused(400, "the client went away in the middle of its body") from error
        return b"".join(parts)


def _require_short(length: int) -> None:
    """Raise Refused for a body of more bytes than one may have."""
    if length > MOST_BODY:
        raise Refused(413, f"the body has more than {MOST_BODY:,} bytes: send fewer rows in a request", "TOO_LARGE")


class CheckHost:
    """Refuses requests for another host, as a page in a browser sends them whose name was pointed at this machine."""

    def __init__(self, app: ASGIApp) -> None:
        """Take the application that answers the others."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 403, or let the application answer."""
        if scope["type"] == "http" and not _is_here(dict(scope["headers"]).get(b"host", b"")):
            body = {"error_code": "PERMISSION_DENIED", "message": "ask for 127.0.0.1 or localhost, no other host"}
            await send({"type": "http.response.start", "status": 403, "headers": [_JSON]})
            await send({"type": "http.response.body", "body": json.dumps(body).encode()})
            return
        await self.app(scope, receive, send)


_JSON = (b"content-type", b"application/json")


def _is_here(host: bytes) -> bool:
    """Return whether a Host header names this machine, with a port or without."""
    name, _, port = host.decode("latin-1").lower().partition(":")
    return name in _HERE and (not port or port.isdigit())


_TOO_LONG = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class _Limited(_Protocol):
    """Ends connections whose head is too long (431) or does not come."""

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self._head, self._late = None, None  # bytes of a head that has begun; what ends the connection
        self._expect_head()

    def _expect_head(self) -> None:
        self._late = self._late or self.loop.call_later(patience, self.transport.close)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head = 0
        if self.cycle is None or self.cycle.response_complete:  # else it waits for the answer to the one before
            self._expect_head()

    def data_received(self, data: bytes) -> None:
        before = self._head
        super().data_received(data)
        if before is None or self._head is None:
            return
        self._head += len(data)
        if self._head > MOST_HEAD and not self.transport.is_closing():
            self.transport.write(_TOO_LONG)
            self.transport.close()

    def on_headers_complete(self) -> None:
        self._forget_head()
        super().on_headers_complete()

    def _forget_head(self) -> None:
        self._head = None
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_head()
        super().connection_lost(exc)


# uvicorn's protocol with limits for the head of a request; where httptools is not, that of h11 has one of its own.
PROTOCOL: type | str = "h11" if _Protocol is object else _Limited
