"""A client that keeps a server busy: many connections in one thread, each with one request under way."""
import asyncio
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Answer:
    """What came back for one request: moments in seconds from the start, status (0 where the line broke), version."""

    began: float
    ended: float
    status: int
    version: str


def bodies(rows: pd.DataFrame) -> list[bytes]:
    """Return a payload for each row of a table."""
    return [
        json.dumps({"dataframe_split": {"columns": list(rows), "data": [row]}}).encode()
        for row in json.loads(rows.to_json(orient="values"))
    ]


def load(port: int, payloads: Iterator[bytes], clients: int, stop: Callable[[float, int], bool]) -> list[Answer]:
    """Send payloads to ``/invocations`` until `stop` of seconds and answers so far says so; return all."""
    return asyncio.run(_load(port, payloads, clients, stop))


async def _load(port: int, payloads: Iterator[bytes], clients: int, stop: Callable) -> list[Answer]:
    answers, start = [], time.perf_counter()

    async def client() -> None:
        reader = writer = None
        while not stop(time.perf_counter() - start, len(answers)):
            began = time.perf_counter() - start
            try:
                if writer is None:
                    reader, writer = await asyncio.open_connection("127.0.0.1", port)
                status, version = await ask(reader, writer, next(payloads))
            except (OSError, EOFError):
                status, version, writer = 0, "", None
                await asyncio.sleep(0.05)
            answers.append(Answer(began, time.perf_counter() - start, status, version))
        if writer:
            writer.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    return answers


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, body: bytes) -> tuple[int, str]:
    """Send one payload over an open connection; return the answer's status and version."""
    head = ["POST /invocations HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json"]
    writer.write("\r\n".join([*head, f"Content-Length: {len(body)}", "", ""]).encode() + body)
    lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
    await reader.readexactly(int(headers["content-length"]))
    return int(lines[0].split()[1]), headers.get("x-model-version", "")
