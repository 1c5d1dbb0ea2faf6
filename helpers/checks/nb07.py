"""Checks of notebook 07."""
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
from helpers.checks.answers import call, read_word, require_function, show
from helpers.checks.registry import NotYet, describe, exercise
from helpers.features import FEATURES

_BUSY, _MOST_WHILE_BUSY = 0.3, 8  # seconds of the stand-in server; with a pause of .05 s six requests come in them
_MOST_IN_ALL = 50  # requests that it answers: 25 flights need no more than one each, and a client in a loop is stopped
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
    **{other: ("repair", "the request is at fault") for other in (402, 409, 410, 418, 431, 451, 499)},
    429: ("retry", "the server asks for fewer requests per second, and may accept the same request later"),
    500: ("repair or retry", "something in the server failed, so there is no answer to use"),
    502: ("retry", "the gateway may find the server a moment later"),
    503: ("retry", "a server that is overloaded or starting recovers"),
    504: ("retry", "the server may be quicker the next time"),
    408: ("retry", "the server did not get the whole request in time, and may get it the next time"),
    None: ("retry", "a server that restarts listens again soon, and asking /invocations twice changes nothing"),
}


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
    missing = [name for name in FEATURES if name not in sent]
    if missing:
        raise NotYet(f"These columns are missing from the body: {', '.join(missing)}.")
    for name in FEATURES:
        value, true = sent[[name]].iloc[0, 0], flight[name].iloc[0]
        if pd.isna(true):
            if value is not None and value == value:
                raise NotYet(f"{name} is {show(value)} in the body, and unknown for this flight: that travels as null.")
        elif not _is_same(value, true):
            raise NotYet(f"{name} is {show(value)} in the body and {show(true)} in the table.")
    return "Unknown values travel as null, and one name around the rows says how to read them."


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
    return data


def _read_april(rows: int) -> pd.DataFrame:
    """Return the features of the first flights of April."""
    return pd.read_parquet(paths.PREPARED / "2013-04.parquet")[FEATURES].head(rows)


@exercise("7.2", hint="The table above has a row for each status. For two statuses from 400 to 499, a retry may help.")
def check_what_to_do(decide: Callable) -> str:
    """Check a client's decision for every kind of answer."""
    require_function(decide, "decide(status)")
    for status, (right, reason) in _DECISIONS.items():
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
    """Check a batch client against a small server that knows the answers, with three sizes of request."""
    require_function(score_all, "score_all(flights, url, size)")
    flights = _draw_flights(25)
    for size, enough in ((10, 3), (7, 4), (5, 5)):
        with run_stand_in(size, flights) as server, _watch_requests(server) as time_outs:
            answer = _ask(score_all, flights, server)
        _look_at_numbers(answer, flights, server)
        if server.answered > enough:
            raise NotYet(f"{server.answered} requests for 25 flights: with {size} in each, {enough} are enough.")
        if server.refused > _MOST_WHILE_BUSY:
            raise NotYet(f"The server was busy for {_BUSY} s and got {server.refused} requests in this time: pause "
                         "before each new attempt, as `session` does.")
        if not time_outs or any(None in (limit if isinstance(limit, tuple) else [limit]) for limit in time_outs):
            raise NotYet("A request has no time-out, so the client may wait for ever: post through `session`, with "
                         "timeout=(3, 60), the seconds for the connection and for the answer.")
    return "Three requests carried 25 flights, and one that the busy server refused was sent again."


def _draw_flights(count: int) -> pd.DataFrame:
    """Return flights of April in no order, each with a chance of its own."""
    rows = _read_april(400).sample(frac=1, random_state=0)
    return rows[~pd.Series(_compute_chances(rows), rows.index).duplicated()].head(count)


def _look_at_numbers(answer: object, flights: pd.DataFrame, server: "_Server") -> None:
    """Raise NotYet unless a client's answer is the chance of each flight, from requests that are small enough."""
    right = _compute_chances(flights)
    if server.too_large:
        raise NotYet(f"A request carried {server.too_large} flights, and {server.largest} were allowed.")
    if not server.answered:
        raise NotYet(f"score_all returned {show(answer)}, and the server answered no request: post to `url`.")
    try:
        found = np.asarray(list(islice(answer, 1000)), dtype=float).ravel()
    except Exception:
        raise NotYet(f"score_all returned {show(answer)}: return a list of numbers, one for each flight.") from None
    if len(found) != len(right):
        raise NotYet(f"{len(found)} numbers came back for {len(right)} flights, in requests of {server.largest}: give "
                     "one number for each flight, those of the last request included.")
    if np.allclose(found, 1 - right, atol=0.0005):
        raise NotYet("These are the chances to be on time: the second number of each pair is the chance to be late.")
    if (wrong := ~np.isclose(found, right, atol=0.0005)).any():
        place = wrong.argmax()
        raise NotYet(f"Number {place + 1} is {found[place]:.4f}, and the server answered {right[place]:.4f} for this "
                     "flight: keep the order of the rows, and the numbers as they are.")


def _ask(score_all: Callable, flights: pd.DataFrame, server: "_Server") -> object:
    """Return what a client makes of the stand-in server's answers, or say which of its requests failed."""

    def ask(*arguments: Any) -> object:
        answer = score_all(*arguments)
        return list(islice(answer, 1000)) if isinstance(answer, Iterator) else answer  # while the server is there

    try:
        return call("score_all(flights, url, size)", ask, flights.copy(), server.url, server.largest)
    except NotYet:
        if server.is_tired():
            last = f" The server refused the last one: {server.problem}" if server.problem else ""
            raise NotYet(f"The client sent {_MOST_IN_ALL} requests for 25 flights and did not stop: end a loop after a "
                         f"few attempts.{last}") from None
        if server.problem:
            raise NotYet(f"The server refused a request: {server.problem}") from None
        if server.refused and not server.answered:
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


def _compute_chances(flights: pd.DataFrame) -> np.ndarray:
    """Return the answers of the stand-in server, which differ much between flights, so that the order shows."""
    return (flights["sched_dep_min"].to_numpy(float) * 7919 + flights["distance"].to_numpy(float) * 31) % 997 / 1000


def _find_fault(sent: pd.DataFrame, flights: pd.DataFrame) -> str | None:
    """Return how the flights of a body differ from those of the table, if they do."""
    missing = [name for name in FEATURES if name not in sent]
    if missing:
        return f"The body lacks the column {missing[0]}: send all features."
    true = flights.set_index(_compute_chances(flights)).reindex(_compute_chances(sent))
    for name in FEATURES:
        for value, right in zip(sent[name], true[name]):
            if not (pd.isna(right) and pd.isna(value) or _is_same(value, right)):
                return f"{name} is {show(value)} in the body and {show(right)} in the table: send the rows as they are."
    return None


class _Server(ThreadingHTTPServer):
    """The stand-in server, and what it has seen."""

    def __init__(self, largest: int, flights: pd.DataFrame) -> None:
        """Listen on a free port; requests may carry up to `largest` of the flights."""
        super().__init__((servers.HOST, 0), _StandIn)
        self.url = f"http://{servers.HOST}:{self.server_port}/invocations"
        self.flights, self.largest, self.too_large, self.busy_until = flights, largest, 0, None
        self.answered, self.refused, self.malformed, self.problem = 0, 0, 0, None

    def handle_error(self, *_: object) -> None:
        """Keep quiet where a client hangs up."""

    def is_tired(self) -> bool:
        """Return whether it has answered as many requests as it ever does."""
        return self.answered + self.malformed >= _MOST_IN_ALL


@contextmanager
def run_stand_in(largest: int, flights: pd.DataFrame) -> Iterator[_Server]:
    """Run a server in this process that is busy at first, then answers `/invocations` up to a largest batch."""
    server = _Server(largest, flights)
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

    def do_POST(self) -> None:
        """Answer one request."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.busy_until = self.server.busy_until or time.monotonic() + _BUSY
        if time.monotonic() < self.server.busy_until:
            self.server.refused += 1
            return self.reply(503, {"message": "busy, come again"})
        if self.server.is_tired():
            self.close_connection = True  # no answer
            return None
        try:
            self.require_form()
            flights = _read_table(_parse(body))
            if fault := _find_fault(flights, self.server.flights):
                raise NotYet(fault)
        except Exception as problem:
            self.server.problem = problem
            self.server.malformed += 1
            return self.reply(400, {"message": str(problem)})
        if len(flights) > self.server.largest:
            self.server.too_large = len(flights)
        self.server.answered += 1
        self.reply(200, {"predictions": [[1 - p, p] for p in _compute_chances(flights)]})

    def require_form(self) -> None:
        """Raise NotYet unless a request comes to the right path, and says that it is JSON."""
        if self.path != "/invocations":
            raise NotYet(f"It came to the path {self.path}: post to `url` as it is.")
        if (said := self.headers.get_content_type()) != "application/json":
            raise NotYet(f"Its content type is {said}: send JSON with the header of the requests above.")

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
