"""Each notebook shows its stored outputs, on every run, and leaves what the later ones build on."""
import os
import subprocess
import sys

import pytest

from support.running import NUMBERS, compare, left_running, left_temporary, state, to_run

BUILT_ON = ["01", "02", "06"]


@pytest.mark.parametrize("number", to_run(NUMBERS))
def test_repeats_its_stored_outputs_in_an_empty_workspace_and_in_the_one_it_left(number, tmp_path):
    """A notebook opens on its own, runs twice with the same results, leaves no process and no heap of files."""
    from helpers.notebooks import find_path

    assert not compare(find_path(number), tmp_path), f"notebook {number} differs from its stored outputs"
    once = state(tmp_path)
    assert not compare(find_path(number), tmp_path), f"notebook {number} differs when it runs a second time"
    assert state(tmp_path) == once
    assert left_running(tmp_path) == []
    assert left_temporary(tmp_path) == []


def test_checkpoints_leave_what_the_notebooks_leave(tmp_path):
    """The state that a late student is given equals the state after running the earlier notebooks whole."""
    from helpers.notebooks import find_path

    for number in BUILT_ON:
        assert not compare(find_path(number), tmp_path / "ran"), f"notebook {number} differs in a row with the others"
    ran, given = state(tmp_path / "ran"), checkpoint(tmp_path / "given")
    assert ran["prepared"] and ran["prepared"] == given["prepared"]
    assert ran["runs"]["late-flights"] and ran["runs"]["late-flights"] == given["runs"]["late-flights"]
    assert ran["models"]["late"]["aliases"] and ran["models"]["late"] == given["models"]["late"]


def checkpoint(workspace) -> dict:
    """Return the state of an empty workspace after a checkpoint has brought it to notebook 07."""
    command = [sys.executable, "-c", "from helpers import checkpoints; checkpoints.begin('07')"]
    subprocess.run(command, check=True, env={**os.environ, "WORKBOOK_WORKSPACE": str(workspace)}, timeout=1800)
    return state(workspace)
