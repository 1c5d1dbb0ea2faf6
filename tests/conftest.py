"""Every test works in a workspace of its own, never in the reader's."""
import datetime
import os
import shutil
import signal
import tempfile

import pytest
from hypothesis import HealthCheck, settings

from helpers.setup import variables

patient = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}  # a busy machine is no fault
settings.register_profile("course", **patient)
settings.load_profile("course")

variables.set_aside(os.environ)
workspace = tempfile.mkdtemp(prefix="workbook-tests-")
os.environ["WORKBOOK_WORKSPACE"] = workspace
os.environ.pop("WORKBOOK_DESCRIBE", None)  # the stored outputs are without it

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # nohup and a shell's & have it so, and what a run starts as well
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_configure(config):
    """Make the marks known, and have the time of the run told."""
    from support import times

    config.addinivalue_line("markers", "needs_group(name): skip where the group, or its Java, is not there; in CI fail")
    config.addinivalue_line("markers", "hostile: a bad day, tested where --hostile asks for it, and in CI")
    config.addinivalue_line("markers", "in_turn(number): costs whole passes; runs on the days of a notebook")
    config.pluginmanager.register(times)


def pytest_addoption(parser):
    """Let a run be limited to the tests of some groups of packages, have bad days, or renew pictures."""
    in_ci = variables.is_on("CI")
    parser.addoption("--group", action="append", default=[], help="run only the tests that need this group of packages")
    parser.addoption("--hostile", action="store_true", default=in_ci, help="also test bad days, as CI always does")
    today = os.environ.setdefault("WORKBOOK_TESTED_ON", datetime.date.today().isoformat())  # the same for all workers
    parser.addoption("--day", default=today, help="bad days that take turns: those of this day (YYYY-MM-DD), or all")
    parser.addoption("--write-pictures", action="store_true", help="for maintainers: renew the pictures of the screen")


def pytest_collection_modifyitems(config, items):
    """Keep the tests of the groups that were asked for, all where none was, and bad days only where they were.

    What costs a whole pass of a notebook takes turns: each notebook has its own every fifth day.
    """
    from support import times, turns

    wanted, hostile, day = set(config.getoption("--group")), config.getoption("--hostile"), config.getoption("--day")

    def keep(item) -> bool:
        needed = {name for mark in item.iter_markers("needs_group") for name in mark.args}
        turn = item.get_closest_marker("in_turn")
        in_turn = not turn or turns.has_turn(*(turn.args or [item.callspec.params["number"]]), day)
        return (not wanted or bool(needed & wanted)) and (hostile or not item.get_closest_marker("hostile")) and in_turn

    config.hook.pytest_deselected(items=[item for item in items if not keep(item)])
    items[:] = [item for item in items if keep(item)]
    times.put_long_ones_first(items, getattr(config, "workerinput", {}).get("workercount", 1))


def pytest_terminal_summary(terminalreporter, config):
    """Say where bad days were left out, and which had their turn."""
    if not config.getoption("--hostile"):
        terminalreporter.write_line("Bad days were left out (killed kernels, no network, a full disk): add --hostile.")
    if (day := config.getoption("--day")) != "all":
        said = f"Some long tests take turns from day to day: --day {day} repeats those of today, --day all does all."
        terminalreporter.write_line(said)


def pytest_runtest_setup(item):
    """Skip a test that needs a group of packages where that, or the Java that it runs on, is not there; in CI fail."""
    for mark in item.iter_markers("needs_group"):
        from support.running import need  # it reads where the workspace is, which is set above

        need(*mark.args)


def pytest_unconfigure():
    """Remove the workspace of this run."""
    shutil.rmtree(workspace, ignore_errors=True)


@pytest.fixture(scope="module")
def browser():
    """Start the machine's browser for the tests of a module, which need the group browser."""
    from support.browser import machine

    with machine.started() as browser:  # while it is open, its event loop runs: so for no longer than a module
        yield browser
