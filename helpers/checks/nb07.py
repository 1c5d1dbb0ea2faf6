"""Checks of notebook 07."""
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pandas as pd
from mlflow.pyfunc.scoring_server import infer_and_parse_data

from helpers import paths, servers
from helpers.checks.registry import NotYet, exercise
from helpers.features import FEATURES

_FORMS = {"dataframe_records", "dataframe_split", "instances", "inputs"}
_DECISIONS = {
    200: ("use", "the server says that all went well"),
    400: ("repair", "the same body would be refused again"),
    404: ("repair", "the path will not appear by asking again"),
    405: ("repair", "the method stays wrong"),
    415: ("repair", "the content type stays unknown"),
    429: ("retry", "it asks for fewer requests a second, so the same request is welcome later"),
    502: ("retry", "the gateway may find the server a moment later"),
    503: ("retry", "a server that is overloaded or starting recovers"),
    504: ("retry", "the server may be quicker the next time"),
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
        value, true = sent[name].iloc[0], flight[name].iloc[0]
        if pd.isna(value) and pd.isna(true):
            continue
        if pd.isna(true):
            raise NotYet(f"{name} is {value!r} in the body, and unknown for this flight: unknown travels as null.")
        if value != true and not (isinstance(true, float | np.number) and np.isclose(float(value), true)):
            raise NotYet(f"{name} is {value!r} in the body and {true!r} in the table.")
    return "Unknown values travel as null, and one name around the rows says how to read them."


def _parse(body: str) -> dict:
    """Return a body as the server reads it, or say why another JSON reader would not."""
    if not isinstance(body, str | bytes):
        raise NotYet(f"`body` is a {type(body).__name__}: what travels is text. `json.dumps` makes text of it.")
    try:
        content = json.loads(body, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        raise NotYet(f"This is not JSON: {error}.") from None
    names = sorted(content) if isinstance(content, dict) else []
    if len(set(names) & _FORMS) != 1:
        raise NotYet(f"The server needs one name around the rows: {', '.join(sorted(_FORMS))}. Found: {names[:3]}.")
    return content


def _refuse(word: str) -> None:
    """Say that a word which Python writes is not JSON."""
    raise NotYet(f"{word} stands in the body. Python writes it, JSON does not know it: unknown values travel as null.")


def _read_table(content: dict) -> pd.DataFrame:
    """Return what the model would be given, by the server's own code."""
    data = infer_and_parse_data({name: content[name] for name in _FORMS & set(content)})
    if isinstance(data, dict):
        data = pd.DataFrame({name: np.ravel(values) for name, values in data.items()})
    if not isinstance(data, pd.DataFrame):
        raise NotYet("The rows have no column names, and the model needs them.")
    return data


def _read_april(rows: int) -> pd.DataFrame:
    """Return the features of the first flights of April."""
    return pd.read_parquet(paths.PREPARED / "2013-04.parquet")[FEATURES].head(rows)


@exercise("7.2", hint="Three of the four groups are easy: 200, None, and 5xx from a gateway. One 4xx passes by itself.")
def check_what_to_do(decide: Callable) -> str:
    """Check a client's decision for every kind of answer."""
    for status, (right, reason) in _DECISIONS.items():
        found = decide(status)
        if found not in ("use", "repair", "retry"):
            raise NotYet(f'decide({status}) returned {found!r}: return "use", "repair" or "retry".')
        if found != right:
            raise NotYet(f'decide({status}) is "{found}". Think again: {reason}.')
    return "Wrong requests are repaired; only what may pass by itself is sent again."


@exercise(
    "7.3",
    hint="`range(0, len(flights), size)` says where requests begin; `as_body(flights.iloc[a : a + size])` is a body.",
)
def check_batch_client(score_all: Callable) -> str:
    """Check a batch client against a small server that knows the answers."""
    flights = _read_april(25)
    with run_stand_in(largest=10) as server:
        found = np.asarray(_ask(score_all, flights, server), dtype=float).ravel()
    right = _compute_chances(flights)
    if server.too_large:
        raise NotYet(f"A request carried {server.too_large} flights, and 10 were allowed.")
    if len(found) != len(right):
        raise NotYet(f"{len(found)} numbers came back for {len(right)} flights: is the last, smaller request sent?")
    if np.allclose(found, 1 - right):
        raise NotYet("These are the chances to be on time: the second number of each pair is the chance to be late.")
    if not np.allclose(found, right):
        raise NotYet("The numbers are not those of the flights at the same places: keep the order of the rows.")
    if server.answered > 3:
        raise NotYet(f"{server.answered} requests for 25 flights: with 10 in each, three are enough.")
    return "Three requests carried 25 flights, and one that the busy server refused was sent again."


def _ask(score_all: Callable, flights: pd.DataFrame, server: ThreadingHTTPServer) -> Sequence[float]:
    """Return what a client makes of the stand-in server's answers, or say which of its requests failed."""
    try:
        return score_all(flights, server.url, server.largest)
    except Exception:
        if server.problem:
            raise NotYet(f"The server refused a request: {server.problem}") from None
        if server.calls == 1:
            raise NotYet("The server was busy once (503) and the client gave up: post through `session`.") from None
        raise


def _compute_chances(flights: pd.DataFrame) -> np.ndarray:
    """Return the answers of the stand-in server: each flight its own, so that the order shows."""
    return (flights["sched_dep_min"].to_numpy(float) + flights["distance"].to_numpy(float) / 10_000) / 2000


@contextmanager
def run_stand_in(largest: int) -> Iterator[ThreadingHTTPServer]:
    """Run a server in this process that is busy once, then answers `/invocations` up to a largest batch."""
    server = ThreadingHTTPServer((servers.HOST, 0), _StandIn)
    server.url = f"http://{servers.HOST}:{server.server_port}/invocations"
    server.largest, server.too_large, server.answered, server.calls, server.problem = largest, 0, 0, 0, None
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _StandIn(BaseHTTPRequestHandler):
    """Answers like a model server; the first call is told to come again."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answer one request."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.calls += 1
        if self.server.calls == 1:
            return self.reply(503, {"message": "busy, come again"})
        try:
            chances = _compute_chances(flights := _read_table(_parse(body)))
        except Exception as problem:
            self.server.problem = problem
            return self.reply(400, {"message": str(problem)})
        if len(flights) > self.server.largest:
            self.server.too_large = len(flights)
        self.server.answered += 1
        self.reply(200, {"predictions": [[1 - p, p] for p in chances]})

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
