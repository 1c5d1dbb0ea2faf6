"""Each notebook shows its stored outputs, on every run, and leaves what the later ones build on."""
import sys

import pytest

from helpers.notebooks import find_path
from helpers.paths import NOTEBOOKS
from helpers.setup import groups
from support.answers import write_answered
from support.bad_days import clone, compare_on_the_worst_day, namespaces, other_python, recorded
from support.foreign import FOREIGN, git_of_a_company
from support.passes import Passes
from support.running import NUMBERS, to_run
from support.states import changed, state
from support.turns import draw, has_more_passes
from support.workspaces import checkpoint, copy_checkpoint, shared

BUILT_ON = {  # what later notebooks build on, which a checkpoint gives to those who are late
    "01": lambda left: left["prepared"],
    "02": lambda left: left["runs"]["late-flights"],
    "06": lambda left: left["models"]["late"],
}
EXERCISED = {"06": {"models: late-scratch"}}  # what exercises change (its tags and aliases), perhaps before a kill too
# 06 and 11 begin in an empty workspace, as for who opens nothing else; the others in one that a checkpoint has prepared
FROM_A_CHECKPOINT = [number for number in NUMBERS if number > "02" and number not in ("06", "11")]
PYTHONS = ["3.12", "3.13"]  # each has its day
COMMAND = 'python -m helpers test -n0{options} "tests/notebooks/test_outputs.py::{name}"'


@pytest.fixture
def hostile(request) -> bool:
    """Return whether bad days are asked for."""
    return request.config.getoption("hostile")


@pytest.fixture
def day(request) -> str:
    """Return the day whose turns are tested."""
    return request.config.getoption("day")


@pytest.fixture
def passes(request, number, hostile, day, tmp_path, record_property):
    """Yield the passes of a notebook, and record the time of each."""
    options = f" --hostile --day {day}" * hostile
    made = Passes(number, tmp_path, COMMAND.format(options=options, name=request.node.name))
    yield made
    record_property("passes", made.seconds)


@pytest.mark.parametrize("number", to_run(NUMBERS))
def test_shows_its_stored_outputs_untouched_and_answered(number, passes, hostile, day, tmp_path, tmp_path_factory):
    """A notebook opens on its own and shows its stored outputs; each wrong answer gets the message that helps, and
    each solution is correct: tried where the blank is, so that the cells after it have run with the solution.

    On its day, and where others build on it, it runs in the same workspace untouched before that, and its other
    cells show the same. Nothing is left running, no temporary file stays, and the store holds each run and model
    of the first pass as often as then.

    With ``--hostile`` the first pass of a notebook's day comes after one whose kernel was killed and has the
    variables of a company; the last is under another Python, on the worst of days. Nothing wants to leave this machine.
    """
    folder, worst, once = shared(tmp_path_factory), {}, None
    company = prepare_a_company(number, tmp_path) if hostile else {}
    if hostile and sys.platform == "linux" and number not in groups.NEEDED_BY:
        worst = {"how": compare_on_the_worst_day, **prepare_the_worst_day(folder, draw(PYTHONS, day))}
    if number in FROM_A_CHECKPOINT:
        copy_checkpoint(folder, passes.workspace)
    if hostile and has_more_passes(number, day):
        passes.kill()
    if number in BUILT_ON or has_more_passes(number, day):
        passes.run("untouched", find_path(number), **company)
        once = state(passes.workspace)
    if number in BUILT_ON:
        left, given = BUILT_ON[number](once), BUILT_ON[number](state(checkpoint(folder)))
        assert left and left == given, "a checkpoint gives another state than the notebook leaves"
    answered = write_answered(number, tmp_path, worst.get("project", NOTEBOOKS.parent) / "notebooks")
    passes.run("answered", answered, **(worst or company))
    if once:
        found, expected = set(changed(once, state(passes.workspace))), EXERCISED.get(number, set())
        assert found <= expected and (hostile or found == expected), found


def prepare_a_company(number: str, folder) -> dict:
    """Return a company's variables; where no worst day follows, also what records who wants to leave this machine."""
    within = {"within": recorded()} if sys.platform == "linux" and number in groups.NEEDED_BY else {}
    return {**FOREIGN, **git_of_a_company(folder / "company"), **within}


def prepare_the_worst_day(folder, version: str) -> dict:
    """Return a clone in an odd folder that another Python has set up, and that Python."""
    namespaces("net", "mount")  # where the system forbids them, the test is left out before it starts
    python = other_python(version)
    return {"project": clone(folder / f"l'été à l'école, 2e année {version}", python), "python": python}
