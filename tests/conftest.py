"""Every test works in a workspace of its own, never in the reader's."""
import os
import shutil
import signal
import tempfile

import pytest
from hypothesis import HealthCheck, settings

patient = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}  # a busy machine is no fault
settings.register_profile("course", **patient)
settings.load_profile("course")

workspace = tempfile.mkdtemp(prefix="workbook-tests-")
os.environ["WORKBOOK_WORKSPACE"] = workspace
os.environ.pop("WORKBOOK_DESCRIBE", None)  # the stored outputs are without it

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # nohup and a shell's & have it so, and what a run starts as well
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_configure(config):
    """Make the mark known by which a test says that it needs a group of packages."""
    config.addinivalue_line("markers", "needs_group(name): skip where the group, or its Java, is not there; in CI fail")


def pytest_addoption(parser):
    """Let a run be limited to the tests of some groups of packages, or renew pictures."""
    parser.addoption("--group", action="append", default=[], help="run only the tests that need this group of packages")
    parser.addoption("--write-pictures", action="store_true", help="for maintainers: renew the pictures of the screen")


def pytest_collection_modifyitems(config, items):
    """Keep the tests of the groups that were asked for; all where none was."""
    wanted = set(config.getoption("--group"))
    if wanted:
        needed = [{name for mark in item.iter_markers("needs_group") for name in mark.args} for item in items]
        config.hook.pytest_deselected(items=[item for item, names in zip(items, needed) if not names & wanted])
        items[:] = [item for item, names in zip(items, needed) if names & wanted]


def pytest_runtest_setup(item):
    """Skip a test that needs a group of packages where that, or the Java that it runs on, is not there; in CI fail."""
    from support.running import need  # it reads where the workspace is, which is set above

    for mark in item.iter_markers("needs_group"):
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
