"""Importing a helper takes a moment: what is slow is imported where it is used."""
import os
import subprocess
import sys
from pathlib import Path

from copies import outside
from helpers.paths import ROOT

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
import sys
from pathlib import Path
sys.path[:] = [path for path in sys.path if "site-packages" not in path]
import helpers.__main__, helpers.doctor, helpers.environment, helpers.groups, helpers.installer
import helpers.lab, helpers.reset, helpers.stamp
"""


def run(code: str, tmp_path) -> subprocess.CompletedProcess:
    """Run Python code in the project's folder."""
    env = outside({"WORKBOOK_WORKSPACE": str(tmp_path)})
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True)


def test_no_helper_imports_what_is_slow(tmp_path):
    """MLflow, scikit-learn, SciPy's statistics and the charts wait until a function asks for them."""
    modules = [f"helpers.{path.stem}" for path in sorted((ROOT / "helpers").glob("[a-z]*.py"))]
    done = run(LOOK.format(modules=modules, slow=SLOW), tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(modules) > 15


def test_what_runs_before_the_installation_needs_the_standard_library_alone(tmp_path):
    """The commands can be read where nothing at all is installed."""
    done = run(WITHOUT, tmp_path)
    assert done.returncode == 0, done.stderr


def test_programs_called_by_name_are_those_of_this_environment(tmp_path):
    """MLflow starts python by its name: importing the helpers is enough for it to be the one that runs."""
    code = "import helpers, shutil; print(shutil.which('python'))"
    env = {**outside({"WORKBOOK_WORKSPACE": str(tmp_path)}), "PATH": os.defpath}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True)
    assert Path(done.stdout.strip()).parent == Path(sys.executable).parent
