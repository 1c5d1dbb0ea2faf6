"""Plumbing for the notebooks: everything that is not the lesson.

Importing this package first keeps libraries quiet and their telemetry off, and sets
the variables of other projects aside, so a notebook imports ``helpers`` before ``mlflow``.
"""
import os
import sys
import warnings

if sys.version_info < (3, 11):  # noqa: UP036 (older ones, also Python 2, can read this file, so that it can say so)
    sys.exit(
        "This course needs Python 3.11 to 3.14, and this is Python %s (%s).\n"  # noqa: UP031
        "Install a newer one from python.org or your system's packages, and call it by its name, such as\n"
        "python3.12 -m helpers lab (on Windows: py -3.12 -m helpers lab)." % (sys.version.split()[0], sys.executable)
    )

from helpers.setup import variables

variables.prepare()
warnings.filterwarnings("ignore", message="IProgress not found")  # MLflow's own bars would like widgets; ours need none
warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas")  # pandera loads it where it is

_programs = os.path.dirname(sys.executable)  # MLflow calls python and uv by name: it is to find this environment's
if sys.prefix != sys.base_prefix and os.environ.get("PATH", "").split(os.pathsep)[0] != _programs:
    os.environ["PATH"] = os.pathsep.join([_programs, os.environ.get("PATH", "")])
