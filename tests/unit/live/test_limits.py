"""What clients send: ids of every kind, too much, too slowly, for another host; each gets its answer."""
import datetime
import decimal
import json
import os
import re
import signal
import socket

import pandas as pd
import psutil
import pytest
import requests

from helpers.features import FEATURES
from helpers.live import limits, payloads
from helpers.live.prediction_log import PredictionLog
from support.live import locked, post, serve
from support.processes import until

JSON = {"Content-Type": "application/json"}


def send(server, rows: list[dict], headers: dict = JSON) -> requests.Response:
    """Send records as they are."""
    body = json.dumps({"dataframe_records": rows})
    return requests.post(f"{server.url}/invocations", body, headers=headers, timeout=60)


@pytest.fixture(scope="module")
def row(week) -> dict:
    """A flight for JSON."""
    return json.loads(week[FEATURES].dropna().head(1).to_json(orient="records"))[0]


@pytest.mark.parametrize("id", [None, 7, 7.5, True, [], ["a"], {}, {"a": 1}, "", "a" * 201])
def test_an_id_is_a_text(live, row, id):
    """Any other is refused by a sentence on ids, alone and beside right ones."""
    for rows in ([row | {"id": id}], [row | {"id": "right"}, row | {"id": id}]):
        answer = send(live, rows)
        assert answer.status_code == 400 and "id is a text" in answer.json()["message"], answer.text


@pytest.mark.parametrize("form", ["dataframe_records", "dataframe_split", "instances", "inputs", "inputs by column"])
def test_ids_count_in_every_form(live, place, row, form):
    """Sent twice, each row is logged once under its own id; an id too few is refused."""
    rows = [row | {"id": f"{form} {number}"} for number in (1, 2)]
    split = {"columns": list(rows[0]), "data": [list(one.values()) for one in rows]}
    content = {"dataframe_split": split, "inputs by column": {name: [one[name] for one in rows] for name in rows[0]}}
    body = {form.split()[0]: content.get(form, rows)}
    for _ in range(2):
        assert requests.post(f"{live.url}/invocations", json=body, timeout=60).status_code == 200
    logged = PredictionLog(place / "shared.db").read()["id"]
    assert logged[logged.str.startswith(f"{form} ")].tolist() == [f"{form} 1", f"{form} 2"]


@pytest.mark.parametrize("value", [["a"], {"a": 1}, b"a", datetime.date(2013, 1, 1), decimal.Decimal(1)])
def test_what_is_no_text_is_the_clients_fault(live, week, value):
    """A column of texts takes nothing else, whatever the format can carry."""
    table = week[FEATURES].dropna().head(2).assign(carrier=[value, value])
    headers = {"Content-Type": "application/vnd.apache.parquet"}
    answer = requests.post(f"{live.url}/invocations", table.to_parquet(), headers=headers, timeout=60)
    assert answer.status_code == 400 and "Traceback" not in answer.text, answer.text


def test_ids_in_csv_stay_as_they_are_written(live, place, week):
    """What looks like a number is none."""
    table = week[FEATURES].dropna().head(4).assign(id=["007", "1e3", "NA", "1_000"])
    headers = {"Content-Type": "text/csv"}
    assert requests.post(f"{live.url}/invocations", table.to_csv(index=False), headers=headers, timeout=60).ok
    assert PredictionLog(place / "shared.db").read()["id"].tail(4).tolist() == ["007", "1e3", "NA", "1_000"]


def test_a_whole_number_and_its_fraction_are_the_same_inputs(live, row):
    """50 and 50.0 under one id are a retry, no conflict."""
    [one, other] = [send(live, [row | {"id": "half", "temp": temp}]) for temp in (50, 50.0)]
    assert one.status_code == other.status_code == 200 and one.json() == other.json()


def test_half_a_character_is_the_clients_fault(live, row):
    """A lone surrogate, which JSON can write, cannot be stored nor scored."""
    for changed in ({"carrier": "\ud800"}, {"id": "a\udfff"}):
        answer = send(live, [row | changed])
        assert answer.status_code == 400 and "character" in answer.json()["message"]


HOSTS = ["evil.example", "127.0.0.1.evil.example", "localhost.evil", "", "127.0.0.1:x", "10.0.0.1"]


@pytest.mark.parametrize("host", HOSTS)
def test_requests_for_another_host_are_refused(live, host):
    """As MLflow's own server does, so that a page in a browser cannot ask by another name; ours are answered."""
    assert requests.get(f"{live.url}/status", headers={"Host": host}, timeout=30).status_code == 403
    for ours in (f"127.0.0.1:{live.port}", f"localhost:{live.port}", "LOCALHOST", "127.0.0.1"):
        assert requests.get(f"{live.url}/status", headers={"Host": ours}, timeout=30).status_code == 200


def raw(server, *parts: bytes) -> socket.socket:
    """Open a connection and send parts of a request."""
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=60)
    for part in parts:
        connection.sendall(part)
    return connection


def read(connection: socket.socket) -> bytes:
    """Return what comes until the server closes the connection."""
    got = b""
    try:
        while part := connection.recv(65536):
            got += part
    except ConnectionResetError:  # it closed while we still sent
        pass
    finally:
        connection.close()
    return got


HEAD = b"POST /invocations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


def test_a_body_that_is_too_long_is_refused_unread(live):
    """By its declaration before a byte of it, and without one as soon as it is too long."""
    declared = raw(live, HEAD, b"Content-Length: 1000000000\r\n\r\n")
    assert read(declared).startswith(b"HTTP/1.1 413 ")
    parts = (b" " * 1_000_000 for _ in range(limits.MOST_BODY // 1_000_000 + 5))
    assert requests.post(f"{live.url}/invocations", parts, headers=JSON, timeout=60).status_code == 413


@pytest.mark.parametrize("form", ["records", "split", "instances", "CSV", "Parquet"])
def test_too_many_rows_are_refused(live, row, form):
    """A short body may hold rows that take much memory: more than the limit are 413, in every form."""
    rows = [row] * (payloads.MOST_ROWS + 1)
    table = pd.DataFrame(rows)
    in_json = {
        "records": {"dataframe_records": rows},
        "split": {"dataframe_split": {"columns": list(row), "data": [list(row.values())] * len(rows)}},
        "instances": {"instances": rows},
    }
    if form == "CSV":
        body, kind = table.to_csv(index=False), "text/csv"
    elif form == "Parquet":
        body, kind = table.to_parquet(), "application/vnd.apache.parquet"
    else:
        body, kind = json.dumps(in_json[form]), "application/json"
    answer = requests.post(f"{live.url}/invocations", body, headers={"Content-Type": kind}, timeout=120)
    assert answer.status_code == 413 and "20,001 rows" in answer.json()["message"], answer.text


@pytest.mark.parametrize("before", ["", "\n \r\n", "temp\n"])
def test_a_csv_that_is_turned_around_is_refused_at_once(live, before):
    """Pandas would be busy for minutes; a name may hold the end of a line, and a short line may stand before."""
    body = before + ",".join(f'"flight\n{number}"' for number in range(20_000)) + "\n"
    answer = requests.post(f"{live.url}/invocations", body, headers={"Content-Type": "text/csv"}, timeout=60)
    assert answer.status_code == 413 and "has 20,000 columns, and may have 1,000" in answer.json()["message"]


@pytest.mark.parametrize(
    "table",
    [
        {"dataframe_records": [{f"k{number}": 1} for number in range(5_000)]},
        {"dataframe_split": {"columns": [f"k{number}" for number in range(5_000)], "data": [[1] * 5_000]}},
        {"dataframe_split": {"data": [[1] * 5_000]}},
        {"inputs": {f"k{number}": [1] for number in range(5_000)}},
        {"instances": [{f"k{number}": 1} for number in range(5_000)]},
        {"inputs": [[1] * 5_000]},
    ],
    ids=["records", "split", "split without names", "inputs", "instances", "lists"],
)
def test_a_table_of_very_many_columns_is_refused(live, table):
    """Rows that each have a name of their own would take gigabytes."""
    answer = requests.post(f"{live.url}/invocations", json=table, timeout=60)
    assert answer.status_code == 413 and "has 5,000 columns, and may have 1,000" in answer.json()["message"]


PARQUET = {"Content-Type": "application/vnd.apache.parquet"}


def send_parquet(server, table: pd.DataFrame, **how) -> requests.Response:
    """Return the answer to a table as a short body of Parquet."""
    body = table.to_parquet(compression="zstd", **how)
    assert len(body) < limits.MOST_BODY
    return requests.post(f"{server.url}/invocations", body, headers=PARQUET, timeout=120)


@pytest.mark.parametrize("uses_dictionary", [False, True])
def test_a_table_that_unpacks_to_much_is_refused(live, row, uses_dictionary):
    """Parquet packs the same text many times into few bytes, or holds it once and does not count it again."""
    table = pd.DataFrame([row | {"carrier": "x" * 10_000}]).loc[[0] * 10_000]
    answer = send_parquet(live, table, use_dictionary=uses_dictionary)
    assert answer.status_code == 413 and "unpacked" in answer.json()["message"], answer.text


@pytest.mark.parametrize("columns, said", [(900, "unpacked"), (2_000, "columns, and may have 1,000")])
def test_a_parquet_table_of_many_columns_is_refused(live, row, columns, said):
    """A number that repeats takes a few bytes in the body, and eight for each row in memory."""
    table = pd.DataFrame([row | {f"k{number}": 0.0 for number in range(columns)}]).loc[[0] * 10_000]
    answer = send_parquet(live, table)
    assert answer.status_code == 413 and said in answer.json()["message"], answer.text


@pytest.mark.parametrize(
    "how",
    [
        {"use_dictionary": False, "column_encoding": {"more": "DELTA_BYTE_ARRAY"}},
        {"use_dictionary": ["more.list.element"]},
    ],
    ids=["differences", "lists"],
)
def test_a_parquet_table_that_cannot_be_measured_is_refused(live, row, how):
    """Other ways to say in a few bytes that something repeats: texts by their differences, lists of equal values."""
    more = "x" if not how["use_dictionary"] else ["x"]
    answer = send_parquet(live, pd.DataFrame([row | {"more": more}]), **how)
    assert answer.status_code == 400 and "the table" in answer.json()["message"], answer.text


def test_a_damaged_parquet_table_is_the_clients_fault(live, row):
    """Whatever its last bytes, which tell where everything is, hold in place of that."""
    body = bytearray(pd.DataFrame([row]).to_parquet())
    for place in range(len(body) - 400, len(body), 8):
        damaged = body[:place] + bytes([body[place] ^ 0x55]) + body[place + 1:]
        answer = requests.post(f"{live.url}/invocations", bytes(damaged), headers=PARQUET, timeout=60)
        assert answer.status_code in (200, 400), (place, answer.text)
    assert requests.post(f"{live.url}/invocations", b"PAR1PAR1", headers=PARQUET, timeout=60).status_code == 400


def read_metric(server, name: str) -> float:
    """Return the value of a metric without labels, or with those in its name; 0 where there is none."""
    lines = requests.get(f"{server.url}/metrics", timeout=30).text.splitlines()
    return sum(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))


def test_bodies_that_wait_are_limited_in_all(live, week):
    """What would be too much beside the others is told to come later, and counted; afterwards all are answered."""
    refused = 'live_requests_total{status="503"}'
    before, part = read_metric(live, refused), b" " * (limits.MOST_BODY - 1)
    declared = b"Content-Length: %d\r\n\r\n" % limits.MOST_BODY
    halves = [raw(live, HEAD, declared, part) for _ in range(limits.MOST_WAITING // limits.MOST_BODY)]
    until(lambda: read_metric(live, "live_waiting_bytes") == len(halves) * len(part))
    answer = post(live, week[FEATURES].head(1))
    assert answer.status_code == 503 and answer.headers["Retry-After"] == "1"
    assert answer.json()["error_code"] == "TEMPORARILY_UNAVAILABLE" and "wait" in answer.json()["message"]
    assert read_metric(live, refused) == before + 1
    for half in halves:
        half.close()
    until(lambda: read_metric(live, "live_waiting_bytes") == 0)
    assert post(live, week[FEATURES].head(1)).status_code == 200


@pytest.mark.skipif(limits.PROTOCOL == "h11", reason="h11 has a limit of its own, and answers 400")
def test_a_head_that_never_ends_is_refused(live):
    """The connection is closed with 431; a long body in the same packet is none of the head's."""
    connection = raw(live, b"GET /status HTTP/1.1\r\nHost: localhost\r\n")
    try:
        for _ in range(100):
            connection.sendall(b"X-More: " + b"a" * 10_000 + b"\r\n")
    except OSError:  # it is closed
        pass
    assert read(connection).startswith(b"HTTP/1.1 431 ")
    body = b'{"dataframe_records": []}' + b" " * 200_000
    whole = raw(live, HEAD + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    assert read(whole).startswith(b"HTTP/1.1 400 ")


@pytest.mark.skipif(limits.PROTOCOL == "h11", reason="h11 has a limit of its own, and answers 400")
def test_a_head_behind_another_request_never_ends_either(place, client):
    """A second request in the same connection, whose head goes on and on, is cut off, while the first waits."""
    client.set_registered_model_alias("late-test", "champion", "1")
    with serve(place, "pipelined.db", patience=1200) as live, locked(place / "pipelined.db"):
        first = b'{"dataframe_records": []}'
        connection = raw(live, HEAD, b"Content-Length: 100\r\n\r\n", first, b" " * (100 - len(first)))
        connection.sendall(b"GET /status HTTP/1.1\r\n")
        with pytest.raises(OSError):
            for _ in range(2000):
                connection.sendall(b"X-More: " + b"a" * 10_000 + b"\r\n")
        connection.close()


def test_a_body_that_nobody_reads_is_no_head(live):
    """The answer to a wrong path comes alone, however long the body is."""
    body = b" " * 300_000
    head = b"POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(body)
    connection = raw(live, head, body, b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    statuses = re.findall(rb"HTTP/1.1 (\d+)", read(connection))
    assert statuses == [b"404", b"200"]


@pytest.fixture(scope="module")
def impatient(place, client):
    """A server that waits five seconds for a request."""
    client.set_registered_model_alias("late-test", "champion", "1")
    with serve(place, patience=5) as server:
        yield server


def count_refused(server) -> float:
    """Return how many requests were answered with 400."""
    return read_metric(server, 'live_requests_total{status="400"}')


def test_a_client_that_goes_away_is_no_failure_of_ours(live):
    """Half a body, and then nobody: it is counted as the client's, and prints no traceback."""
    before = count_refused(live)
    raw(live, HEAD, b"Content-Length: 100\r\n\r\n{").close()
    until(lambda: count_refused(live) == before + 1)
    assert "Traceback" not in live.log.read_text(encoding="utf-8")


def test_slow_clients_are_told_or_closed(impatient, week):
    """A body that does not come is 408; a connection that says nothing, or half a first or second head, is closed."""
    answer = read(raw(impatient, HEAD, b"Content-Length: 100\r\n\r\n{"))
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert read(raw(impatient)) == read(raw(impatient, b"GET /sta")) == b""
    kept = raw(impatient, b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert kept.recv(65536).startswith(b"HTTP/1.1 200 ")
    kept.sendall(b"GET /li")
    assert b"HTTP" not in read(kept)
    assert post(impatient, week[FEATURES].head(1)).status_code == 200


@pytest.mark.skipif(os.name != "posix", reason="sends a Unix signal")
def test_an_unfinished_request_does_not_hold_the_end(place, client):
    """SIGTERM ends the server although a client has sent half a body and stays."""
    with serve(place, "ending.db", patience=1200) as server:
        half = raw(server, HEAD, b"Content-Length: 100\r\n\r\n{")
        [process] = [p for p in psutil.Process(server._process.pid).children() if "helpers.live" in p.cmdline()]
        process.send_signal(signal.SIGTERM)
        until(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE)
        half.close()


def test_the_number_of_workers_that_others_want_is_no_matter(place, client):
    """A variable that other servers read does not keep this one from starting, with one process."""
    with serve(place, env={"WEB_CONCURRENCY": "4"}) as server:
        assert requests.get(f"{server.url}/livez", timeout=30).status_code == 200
