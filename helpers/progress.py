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
def clock(what: str) -> Iterator[None]:
    """Show the seconds of work without steps while it lasts, and then only how it ended, so that outputs repeat."""
    began, ended, how = time.monotonic(), threading.Event(), "failed"

    def tick() -> None:
        while not ended.wait(1):
            print(f"\r{what} ... {time.monotonic() - began:.0f} s", end="", flush=True)

    ticking = threading.Thread(target=tick, daemon=True)
    ticking.start()
    try:
        yield
        how = "done"
    finally:
        ended.set()
        ticking.join()
        print(f"\r{what}: {how}".ljust(len(what) + 12), flush=True)
