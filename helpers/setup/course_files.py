"""The course's files, as an edition has them: a commit of git, a zip, or the originals stored where git is not."""
import contextlib
import io
import os
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from helpers.paths import COURSE, ROOT
from helpers.setup import notebook_cells
from helpers.setup.variables import NETWORK
from helpers.setup.venv import AGAIN, VENV, SetupError

ORIGINALS = ROOT / ".originals.zip"
_NOTED = "helpers/setup/originals.txt"  # an edition's files; of its notebooks also what the cells hold, as hashes
# What is not the course's:
_MADE = (".git/", ".venv", ".python/", "workspace/", "grading/", "notebooks/kept/", "__macosx/", ORIGINALS.name)
_LARGEST, _LONGEST = 1e9, 200  # bytes of all files, and of a name
_CACHES = {"__pycache__", ".ipynb_checkpoints"}


class GitError(SetupError):
    """Git refuses; the message holds its words."""


def is_clone() -> bool:
    """Return whether the course's own folder is a clone; a repository that it lies in is somebody else's."""
    return (ROOT / ".git").exists()


def _is_alone() -> bool:
    """Return whether the course's folder is a repository that the student made of files, and that has no remote."""
    with contextlib.suppress(OSError):  # a worktree has a file in the folder's place
        return "[remote " not in (ROOT / ".git" / "config").read_text(encoding="utf-8", errors="replace")
    return False


def git(*arguments: str, given: bytes = b"") -> bytes:
    """Return what git answers about the course's clone; raise SetupError where there is no git or it refuses.

    Variables, hooks and filters that lead to other repositories and programs are left out.
    """
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name.startswith(NETWORK)}
    if not sys.stdin.isatty():
        env["GIT_TERMINAL_PROMPT"] = "0"  # nobody could answer
    ours = [f"--git-dir={ROOT / '.git'}", f"--work-tree={ROOT}", "-c", "core.hooksPath=/dev/null"]
    ours += ["-c", "core.attributesFile=/dev/null"]
    command = ["git", *ours, "-c", "core.fsmonitor=false", "-c", "gc.auto=0", *arguments]
    try:
        done = subprocess.run(command, cwd=ROOT, env=env, input=given, capture_output=True)
    except FileNotFoundError:
        what = "This folder is a clone, which git has to update, and git is not installed"
        raise SetupError(f"{what}: install it from git-scm.com, {AGAIN}.") from None
    if done.returncode:
        words = done.stderr.decode(errors="replace").strip().splitlines()
        raise GitError(f"git {arguments[0]} failed: {' '.join(words[:3]) or 'it does not say why'}")
    return done.stdout


def git_without_filters(*arguments: str, given: bytes = b"") -> bytes:
    """Return what git answers where none of the clone's own filters, whose programs may be gone, changes a file."""
    found = b""
    with contextlib.suppress(GitError):  # there is none
        found = git("config", "--null", "--name-only", "--get-regexp", r"^filter\.")
    drivers = sorted({name.rpartition(".")[0] for name in found.decode(errors="replace").split("\0") if name})
    off = [f"{driver}.{key}" for driver in drivers for key in ("clean=", "smudge=", "process=", "required=false")]
    return git(*(word for setting in off for word in ("-c", setting)), *arguments, given=given)


def commit(name: str) -> str:
    """Return the commit of a name, or nothing where git does not know it."""
    with contextlib.suppress(GitError):
        return git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}").decode().strip()
    return ""


def find_branch() -> str:
    """Return the branch of a remote that the course comes by, or nothing where the clone follows nobody.

    A remote called upstream is the course's, where origin is the student's own fork. A branch to which this clone
    has pushed holds the student's own commits, so another one comes first.
    """
    remotes = git("for-each-ref", "--format=%(refname)", *(f"refs/remotes/*/{name}" for name in ("HEAD", "main")))
    theirs = [name for name in remotes.decode().split() if name.startswith("refs/remotes/upstream/")]
    names = [*theirs, "@{upstream}", "refs/remotes/origin/HEAD", *remotes.decode().split()]
    found = [git("rev-parse", "--symbolic-full-name", name).decode().strip() for name in names if commit(name)]
    there = [name for name in found if name.startswith("refs/remotes/")]
    return next((name for name in there if not _has_pushed_to(name)), next(iter(there), ""))


def _has_pushed_to(branch: str) -> bool:
    """Return whether this clone has ever pushed to a branch of a remote."""
    with contextlib.suppress(GitError):  # it has no log
        return b"update by push" in git("log", "--walk-reflogs", "--format=%gs", branch, "--")
    return False


def find_start() -> str:
    """Return the commit in which the student took the course, or nothing where only the student's own are known.

    A branch to which this clone has pushed was the course's until the first push.
    """
    branch = find_branch()
    if not branch:
        return commit(_find_tag())
    if not _has_pushed_to(branch):
        return base()
    log = ROOT / git("rev-parse", "--git-path", f"logs/{branch}").decode().strip()
    with contextlib.suppress(OSError):  # git can keep it in another form
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        return next((commit(line.split()[0]) for line in lines if "update by push" in line), "")
    return ""


def _find_tag() -> str:
    """Return the tag of which alone this clone was made, as by `git clone --depth 1 --branch v1`, or nothing."""
    with contextlib.suppress(GitError):  # no remote has anything to fetch
        lines = git("config", "--get-regexp", r"^remote\..*\.fetch").decode().splitlines()
        return next((line.rpartition(":")[2] for line in lines if ":refs/tags/" in line), "")
    return ""


def follow_main(remote: str) -> None:
    """Fetch the main branch of a remote, and let this clone follow it from now on, where the remote has one."""
    with contextlib.suppress(GitError):
        git("fetch", "--quiet", remote, f"+refs/heads/main:refs/remotes/{remote}/main")
        git("remote", "set-branches", "--add", remote, "main")


def base() -> str:
    """Return the commit of the course from which the student's work starts, also where its history was rewritten.

    It is ``HEAD`` where the two have nothing in common.
    """
    branch = find_branch()
    for how in (["--fork-point"], []):
        with contextlib.suppress(GitError):
            return git("merge-base", *how, branch, "HEAD").decode().strip()
    return "HEAD"


def of_commit(name: str) -> dict[str, bytes]:
    """Return the files of a commit, with the line ends that git gives them here."""
    return of_zip(io.BytesIO(git_without_filters("archive", "--format=zip", name)), f"The commit {name[:10]}")


def of_zip(file: Path | io.BytesIO, called: str = "") -> dict[str, bytes]:
    """Return the files in a zip of the course; raise SetupError where it is none, or would write elsewhere."""
    called = called or str(file)
    try:
        with zipfile.ZipFile(file) as opened:
            entries = {entry.filename: entry for entry in opened.infolist() if entry.filename[-1:] != "/"}
            if sum(entry.file_size for entry in entries.values()) > _LARGEST:
                raise SetupError(f"{called} holds more than a course, {_LARGEST / 1e9:g} GB: it was not used.")
            tops = {name.partition("/")[0] for name in entries} - {"__MACOSX"}
            top = f"{tops.pop()}/" if len(tops) == 1 else ""  # hosting sites put all into one folder
            files = {name.removeprefix(top): opened.read(entries[name]) for name in entries if ours(name, top)}
    except FileNotFoundError:
        raise SetupError(f"{called} is not there: name the zip of the course that you downloaded.") from None
    except (OSError, EOFError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:
        raise SetupError(f"{called} is no zip, or not a whole one ({error}): download it again.") from error
    _check_names(called, list(files))
    if "helpers/paths.py" not in files or not any(map(is_notebook, files)):
        raise SetupError(f"{called} does not hold this course: it lacks helpers/paths.py or notebooks.")
    return files


def _check_names(called: str, names: list[str]) -> None:
    """Raise SetupError where files would be written elsewhere, or cannot be written at all."""
    unsafe = [name for name in names if name.startswith("/") or ".." in name.split("/") or set(name) & set(":\\")]
    if unsafe:
        raise SetupError(f"{called} would write outside of the course's folder ({unsafe[0]}): it was not used.")
    folders = {parent.as_posix() for name in names for parent in PurePosixPath(name).parents}
    too_long = {name for name in names for part in name.split("/") if len(part.encode()) > _LONGEST}
    odd = [name for name in names if not name or name in folders | too_long or not name.isprintable()]
    if odd:
        raise SetupError(f"{called} has a name that no file of the course can have ({odd[0][:99]!r}): it was not used.")


def ours(name: str, top: str = "") -> bool:
    """Return whether a file can be the course's, and not what is made in its folder; `top` stands before its name."""
    name = name.removeprefix(top)
    return not f"{name}/".lower().startswith(_MADE) and not _CACHES & set(name.split("/"))


def is_notebook(name: str) -> bool:
    """Return whether a file of the course is one of its notebooks."""
    return name.startswith("notebooks/") and name.count("/") == 1 and name.endswith(".ipynb")


def store_originals() -> None:
    """Store the course as it came, where git does not know it; called before the environment is made first."""
    if ORIGINALS.exists() or VENV.exists() or (is_clone() and not _is_alone()):
        return
    files = {name: (ROOT / name).read_bytes() for name in _list_files()}
    if not find_answered(files) and not find_changed(files):
        write_originals(files)


def _list_files() -> list[str]:
    """Return the files of the course that are there; what else the student keeps in its folder is none of them."""
    if not (names := _list_noted(_find_noted())):  # an earlier edition notes notebooks alone
        found = (path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*") if path.is_file())
        names = {n for n in found if ours(n) and (not is_notebook(n) or Path(n).stem in COURSE.values())}
    return sorted(name for name in names if (ROOT / name).is_file())


def _list_noted(files: dict[str, bytes]) -> set[str]:
    """Return the files that an edition notes, or none where it notes notebooks alone."""
    lines = files.get(_NOTED, b"").decode(errors="replace").splitlines()
    names = {line.partition(" ")[0] for line in lines}
    return names if "helpers/paths.py" in names else set()


def find_answered(files: dict[str, bytes]) -> str:
    """Return the first notebook in which an exercise is answered, as in none that the course is handed out with."""
    return next((name for name in sorted(files) if is_notebook(name) and list_answered(files[name])), "")


def list_answered(raw: bytes) -> list[str]:
    """Return the exercises that are answered in a notebook; a damaged one, which is told where it is used, has none."""
    with contextlib.suppress(ValueError):
        cells = notebook_cells.parse(raw)["cells"]
        numbers = [notebook_cells.exercise(cell) for cell in cells if _is_filled(notebook_cells.source(cell))]
        return [*dict.fromkeys(filter(None, numbers))]
    return []


def find_changed(files: dict[str, bytes]) -> list[str]:
    """Return the notebooks whose cells are not those that their edition notes; an earlier edition notes none."""
    noted = _read_noted(files)
    return [name for name in sorted(files) if name in noted and _hash_cells(files[name]) != noted[name]]


def is_original(name: str, raw: bytes) -> bool:
    """Return whether a notebook's cells are those that this folder's edition notes, with no exercise answered."""
    files = {name: raw, **_find_noted()}
    return not find_answered(files) and not find_changed(files)


def is_of_another_edition(name: str, files: dict[str, bytes]) -> bool:
    """Return whether the stored originals have another notebook than this folder's edition notes.

    They have where a newer zip was unzipped over the folder, or a teacher noted an edited notebook.
    """
    return ORIGINALS.exists() and _read_noted(files).get(name) != _read_noted(_find_noted()).get(name)


def _find_noted() -> dict[str, bytes]:
    """Return the file of this folder in which its edition notes what the cells hold, where it is there."""
    return {_NOTED: (ROOT / _NOTED).read_bytes()} if (ROOT / _NOTED).exists() else {}


def _read_noted(files: dict[str, bytes]) -> dict[str, str]:
    """Return the hash of the cells of each notebook that an edition notes."""
    lines = files.get(_NOTED, b"").decode(errors="replace").splitlines()
    return dict(line.split(" ", 1) for line in lines if " " in line)


def _hash_cells(raw: bytes) -> str:
    """Return the hash of a notebook's cells, or nothing where it is damaged."""
    with contextlib.suppress(ValueError):
        return notebook_cells.hash_cells(notebook_cells.parse(raw)["cells"])
    return ""


def note_cells() -> None:
    """Note what the cells of the notebooks hold now, by which originals are known, and which files are the course's."""
    paths = {f"notebooks/{name}.ipynb": ROOT / f"notebooks/{name}.ipynb" for name in COURSE.values()}
    lines = [f"{name} {_hash_cells(path.read_bytes())}" for name, path in paths.items() if path.exists()]
    tracked = git("ls-files", "-z").decode().split("\0") if is_clone() else _list_noted(_find_noted())
    lines += sorted(name for name in {*tracked} - {*paths} if name and (ROOT / name).is_file())
    (ROOT / _NOTED).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")


def _is_filled(text: str) -> bool:
    """Return whether the cell of an exercise holds code, and none that is left to do."""
    code = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return bool(code) and "..." not in text


def write_originals(files: dict[str, bytes]) -> None:
    """Write the course's files as they came, whole or not at all."""
    part = ORIGINALS.with_suffix(".part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in files.items():
            opened.writestr(f"course/{name}", content)
    part.replace(ORIGINALS)


def originals(was: Path | None) -> dict[str, bytes]:
    """Return the files that the student started from; `was` is the zip that they came in, where none are stored."""
    found = {}
    if was:
        return of_zip(was)
    if ORIGINALS.exists():
        found = of_zip(ORIGINALS)
    elif is_clone() and (start := find_start()):
        found = of_commit(start)
    if found and not (answered := find_answered(found)):
        return found
    what = f"What should be the course's originals has answers in {answered}" if found else (
        "This folder does not hold the course's originals"
    )  # fmt: skip
    raise SetupError(f"{what}: add --was and the zip that you took the course from, as it was then.")
