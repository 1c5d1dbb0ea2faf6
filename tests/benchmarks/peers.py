"""Other drift libraries, each in an environment of its own, made with uv when it is first asked for."""
import os
import shutil
import subprocess
import sys
from pathlib import Path

from helpers.paths import WORKSPACE

PYTHON = "3.11"  # the newest that all of them run on
REQUIREMENTS = {
    "nannyml": ["nannyml==0.13.1", "statsmodels", "pyarrow"],
    "evidently": ["evidently==0.7.23", "pandas<3.1", "pyarrow"],
    "frouros": ["frouros==0.9.0", "pandas", "pyarrow"],
    "tensorflow-data-validation": ["tensorflow-data-validation==1.16.1", "setuptools<81", "dill"],
}
QUIET = {
    "NML_DISABLE_USAGE_LOGGING": "1",  # nannyml's telemetry
    "DO_NOT_TRACK": "1",  # evidently's
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "PYTHONWARNINGS": "ignore",
}
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "POLARS")}


def python_of(library: str, folder: Path = WORKSPACE / "peers") -> Path | None:
    """Return the Python of a library's environment, made now if need be, or None where that fails."""
    place = folder / library
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if (place / "complete").exists():
        return python
    print(f"making an environment for {library}", file=sys.stderr)
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}") or "uv"
    try:
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", PYTHON, str(place)], check=True)
        install = [uv, "pip", "install", "--quiet", "--python", str(python), *REQUIREMENTS[library]]
        subprocess.run(install, check=True, timeout=1800)
    except (OSError, subprocess.SubprocessError) as error:
        print(f"no environment for {library}: {error}", file=sys.stderr)
        return None
    (place / "complete").touch()
    return python
