"""Figures for those who look at them, and for those who have them read out."""
import matplotlib
from matplotlib import pyplot

from helpers import plots

TEXT = "One line that rises from 1 to 3."


def printed(capsys) -> str:
    """Show a figure, and return the last line that is printed; without a notebook the first is the output's data."""
    figure, axes = pyplot.subplots()
    axes.plot([1, 2, 3])
    plots.show(figure, TEXT)
    assert not pyplot.get_fignums()
    return capsys.readouterr().out.splitlines()[-1]


def test_a_figure_is_described_where_that_is_asked_for(capsys, monkeypatch):
    """With the variable set its text stands below, for a screen reader in JupyterLab; else it goes with the output."""
    plain = printed(capsys)
    assert plain != TEXT and f"'text/plain': '{TEXT}'" in plain
    monkeypatch.setenv("WORKBOOK_DESCRIBE", "1")
    assert printed(capsys) == TEXT


def test_a_readers_own_settings_of_figures_change_none_of_the_course(tmp_path):
    """A file matplotlibrc in the home folder, also one that asks for LaTeX where there is none, leaves the style."""
    own = tmp_path / "matplotlibrc"
    own.write_text("text.usetex: True\nlines.linewidth: 9\nsavefig.dpi: 9\n", encoding="utf-8")
    with matplotlib.rc_context():
        plots.use_style()
        style = dict(matplotlib.rcParams)
        matplotlib.rc_file(own)
        plots.use_style()
        assert dict(matplotlib.rcParams) == style
