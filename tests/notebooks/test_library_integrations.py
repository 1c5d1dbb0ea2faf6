"""What notebook 15 promises of itself, read from its cells and its stored outputs."""
import ast
import builtins
import re

import pytest

from helpers import notebooks

OPENING = ["(opening)", "Three steps", "What the sections share"]
ALONE = ["Four libraries, one task", "Text, in the client or in the model"]


def sections() -> dict[str, list]:
    """Return the notebook's cells by the heading that they stand under."""
    found, name = {}, OPENING[0]
    for cell in notebooks.read("15").cells:
        heading = re.match(r"## (.+)", cell.source) if cell.cell_type == "markdown" else None
        name = heading[1] if heading else name
        found.setdefault(name, []).append(cell)
    return found


def code(cells: list) -> str:
    """Return the code of some cells."""
    return "\n".join(cell.source for cell in cells if cell.cell_type == "code")


def given(source: str) -> set[str]:
    """Return all names that some code sets: by assignment, import, definition or as an argument."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            found.add(node.name)
    return found


def used(source: str) -> set[str]:
    """Return all names that some code reads."""
    nodes = ast.walk(ast.parse(source))
    return {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}


@pytest.mark.parametrize("section", ALONE)
def test_a_section_needs_the_opening_and_nothing_else(section):
    """A section reads no name that only another section sets, so it runs alone after the opening."""
    cells = sections()
    before = code([cell for name in OPENING for cell in cells[name]])
    own = code(cells[section])
    assert used(own) - given(before + "\n" + own) - set(dir(builtins)) == set()


def test_the_table_says_served_of_what_answered_over_http():
    """The two models that the notebook asks over HTTP, and no others, have a yes."""
    cells = [cell for cell in notebooks.read("15").cells if cell.cell_type == "code"]
    asked = set(re.findall(r'ran\["(.+?)"\]\["served"\] = ', code(cells)))
    table = next(cell for cell in cells if '"served", "special needs"]]' in cell.source)
    table = table.outputs[0]["data"]["text/plain"]
    served = {re.split(r"\s{2,}", line)[0] for line in table.splitlines() if re.search(r"\byes\b", line)}
    assert served == asked and len(asked) == 2


def test_every_library_of_the_table_was_asked_in_a_new_process():
    """The table's libraries are those that `ask` was called for."""
    source = code(notebooks.read("15").cells)
    asked = set(re.findall(r'\bask\("([^"]+)"', source)) | {"scikit-learn", "XGBoost", "LightGBM", "CatBoost"}
    outputs = [
        output.get("text", "") for cell in notebooks.read("15").cells for output in cell.get("outputs", [])
    ]
    done = set(re.findall(r"(?m)([\w.\- ]+) in a new process: done", "\n".join(outputs).replace("\r", "\n")))
    assert asked <= {name.strip() for name in done}
