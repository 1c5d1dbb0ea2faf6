"""Charts: one style for all notebooks, alternative text for each figure."""
from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpers.setup import variables

if TYPE_CHECKING:  # seaborn and matplotlib take seconds to import
    from IPython.display import DisplayHandle
    from matplotlib.figure import Figure

_STYLE = {
    "figure.figsize": (9, 4.5),
    "figure.dpi": 80,
    "font.size": 13,
    "axes.titlesize": 14,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
}
_FINER = 2  # pixels of the picture for one on the page: sharp on a projector and on a fine screen


def use_style() -> None:
    """Set the course's style: large type, a white ground, colours that the colour-blind can tell apart."""
    import matplotlib
    import seaborn

    matplotlib.rcdefaults()  # a file of the reader's may ask for LaTeX, or for other sizes
    seaborn.set_theme(style="whitegrid", palette="colorblind", rc=_STYLE)


def show(figure: Figure, alt: str) -> None:
    """Display a figure with alternative text, and close it.

    `alt` says what the figure shows, figures included: it is stored as the output's
    text, so the tests compare it on every run. Web pages made of the notebook give it to a
    screen reader; JupyterLab does not yet, so with WORKBOOK_DESCRIBE set it is printed below.
    """
    from IPython.display import display

    content, options = _output(figure, alt, alt, bbox_inches="tight")
    display(content, **options)
    if variables.is_on("WORKBOOK_DESCRIBE"):
        print(alt)


@dataclass(eq=False)
class Redrawn:
    """A figure in a cell's output that each `draw` replaces, so that it can be watched while the cell runs.

    Attributes
    ----------
    text : str
        Stands for the figure where only text is shown; the same for every state of it.
    """

    text: str
    _handle: DisplayHandle | None = None

    def draw(self, figure: Figure, alt: str) -> None:
        """Show a figure in place of the last one, with alternative text, and close it."""
        from IPython.display import display

        content, options = _output(figure, self.text, alt)  # without a tight box, which would draw everything twice
        if self._handle is None:
            self._handle = display(content, display_id=True, **options)
        else:
            self._handle.update(content, **options)


def _output(figure: Figure, text: str, alt: str, **how: str) -> tuple[dict, dict]:
    """Return a figure as IPython displays it, with a text that stands for it, and the options to; close the figure."""
    from matplotlib import pyplot

    picture = io.BytesIO()
    figure.savefig(picture, format="png", facecolor="white", dpi=_FINER * figure.dpi, **how)
    pyplot.close(figure)
    png = picture.getvalue()
    width = int.from_bytes(png[16:20], "big") // _FINER  # pixels; where the PNG format keeps it
    metadata = {"image/png": {"alt": alt, "width": width}}
    return {"image/png": png, "text/plain": text}, {"metadata": metadata, "raw": True}
