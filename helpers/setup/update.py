"""The commands `update` and `restore`: the newest course with what the student wrote, the original of a notebook.

Whatever they replace is put aside first. Interrupted, `update` does the same again and comes to the same end.
"""
import contextlib
import datetime
import itertools
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath

from helpers.paths import COURSE, NOTEBOOKS, ROOT, WORKSPACE
from helpers.setup import course_files, file_lock, merging, notebook_cells
from helpers.setup.course_files import git, is_clone, is_notebook
from helpers.setup.venv import AGAIN, SetupError

_KEPT = NOTEBOOKS / "kept"
_RECORD = WORKSPACE / "exercises.txt"
_WAITING = "Another command is changing this folder: waiting for its end. (`fg` continues what Ctrl-Z has stopped.)\n"


def main(file: Path | None, was: Path | None) -> None:
    """Bring the course up to date, from where the clone comes from or from a zip, and say what was done.

    `was` is the zip that the course came in, where its originals are not stored. A zip also updates a repository
    that the student made of the course's files.
    """
    if was and file is None:
        raise SetupError("--was names the zip that the course came in: name the newest zip too, right after update.")
    if by_git := is_clone() and file is None:
        base, newest = _fetch()
        old, new = course_files.of_commit(base), course_files.of_commit(newest)
    elif file is None:
        raise SetupError("This folder is no clone: download the newest zip of the course and name it after update.")
    else:
        new, old = course_files.of_zip(file), course_files.originals(was)
    with file_lock.hold(ROOT / ".venv.lock", _WAITING):
        lines = _bring(old, new, by_git)
        print("\n".join(lines), end="\n" * bool(lines))
        if by_git:
            lines += (joined := _move(base, newest))
            print("\n".join(joined), end="\n" * bool(joined))
            course_files.ORIGINALS.unlink(missing_ok=True)  # those of a zip before
        else:
            course_files.write_originals(new)
        _renumber_record(old, new)
    if not lines:
        print("Everything was up to date already.")
    else:
        print("Close and open again what is open in JupyterLab, and restart its kernels. The outputs are the course's:")
        print("run a notebook to see yours. The next `python -m helpers lab` brings the environment up to date.")
    if lines and (ROOT / "grading" / "source").is_dir():
        print("Assignments in `grading` are of the earlier course, with which you grade those that are handed out:")
        print("take it into a folder of its own. For new ones, `python -m helpers assignment` renews the settings.")


def _fetch() -> tuple[str, str]:
    """Fetch what is new; return the commit that the student's work starts from, and the newest of the course."""
    for folder in ("rebase-merge", "rebase-apply"):
        if (ROOT / git("rev-parse", "--git-path", folder).decode().strip()).exists():
            raise SetupError(f"A rebase is under way in this clone: `git rebase --abort` ends it, {AGAIN}.")
    lock = ROOT / git("rev-parse", "--git-path", "index.lock").decode().strip()
    if lock.exists():
        what = "Another git command is at work in this clone, or has died there"
        raise SetupError(f"{what}: wait for its end, or delete {lock}, {AGAIN}.")
    if not (remotes := git("remote").decode().split()):
        remedy = "`git remote add origin ADDRESS` tells it, or name the newest zip of the course after update"
        raise SetupError(f"This clone does not know where it comes from: {remedy}.")
    branch = course_files.find_branch()
    print("Asking for the newest course ...", flush=True)
    try:
        git("fetch", "--quiet", next((name for name in remotes if branch.startswith(f"refs/remotes/{name}/")), "--all"))
    except course_files.GitError as error:
        remedy = f"connect to the network (behind a proxy, set HTTPS_PROXY), {AGAIN}"
        raise SetupError(f"The newest course could not be fetched: {error}\nNothing was changed: {remedy}.") from error
    if not course_files.find_branch():  # the clone is of a tag alone
        course_files.follow_main(next(name for name in ("upstream", "origin", *remotes) if name in remotes))
    newest = course_files.commit(course_files.find_branch())
    if not newest:
        remedy = f"`git branch --set-upstream-to=origin/main`, {AGAIN}"
        raise SetupError(f"This branch follows none of the place that the clone comes from: {remedy}.")
    base = course_files.base()
    if base == "HEAD":
        remedy = "download the newest zip of the course and the one that you took it from, and name both, as in"
        command = "`python -m helpers update NEWEST.zip --was FIRST.zip`"
        raise SetupError(f"This clone and the course have no commit in common: {remedy} {command}.")
    return base, newest


def _move(base: str, newest: str) -> list[str]:
    """Let the branch stand at the newest course, with the student's commits in its history, and return lines on that.

    The files stay as they are. Git's index becomes the course's, and a merge that was under way ends.
    """
    try:
        return _join(base, newest, git)
    except course_files.GitError:  # the program of a filter may be gone, as with the environment that it was in
        return _join(base, newest, course_files.git_without_filters)


def _join(base: str, newest: str, git: Callable[..., bytes]) -> list[str]:
    """Do what `_move` says, with one of the two ways to call git."""
    if base == newest:
        if git("ls-files", "--unmerged"):
            git("reset", "--quiet", "--mixed", "HEAD")
        return []
    if git("rev-list", "--count", f"{base}..HEAD").strip() == b"0":
        git("reset", "--quiet", "--mixed", newest)
        return []
    names = git("diff", "--name-only", "-z", base, "HEAD").split(b"\0")
    there = [name for name in names if name and (ROOT / os.fsdecode(name)).is_file()]
    git("read-tree", newest)
    git("update-index", "--add", "-z", "--stdin", given=b"".join(name + b"\0" for name in there))
    tree = git("write-tree").decode().strip()
    joined = ["commit-tree", tree, "-p", "HEAD", "-p", newest, "-m", "Update of the course"]
    merge = git(*_name_somebody(), *joined).decode().strip()
    git("reset", "--quiet", "--mixed", merge)
    return ["Your commits and those of the course are joined by a new one."]


def _name_somebody() -> list[str]:
    """Return options of git that name an author where it knows none, as on a machine that was just set up."""
    try:
        git("var", "GIT_COMMITTER_IDENT")
    except course_files.GitError:
        return ["-c", "user.name=Student", "-c", "user.email=student@localhost"]
    return []


def _bring(old: dict[str, bytes], new: dict[str, bytes], by_git: bool) -> list[str]:
    """Replace the old files by the new ones, after putting aside what git does not have, and return lines on it."""
    _check_places(new)
    now = {name: (ROOT / name).read_bytes() for name in {*old, *new} if (ROOT / name).is_file()}
    merged = _merge(now, old, new)
    to_be = {**new, **{name: one.dumps() for name, one in merged.items() if one.holds_more()}}
    due = [name for name in sorted(new) if _is_due(name, now.get(name), old.get(name), new[name], to_be[name])]
    gone = sorted(now.keys() & old.keys() - new.keys())
    theirs = {name for name in (*due, *gone) if name in now and not _same(now[name], old.get(name))}
    folder = _put_aside([n for n in (*due, *gone) if n in now and (n in theirs or is_notebook(n) or not by_git)])
    ours = [name for name in due if name.startswith("helpers/")]
    for name in [name for name in due if name not in ours]:
        _write(ROOT / name, to_be[name])
    parts = {_follow(ROOT / name): _write_part(ROOT / name, to_be[name]) for name in ours}
    for path, part in parts.items():  # in one go, as half of an edition could not run this command again
        part.replace(path)
    for name in gone:
        (ROOT / name).unlink()
        with contextlib.suppress(OSError):  # another file is in the folder
            os.removedirs((ROOT / name).parent)
    lines = [line for name in due if name in merged for line in merged[name].report(Path(name).name)]
    found = filter(is_notebook, now.keys() & {*due, *gone})
    lines += [f"{name} was damaged." for name in sorted(found) if _damaged(now[name], new.get(name) or old[name])]
    replaced = sorted(name for name in theirs if not is_notebook(name) or name not in old)
    lines += [f"{name} was yours or changed by you: the course's is there now." for name in replaced]
    lines += [f"Copies of what was replaced, as it was: {folder}"] if folder else []
    count = f"{len(due)} files were added or replaced, {len(gone)} of the earlier course removed."
    return [count, *lines] if due or gone else []


def _merge(now: dict[str, bytes], old: dict[str, bytes], new: dict[str, bytes]) -> dict[str, merging.Merged]:
    """Return the new notebooks with what the student wrote in those that are there now."""
    mine, base, newest = _mine(now, {*old, *new}), _notebooks(old), _notebooks(new)
    course = [*base.values(), *newest.values()]
    if not notebook_cells.have_ids(course):
        notebook_cells.give_ids([*course, *(content for _, content in mine)])
    return merging.merge(mine, base, newest)


def _check_places(names: Iterable[str]) -> None:
    """Raise SetupError, before anything changes, where a folder stands in a file's place, or a file in a folder's."""
    folders = {parent for name in (*names, "notebooks/kept/a copy") for parent in PurePosixPath(name).parents}
    for folder in sorted(folder for folder in folders if (ROOT / folder).exists() and not (ROOT / folder).is_dir()):
        raise SetupError(f"{folder} is a file, and the course has a folder there: move it elsewhere, {AGAIN}.")
    for name in filter(lambda name: (ROOT / name).is_dir(), sorted(names)):
        raise SetupError(f"{name} is a folder, and the course has a file there: move it elsewhere, {AGAIN}.")


def _mine(now: dict[str, bytes], names: set[str]) -> list[tuple[str, dict]]:
    """Return the student's notebooks; where one is damaged or deleted, also as the student committed it last."""
    found = []
    for name in filter(is_notebook, sorted(names)):
        raws = [now.get(name, b"")]
        if is_clone() and _damaged(raws[0], raws[0]):
            with contextlib.suppress(course_files.GitError):  # it was never committed
                raws.insert(0, git("show", f"HEAD:{name}"))
        found += [(name, content) for raw in raws for content in notebook_cells.versions(raw)]
    return found


def _damaged(raw: bytes, course: bytes) -> bool:
    """Return whether a notebook cannot be read, or has lost the exercises or the tags that the course's has."""
    try:
        return bool(_marks(course) - _marks(raw))
    except ValueError:
        return True


def _marks(raw: bytes) -> set[str]:
    """Return which of the course's marks some cells of a notebook carry; raise ValueError where it cannot be read."""
    cells = notebook_cells.parse(raw)["cells"]
    return {mark for mark in ("exercise", "tags") if any(cell["metadata"].get(mark) for cell in cells)}


def _notebooks(files: dict[str, bytes]) -> dict[str, dict]:
    """Return the notebooks among the course's files, read; raise SetupError where one is damaged."""
    found = {}
    for name in filter(is_notebook, files):
        try:
            found[name] = notebook_cells.parse(files[name])
        except ValueError as error:
            remedy = "download it again, and add --was and the zip that you took the course from"
            raise SetupError(f"The course's own {name} {error}, so nothing was changed: {remedy}.") from error
    return found


def _is_due(name: str, now: bytes | None, old: bytes | None, new: bytes, to_be: bytes) -> bool:
    """Return whether a file is to be replaced; what the new edition leaves as it was stays as the student has it."""
    if now is None or _same(old, new):
        return now is None or (is_notebook(name) and _damaged(now, new))
    return not _same(now, to_be)


def _same(one: bytes, other: bytes | None) -> bool:
    """Return whether two files are equal, whatever their line ends."""
    return None not in (one, other) and one.replace(b"\r\n", b"\n") == other.replace(b"\r\n", b"\n")


def _put_aside(names: list[str]) -> Path | None:
    """Copy files into a folder of today that is not there yet, and return it."""
    if not names:
        return None
    today = datetime.date.today().isoformat()
    numbered = (_KEPT / (today if number == 1 else f"{today}-{number}") for number in itertools.count(1))
    folder = next(folder for folder in numbered if not folder.exists())
    for name in names:
        target = folder / name.removeprefix("notebooks/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)
    return folder


def _write(path: Path, content: bytes) -> None:
    """Write a file, whole or not at all."""
    _write_part(path, content).replace(_follow(path))


def _follow(path: Path) -> Path:
    """Return the file that is written for a path: of a link, as in JupyterLab, the file that it leads to."""
    return path.resolve() if path.is_symlink() and path.exists() else path


def _write_part(path: Path, content: bytes) -> Path:
    """Write what a file is to hold beside it, and return where."""
    path = _follow(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(content)
    if path.exists():
        shutil.copymode(path, part)
    if content.startswith(b"#!"):  # a program; a zip that came over Windows does not say who may run it
        part.chmod(part.stat().st_mode | 0o111)
    return part


def _renumber_record(old: dict[str, bytes], new: dict[str, bytes]) -> None:
    """Let the record of right answers name the exercises by their new numbers; one that is no file stays as it is."""
    base, newest = _notebooks(old), _notebooks(new)
    if notebook_cells.have_ids([*base.values(), *newest.values()]):
        now = merging.renumbered(base, newest)
        with contextlib.suppress(OSError):
            lines = _RECORD.read_text(encoding="utf-8-sig", errors="ignore").replace("\0", "").split()
            _write(_RECORD, "".join(f"{now.get(line, line)}\n" for line in lines if now.get(line, line)).encode())


def restore(number: str, was: Path | None) -> None:
    """Give back the original of a notebook, and keep what was there beside it."""
    name = f"notebooks/{COURSE[number]}.ipynb"
    files = course_files.originals(was)
    original = files.get(name)
    if not was and course_files.is_of_another_edition(name, files):
        what = f"The originals that were stored when this folder was set up have another edition's {name}"
        raise SetupError(f"{what}, as a newer zip was unzipped over it: add --was and that zip.")
    if original is None:
        raise SetupError(f"{name} is not in the edition that this folder started from: run `python -m helpers update`.")
    path = ROOT / name
    _check_places([name])
    if path.exists() and _same(path.read_bytes(), original):
        print(f"{name} is the original already.")
        return
    folder = _put_aside([name] if path.exists() else [])
    _write(path, original)
    print(f"{name} is the original again." + (f" Yours is kept as {folder / path.name}" if folder else ""))
