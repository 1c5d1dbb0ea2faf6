"""The commands of the course: ``python -m helpers`` lists them."""
import sys

if sys.version_info < (3, 11):  # noqa: UP036 (older ones can read this file, so that it can say so)
    sys.exit(
        f"This course needs Python 3.11 or newer, and this is Python {sys.version.split()[0]} ({sys.executable}).\n"
        "Install a newer one from python.org or your system's packages, and call it by its name, such as\n"
        "python3.12 -m helpers lab (on Windows: py -3.12 -m helpers lab)."
    )

import argparse
import errno
import os
import signal
from pathlib import Path

from helpers import exercises
from helpers.paths import ROOT
from helpers.setup import environment, groups, pack, update, venv

MOVE = "move the course's folder to where you may write, then run the same command again"
REMEDIES = {errno.EROFS: MOVE, errno.EACCES: MOVE, errno.ENOSPC: "the disk is full: make room, and run it again"}


def main(argv: list[str]) -> int:
    """Run a command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # a console may lack a letter of a folder's name
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started ends as well
    own = argv[:1] if argv[:1] == ["test"] else argv  # all that follows `test` is pytest's
    try:
        arguments = parser().parse_args(own, argparse.Namespace(passed_on=argv[1:]))
        return arguments.run(arguments) or 0
    except venv.SetupError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except OSError as error:
        if error.errno not in REMEDIES:
            raise
        place = error.filename or ROOT
        print(f"\n{place} cannot be written to ({error.strerror}): {REMEDIES[error.errno]}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted. The same command repairs what is half done.", file=sys.stderr)
        return 130


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    top = argparse.ArgumentParser("python -m helpers", description="The course's commands.", allow_abbrev=False)
    top.set_defaults(run=lambda _: top.print_help())
    commands = top.add_subparsers(metavar="COMMAND")

    def command(name: str, run, what: str) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=what, description=what, allow_abbrev=False)
        one.set_defaults(run=run)
        return one

    one = command("lab", open_lab, "set up what is missing and open JupyterLab at the first notebook")
    one.add_argument("--no-browser", action="store_true", help="only print the address, for a machine without a screen")
    one.add_argument("--port", type=port, metavar="N", help="the port to use (default: the first free one from 8888)")
    one.add_argument("--offline", type=Path, metavar="PACK", help="set up from a pack, without a network")
    one = command("ui", open_ui, "open MLflow's user interface over the workspace, with all runs and models")
    one.add_argument("--no-browser", action="store_true", help="only print the address, for a machine without a screen")
    one.add_argument("--port", type=port, metavar="N", help="the port to use (default: a free one)")
    what = "set up what is missing and run every test whose packages are there; what follows goes to pytest: -k drift"
    command("test", run_tests, f"{what}; --group NAME adds a group and runs the tests that need it")
    command("doctor", check_machine, "check this machine: a line for each thing, with the remedy where one is needed")
    command("progress", show_progress, "show which exercises are done, notebook by notebook")
    one = command("reset", reset_workspace, "empty the workspace: everything that the notebooks have made")
    one.add_argument("--yes", action="store_true", help="do not ask")
    one = command("update", bring_up_to_date, "bring the newest course, and keep what you wrote in the notebooks")
    one.add_argument("file", nargs="?", type=Path, metavar="ZIP", help="the newest course, for a folder without git")
    one.add_argument("--was", type=Path, metavar="ZIP", help="the zip that this folder came in, if it is asked for")
    one = command("restore", restore_notebook, "give back the original of a notebook, and keep yours beside it")
    one.add_argument("number", type=number, metavar="NN", help="a notebook's number, such as 02")
    one.add_argument("--was", type=Path, metavar="ZIP", help="the zip that this folder came in, if it is asked for")
    one = command("setup", set_up, "set up what is missing and stop, to prepare a machine before class")
    one.add_argument("--offline", type=Path, metavar="PACK", help="from a pack, without a network")
    one = command("pack", make_pack, "pack all packages into a file, for machines of the same system without a network")
    one.add_argument("groups", nargs="*", type=group, metavar="GROUP", help="groups of packages to add")
    one = command("add", add_groups, "install packages that only some notebooks need; without a name, list the groups")
    one.add_argument("groups", nargs="*", type=group, metavar="GROUP", help="a group's name, such as architectures")
    one = command("teach", teach, "make the instructor's notebooks, slides and plan")
    one.add_argument("numbers", nargs="*", type=number, metavar="NN", help="a notebook's number, such as 02")
    what = "for instructors: make an assignment for nbgrader from the exercises of a notebook"
    one = command("assignment", make_assignments, what)
    one.add_argument("numbers", nargs="+", type=exercised, metavar="NN", help="a notebook's number, such as 05")
    one.add_argument("--to", type=Path, default=ROOT / "grading", metavar="FOLDER", help="nbgrader's folder")
    one.add_argument("--points", type=points, action="append", default=[], metavar="6.1=2", help="else 1 an exercise")
    one = command("lock", renew_locks, "for maintainers: renew the locked versions from what requirements.txt names")
    one.add_argument("--upgrade", action="store_true", help="take the newest versions, not only what has to change")
    one = command("store", store_outputs, "for maintainers: run notebooks in an empty workspace and store the outputs")
    one.add_argument("numbers", nargs="+", type=number, metavar="NN", help="a notebook's number, such as 02")
    return top


def port(text: str) -> int:
    """Return a port number, or raise ValueError."""
    number = int(text)
    if not 1 <= number <= 65535:
        raise ValueError
    return number


def group(text: str) -> str:
    """Return the name of a group, or raise an error that says which there are."""
    if text not in groups.names():
        raise argparse.ArgumentTypeError(f"there is no group {text!r}. There are:\n{groups.listed()}")
    return text


def number(text: str) -> str:
    """Return the number of a notebook, or raise an error that says which there are."""
    from helpers import notebooks

    try:
        return notebooks.path_of(text).name[:2]
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def exercised(text: str) -> str:
    """Return the number of a notebook with exercises, or raise an error that says which there are."""
    numbers = [name[:2] for name in exercises.numbers()]
    if text not in numbers:
        raise argparse.ArgumentTypeError(f"no notebook {text!r} has exercises: choose one of {', '.join(numbers)}")
    return text


def points(text: str) -> tuple[str, float]:
    """Return an exercise and its points, or raise an error that says what is wrong."""
    exercise, _, number = text.partition("=")
    if exercise not in {number for numbers in exercises.numbers().values() for number in numbers}:
        raise argparse.ArgumentTypeError(f"there is no exercise {exercise!r}: write such as 5.1=2")
    if not number.isdigit() or int(number) < 1:
        raise argparse.ArgumentTypeError(f"{number!r} are no points: write a whole number from 1, such as 5.1=2")
    return exercise, int(number)


def open_lab(arguments: argparse.Namespace) -> int:
    """Open JupyterLab."""
    from helpers.setup import lab

    lab.check_port(arguments.port)
    with pack.offline(arguments.offline) as packed:
        environment.prepare(*packed)
    print("JupyterLab is starting. Ctrl-C here ends it, with every kernel that it started.")
    return environment.continue_as(*lab.command(arguments.port, not arguments.no_browser))


def open_ui(arguments: argparse.Namespace) -> int:
    """Open MLflow's user interface."""
    from helpers.setup import lab

    lab.check_port(arguments.port)
    environment.prepare()
    options = [*(["--port", str(arguments.port)] if arguments.port else []), *(["--no-browser"] * arguments.no_browser)]
    return environment.continue_as("-m", "helpers.setup.mlflow_ui", *options)


def run_tests(arguments: argparse.Namespace) -> int:
    """Run the tests, in CI with every group, so that none is skipped."""
    ours = argparse.ArgumentParser("python -m helpers test", add_help=False, allow_abbrev=False)
    ours.add_argument("--group", type=group, action="append", default=[])
    asked, passed_on = ours.parse_known_args(arguments.passed_on)
    environment.prepare(*(groups.names() if os.environ.get("CI") else asked.group))
    return environment.continue_as("-m", "pytest", *(f"--group={name}" for name in asked.group), *passed_on)


def bring_up_to_date(arguments: argparse.Namespace) -> None:
    """Bring the newest course."""
    update.main(arguments.file, arguments.was)


def restore_notebook(arguments: argparse.Namespace) -> None:
    """Give back the original of a notebook."""
    update.restore(arguments.number, arguments.was)


def set_up(arguments: argparse.Namespace) -> None:
    """Make the environment and stop."""
    with pack.offline(arguments.offline) as packed:
        environment.prepare(*packed)
    print("Everything is set up: python -m helpers lab")


def make_pack(arguments: argparse.Namespace) -> None:
    """Pack all packages into a file."""
    environment.prepare()
    file = pack.make(arguments.groups)
    print(f"{file} holds {file.stat().st_size / 1e6:.0f} MB. Give it with the course's folder to each machine; there:")
    print(f"python -m helpers lab --offline {file.name}")


def add_groups(arguments: argparse.Namespace) -> None:
    """Add groups of packages, or list them."""
    if not arguments.groups:
        print(f"Packages that only some notebooks need, in groups that `{groups.command('NAME')}` installs:")
        print(groups.listed())
        return
    environment.prepare(*arguments.groups)
    print(f"Everything is there for {', '.join(arguments.groups)}: python -m helpers lab")
    print("In a notebook that is open, restart the kernel.")


def check_machine(_: argparse.Namespace) -> int:
    """Check the machine, from inside the environment where there is one."""
    if environment.state() != "absent" and not venv.active():
        return environment.continue_as("-m", "helpers", "doctor")
    from helpers.setup import doctor

    return 0 if doctor.check(everything=True) else 1


def show_progress(_: argparse.Namespace) -> None:
    """Show which exercises are done."""
    print(exercises.summary())


def reset_workspace(arguments: argparse.Namespace) -> int:
    """Empty the workspace, from inside the environment where there is one, which sees who uses it."""
    if not arguments.yes and not sys.stdin.isatty():
        parser().error("reset asks before it deletes, and nobody can answer here: add --yes")
    if environment.state() != "absent" and not venv.active():
        return environment.continue_as("-m", "helpers", "reset", *(["--yes"] if arguments.yes else []))
    from helpers.setup import reset

    return reset.main(ask=not arguments.yes)


def teach(arguments: argparse.Namespace) -> int:
    """Make the instructor's notebooks, slides and plan."""
    environment.prepare("slides")
    if not venv.active():
        return environment.continue_as("-m", "helpers", "teach", *arguments.numbers)
    from helpers.instructor import editions

    editions.main(arguments.numbers)
    return 0


def make_assignments(arguments: argparse.Namespace) -> int:
    """Make assignments for nbgrader, from inside the environment, where it is."""
    environment.prepare("grading")
    folder = arguments.to.resolve()
    if not venv.active():
        given = [f"--points={exercise}={number}" for exercise, number in arguments.points]
        return environment.continue_as("-m", "helpers", "assignment", *arguments.numbers, "--to", folder, *given)
    from helpers.instructor import assignment

    for number in arguments.numbers:
        assignment.make(number, folder, dict(arguments.points))
    return 0


def renew_locks(arguments: argparse.Namespace) -> None:
    """Renew the lock files."""
    from helpers.setup import lockfiles

    environment.prepare()
    lockfiles.renew(arguments.upgrade)


def store_outputs(arguments: argparse.Namespace) -> int:
    """Run notebooks and store their outputs."""
    environment.prepare()
    if not venv.active():
        return environment.continue_as("-m", "helpers", "store", *arguments.numbers)
    from helpers import notebooks

    for number in arguments.numbers:
        print(f"Running notebook {number} ...", flush=True)
        print(f"Stored {notebooks.store(number)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
