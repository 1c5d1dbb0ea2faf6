"""How the project is laid out: few modules at the top, tests that mirror them, and short functions."""
import ast
import statistics
from pathlib import Path

from helpers.paths import ROOT

HELPERS, UNIT = ROOT / "helpers", ROOT / "tests" / "unit"
TEST_FILES = list((ROOT / "tests").rglob("test_*.py"))
OF_NO_MODULE = {"alert_files", "benchmarks", "deploy", "imports", "layout", "packaging", "pipeline/decisions",
                "project", "reach", "setup/commands", "times", "types"}


def test_a_newcomer_sees_at_most_twenty_modules():
    """What is at the top level of the helpers can be read in a minute."""
    found = [path.stem for path in HELPERS.glob("*.py") if path.stem != "__init__"]
    assert "checkpoints" in found and len(found) <= 20


def test_no_test_file_imports_another():
    """What tests share is in tests/support."""
    found = {path.name: {name for name in imported(path) if is_test(name)} for path in TEST_FILES}
    assert len(found) > 40 and not any(found.values()), found


def imported(path: Path) -> set[str]:
    """Return the names of the modules that a file imports, and of what it takes from them."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    names = {name.name for node in nodes if isinstance(node, ast.Import | ast.ImportFrom) for name in node.names}
    return names | {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}


def is_test(name: str) -> bool:
    """Return whether an import's name is that of a test file, of the folder of tests, or relative to a file in it."""
    return not name or name.split(".")[0] == "tests" or name.split(".")[-1].startswith("test_")


def test_tests_mirror_the_helpers():
    """A test file has the place and the name of the module or room that it tests, or is one of a few others."""
    names = {path.relative_to(UNIT).with_name(path.stem.removeprefix("test_")) for path in UNIT.rglob("test_*.py")}
    strays = {name.as_posix() for name in names if not is_module(HELPERS / name)}
    assert len(names) > 30 and strays == OF_NO_MODULE


def is_module(path: Path) -> bool:
    """Return whether a path is that of a module or of a room of the helpers."""
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def test_functions_are_short():
    """No function of the helpers has more than 30 lines of code, and half of them have at most 7."""
    files = {path.relative_to(HELPERS).as_posix(): functions(path) for path in HELPERS.rglob("*.py")}
    sizes = [(code_lines(function), file, function.name) for file, found in files.items() for function in found]
    assert not [found for found in sizes if found[0] > 30]
    assert len(sizes) > 400 and statistics.median(lines for lines, _, _ in sizes) <= 7


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Return the functions and methods of a file, those inside others too."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return how many lines the statements of a function take, without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return len({line for one in body for line in range(one.lineno, one.end_lineno + 1)})
