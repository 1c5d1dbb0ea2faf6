"""Packages for the environment: at the locked versions, by uv for speed, by pip where uv fails."""
import ast
import locale
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from helpers.paths import ROOT
from helpers.setup import groups, variables
from helpers.setup.venv import AGAIN, BIN, LOG, PYTHON, VENV, SetupError

REQUIREMENTS, LOCK = ROOT / "requirements.txt", ROOT / "requirements.lock"
_SPACE = 1.5e9  # bytes that the environment and the installer's cache take

# Of the variables by which people set pip and uv up, those that say where packages come from, and how they are fetched.
# Others, such as PIP_TARGET, PIP_USER, PIP_NO_BINARY and UV_PYTHON, would install them elsewhere, or not these.
_INSTALLERS = re.compile(
    r"PIP_CONFIG_FILE"
    r"|(?:PIP|UV)_(?:(?:DEFAULT_|EXTRA_)?INDEX(?:_URL|_STRATEGY|_.+_(?:USERNAME|PASSWORD))?|NO_INDEX|FIND_LINKS|PROXY"
    r"|TRUSTED_HOST|INSECURE_HOST|(?:CLIENT_)?CERT|NATIVE_TLS|SYSTEM_CERTS|KEYRING_PROVIDER|CREDENTIALS_DIR|USE_FEATURE"
    r"|(?:DEFAULT_)?TIMEOUT|(?:RESUME_)?RETRIES|(?:HTTP|CONCURRENT)_\w+|OFFLINE|(?:NO_)?CACHE(?:_DIR)?|NO_CACHE_DIR"
    r"|LINK_MODE|PYTHON_(?:INSTALL_MIRROR|DOWNLOADS_JSON_URL)|TORCH_BACKEND"
    r"|NO_PROGRESS|PROGRESS_BAR|NO_INPUT)"
)

_TROUBLES = {  # what pip's log says: what that means, and the remedy. The first that fits counts.
    r"No space left|[Qq]uota exceeded|Errno (28|122)\b|disk full": "the disk, or your quota of it, is full: make room",
    r"SOCKS support": (
        "a variable such as ALL_PROXY names a SOCKS proxy, which pip cannot use: set HTTPS_PROXY=http://HOST:PORT "
        "where your network has such a proxy, unset the variable where it lets you out without one, or bring the "
        "packages in a file from another machine, with `python -m helpers pack`"
    ),
    r"ProxyError|[Pp]roxy connection error|Tunnel connection failed": (
        "the proxy refuses the connection: set HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT as your network asks"
    ),
    r"CERTIFICATE_VERIFY_FAILED|SSLError": (
        "this network shows a certificate that Python does not trust: ask the network's owner for its "
        "certificate file and set PIP_CERT to the file's path, or use another network"
    ),
    r"NewConnectionError|NameResolutionError|Timeout|Retrying \(|[Cc]onnection (broken|reset|refused)": (
        "the package index cannot be reached: connect to the network (behind a proxy, set HTTPS_PROXY)"
    ),
    r"No matching distribution|no matching distributions|Could not find a version": (
        "the package index lacks a package, or has no build of it for this Python: use a 64-bit Python 3.11 to 3.14, "
        "ask the index's owner, or bring the packages in a file from another machine, with `python -m helpers pack`"
    ),
}


def install() -> None:
    """Install the locked requirements."""
    print("[2/3] Fetching uv, the installer", flush=True)
    if not run_pip("-c", LOCK, "uv") and diagnose():  # pip would fail at the other packages as well
        fail()
    print(f"[3/3] Installing about {len(groups.read_lines(LOCK))} packages, 1 GB", flush=True)
    _install_from(REQUIREMENTS)


def install_group(group: str, anew: bool = False) -> None:
    """Install the locked requirements of a group; with `anew` also those that seem to be installed."""
    check_space(2 * groups.size(group))  # the installer's cache holds them as well
    requirements, lock = groups.files(group)
    names = [line.split("==")[0] for line in groups.read_lines(lock) if anew]
    _install_from(requirements, *(f"--reinstall-package={name}" for name in names))


def _install_from(requirements: Path, *uv_options: str) -> None:
    """Install what a file of requirements names, by uv or, where that fails, by pip."""
    uv = [PYTHON, "-m", "uv", "pip", "install", "--python", PYTHON]
    uv += ["--no-index"] if "PIP_NO_INDEX" in os.environ else []
    if run(*uv, "-r", requirements, *uv_options, **uv_settings()):
        return
    check_space(_SPACE / 10)
    print("uv cannot install here (its message stands above): pip does it, which takes some minutes.", flush=True)
    if not run_pip("-r", requirements):
        fail()


def run_pip(*arguments: str | Path, by: Sequence[str | Path] = (PYTHON, "-m", "pip"), log: Path | None = None) -> bool:
    """Install with pip, by default that of the environment, and return whether it worked."""
    log = log or LOG
    log.unlink(missing_ok=True)
    options = "--no-user", "--disable-pip-version-check", "--log", log
    return run(*by, "install", *options, *arguments, **pip_settings(by))


def pip_settings(by: Sequence[str | Path] = (PYTHON, "-m", "pip")) -> dict[str, str]:
    """Return variables that keep a pip to what of its settings changes neither what it installs nor where."""
    variables = {f"PIP_{key.upper().replace('-', '_')}": value for key, value in _read_pip_settings(by).items()}
    harmless = {name: value for name, value in variables.items() if _is_harmless(name)}
    return harmless | {"PIP_CONFIG_FILE": os.devnull}


def _read_pip_settings(by: Sequence[str | Path] = (PYTHON, "-m", "pip")) -> dict[str, str]:
    """Return the settings of a pip from its files and variables."""
    listed = subprocess.run([*by, "config", "list"], capture_output=True, text=True, env=make_environ())
    found = {}
    for section in ("global", "install", ":env:"):  # a later one wins
        lines = re.findall(rf"^{section}\.([\w-]+)=(.+)$", listed.stdout, re.MULTILINE)
        found |= {key: " ".join(ast.literal_eval(value).split()) for key, value in lines}
    return found


def run(*command: str | Path, **variables: str) -> bool:
    """Run a command in the project's folder, its output shown, and return whether it worked."""
    return subprocess.run(command, cwd=ROOT, env={**make_environ(), **variables}).returncode == 0


def make_environ() -> dict[str, str]:
    """Return the environment variables for programs that run inside the environment."""
    inside = {
        **{name: value for name, value in os.environ.items() if _is_harmless(name)},
        "VIRTUAL_ENV": str(VENV),
        "PATH": str(BIN) + os.pathsep + os.environ.get("PATH", os.defpath),
        "PYTHONPATH": str(ROOT),  # another one would mix foreign packages in
    }
    if os.name != "nt" and locale.getencoding().upper() != "UTF-8":
        inside["LC_ALL"] = "C.UTF-8"  # else Python 3.11 cannot read an accent in the folder's name, and does not start
    for name in ("PYTHONHOME", "PYTHONDONTWRITEBYTECODE"):
        inside.pop(name, None)  # uncompiled, MLflow takes twice as long to import
    return inside


def _is_harmless(variable: str) -> bool:
    """Return whether a variable changes neither what pip and uv install, or where, nor how Python runs them."""
    return not variable.startswith(("PIP_", "UV_", *variables.PYTHON)) or _INSTALLERS.fullmatch(variable) is not None


def uv_settings(pip: Sequence[str | Path] = (PYTHON, "-m", "pip")) -> dict[str, str]:
    """Return variables that give uv a pip's index, certificate and proxy; uv itself does not read its configuration."""
    names = {
        "index-url": "UV_DEFAULT_INDEX",
        "extra-index-url": "UV_INDEX",
        "find-links": "UV_FIND_LINKS",
        "trusted-host": "UV_INSECURE_HOST",
        "cert": "SSL_CERT_FILE",
        "proxy": "ALL_PROXY",
    }
    settings = {"UV_SYSTEM_CERTS": "true", "UV_INDEX_STRATEGY": "unsafe-best-match"}  # both as pip does
    settings["UV_NO_CONFIG"] = "1"  # a uv.toml of the reader's, or above this folder, may install elsewhere
    if not _has_cache():
        settings["UV_NO_CACHE"] = "true"  # else uv does nothing, and pip takes minutes
    for key, value in _read_pip_settings(pip).items():
        if key in names:
            settings[names[key]] = value.replace(" ", ",") if key == "find-links" else value
    return {name: os.environ.get(name, value) for name, value in settings.items()}


def _has_cache() -> bool:
    """Return whether uv can write where it puts its cache, which is in the home folder if no variable tells it."""
    told = os.environ.get("LOCALAPPDATA" if os.name == "nt" else "XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = Path(os.environ.get("UV_CACHE_DIR") or told)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True


def diagnose(log: Path | None = None) -> str | None:
    """Return what was wrong and the remedy, where pip's log tells."""
    log = log or LOG
    said = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    return next((trouble for pattern, trouble in _TROUBLES.items() if re.search(pattern, said)), None)


def fail() -> NoReturn:
    """Raise SetupError with what was wrong and the remedy."""
    check_space(_SPACE / 10)
    unknown = "the reason stands above. If a package has no build for this machine, use a 64-bit Python 3.11 to 3.14"
    raise SetupError(f"The set-up failed: {diagnose() or unknown}, {AGAIN}.")


def check_certificates() -> None:
    """Raise SetupError where a variable names a file of certificates that is not there: pip would ask nobody."""
    for name in variables.CERTIFICATES:
        if (path := os.environ.get(name)) and not os.path.exists(path):
            raise SetupError(f"The variable {name} names {path}, which is not there: correct it or unset it, {AGAIN}.")


def check_space(needed: float = _SPACE) -> None:
    """Raise SetupError where the disk has less free space than `needed` bytes."""
    free = shutil.disk_usage(ROOT).free
    if free < needed:
        raise SetupError(
            f"The set-up needs {needed / 1e9:.1f} GB on the disk of {ROOT}, "
            f"and {free / 1e9:.1f} GB are free: make room, {AGAIN}."
        )
