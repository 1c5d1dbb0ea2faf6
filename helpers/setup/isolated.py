"""Environments of their own, for groups whose packages do not go together with the core's."""
import json
from pathlib import Path

from helpers.setup import groups, packages, variables
from helpers.setup.venv import LOG, PYTHON, VENV


def install(group: str) -> None:
    """Make the environment of a group that lives apart anew, and its kernel, which JupyterLab in ``.venv`` shows."""
    requirements, home, uv = groups.files(group)[0], groups.find_home(group), (PYTHON, "-m", "uv")
    python = home / PYTHON.relative_to(VENV)
    LOG.unlink(missing_ok=True)  # pip's, of another installation; uv says itself what is wrong
    made = packages.run(*uv, "venv", "--clear", "--quiet", "--python", PYTHON, home)
    install = *uv, "pip", "install", "--python", python, "-r", requirements, *list_overrides(group)
    if not made or not any(packages.run(*install, **settings) for settings in list_cpu_settings()):
        packages.fail()
    folder = VENV / "share" / "jupyter" / "kernels" / group
    folder.mkdir(parents=True, exist_ok=True)
    spec = {
        "argv": [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": groups.kernel_title(group),
        "language": "python",
        "env": {"VIRTUAL_ENV": str(home), **variables.QUIET},
        "metadata": {"debugger": True, "supported_encryption": ["curve"]},
    }
    (folder / "kernel.json").write_text(json.dumps(spec, indent=1), encoding="utf-8")


def list_overrides(group: str) -> list[str | Path]:
    """Return the options that leave out what a group's packages ask for and do not need."""
    file = groups.FOLDER / f"{group}.override"
    return ["--override", file] if file.exists() else []


def list_cpu_settings() -> list[dict[str, str]]:
    """Return the variables to try one after the other, so that PyTorch comes as its build for CPUs.

    A build for CPUs lies in the folder of wheels that pip was told of, or else at PyTorch's own index, which uv knows.
    """
    settings = packages.uv_settings()
    found = [settings] if "UV_FIND_LINKS" in settings else []
    return [*found, settings | {"UV_TORCH_BACKEND": "cpu"}]
