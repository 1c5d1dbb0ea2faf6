"""A cell becomes a module of the pipeline, and the source of a module's functions is shown."""
import sys

import pytest

from helpers.pipeline import cells, location

SOURCE = """import functools


@functools.cache
def double(number):
    return 2 * number


def triple(number):
    return 3 * number
"""


@pytest.fixture
def shell(monkeypatch, tmp_path):
    """Return a shell as a notebook has it, with the pipeline's code in another folder."""
    from IPython.core.interactiveshell import InteractiveShell

    monkeypatch.setattr(location, "CODE", tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    shell = InteractiveShell.instance()
    cells.register()
    yield shell
    location.forget_modules()
    InteractiveShell.clear_instance()


def test_a_cell_is_written_and_loaded(shell, tmp_path, capsys):
    """What the cell defines comes from the module, and is there in the notebook; a second run takes its place."""
    shell.run_cell_magic("module", "doubled", SOURCE)
    assert shell.user_ns["double"](2) == 4 and shell.user_ns["double"].__module__ == "doubled"
    shell.run_cell_magic("module", "doubled", SOURCE.replace("2 * number", "20 * number"))
    assert shell.user_ns["double"](2) == 40 and "20 * number" in (tmp_path / "doubled.py").read_text(encoding="utf-8")
    assert "12-pipeline/code/doubled.py: 10 lines" in capsys.readouterr().out


def test_functions_are_shown_with_their_decorators(shell, tmp_path, capsys):
    """Only those that are asked for, in this order."""
    (tmp_path / "both.py").write_text(SOURCE, encoding="utf-8")
    cells.show_source(tmp_path / "both.py", "triple", "double")
    shown = capsys.readouterr().out
    assert shown.startswith("# both.py\n\ndef triple") and shown.rstrip().endswith("return 2 * number")
    assert "@functools.cache\ndef double" in shown
