"""Java for Spark: found wherever it is, asked what it is, and asked for in words that help."""
import os
import re
import shlex
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from helpers.setup import groups, java
from support import running

STOPS = "then restart the kernel, or JupyterLab where PATH or another variable has changed"
unix = pytest.mark.skipif(os.name != "posix", reason="a script is no program on Windows")


@pytest.fixture(autouse=True)
def machine(tmp_path, monkeypatch):
    """Hide the Java of this machine: no JAVA_HOME, an empty PATH, one usual place in a temporary folder."""
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(java, "_PLACES", {sys.platform: [str(tmp_path / "usual" / "*" / "bin")]})


def fake(home: Path, version: str, modules: str = java.MODULE, code: str = "") -> Path:
    """Return a program that says what a Java of a version does, in a folder of its own."""
    program = home / "bin" / "java"
    program.parent.mkdir(parents=True)
    (home / "lib").mkdir()
    (home / "lib" / "modules").touch()
    first = f'openjdk version "{version}" 2024-01-16'
    body = f"case $* in --list-modules) echo {modules}@1;; *-version) echo {shlex.quote(first)} >&2;; esac"
    program.write_text(f"#!/bin/sh\n{code}\n{body}\n")
    program.chmod(stat.S_IRWXU)
    return program


def on_path(monkeypatch, *programs: Path) -> None:
    """Make PATH of the folders of programs."""
    monkeypatch.setenv("PATH", os.pathsep.join(str(program.parent) for program in programs))


@unix
@pytest.mark.parametrize(
    ("said", "number"), [("17.0.9", 17), ("1.8.0_391", 8), ("21", 21), ("26-ea", 26), ("25.0.3", 25), ("none", 0)]
)
def test_version_of_each_spelling(tmp_path, said, number):
    """Java 8 calls itself 1.8, and a new one has no dot; what makes no sense is 0."""
    assert java.read_version(fake(tmp_path / "java", said)) == number


def test_a_program_that_is_not_there_has_no_version(tmp_path):
    """It is 0, and no error."""
    assert java.read_version(tmp_path / "java") == 0


@unix
def test_java_home_wins_over_path_and_path_over_the_usual_places(tmp_path, monkeypatch):
    """What the reader has chosen is used, the nearest choice first."""
    in_usual = fake(tmp_path / "usual" / "jdk", "25")
    assert java.find() == in_usual
    reachable = fake(tmp_path / "on_path", "21.0.1")
    on_path(monkeypatch, reachable)
    assert java.find() == reachable
    chosen = fake(tmp_path / "chosen", "17.0.9")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "chosen"))
    assert java.find() == chosen


@unix
def test_old_java_hides_no_newer_one(tmp_path, monkeypatch):
    """Neither in JAVA_HOME nor on PATH, whether the newer one is later on PATH or in a usual place."""
    old, older = fake(tmp_path / "old", "11.0.2"), fake(tmp_path / "older", "1.8.0_391")
    monkeypatch.setenv("JAVA_HOME", str(old.parent.parent))
    newer = fake(tmp_path / "newer", "17.0.9")
    on_path(monkeypatch, older, newer)
    assert java.find() == newer
    on_path(monkeypatch, older)
    assert java.find() is None
    usual = fake(tmp_path / "usual" / "jdk", "21")
    assert java.find() == usual


@unix
def test_java_without_the_module_is_passed_over(tmp_path, monkeypatch):
    """Spark cannot start a small Java that leaves it out, so a whole one is looked for, and the lack is told."""
    on_path(monkeypatch, fake(tmp_path / "small", "21.0.1", modules="java.base"))
    assert java.find() is None
    with pytest.raises(java.JavaError, match="only version 21 at .*small.*, without the module jdk.incubator.vector"):
        java.need()
    whole = fake(tmp_path / "usual" / "jdk", "17.0.9")
    assert java.find() == whole


@unix
def test_highest_of_versions_side_by_side_comes_first(tmp_path):
    """Of versions side by side the highest is taken, but a plain name, perhaps newer than Spark knows, last."""
    for name in ("openjdk", "openjdk@17", "openjdk@21"):
        fake(tmp_path / "usual" / name, "17.0.1")
    order = [program.parent.parent.name for program in java.find_candidates()]
    assert order == ["openjdk@21", "openjdk@17", "openjdk"]


@unix
def test_stub_of_macos_is_not_even_started(tmp_path, monkeypatch):
    """It would ask to install Java; where it is all there is, there is no Java, and the next one on PATH counts."""
    started = tmp_path / "started"
    stub = fake(tmp_path / "usr", "21.0.1", code=f"touch {shlex.quote(str(started))}")
    monkeypatch.setattr(java, "_STUB", stub)
    monkeypatch.setattr(sys, "platform", "darwin")
    on_path(monkeypatch, stub)
    with pytest.raises(java.JavaError, match="and there is none: run `brew install --cask temurin@21`"):
        java.need()
    assert not started.exists()
    real = fake(tmp_path / "real", "21.0.1")
    on_path(monkeypatch, stub, real)
    assert java.find() == real


@unix
def test_stub_anywhere_else_counts_as_none(tmp_path, monkeypatch):
    """A program that only complains is no Java of any version."""
    on_path(monkeypatch, fake(tmp_path / "stub", "21", code="echo Unable to locate a Java Runtime. >&2; exit 1"))
    assert java.find() is None and java.describe_unfit() == "none"


@unix
def test_java_that_hangs_is_left_in_time(tmp_path, monkeypatch):
    """It counts as none, and one that answers is found behind it."""
    monkeypatch.setattr(java, "_SECONDS", 4)
    on_path(monkeypatch, fake(tmp_path / "hung", "21", code="exec sleep 600"), fake(tmp_path / "good", "17.0.9"))
    monkeypatch.setenv("PATH", f"{os.environ['PATH']}{os.pathsep}/bin{os.pathsep}/usr/bin")  # for sleep itself
    before = time.monotonic()
    assert java.find() == tmp_path / "good" / "bin" / "java"
    assert time.monotonic() - before < 300


@unix
@pytest.mark.parametrize("crash", ["Could not reserve enough space", "# There is insufficient memory for Java"])
def test_java_that_crashes_for_lack_of_memory_is_told_from_none(tmp_path, monkeypatch, crash):
    """To install another would not help; its report of the crash does not stay where the reader stands."""
    code = f"echo '{crash}' >&2; : > hs_err_pid1.log; exit 1"
    monkeypatch.chdir(here := tmp_path)
    on_path(monkeypatch, broken := fake(tmp_path / "jdk", "21", code=code))
    with pytest.raises(java.JavaError) as caught:
        java.need()
    assert f"there is one at {broken} that cannot start ({crash.strip('# ')}): end other" in str(caught.value)
    assert [path.name for path in here.iterdir()] == ["jdk"]


@unix
def test_file_that_cannot_be_started_counts_as_none(tmp_path, monkeypatch):
    """Neither a program for another machine nor a file without the right to run stops the search."""
    foreign, barred = fake(tmp_path / "foreign", "21"), fake(tmp_path / "barred", "21")
    foreign.write_bytes(b"\x7fELF\x00\x01")
    barred.chmod(stat.S_IRUSR)
    good = fake(tmp_path / "good", "17.0.9")
    on_path(monkeypatch, foreign, barred, good)
    assert java.find() == good


@unix
def test_need_sets_java_home(tmp_path, monkeypatch):
    """It is the folder of the program that links lead to, in place of one that is too old."""
    monkeypatch.setenv("JAVA_HOME", str(fake(tmp_path / "old", "11.0.2").parent.parent))
    link = tmp_path / "links" / "java"
    link.parent.mkdir()
    link.symlink_to(fake(tmp_path / "jdk", "17.0.9"))
    on_path(monkeypatch, link)
    java.need()
    assert os.environ["JAVA_HOME"] == str((tmp_path / "jdk").resolve())


@unix
def test_home_of_a_launcher_is_what_it_says(tmp_path):
    """A launcher lies outside of the Java that it starts, which tells where it is."""
    launcher = fake(tmp_path / "shims", "21", code=f"echo '    java.home = {tmp_path}/the real one' >&2")
    (tmp_path / "shims" / "lib" / "modules").unlink()
    assert java.find_home(launcher) == tmp_path / "the real one"


@pytest.mark.parametrize(
    ("system", "remedy"),
    [
        ("linux", "run `sudo apt install default-jre-headless` (Fedora: `sudo dnf install java-25-openjdk-headless`)"),
        ("darwin", "run `brew install --cask temurin@21` (without Homebrew: take it from adoptium.net)"),
        ("win32", "run `winget install EclipseAdoptium.Temurin.21.JRE`"),
        ("freebsd14", "install it from adoptium.net"),
    ],
)
def test_error_names_the_command_of_each_system(monkeypatch, tmp_path, system, remedy):
    """Rule, what there is, remedy and the restart, in a line."""
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setenv("HADOOP_HOME", str(hadoop(tmp_path)))
    with pytest.raises(java.JavaError) as caught:
        java.need()
    assert str(caught.value) == f"Spark needs Java 17 or newer, and there is none: {remedy}; {STOPS}"
    assert "JAVA_HOME" not in os.environ


@unix
def test_error_names_the_versions_that_are_too_old(tmp_path, monkeypatch):
    """Each with where it is, so that a reader who has a Java sees why that does not do."""
    old, older = fake(tmp_path / "old", "11.0.2"), fake(tmp_path / "older", "1.8.0_391")
    on_path(monkeypatch, old, older)
    expected = f"and there is only version 11 at {old}; only version 8 at {older}: "
    with pytest.raises(java.JavaError, match=re.escape(expected)):
        java.need()


def hadoop(folder: Path) -> Path:
    """Return a folder with files named as those that Spark needs on Windows."""
    (folder / "hadoop" / "bin").mkdir(parents=True)
    for name in java.HADOOP:
        (folder / "hadoop" / "bin" / name).touch()
    return folder / "hadoop"


@pytest.mark.parametrize("lost", [*java.HADOOP, None])
def test_windows_without_hadoops_programs_is_led_to_wsl(monkeypatch, tmp_path, lost):
    """This comes before Java, which in WSL is another one; both files are asked for, and HADOOP_HOME itself."""
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.delenv("HADOOP_HOME", raising=False)
    if lost:
        monkeypatch.setenv("HADOOP_HOME", str(hadoop(tmp_path)))
        (tmp_path / "hadoop" / "bin" / lost).unlink()
    value = re.escape(str(tmp_path / "hadoop")) if lost else "not set"
    with pytest.raises(java.JavaError, match=rf"HADOOP_HOME is {value}: work in WSL \(`wsl --install`\), or set HADOO"):
        java.need()


@unix
def test_windows_with_everything_puts_hadoop_on_path_once(monkeypatch, tmp_path):
    """Java looks there for hadoop.dll, whatever else is on PATH."""
    program = fake(tmp_path / "jdk", "21")
    program.rename(program.with_name("java.exe"))
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("HADOOP_HOME", str(hadoop(tmp_path)))
    on_path(monkeypatch, program)
    java.need()
    java.need()
    assert os.environ["PATH"] == os.pathsep.join([str(tmp_path / "hadoop" / "bin"), str(program.parent)])


@pytest.mark.parametrize(("ci", "outcome"), [("", "Skipped"), ("true", "Failed")])
def test_tests_of_a_group_on_java_skip_with_the_remedy_and_fail_in_ci(monkeypatch, ci, outcome):
    """The packages are not enough where Java lacks; a group that runs without it does not ask."""
    monkeypatch.setattr(groups, "find_missing", lambda name: [])
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("CI", ci)
    assert ended("architectures") == ("", "")
    name, reason = ended("spark")
    assert name == outcome and "there is none: run `sudo apt install" in reason


def ended(group: str) -> tuple[str, str]:
    """Return how a test that needs a group ends before it starts, and why; a skip here would skip our own test."""
    try:
        running.need(group)
    except (pytest.skip.Exception, pytest.fail.Exception) as error:
        return type(error).__name__, str(error)
    return "", ""


def test_groups_on_java_are_groups():
    """A name that no group has would ask nobody for Java."""
    assert groups.ON_JAVA and set(groups.names()) >= groups.ON_JAVA


def test_import_needs_the_standard_library_only():
    """The machine check uses it before anything is installed."""
    code = "import sys, helpers.setup.java; print([m for m in sys.modules if m in ('psutil', 'packaging', 'pyspark')])"
    root = Path(java.__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
