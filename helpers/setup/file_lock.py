"""A lock on a file, by which processes of the course wait for each other."""
import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO


@contextlib.contextmanager
def hold(lock: Path, waiting: str) -> Iterator[None]:
    """Hold a lock while a block runs; say `waiting` and wait while another process holds it.

    The operating system frees the lock when its holder dies, so it cannot go stale.
    """
    with lock.open("a", encoding="utf-8") as file:
        if not take(file):
            print(waiting, end="", flush=True)
            while not take(file):
                time.sleep(0.5)
        yield


def take(file: IO) -> bool:
    """Take the lock on an open file, and return whether this process holds it."""
    try:
        if os.name == "nt":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True
