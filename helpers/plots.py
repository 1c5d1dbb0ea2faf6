"""Charts: one style for all notebooks, alternative text for each figure."""
from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # seaborn and matplotlib take seconds to import
    from matplotlib.figure import Figure

STYLE = {
    "figure.figsize": (9, 4.5),
    "figure.dpi": 80,
    "font.size": 13,
    "axes.titlesize": 14,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def use_style() -> None:
    """Set the course's style: large type, a white ground, colours that the colour-blind can tell apart."""
    import seaborn

    seaborn.set_theme(style="whitegrid", palette="colorblind", rc=STYLE)


def show(figure: Figure, alt: str) -> None:
    """Display a figure with alternative text, and close it.

    `alt` says what the figure shows, figures included: it is stored as the output's
    text, so the tests compare it on every run. Web pages made of the notebook give it to a
    screen reader; JupyterLab does not yet, so with WORKBOOK_DESCRIBE set it is printed below.
    """
    from IPython.display import display
    from matplotlib import pyplot

    picture = io.BytesIO()
    figure.savefig(picture, format="png", bbox_inches="tight", facecolor="white")
    pyplot.close(figure)
    data = {"image/png": picture.getvalue(), "text/plain": alt}
    display(data, metadata={"image/png": {"alt": alt}}, raw=True)
    if os.environ.get("WORKBOOK_DESCRIBE"):
        print(alt)
