"""Which helper may import what: no circles, nothing slow without need, and set-up before anything is installed."""
import ast
import graphlib
import importlib.metadata
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from helpers.paths import ROOT
from support.copies import outside

HELPERS, TESTS = ROOT / "helpers", ROOT / "tests"
CHECKS = {f"helpers.checks.{path.stem}" for path in (HELPERS / "checks").glob("nb*.py")}
FOUND_BY_NAME = {"helpers.exercises": CHECKS, "helpers.instructor.marking": {"helpers.exercises"}}  # by import_module
FOR_THE_SLOW = CHECKS | {  # modules that exist for a slow library, and that only their notebook or their command loads
    "helpers.assistant.llama_parts",
    "helpers.checks.records",
    "helpers.drift.charts",
    "helpers.instructor.assignment",
    "helpers.instructor.collection",
    "helpers.instructor.editions",
    "helpers.instructor.nbgrader_steps",
    "helpers.instructor.slides",
    "helpers.live.charts",
    "helpers.pipeline.board",
    "helpers.platforms.charts",
    "helpers.schemas",
    "helpers.spark.charts",
    "helpers.stores.charts",
    "helpers.year.charts",
}
SLOW = ["mlflow", "sklearn", "scipy.stats", "matplotlib.pyplot", "seaborn", "pandera", "IPython", "nbformat"]
LOOK = """
import importlib, sys
for module in {modules!r}:
    importlib.import_module(module)
    loaded = [name for name in {slow!r} if name in sys.modules]
    if loaded:
        sys.exit(f"{{module}} imports {{', '.join(loaded)}}")
"""
WITHOUT = """
import importlib, sys
sys.path[:] = [path for path in sys.path if "site-packages" not in path]
for module in {modules!r}:
    importlib.import_module(module)
foreign = [name for name in sys.modules if name.startswith("helpers.") and not name.startswith({allowed!r})]
sys.exit(f"set-up imports {{', '.join(foreign)}}" if foreign else 0)
"""
ALLOWED = ("helpers.setup", "helpers.paths")  # what set-up may import of ours


def run(code: str, tmp_path) -> subprocess.CompletedProcess:
    """Run Python code in the project's folder."""
    env = outside({"WORKBOOK_WORKSPACE": str(tmp_path)})
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True)


def modules(folder: Path = HELPERS) -> list[str]:
    """Return the names of all modules in a folder of the helpers and the folders in it."""
    return sorted(name_of(path) for path in folder.rglob("*.py") if path.stem != "__main__")


def arrows() -> dict[str, set[str]]:
    """Return for each module of the helpers those that it imports, at its top, in a function or by name."""
    files = {name_of(path): path for path in HELPERS.rglob("*.py")}
    found = {name: imported(path) | FOUND_BY_NAME.get(name, set()) for name, path in files.items()}
    return {name: others & set(files) - {name, "helpers"} for name, others in found.items()}


def name_of(path: Path) -> str:
    """Return a file's name as a module."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported(path: Path) -> set[str]:
    """Return what a file imports by name, whether it is a module or something in one."""
    return names_in(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def imported_at_once(path: Path) -> set[str]:
    """Return what a file imports as soon as it is read itself."""
    return names_in(ast.parse(path.read_text(encoding="utf-8")).body)


def names_in(nodes: Iterable[ast.AST]) -> set[str]:
    """Return what the imports among some nodes name."""
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
    return found


def rooms(of_modules: dict[str, set[str]]) -> dict[str, set[str]]:
    """Return the same for the rooms: the folders and the single modules at the top level."""
    room = {name: ".".join(name.split(".")[:2]) for name in of_modules}
    found = {one: set() for one in room.values()}
    for name, others in of_modules.items():
        found[room[name]] |= {room[other] for other in others} - {room[name]}
    return found


def test_imports_run_one_way():
    """No module imports itself by way of others, and no room another that imports it."""
    found = arrows()
    assert "helpers.paths" in found["helpers.servers"] and "helpers.setup" in rooms(found)["helpers.notebooks"]
    tuple(graphlib.TopologicalSorter(found).static_order())
    tuple(graphlib.TopologicalSorter(rooms(found)).static_order())


def test_tests_are_collected_with_the_core_alone():
    """A package of a group that is imported as tests are read would stop a run without it before its first test."""
    support = {f"support.{path.stem}": path for path in (TESTS / "support").rglob("*.py")}
    ours = {name_of(path): path for path in HELPERS.rglob("*.py")} | support
    files, foreign = [*TESTS.rglob("test_*.py"), TESTS / "conftest.py"], {}
    for file in files:  # it grows
        names = imported_at_once(file)
        files += [ours[name] for name in sorted(names & ours.keys()) if ours[name] not in files]
        foreign |= {name.partition(".")[0]: name_of(file) for name in names}
    own = {"helpers", "support", *(path.stem for path in (TESTS / "benchmarks").glob("*.py")), *sys.stdlib_module_names}
    own |= bring_the_core()
    needed = {top: file for top, file in foreign.items() if top not in own}
    assert not needed and len(files) > 100 and "pandas" in foreign


def bring_the_core() -> set[str]:
    """Return the names of all modules that packages of the core bring."""
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    core = {plain(name) for name in re.findall(r"^([\w.-]+)==", lock, re.MULTILINE)}
    brought = importlib.metadata.packages_distributions().items()
    return {name for name, packages in brought if core & {plain(package) for package in packages}}


def plain(package: str) -> str:
    """Return a package's name as all who install it compare it."""
    return re.sub(r"[-_.]+", "-", package).lower()


def test_modules_are_found_by_name_only_where_it_is_known():
    """Only these call import_module, and no import is relative: so no arrow is hidden from the test above."""
    sources = {name_of(path): path.read_text(encoding="utf-8") for path in HELPERS.rglob("*.py")}
    assert {name for name, text in sources.items() if "import_module(" in text} == set(FOUND_BY_NAME)
    assert not [name for name, text in sources.items() if "__import__(" in text or "from ." in text]


def test_no_helper_imports_what_is_slow(tmp_path):
    """MLflow, scikit-learn, SciPy's statistics and the charts wait until a function asks for them."""
    light = [module for module in modules() if module not in FOR_THE_SLOW]
    done = run(LOOK.format(modules=light, slow=SLOW), tmp_path)
    assert done.returncode == 0, done.stderr
    assert "helpers.drift.profile" in light and "helpers.setup.venv" in light and len(light) > 50


def test_set_up_needs_the_standard_library_and_the_paths_alone(tmp_path):
    """Whatever module is in the folder can be imported where nothing at all is installed, the commands too."""
    found = modules(HELPERS / "setup")
    done = run(WITHOUT.format(modules=found, allowed=ALLOWED), tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(found) > 10


def test_programs_called_by_name_are_those_of_this_environment(tmp_path):
    """MLflow starts python by its name: importing the helpers is enough for it to be the one that runs."""
    code = "import helpers, shutil; print(shutil.which('python'))"
    env = {**outside({"WORKBOOK_WORKSPACE": str(tmp_path)}), "PATH": os.defpath}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True)
    assert Path(done.stdout.strip()).parent == Path(sys.executable).parent
