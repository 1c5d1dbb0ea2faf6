"""A lock on a file, by which processes of the course wait for each other."""
import contextlib
import functools
import os
import sys
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
    """Take the lock on an open file, and return whether no other process holds it, also on a disk without locks."""
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
    except OSError as error:
        _tell_once(error.strerror)
    return True


@functools.cache
def _tell_once(why: str) -> None:
    """Say that commands and notebooks do not wait for each other here, as on some disks that a network shares."""
    what = f"This disk has no locks for files ({why}), so nothing waits for its turn"
    print(f"{what}: let only one command run at a time, and a notebook in one kernel.", file=sys.stderr, flush=True)
