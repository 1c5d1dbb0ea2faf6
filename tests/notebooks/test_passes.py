"""The passes that notebooks run through find what they are for; proof for each, on a notebook of a few cells."""
import os

import nbformat
import psutil
import pytest

from helpers import notebooks
from support.answers import attempt, unchecked
from support.passes import Passes, where
from support.running import compare
from support.states import changed

STATE = {"prepared": {"a": "1"}, "runs": {"mine": [("first", "FINISHED")]}, "models": {"late": {"aliases": {}}}}


def written(folder, cells: list):
    """Write a notebook of some cells, whose name starts with the number that chance needs."""
    path = folder / "02_of_a_few_cells.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": notebooks.KERNEL}), path)
    return path


def counted(*sources: str) -> list:
    """Return cells that ran and printed nothing."""
    return [nbformat.v4.new_code_cell(source, execution_count=count) for count, source in enumerate(sources, 1)]


@pytest.mark.parametrize(
    ("verdict", "found"),
    [("not yet. Think of km.", ""), ("correct.", "the words on 4_1_a.py"), ("not yet. Hm.", "the words on 4_1_a.py")],
)
def test_an_answer_whose_check_says_something_else_is_found(tmp_path, verdict, found):
    """A wrong answer must be refused, with the words that help; its output and the check's are not compared."""
    answer = tmp_path / "4_1_a.py"
    answer.write_text("print('trying')\ngiven = 1")
    cells = attempt(answer, f"print('Exercise 4.1: {verdict}')", ["Exercise 4.1: not yet.", "Think of km."])
    path = written(tmp_path, [unchecked("1", "the change of folders"), *cells, *counted("assert given == 1")])
    report = compare(path, tmp_path / "workspace")
    assert bool(report) == bool(found) and (not found or where(path, report) == found), report


def test_a_failure_says_which_pass_and_cell_and_how_to_repeat_it(tmp_path):
    """What came before stands there too, as the workspace is its work."""
    passes = Passes("02", tmp_path, "python -m helpers test -k this")
    passes.run("untouched", written(tmp_path, counted("one = 1")))
    path = written(tmp_path, counted("one = 1", "print(2)"))
    with pytest.raises(pytest.fail.Exception) as caught:
        passes.run("answered", path)
    first, second = str(caught.value).splitlines()[:2]
    assert first.endswith("pass 'untouched' went well; pass 'answered' differs from the stored outputs in cell [2]")
    assert second == "To repeat it: python -m helpers test -k this"


def test_a_process_that_stays_fails_the_pass(tmp_path):
    """A notebook leaves nothing running."""
    noted = tmp_path / "number"
    sleep = "[sys.executable, '-c', 'import time; time.sleep(900)'], start_new_session=True"
    start = f"import subprocess, sys; from pathlib import Path; sleeper = subprocess.Popen({sleep})"
    path = written(tmp_path, counted(f"{start}; written = Path({str(noted)!r}).write_text(str(sleeper.pid))"))
    with pytest.raises(pytest.fail.Exception, match=r"(?s)pass 'untouched' has left behind.*time\.sleep"):
        Passes("02", tmp_path, "").run("untouched", path)
    psutil.Process(int(noted.read_text())).kill()


@pytest.mark.skipif(os.name != "posix", reason="the home folder is set by a variable of Unix")
def test_a_file_in_the_home_folder_fails_the_pass(tmp_path):
    """A library that keeps something of its own there is found, and Jupyter's files are no reason."""
    write = "from pathlib import Path; (Path.home() / '.cache').mkdir(); (Path.home() / '.cache/id').touch()"
    with pytest.raises(pytest.fail.Exception, match=r"(?s)pass 'untouched' has left behind.*~/\.cache/id$"):
        Passes("02", tmp_path, "").run("untouched", written(tmp_path, counted(write)))


def test_a_kernel_is_killed_in_the_cell_that_was_drawn(tmp_path, monkeypatch):
    """The cells before it have run and were compared; no later one did."""
    mark = "from pathlib import Path; Path({!r}).touch()"
    sources = [mark.format(str(tmp_path / f"cell {place}")) for place in range(5)]
    path = written(tmp_path, counted(*sources))
    monkeypatch.setattr("support.passes.find_path", lambda number: path)
    passes = Passes("02", tmp_path, "")
    passes.kill()
    [told] = passes.told
    last = int(told.partition("[")[2].rstrip("]")) - 1
    ran = sorted(file.name for file in tmp_path.glob("cell *"))
    assert ran[:last] == [f"cell {place}" for place in range(last)] and len(ran) <= last + 1


def test_what_a_second_pass_doubles_or_loses_is_found():
    """A run that came twice, a month that is other, a model that is gone; what an exercise adds is no change."""
    assert changed(STATE, STATE) == []
    more = {**STATE, "runs": {"mine": [*STATE["runs"]["mine"], ("an exercise", "FINISHED")], "new": [("a", "b")]}}
    assert changed(STATE, more) == []
    twice = {**STATE, "runs": {"mine": STATE["runs"]["mine"] * 2}}
    assert changed(STATE, twice) == ["a run of mine: first"]
    other = {"prepared": {"a": "2"}, "runs": STATE["runs"], "models": {}}
    assert changed(STATE, other) == ["prepared: a", "models: late"]
