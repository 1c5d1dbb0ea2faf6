"""Progress bars that look the same in a terminal, a notebook and a stored output."""
import sys
from collections.abc import Iterable

from tqdm import tqdm


def bar(items: Iterable, what: str) -> tqdm:
    """Return `items` wrapped in a progress bar without clock times, so that stored outputs repeat."""
    form = "{desc}: {percentage:3.0f}% |{bar:30}| {n_fmt}/{total_fmt}"
    return tqdm(items, desc=what, bar_format=form, ascii=True, file=sys.stdout)
