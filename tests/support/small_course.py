"""A small course in a repository of its own, an edition that renumbers it, and a student who works in a clone."""
import json
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from helpers.setup import course_files, notebook_cells, update

FIRST, SECOND = "05_registry", "06_registry"


def cell(key: str | None, source: str, exercise: str = "", **more: object) -> dict:
    """Return a cell of code."""
    metadata = {"exercise": exercise} if exercise else {}
    made = {"cell_type": "code", "metadata": metadata, "source": source, "outputs": [], "execution_count": None, **more}
    return {"id": key, **made} if key else made


def notebook(*cells: dict) -> dict:
    """Return a notebook of these cells."""
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def written(content: dict) -> str:
    """Return a notebook as JupyterLab writes it."""
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def edition(number: int, word: str) -> dict[str, str]:
    """Return the files of an edition whose only exercises are those of one notebook."""
    cells = [
        cell("top", f"import {word}"),
        cell("one", f"{word} = 1"),
        cell("ask1", "answer = ...", f"{number}.1"),
        cell("check1", f'check("{number}.1")'),
        cell("two", "two = 2"),
        cell("ask2", "answer = ...", f"{number}.2"),
        cell("end", f"print({word})"),
    ]
    return {
        f"notebooks/0{number}_registry.ipynb": written(notebook(*cells)),
        "notebooks/01_calm.ipynb": written(notebook(cell("calm", "1 + 1"))),
        f"notebooks/solutions/0{number}_1.py": "answer = 1\n",
        "helpers/paths.py": f"WORD = '{word}'\n",
        "helpers/still.py": "STILL = 1\n",
        "README.md": f"The {word} edition, à lire.\n",
        ".gitignore": "workspace/\n/notebooks/kept/\n.venv*\n.originals.*\n",
    }


OLD, NEW = edition(5, "old"), edition(6, "new")


def lay(folder: Path, files: dict[str, str]) -> Path:
    """Write files into a folder, and remove those that only the old edition has."""
    for name in OLD.keys() - NEW.keys() - files.keys():
        (folder / name).unlink(missing_ok=True)
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode())
    return folder


def zipped(path: Path, files: dict[str, str], top: str = "course-main/") -> Path:
    """Return a zip of files, as hosting sites make one."""
    with zipfile.ZipFile(path, "w") as opened:
        for name, text in files.items():
            opened.writestr(top + name, text)
    return path


class Student:
    """A student's folder of the course: with git a clone of `teacher`, else files alone."""

    def __init__(self, folder: Path, teacher: Path | None = None):
        """Stand in a folder whose teacher's repository may be elsewhere."""
        self.folder, self.teacher = folder, teacher

    def git(self, *arguments: str, folder: Path | None = None, fails: bool = False) -> str:
        """Run git as the student does, and return what it prints."""
        done = subprocess.run(
            ["git", *arguments], cwd=folder or self.folder, capture_output=True, text=True, encoding="utf-8"
        )
        assert fails == bool(done.returncode), done.stderr
        return done.stdout

    def publish(self, files: dict[str, str], *options: str) -> str:
        """Let the teacher publish an edition, and return its commit."""
        lay(self.teacher, files)
        self.git("add", "--all", folder=self.teacher)
        self.git("commit", "--quiet", "--message", "An edition", *options, folder=self.teacher)
        return self.git("rev-parse", "HEAD", folder=self.teacher).strip()

    def commit(self, message: str = "Mine") -> str:
        """Commit all that the student has, and return the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD").strip()

    def cells(self, name: str) -> list[dict]:
        """Return the cells of a notebook."""
        return json.loads((self.folder / f"notebooks/{name}.ipynb").read_text(encoding="utf-8"))["cells"]

    def save(self, name: str, cells: list[dict]) -> None:
        """Save a notebook as JupyterLab does."""
        (self.folder / f"notebooks/{name}.ipynb").write_text(written(notebook(*cells)), encoding="utf-8")

    def sources(self, name: str) -> list[str]:
        """Return the text of a notebook's cells."""
        return ["".join(one["source"]) for one in self.cells(name)]

    def work(self, name: str = FIRST, number: int = 5) -> None:
        """Answer an exercise, run, add two cells and one at the top, change one, and delete two."""
        top, one, ask1, check1, two, *_ = self.cells(name)
        ask1 |= {"source": f"answer = {number}1", "outputs": [{"output_type": "stream", "name": "stdout", "text": "!"}]}
        one["source"] += "  # changed"
        own = [cell(f"own{place}", f"own = {place}") for place in range(3)]
        self.save(name, [own[0], top, one, ask1, own[1], own[2], check1, two, cell("empty", "")])

    def files(self) -> dict[str, bytes]:
        """Return all files but those of git, of the workspace and of copies."""
        out = {".git", "workspace", "kept", ".originals.zip", ".venv.lock"}
        paths = (path for path in self.folder.rglob("*") if path.is_file())
        names = {path: path.relative_to(self.folder) for path in paths}
        return {name.as_posix(): path.read_bytes() for path, name in names.items() if not out & {*name.parts}}

    def kept(self) -> dict[str, str]:
        """Return the copies that were put aside."""
        top = self.folder / "notebooks" / "kept"
        return {path.relative_to(top).as_posix(): path.read_text("utf-8") for path in top.rglob("*") if path.is_file()}


MERGED = ["own = 0", "import new", "new = 1", "answer = 51", "own = 1", "own = 2", 'check("6.1")', "two = 2"]
MERGED += ["answer = ...", "print(new)"]  # of OLD after a student's work, brought to NEW


def stand_in(student: Student, monkeypatch: pytest.MonkeyPatch) -> Student:
    """Let the commands work in the student's folder."""
    for module in (course_files, notebook_cells, update):
        monkeypatch.setattr(module, "ROOT", student.folder)
    monkeypatch.setattr(course_files, "ORIGINALS", student.folder / ".originals.zip")
    monkeypatch.setattr(course_files, "COURSE", {"01": "01_calm", "05": FIRST})
    monkeypatch.setattr(course_files, "VENV", student.folder / ".venv")
    monkeypatch.setattr(update, "_KEPT", student.folder / "notebooks" / "kept")
    monkeypatch.setattr(update, "_RECORD", student.folder / "workspace" / "exercises.txt")
    return student


def calm_git(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give git settings of its own, and return their file; skip where there is no git."""
    if not shutil.which("git"):
        pytest.skip("git is not installed")
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    settings = home / "gitconfig"
    settings.write_text("[user]\nname = Ada\nemail = ada@example.invalid\n[init]\ndefaultBranch = main\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    return settings
