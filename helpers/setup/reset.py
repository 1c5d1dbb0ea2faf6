"""Reset: empty the workspace, and nothing else.

It runs with the standard library alone; psutil, where it is installed, lets it see who
uses the workspace.
"""
import os
import shutil
from pathlib import Path

from helpers.paths import OWN, ROOT, WORKSPACE


def main(ask: bool = True) -> int:
    """Show what would go, ask, empty the workspace, and return the exit code."""
    if refusal := _find_reason_to_refuse():
        print(f"Nothing was deleted: {refusal}")
        return 1
    entries = sorted(entry for entry in WORKSPACE.iterdir() if entry != OWN)
    print(f"The workspace {WORKSPACE} holds:")
    for entry in entries:
        print(f"  {_measure(entry) / 1e6:9.1f} MB  {entry.name}")
    if ask and not _is_agreed():
        print("Nothing was deleted.")
        return 1
    return _empty(entries)


def _is_agreed() -> bool:
    """Ask, and return whether the answer is a clear yes; the end of the input and Ctrl-C are none."""
    try:
        return input("Delete all of it? [y/N] ").strip().lower() in ("y", "yes")
    except (EOFError, KeyboardInterrupt):
        print()
        return False


def _find_reason_to_refuse() -> str | None:
    """Return why the workspace must not be emptied now, if it must not."""
    home = Path(os.path.expanduser("~"))  # "~" itself where the system knows none
    precious = [path for path in (ROOT, home) if path.resolve().is_relative_to(WORKSPACE)]
    if precious:
        return f"the workspace {WORKSPACE} contains {precious[0]}: set WORKBOOK_WORKSPACE to a folder of its own"
    if WORKSPACE != ROOT / "workspace" and not OWN.exists():
        return f"the workspace {WORKSPACE} held files before the course used it: delete by hand what you do not need"
    users = _list_users()
    if users:
        return f"the workspace is in use by {', '.join(users)}: close JupyterLab or end what holds it, then repeat"
    return None


def _list_users() -> list[str]:
    """Return the other processes that name the workspace in their command line or hold a file of it open."""
    try:
        import psutil
    except ModuleNotFoundError:  # before the environment is made nothing of the course can run
        return []
    found, own = [], psutil.Process()
    family = {own.pid, *(parent.pid for parent in own.parents())}
    for process in psutil.process_iter():
        try:
            if process.pid not in family and _is_user(process):
                found.append(f"{process.name()} (process {process.pid})")
        except psutil.Error:  # it has ended, or belongs to another user
            continue
    return found


def _is_user(process) -> bool:
    """Return whether a process names the workspace in its command line or holds a file of it open."""
    if any(str(WORKSPACE) in word for word in process.cmdline()):
        return True
    if os.name == "nt":  # there it is slow to ask, and an open file refuses to be deleted
        return False
    return any(Path(file.path).is_relative_to(WORKSPACE) for file in process.open_files())


def _empty(entries: list[Path]) -> int:
    """Delete entries of the workspace, links and not what they point to, and return the exit code."""
    for entry in entries:
        try:
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()
        except OSError as error:
            print(f"{entry.name} could not be deleted ({error.strerror}): close what uses it, then repeat.")
            return 1
    print("The workspace is empty.")
    return 0


def _measure(path: Path) -> int:
    """Return the bytes that a file or a folder holds, links not followed."""
    if path.is_symlink() or not path.is_dir():
        return path.lstat().st_size
    return sum((Path(folder) / file).lstat().st_size for folder, _, files in os.walk(path) for file in files)
