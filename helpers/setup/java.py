"""Java for Apache Spark: one that is new enough, wherever it is, or the words that say what to do.

Spark 4 runs on Java 17, 21 and 25, says its documentation; newer ones are let through.
"""
import contextlib
import glob
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

_OLDEST = 17
MODULE = "jdk.incubator.vector"  # Spark starts Java with it, and small builds of Java leave it out
_SECONDS = 20  # a Java that has not answered by then counts as none
_CRASH = re.compile(r"^.*(?:could not (?:reserve|allocate)|insufficient memory|fatal error).*$", re.I | re.M)
_STUB = Path("/usr/bin/java")  # on macOS it only asks to install Java, or leads to one of the places below
_VENDORS = ("Eclipse Adoptium", "Microsoft", "Java", "Zulu", "Amazon Corretto")
_PLACES = {  # the usual folders of programs, by sys.platform
    "linux": ["/usr/lib/jvm/*/bin"],
    "darwin": [
        "/Library/Java/JavaVirtualMachines/*/Contents/Home/bin",
        "~/Library/Java/JavaVirtualMachines/*/Contents/Home/bin",
        "/opt/homebrew/opt/openjdk*/bin",
        "/usr/local/opt/openjdk*/bin",
    ],
    "win32": [rf"%ProgramFiles%\{vendor}\*\bin" for vendor in _VENDORS],
}
_INSTALL = {  # how to get it, by sys.platform
    "linux": "run `sudo apt install default-jre-headless` (Fedora: `sudo dnf install java-25-openjdk-headless`)",
    "darwin": "run `brew install --cask temurin@21` (without Homebrew: take it from adoptium.net)",
    "win32": "run `winget install EclipseAdoptium.Temurin.21.JRE`",
}
HADOOP = ("winutils.exe", "hadoop.dll")  # with these Spark writes files on Windows, and pyspark does not bring them
_WSL = "work in WSL (`wsl --install`), or set HADOOP_HOME to a folder whose bin holds both"


class JavaError(Exception):
    """Spark does not run on this machine yet; the message says why, and what to do."""


def need() -> None:
    """Set ``JAVA_HOME`` to the Java that is found, for pyspark; else raise JavaError with the remedy."""
    program = find()
    if reason := find_lack(program):
        again = "then restart the kernel, or JupyterLab where PATH or another variable has changed"
        raise JavaError(f"{': '.join(reason)}; {again}")
    os.environ["JAVA_HOME"] = str(find_home(program))
    if sys.platform == "win32":  # Java looks for hadoop.dll on PATH
        folders = [str(Path(os.environ["HADOOP_HOME"], "bin")), *os.environ.get("PATH", "").split(os.pathsep)]
        os.environ["PATH"] = os.pathsep.join(dict.fromkeys(folders))


def find_lack(program: Path | None) -> tuple[str, str] | None:
    """Return what Spark lacks on this machine, where `find` has found `program`, and the remedy; None if nothing."""
    folder = os.environ.get("HADOOP_HOME", "")
    if sys.platform == "win32" and not (folder and all(Path(folder, "bin", name).is_file() for name in HADOOP)):
        what = f"on Windows, Spark needs Hadoop's {' and '.join(HADOOP)}, and HADOOP_HOME is {folder or 'not set'}"
        return what, _WSL
    if program is None:
        remedy = _INSTALL.get(sys.platform, "install it from adoptium.net")
        if any(map(_find_crash, find_candidates())):
            remedy = "end other programs, or allow more memory (`ulimit -v unlimited`, where that is allowed)"
        return f"Spark needs Java {_OLDEST} or newer, and there is {describe_unfit()}", remedy
    return None


def find() -> Path | None:
    """Return the program java that Spark can use: that of JAVA_HOME, else on PATH, else in the usual places."""
    return next((one for one in find_candidates() if read_version(one) >= _OLDEST and _is_whole(one)), None)


def find_candidates() -> Iterator[Path]:
    """Yield each program java of this machine once, whatever its version."""
    places = map(os.path.expanduser, map(os.path.expandvars, _PLACES.get(sys.platform, [])))
    usual = [folder for place in places for folder in sorted(glob.glob(place), reverse=True)]  # openjdk@21, openjdk
    at_home = [os.path.join(os.environ["JAVA_HOME"], "bin")] if os.environ.get("JAVA_HOME") else []
    seen = {_STUB} if sys.platform == "darwin" else set()
    for folder in filter(None, [*at_home, *os.environ.get("PATH", "").split(os.pathsep), *usual]):
        program = Path(folder, "java.exe" if sys.platform == "win32" else "java")
        if os.path.isfile(program) and seen.isdisjoint({program, program.resolve()}):
            seen.add(program.resolve())
            yield program


def read_version(program: Path) -> int:
    """Return the version of a program java, such as 17, or 0 where it cannot be asked."""
    return int((re.search(r'version "(?:1\.)?(\d+)', _ask(program, "-version")) or [0, 0])[1])


def _is_whole(program: Path) -> bool:
    """Return whether a Java has the module that Spark asks for; this takes a tenth of a second."""
    return MODULE in _ask(program, "--list-modules")


def _ask(program: Path, *arguments: str) -> str:
    """Return what a program java says, or nothing where it cannot be started or does not end."""
    said = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "errors": "replace"}
    with (
        contextlib.suppress(OSError, subprocess.TimeoutExpired),
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,  # a Java that crashes leaves a report there
    ):
        command = [os.path.abspath(program), *arguments]
        return subprocess.run(command, stdin=subprocess.DEVNULL, timeout=_SECONDS, cwd=folder, **said).stdout
    return ""


def _find_crash(program: Path) -> str:
    """Return the line in which a Java says why it cannot start here, as for lack of memory, or nothing."""
    found = _CRASH.search(_ask(program, "-version") + _ask(program, "--list-modules"))
    return found[0].strip("# ") if found else ""


def find_home(program: Path) -> Path:
    """Return the folder for JAVA_HOME: the one above the program, or what it says where it is only a launcher."""
    above = program.resolve().parent.parent
    if (above / "lib" / "modules").is_file():
        return above
    told = re.search(r"java\.home = (.+)", _ask(program, "-XshowSettings:properties", "-version"))
    return Path(told[1].strip()) if told else above


def describe_unfit() -> str:
    """Return in words which versions of Java there are that Spark cannot use, or that cannot start here."""
    crashed = {one: crash for one in find_candidates() if (crash := _find_crash(one))}
    found = [(read_version(one), one) for one in find_candidates() if one not in crashed]
    lack = f", without the module {MODULE}"
    told = [f"only version {number} at {one}{lack * (number >= _OLDEST)}" for number, one in found if number]
    told += [f"one at {one} that cannot start ({crash})" for one, crash in crashed.items()]
    return "; ".join(told) or "none"
