"""Signs of progress that look the same in a terminal, a notebook and a stored output."""
import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator

from tqdm import tqdm


def bar(items: Iterable, what: str) -> tqdm:
    """Return `items` wrapped in a progress bar without clock times, so that stored outputs repeat."""
    form = "{desc}: {percentage:3.0f}% |{bar:30}| {n_fmt}/{total_fmt}"
    return tqdm(items, desc=what, bar_format=form, ascii=True, file=sys.stdout)


@contextlib.contextmanager
def ticking(what: str, state: Callable[[], str] | None = None) -> Iterator[None]:
    """Show a state, or else the seconds, of work while it lasts; what is printed next takes the line's place."""
    began, ended, widest = time.monotonic(), threading.Event(), len(what) + 12
    out = sys.stdout  # also while the work itself is kept from printing

    def tick() -> None:
        nonlocal widest
        while not ended.wait(1):
            line = f"{what} ... {state() if state else f'{time.monotonic() - began:.0f} s'}"
            widest = max(widest, len(line))
            print(f"\r{line}", end="", flush=True, file=out)

    thread = threading.Thread(target=tick, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        print("\r" + " " * widest, end="\r", flush=True, file=out)


@contextlib.contextmanager
def clock(what: str, state: Callable[[], str] | None = None) -> Iterator[None]:
    """Show a state or the seconds as `ticking` does, and then only how the work ended, so that outputs repeat."""
    how = "failed"
    try:
        with ticking(what, state):
            yield
        how = "done"
    finally:
        print(f"{what}: {how}".ljust(len(what) + 11), flush=True)
