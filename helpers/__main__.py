"""The commands of the course: ``python -m helpers`` lists them."""
import os
import sys

if not __package__:  # called from another folder by its path, as python course/helpers
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
if __name__ == "__main__" and (_taken := [  # before anything is imported from there
    (file.path, file.name[:-3])
    for root in [os.path.dirname(os.path.dirname(os.path.abspath(__file__)))]
    for folder in {root, os.path.join(root, "notebooks"), *sys.path[: not sys.flags.safe_path]}  # kernels start in one
    if os.path.isdir(folder or ".")
    for file in os.scandir(folder or ".")
    if file.name.endswith(".py") and file.name[:-3] in sys.stdlib_module_names
]):
    sys.exit("{} would be imported in place of Python's module {}: give the file another name.".format(*_taken[0]))

import argparse
import errno
import signal
from pathlib import Path

from helpers import exercises, notebooks
from helpers.paths import COURSE, ROOT
from helpers.setup import course_files, environment, groups, machine, pack, update, variables, venv

_MOVE = "move the course's folder to where you may write, then run the same command again"
_FULL = "the disk, or your quota of it, is full: make room, and run it again"
_ON_A_HUB = (
    "This machine belongs to a JupyterHub, so your browser cannot reach this address: open the notebooks in the hub's "
    "own JupyterLab, after `pip install -r requirements.txt` in a terminal there."
)
_REMEDIES = {errno.EROFS: _MOVE, errno.EACCES: _MOVE, errno.ENOSPC: _FULL, errno.EDQUOT: _FULL}


def main(argv: list[str]) -> int:
    """Run a command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # a console may lack a letter of a folder's name
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started ends as well
    own = argv[:1] if argv[:1] == ["test"] else argv  # all that follows `test` is pytest's
    try:
        arguments = make_parser().parse_args(own, argparse.Namespace(passed_on=argv[1:]))
        return arguments.run(arguments) or 0
    except venv.SetupError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # whoever read, such as head, has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python tries once more as it ends
        return 1
    except OSError as error:
        if error.errno not in _REMEDIES:
            raise
        place = error.filename or ROOT
        print(f"\n{place} cannot be written to ({error.strerror}): {_REMEDIES[error.errno]}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted. The same command finishes or repairs what is half done.", file=sys.stderr)
        return 130


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line, made from the table at the end of this file."""
    top = argparse.ArgumentParser("python -m helpers", description="The course's commands.", allow_abbrev=False)
    top.set_defaults(run=lambda _: top.print_help())
    commands = top.add_subparsers(metavar="COMMAND")
    for name, run, what, *arguments in _COMMANDS:
        command = commands.add_parser(name, help=what, description=what, allow_abbrev=False)
        command.set_defaults(run=run)
        for argument, options in arguments:
            command.add_argument(argument, **options)
    return top


def read_port(text: str) -> int:
    """Return a port number, or raise an error that says which there are."""
    if not (text.isdecimal() and len(text) < 6 and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is no port: choose a number from 1 to 65535, such as 8890")
    return int(text)


def read_group(text: str) -> str:
    """Return the name of a group, or raise an error that says which there are."""
    if text not in groups.names():
        raise argparse.ArgumentTypeError(f"there is no group {text!r}. There are:\n{groups.describe()}")
    return text


def read_number(text: str) -> str:
    """Return the number of a notebook, or raise an error that says which there are."""
    if text not in COURSE:
        raise argparse.ArgumentTypeError(f"there is no notebook {text!r}: choose one of {', '.join(COURSE)}")
    return text


def read_number_with_exercises(text: str) -> str:
    """Return the number of a notebook with exercises, or raise an error that says which there are."""
    numbers = [name[:2] for name in exercises.list_numbers()]
    if text not in numbers:
        raise argparse.ArgumentTypeError(f"no notebook {text!r} has exercises: choose one of {', '.join(numbers)}")
    return text


def read_points(text: str) -> tuple[str, int]:
    """Return an exercise and its points, or raise an error that says what is wrong."""
    exercise, _, number = text.partition("=")
    if exercise not in {number for numbers in exercises.list_numbers().values() for number in numbers}:
        raise argparse.ArgumentTypeError(f"there is no exercise {exercise!r}: write such as 6.1=2")
    if not number.isdecimal() or int(number) < 1:
        raise argparse.ArgumentTypeError(f"{number!r} are no points: write a whole number from 1, such as 6.1=2")
    return exercise, int(number)


def continue_inside() -> None:
    """Run the same command inside the environment in this one's place; where it runs there, with its variables."""
    if not venv.is_active():
        sys.exit(environment.continue_as("-m", "helpers", *sys.argv[1:], folder=Path.cwd()))
    told = environment.make_environ()
    for name in os.environ.keys() - told.keys():
        del os.environ[name]
    os.environ.update(told)


def open_lab(arguments: argparse.Namespace) -> int:
    """Open JupyterLab."""
    from helpers.setup import lab

    lab.check_port(arguments.port)
    with pack.use(arguments.offline) as packed:
        environment.prepare(*packed)
    print("JupyterLab is starting. Ctrl-C here ends it, with every kernel that it started.")
    if "JUPYTERHUB_SERVICE_PREFIX" in os.environ:
        print(_ON_A_HUB)
    return environment.continue_as(*lab.make_command(arguments.port, not arguments.no_browser))


def open_ui(arguments: argparse.Namespace) -> int:
    """Open MLflow's user interface."""
    from helpers.setup import lab

    lab.check_port(arguments.port)
    environment.prepare()
    options = ["--port", str(arguments.port or 0), *["--no-browser"] * arguments.no_browser]
    return environment.continue_as("-m", "helpers.setup.mlflow_ui", *options)


def run_tests(arguments: argparse.Namespace) -> int:
    """Run the tests, in CI with every group, so that none is skipped."""
    ours = argparse.ArgumentParser("python -m helpers test", add_help=False, allow_abbrev=False)
    ours.add_argument("--group", type=read_group, action="append", default=[])
    asked, passed_on = ours.parse_known_args(arguments.passed_on)
    environment.prepare(*(groups.names() if variables.is_on("CI") else asked.group))
    return environment.continue_as("-m", "pytest", *(f"--group={name}" for name in asked.group), *passed_on)


def bring_up_to_date(arguments: argparse.Namespace) -> None:
    """Bring the newest course."""
    update.main(arguments.file, arguments.was)


def restore_notebook(arguments: argparse.Namespace) -> None:
    """Give back the original of a notebook."""
    update.restore(arguments.number, arguments.was)


def set_up(arguments: argparse.Namespace) -> None:
    """Make the environment and stop."""
    environment.forget_damaged()
    with pack.use(arguments.offline) as packed:
        environment.prepare(*packed)
    print("Everything is set up: python -m helpers lab")


def make_pack(arguments: argparse.Namespace) -> None:
    """Pack all packages into a file."""
    environment.prepare()
    continue_inside()  # a pack is for the environment's Python, which can be another one
    file = pack.make(arguments.groups)
    print(f"{file} holds {file.stat().st_size / 1e6:.0f} MB. Give it with the course's folder to each machine; there:")
    print(f"python -m helpers lab --offline {file.name}")


def add_groups(arguments: argparse.Namespace) -> None:
    """Add groups of packages, or list them."""
    if not arguments.groups:
        print(f"Packages that only some notebooks need, in groups that `{groups.command('NAME')}` installs:")
        print(groups.describe())
        return
    environment.prepare(*arguments.groups)
    print(f"Everything is there for {', '.join(arguments.groups)}: python -m helpers lab")
    print("In a notebook that is open, restart the kernel.")


def check_machine(_: argparse.Namespace) -> int:
    """Check the machine, from inside the environment where there is one."""
    if environment.find_state() != "absent":
        continue_inside()
    machine.require()
    from helpers.setup import doctor

    return 0 if doctor.check(everything=True) else 1


def show_progress(_: argparse.Namespace) -> None:
    """Show which exercises are done."""
    print(exercises.summarise())


def reset_workspace(arguments: argparse.Namespace) -> int:
    """Empty the workspace, from inside the environment where there is one, which sees who uses it."""
    from helpers.setup import reset

    if not arguments.yes and not sys.stdin.isatty():
        make_parser().error("reset asks before it deletes, and nobody can answer here: add --yes")
    if environment.find_state() != "absent":
        continue_inside()
    return reset.main(ask=not arguments.yes)


def teach(arguments: argparse.Namespace) -> None:
    """Make the instructor's notebooks, slides and plan."""
    environment.prepare("slides")
    continue_inside()
    from helpers.instructor import editions

    editions.main(arguments.numbers)


def make_assignments(arguments: argparse.Namespace) -> None:
    """Make assignments for nbgrader."""
    environment.prepare("grading")
    continue_inside()
    from helpers.instructor import assignment

    elsewhere = [one for one, _ in arguments.points if f"{int(one.partition('.')[0]):02d}" not in arguments.numbers]
    if elsewhere:
        raise venv.SetupError(f"--points names exercise {elsewhere[0]}, which is in none of these notebooks.")
    for number in arguments.numbers:
        assignment.make(number, arguments.to.resolve(), dict(arguments.points))


def renew_locks(arguments: argparse.Namespace) -> None:
    """Renew the lock files."""
    from helpers.setup import lockfiles

    environment.prepare()
    lockfiles.renew(arguments.upgrade)


def store_outputs(arguments: argparse.Namespace) -> None:
    """Run notebooks and store their outputs, then note what the cells of all of them hold."""
    environment.prepare()
    continue_inside()
    for number in arguments.numbers:
        print(f"Running notebook {number} ...", flush=True)
        print(f"Stored {notebooks.store(number)}", flush=True)
    course_files.note_cells()


_SILENT = "--no-browser", {"action": "store_true", "help": "only print the address, for a machine without a screen"}
_PORT = "--port", {"type": read_port, "metavar": "N", "help": "the port to use (default: a free one)"}
_OFFLINE = "--offline", {"type": Path, "metavar": "PACK", "help": "set up from a pack, without a network"}
_GROUPS = "groups", {"nargs": "*", "type": read_group, "metavar": "GROUP", "help": "groups, such as architectures"}
_NUMBERS = "numbers", {"nargs": "*", "type": read_number, "metavar": "NN", "help": "a notebook's number, such as 02"}
_WAS = ("--was", {"type": Path, "metavar": "ZIP", "help": "the zip that this folder came in, if it is asked for"})
_COMMANDS = [  # the name, what runs, the help, and the arguments
    ("lab", open_lab, "set up what is missing and open JupyterLab at the first notebook",
        _SILENT, ("--port", _PORT[1] | {"help": "the port to use (default: the first free one from 8888)"}), _OFFLINE),
    ("ui", open_ui, "open MLflow's user interface over the workspace, with all runs and models", _SILENT, _PORT),
    ("test", run_tests, "set up what is missing and run every test whose packages are there; what follows goes to "
        "pytest: -k drift; --group NAME adds a group and runs the tests that need it"),
    ("doctor", check_machine, "check this machine: a line for each thing, with the remedy where one is needed"),
    ("progress", show_progress, "show which exercises are done, notebook by notebook"),
    ("reset", reset_workspace, "empty the workspace: everything that the notebooks have made",
        ("--yes", {"action": "store_true", "help": "do not ask"})),
    ("update", bring_up_to_date, "bring the newest course, and keep what you wrote in the notebooks",
        ("file", {"nargs": "?", "type": Path, "metavar": "ZIP", "help": "the newest course, for a folder without git"}),
        _WAS),
    ("restore", restore_notebook, "give back the original of a notebook, and keep yours beside it",
        ("number", {"type": read_number, "metavar": "NN", "help": "a notebook's number, such as 02"}), _WAS),
    ("setup", set_up, "set up what is missing and stop, to prepare a machine before class", _OFFLINE),
    ("pack", make_pack, "pack all packages into a file, for machines of the same system without a network", _GROUPS),
    ("add", add_groups, "install packages that only some notebooks need; without a name, list the groups", _GROUPS),
    ("teach", teach, "make the instructor's notebooks, slides and plan", _NUMBERS),
    ("assignment", make_assignments, "for instructors: make an assignment for nbgrader from a notebook's exercises",
        ("numbers", _NUMBERS[1] | {"nargs": "+", "type": read_number_with_exercises}),
        ("--to", {"type": Path, "default": ROOT / "grading", "metavar": "FOLDER", "help": "nbgrader's folder"}),
        ("--points", {"type": read_points, "action": "append", "default": [], "metavar": "6.1=2",
                      "help": "else 1 an exercise"})),
    ("lock", renew_locks, "for maintainers: renew the locked versions from what requirements.txt names",
        ("--upgrade", {"action": "store_true", "help": "take the newest versions, not only what has to change"})),
    ("store", store_outputs, "for maintainers: run notebooks in an empty workspace and store the outputs; without a "
        "number, only note what their cells hold, by which `update` knows originals", _NUMBERS),
]  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
