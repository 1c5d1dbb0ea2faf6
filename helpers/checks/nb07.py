"""Checks of notebook 07."""
import json
import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
from mlflow.pyfunc.scoring_server import infer_and_parse_data
from requests import Response
from requests.adapters import HTTPAdapter

from helpers import paths, servers
from helpers.checks.answers import call, read_number, read_word, require_function, show
from helpers.checks.registry import NotYet, describe, exercise
from helpers.features import FEATURES

_BUSY, _MOST_WHILE_BUSY = 0.3, 8  # seconds of the stand-in server; with a pause of .05 s six requests come in them
_MOST_IN_ALL = 50  # requests that it answers: 25 flights need no more than one each, and a client in a loop is stopped
_SCORE_ALL = "score_all(flights, url, size)"
_FORMS = {"dataframe_records", "dataframe_split", "instances", "inputs"}
_DECISIONS = {
    200: ("use", "the server says that all went well"),
    400: ("repair", "the same body would be refused again"),
    401: ("repair", "the server does not know who asks, and will not learn it from the same request"),
    403: ("repair", "who asks may not do this, however often"),
    404: ("repair", "the path does not exist, and asking again does not change this"),
    405: ("repair", "the method stays wrong"),
    413: ("repair", "the body stays too large"),
    415: ("repair", "the content type stays unknown"),
    422: ("repair", "the server has read the body, and what it says stays wrong"),
    429: ("retry", "the server asks for fewer requests per second, and may accept the same request later"),
    500: ("repair or retry", "something in the server failed, so there is no answer to use"),
    502: ("retry", "the gateway may find the server a moment later"),
    503: ("retry", "a server that is overloaded or starting recovers"),
    504: ("retry", "the server may be quicker the next time"),
    408: ("retry", "the server did not get the whole request in time, and may get it the next time"),
    None: ("retry", "a server that restarts listens again soon, and asking /invocations twice changes nothing"),
}
_ANY_OTHER = ("repair", "the table has no row for this status, and what is from 400 to 499 is the client's fault")


@exercise(
    "7.1",
    hint="JSON writes None as null, and knows no NaN: `first.astype(object).where(first.notna(), None)` has None for\n"
    "what is missing. Its `to_dict(orient='records')` goes through `json.dumps`, with a name around it.",
)
def check_first_flight_as_json(body: str) -> str:
    """Check that a text asks for the first flight of April, in any JSON form that the server takes."""
    sent, flight = _read_table(_parse(body)), _read_april(1)
    if len(sent) != 1:
        raise NotYet(f"The body asks for {len(sent)} flights: only the first one of April is wanted.")
    _require_columns(sent)
    if differences := _list_differences(sent.to_dict("records")[0], flight.to_dict("records")[0]):
        raise NotYet(differences[0])
    return "Unknown values travel as null, and one name around the rows says how to read them."


def _require_columns(sent: pd.DataFrame) -> None:
    """Raise NotYet where a body lacks a column that the model needs."""
    if missing := [name for name in FEATURES if name not in sent]:
        raise NotYet(f"These columns are missing from the body: {', '.join(missing)}.")


def _list_differences(sent: dict, flight: dict) -> list[str]:
    """Return a sentence for each value of a flight that a body has otherwise than the table."""
    found = []
    for name in FEATURES:
        value, true = sent[name], flight[name]
        if pd.isna(true) and value is not None and value == value:
            found.append(f"{name} is {show(value)} in the body, and unknown for this flight: that travels as null.")
        elif not pd.isna(true) and not _is_same(value, true):
            found.append(f"{name} is {show(value)} in the body and {show(true)} in the table.")
    return found


def _is_same(value: object, true: object) -> bool:
    """Return whether a value from a body is that of the table, and as JSON has it: a number is not sent as text."""
    if isinstance(true, str):
        return isinstance(value, str) and value == true
    number = isinstance(value, int | float | np.number) and not isinstance(value, bool | np.bool_)
    return number and (value == true if isinstance(true, int | np.integer) else bool(np.isclose(value, true)))


def _parse(body: str) -> dict:
    """Return a body as the server reads it, or say why another JSON reader would not."""
    if not isinstance(body, str | bytes):
        raise NotYet(f"`body` is a {type(body).__name__}: what travels is text. `json.dumps` makes text of it.")
    try:
        content = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise NotYet(f"This is not JSON: {describe(error)}.") from None
    names = sorted(content) if isinstance(content, dict) else []
    if len(set(names) & _FORMS) != 1:
        raise NotYet(f"The server needs one name around the rows: {', '.join(sorted(_FORMS))}. Found: {names[:3]}.")
    return content


def _refuse(word: str) -> None:
    """Say that a word which Python writes is not JSON."""
    raise NotYet(f"{word} stands in the body. Python writes it, JSON does not know it: unknown values travel as null.")


def _read_table(content: dict) -> pd.DataFrame:
    """Return what the model would be given, by the server's own code."""
    try:
        data = infer_and_parse_data({name: content[name] for name in _FORMS & set(content)})
        if isinstance(data, list) and all(isinstance(row, dict) for row in data):
            data = {name: [row[name] for row in data] for name in (data or [{}])[0]}
        if isinstance(data, dict):
            data = pd.DataFrame({name: [np.asarray(one).item() for one in np.ravel(all)] for name, all in data.items()})
    except Exception as error:
        raise NotYet(f"The server cannot read these rows: {describe(error)}.") from None
    if not isinstance(data, pd.DataFrame):
        raise NotYet("The rows have no column names, and the model needs them.")
    return data.loc[:, ~data.columns.duplicated()]


def _read_april(rows: int) -> pd.DataFrame:
    """Return the features of the first flights of April."""
    return pd.read_parquet(paths.PREPARED / "2013-04.parquet")[FEATURES].head(rows)


@exercise("7.2", hint="The table above has a row for each status. For two statuses from 400 to 499, a retry may help.")
def check_what_to_do(decide: Callable) -> str:
    """Check a client's decision for every kind of answer."""
    require_function(decide, "decide(status)")
    for status in dict.fromkeys([*_DECISIONS, *range(400, 500)]):
        right, reason = _DECISIONS.get(status, _ANY_OTHER)
        given = call(f"decide({status})", decide, status)
        found = read_word(given)
        if found not in ("use", "repair", "retry"):
            raise NotYet(f'decide({status}) returned {show(given)}: return "use", "repair" or "retry".')
        if found not in right.split(" or "):
            raise NotYet(f'decide({status}) is "{found}". Think again: {reason}.')
    return "Wrong requests are repaired. A request is sent again only if the error may disappear by itself."


@exercise(
    "7.3",
    hint="`range(0, len(flights), size)` says where requests begin; `as_body(flights.iloc[a : a + size])` is a body.",
)
def check_batch_client(score_all: Callable) -> str:
    """Check a batch client against a small server that knows the answers: full and empty tables, busy and recovered."""
    require_function(score_all, _SCORE_ALL)
    flights = _draw_flights(25)
    for rows, size in ((25, 10), (21, 7), (0, 10)):  # a smaller last request, none, and nothing to send
        _look_at_run(score_all, flights.head(rows), size)
    _look_at_end(score_all, flights)
    return "Three requests carried 25 flights, and one that the busy server refused was sent again."


def _draw_flights(rows: int) -> pd.DataFrame:
    """Return the features of some flights of April, from all its days and in no order."""
    april = _read_april(28_000)
    return april.iloc[:: len(april) // rows].sample(rows, random_state=7)


def _look_at_run(score_all: Callable, flights: pd.DataFrame, size: int) -> None:
    """Raise NotYet unless a client gets each flight's chance from a server that is busy at first."""
    with run_stand_in(flights, size) as server, _watch_requests(server) as time_outs:
        answer = _ask(score_all, flights, server)
    if server.problem:
        raise NotYet(f"The server refused a request: {server.problem}")
    if server.too_large:
        raise NotYet(f"A request carried {server.too_large} flights, and {size} were allowed.")
    if len(flights) and not server.answered:
        raise NotYet("No request came to the check's server: post the rows to the `url` that score_all is given.")
    _look_at_numbers(_read_numbers(answer), server)
    enough = math.ceil(len(flights) / size)
    if server.answered > enough:
        raise NotYet(f"{server.answered} requests for {len(flights)} flights: {enough} requests of {size} are enough.")
    if server.refused > _MOST_WHILE_BUSY:
        raise NotYet(f"The server was busy for {_BUSY} s and got {server.refused} requests in this time: pause "
                     "before each new attempt, as `session` does.")
    if len(flights):
        _look_at_time_outs(time_outs)


def _look_at_time_outs(time_outs: list) -> None:
    """Raise NotYet where a request may wait for ever, or did not go through `requests`."""
    for limit in time_outs or [None]:
        if limit is None or isinstance(limit, tuple) and None in limit:
            raise NotYet(f"A request has no time-out ({limit}), so the client may wait for ever: post through "
                         "`session`, with timeout=(3, 60), the seconds for the connection and for the answer.")


def _look_at_end(score_all: Callable, flights: pd.DataFrame) -> None:
    """Raise NotYet unless a client gives up where the server stays busy; its pauses are skipped."""
    with (run_stand_in(flights, 10, busy=math.inf) as server, _watch_requests(server), patch.object(time, "sleep"),
          suppress(NotYet)):
        _ask(score_all, flights, server)
    if server.is_tired():
        raise NotYet(f"The server stayed busy, and the client sent {_MOST_IN_ALL} requests and did not stop: give up "
                     "after a few attempts, as `session` does.")


def _read_numbers(answer: object) -> np.ndarray:
    """Return the numbers that a client returned, in their order."""
    if isinstance(answer, Mapping | set | frozenset):
        raise NotYet(f"score_all returned a {type(answer).__name__}: return a list, in the order of the flights.")
    rows = answer.to_numpy() if isinstance(answer, pd.DataFrame) else answer
    try:
        found = list(islice(rows, 1000))
    except Exception:
        raise NotYet(f"score_all returned {show(answer)}: return a list of numbers, one for each flight.") from None
    return np.array([read_number(one, f"{_SCORE_ALL}[{place}]") for place, one in enumerate(found)])


def _look_at_numbers(found: np.ndarray, server: "_Server") -> None:
    """Raise NotYet unless a client's numbers are the chances of the flights, at their places."""
    right, sent = server.chances, len(server.seen)
    if len(found) != len(right):
        todo = "return one number for each flight, and send none twice"
        if sent < len(right):
            todo = "send each row, the last ones and those with missing values too"
        raise NotYet(f"{len(found)} numbers came back for {len(right)} flights, of which {sent} were sent: {todo}.")
    wrong = np.flatnonzero(np.abs(found - right) > 0.00051)
    if not len(wrong):
        return
    if np.allclose(found, 1 - right, atol=0.0005):
        raise NotYet("These are the chances to be on time: the second number of each pair is the chance to be late.")
    if np.allclose(np.sort(found), np.sort(right), atol=0.0005):
        raise NotYet("The numbers are right, but not at the places of their flights: keep the order of the rows.")
    raise NotYet(f"{_SCORE_ALL}[{wrong[0]}] is {found[wrong[0]]:.6g}, and the server said {right[wrong[0]]:.6g}: "
                 "return its numbers as they are.")


def _ask(score_all: Callable, flights: pd.DataFrame, server: "_Server") -> object:
    """Return what a client makes of the stand-in server's answers, or say which of its requests failed."""

    def ask(*arguments: Any) -> object:
        answer = score_all(*arguments)
        return list(islice(answer, 1000)) if isinstance(answer, Iterator) else answer  # while the server is there

    try:
        called = _SCORE_ALL if len(flights) else "score_all(flights.head(0), url, size)"
        return call(called, ask, flights.copy(), server.url, server.largest)
    except NotYet as failed:
        if server.is_tired():
            last = f" The server refused the last one: {server.problem}" if server.problem else ""
            raise NotYet(f"The client sent {_MOST_IN_ALL} requests for {len(flights)} flights and did not stop: end a "
                         f"loop after a few attempts.{last}") from None
        if server.problem:
            raise NotYet(f"The server refused a request: {server.problem}") from None
        if server.refused and not server.answered and "timed out" not in str(failed):
            raise NotYet("The server was busy at first (503) and the client gave up: post through `session`.") from None
        raise


@contextmanager
def _watch_requests(server: "_Server") -> Iterator[list]:
    """Yield a list of the time-outs of all requests that are sent meanwhile, and stop a client that sends for ever."""
    noted, send = [], HTTPAdapter.send

    def note(*arguments: Any, **settings: Any) -> Response:
        if server.is_tired():
            raise SystemExit("too many requests")  # a client's `except Exception` does not catch it
        noted.append(settings.get("timeout"))  # a session hands it over by name
        return send(*arguments, **settings)

    with patch.object(HTTPAdapter, "send", note):
        yield noted


class _Server(ThreadingHTTPServer):
    """The stand-in server, and what it has seen."""

    def __init__(self, flights: pd.DataFrame, largest: int, busy: float) -> None:
        """Listen on a free port; requests may carry up to `largest` of some flights."""
        super().__init__((servers.HOST, 0), _StandIn)
        self.url = f"http://{servers.HOST}:{self.server_port}/invocations"
        self.flights = flights.to_dict("records")
        self.chances = (np.random.default_rng(7).permutation(len(flights)) + 0.6172) / (len(flights) + 1)
        self.largest, self.too_large, self.busy, self.busy_until = largest, 0, busy, None
        self.seen, self.answered, self.refused, self.malformed, self.problem = set(), 0, 0, 0, None

    def is_tired(self) -> bool:
        """Return whether it has answered as many requests as it ever does."""
        refused = self.refused if self.busy == math.inf else 0
        return self.answered + self.malformed + refused >= _MOST_IN_ALL

    def is_busy(self) -> bool:
        """Return whether it refuses a request now, as in the time after its first one."""
        self.busy_until = self.busy_until or time.monotonic() + self.busy
        busy = time.monotonic() < self.busy_until
        self.refused += busy
        return busy

    def find(self, row: dict) -> int:
        """Return the place of a flight in the table; raise NotYet where no row of it has these values."""
        differences = [_list_differences(row, flight) for flight in self.flights]
        place = min(range(len(self.flights)), key=lambda place: len(differences[place]))
        if differences[place]:
            raise NotYet(f"{differences[place][0]} Send the values of the table as they are.")
        return place

    def handle_error(self, *_: object) -> None:
        """Keep quiet where a client has left before its answer came."""


@contextmanager
def run_stand_in(flights: pd.DataFrame, largest: int, busy: float = _BUSY) -> Iterator[_Server]:
    """Run a server in this process that is busy for some seconds, then answers `/invocations` up to a largest batch."""
    server = _Server(flights, largest, busy)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _StandIn(BaseHTTPRequestHandler):
    """Answers like a model server; whoever calls in its first moments is told to come again."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer whether it is ready."""
        self.reply(503 if self.server.is_busy() else 200, {})

    def do_POST(self) -> None:
        """Answer one request."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.server.is_tired():
            self.close_connection = True  # no answer
            return None
        if self.server.is_busy():
            return self.reply(503, {"message": "busy, come again"})
        try:
            places = self.read(body)
        except Exception as problem:
            self.server.problem = problem
            self.server.malformed += 1
            return self.reply(400, {"message": str(problem)})
        if len(places) > self.server.largest:
            self.server.too_large = len(places)
        self.server.seen.update(places)
        self.server.answered += 1
        self.reply(200, {"predictions": [[1 - p, p] for p in self.server.chances[places]]})

    def read(self, body: bytes) -> list[int]:
        """Return the places in the table of the flights that a request carries; raise NotYet where it is malformed."""
        kind = self.headers.get("Content-Type")
        if self.path != "/invocations":
            raise NotYet(f"It went to the path {self.path}: post to `url` as it is.")
        if (kind or "").partition(";")[0].strip().lower() != "application/json":
            raise NotYet(f"Its content type is {kind}: JSON is sent with the headers in `JSON`.")
        sent = _read_table(_parse(body))
        if sent.empty:
            raise NotYet("It carries no flight: send no request when there are none.")
        _require_columns(sent)
        return [self.server.find(row) for row in sent.to_dict("records")]

    def reply(self, status: int, content: dict) -> None:
        """Send a status and JSON."""
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""
