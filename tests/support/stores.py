"""What the tests of the stores share: both servers started by another process, and where a secret lies."""
import contextlib
import subprocess
import sys
from pathlib import Path

from helpers import servers

ASKER = """
import pathlib, sys, time
from helpers import servers
from helpers.stores import object_store, postgres

folder = pathlib.Path(sys.argv[1])
database = postgres.postgres_server(int(sys.argv[2]), folder / "postgres")
both = database, object_store.object_store_server(int(sys.argv[3]))
for server in both:
    server.start()
print(*postgres.run_sql(both[0].access, "SELECT 42"), flush=True)
time.sleep(float(sys.argv[4]))
"""


def ask(folder: Path, seconds: float, become=list, **settings) -> tuple[subprocess.Popen, list[int]]:
    """Start a process that starts both servers, as the user that `become` turns to; return it and their ports."""
    ports = [servers.free_port(), servers.free_port()]
    command = become([sys.executable, "-c", ASKER, str(folder), *map(str, ports), str(seconds)])
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **settings), ports


def holders(secret: str, *folders: Path) -> list[Path]:
    """Return the files that hold a secret."""
    found = []
    for path in (path for folder in folders for path in folder.rglob("*")):
        with contextlib.suppress(FileNotFoundError):  # a server tidies up meanwhile
            if path.is_file() and secret.encode() in path.read_bytes():
                found.append(path)
    return found
