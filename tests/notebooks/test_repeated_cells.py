"""A reader who runs a cell once more gets no error, in the notebooks of the course's first part."""
import pytest

from support.answers import write_doubled
from support.passes import Passes
from support.running import NUMBERS
from support.workspaces import copy_checkpoint, shared

pytestmark = [pytest.mark.hostile, pytest.mark.in_turn]


@pytest.mark.parametrize("number", [number for number in NUMBERS if number <= "08"])
def test_each_cell_can_be_run_again(number, tmp_path, tmp_path_factory):
    """Every cell runs, and then once more, before the next one does; neither raises."""
    passes = Passes(number, tmp_path, f'python -m helpers test -n0 --hostile --day all -k "run_again and {number}"')
    if number > "02":
        copy_checkpoint(shared(tmp_path_factory), passes.workspace)
    passes.run("each cell twice", write_doubled(number, tmp_path))
