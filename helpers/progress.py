"""Signs of progress that look the same in a terminal, a notebook and a stored output."""
import contextlib
import sys
import threading
import time
from collections.abc import Iterable, Iterator

from tqdm import tqdm


def bar(items: Iterable, what: str) -> tqdm:
    """Return `items` wrapped in a progress bar without clock times, so that stored outputs repeat."""
    form = "{desc}: {percentage:3.0f}% |{bar:30}| {n_fmt}/{total_fmt}"
    return tqdm(items, desc=what, bar_format=form, ascii=True, file=sys.stdout)


@contextlib.contextmanager
def ticking(what: str) -> Iterator[None]:
    """Show the seconds of work without steps while it lasts; what is printed next takes the line's place."""
    began, ended = time.monotonic(), threading.Event()

    def tick() -> None:
        while not ended.wait(1):
            print(f"\r{what} ... {time.monotonic() - began:.0f} s", end="", flush=True)

    thread = threading.Thread(target=tick, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        print("\r" + " " * (len(what) + 12), end="\r", flush=True)


@contextlib.contextmanager
def clock(what: str) -> Iterator[None]:
    """Show the seconds as `ticking` does, and then only how the work ended, so that outputs repeat."""
    how = "failed"
    try:
        with ticking(what):
            yield
        how = "done"
    finally:
        print(f"{what}: {how}".ljust(len(what) + 11), flush=True)
