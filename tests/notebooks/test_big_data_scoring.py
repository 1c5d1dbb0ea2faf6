"""DuckDB in a notebook, which has a progress bar of its own where a package for it happens to be there."""
import re

import pytest
from nbformat import v4

from helpers import notebooks, paths
from support.copies import hide

SLOW = "duckdb.sql('SELECT sum(hash(a.range * b.range) % 7) FROM range(60000) a, range(20000) b').fetchall()"


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.needs_group("spark")
def test_it_shows_no_bar_whether_it_has_one_or_not(tmp_path, monkeypatch, there):
    """What notebook 14 says to DuckDB goes with ipywidgets and without, and a slow query shows nothing of its own."""
    cell = next(c.source for c in notebooks.read("14").cells if "SET enable_progress_bar" in c.source)
    said = re.match(r"(?s).*enable_progress_bar.*?\n", cell)[0]
    for name, value in ({} if there else hide(tmp_path / "hidden", "ipywidgets")).items():
        monkeypatch.setenv(name, value)
    code = ["import duckdb\n" + said, SLOW + ";"]
    notebook = v4.new_notebook(cells=[v4.new_code_cell(source) for source in code])
    notebooks.execute(notebook, tmp_path, folder=paths.ROOT)
    assert [output for cell in notebook.cells for output in cell.outputs] == []
