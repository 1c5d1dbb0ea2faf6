"""A plugin of nbval: compares figures with the stored ones, which nbval does not; not by bytes but as one sees them.

The locked Matplotlib brings its own letters and draws the same on each machine, but for what falls on the edge of a
pixel. So both are looked at from afar, in small and in large squares, each moved by a pixel where it fits better. In
the small ones a line of three that moves by 2 % of the axis changes by .37, a bar by 5 % of its length .49, another
value in a heat map .19, a point by 2 % .22, a thin dashed line that is gone .1; in the large ones a pale band .08.
A grid's line of light grey that is gone is not seen. Another release of Matplotlib moves letters, and is told so.
"""
import base64
import io
from functools import partial

import numpy as np
import pytest
from PIL import Image, ImageChops

MUCH = {8: 0.08, 32: 0.03}  # by how much the mean of a square of so many pixels may change, of black to white
AROUND = [(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1)]  # pixels
SIZE = 0.02  # the share by which height and width may differ


def compare_pictures(stored: str, drawn: str) -> str:
    """Return in words how much a PNG differs from a stored one, both in base 64, or nothing where it is the same."""
    old, new = (Image.open(io.BytesIO(base64.b64decode(picture))).convert("RGB") for picture in (stored, drawn))
    if any(abs(before - now) > SIZE * before for before, now in zip(old.size, new.size)):
        return f"it has {new.size[0]} x {new.size[1]} pixels and had {old.size[0]} x {old.size[1]}"
    moved = [ImageChops.offset(new.resize(old.size), *by) for by in AROUND]
    for square, much in MUCH.items():
        before = see(old, square)
        change = np.min([abs(see(picture, square) - before).max(axis=2) for picture in moved], axis=0).max()
        if change > much:
            return f"a square of {square} pixels in it changed by {change:.2f}, where {much} is allowed"
    return ""


def see(picture: Image.Image, square: int) -> np.ndarray:
    """Return the mean colours of a picture's squares, from 0 to 1."""
    return np.asarray(picture.reduce(square), float) / 255


def listen(file, drawn: dict, *arguments, **options) -> dict:
    """Return a message of a kernel after noting the picture in it, by the place where it is displayed."""
    message = type(file).get_kernel_message(file, *arguments, **options)
    picture = message["content"].get("data", {}).get("image/png")
    if picture and message["msg_type"] in ("display_data", "execute_result", "update_display_data"):
        place = message["content"].get("transient", {}).get("display_id", len(drawn))
        if message["msg_type"] != "update_display_data" or place in drawn:
            drawn[place] = picture
    return message


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """After a cell showed what is stored, compare its figures as well, where nbval compares its text."""
    drawn: dict = {}
    item.parent.get_kernel_message = partial(listen, item.parent, drawn)
    result = yield
    compared = item.options["check"] and item.test_outputs is not None and item.cell.execution_count is not None
    if compared and "measured-figure" not in item.cell.metadata.get("tags", []):
        stored = [output.data["image/png"] for output in item.cell.outputs if "image/png" in output.get("data", {})]
        compare_figures(item, stored, [*drawn.values()])
    return result


def compare_figures(cell, stored: list[str], drawn: list[str]) -> None:
    """Raise nbval's error where a cell drew other figures than are stored."""
    if len(stored) != len(drawn):
        cell.raise_cell_error(f"Cell drew {len(drawn)} figures, and {len(stored)} are stored")
    for place, pictures in enumerate(zip(stored, drawn), 1):
        if words := compare_pictures(*pictures):
            cell.raise_cell_error(f"Figure {place} of the cell is not the stored one: {words}")
