"""The time of a run: long tests start first, failures are shown at once, and a table says where the time went."""
import math
import os
import sys
from collections import defaultdict

LONG = {  # tests that take long, by what their name holds, with seconds in CI; on a notebook's day it takes longer
    "answered[14]": 700,
    "answered[12]": 390,
    "answered[15]": 330,
    "answered[11]": 240,
    "answered[18]": 250,
    "test_marks_are_for_right": 220,
    "answered[03]": 200,
    "answered[16]": 190,
    "test_in_any_order": 170,
    "answered[09]": 160,
    "answered[02]": 160,
    "test_two_notebooks_at_once": 160,
    "answered[01]": 140,
    "answered[13]": 130,
    "answered[17]": 130,
    "test_another_notebook_is_graded": 120,
    "test_notebook_runs_and_looks_right[00]": 110,
    "has_a_tile": 110,
    "the_tile_shows": 110,
    "test_each_cell_can_be_run_again": 90,
    "answered[07]": 90,
    "answered[10]": 70,
    "sets_up_from_a_pack": 65,
    "answered[04]": 55,
    "answered[05]": 55,
    "answered[00]": 55,
    "answered[06]": 50,
    "answered[08]": 40,
}
_spent: dict[str, float] = defaultdict(float)
_passes: dict[str, dict[str, float]] = {}


def put_long_ones_first(items: list, workers: int) -> None:
    """Sort tests so that each worker, which first gets as many in a row as the others, starts with its longest.

    What is left at the end, which idle workers take over from busy ones, is short.
    """
    long = sorted((item for item in items if _estimate(item)), key=_estimate, reverse=True)
    short = [item for item in items if not _estimate(item)]
    share = math.ceil(len(short) / workers)
    items[:] = [
        item
        for worker in range(workers)
        for item in [*long[worker::workers], *short[worker * share : (worker + 1) * share]]
    ]


def _estimate(item) -> float:
    """Return the seconds that a test takes, 0 where it is not known to be long."""
    return next((LONG[name] for name in LONG if name in item.nodeid), 0)


def pytest_runtest_logreport(report):
    """Show a failure at once; add up the time of a test, with its preparation, and note that of a notebook's passes."""
    if report.failed and "PYTEST_XDIST_WORKER" not in os.environ:
        print(f"\n{report.longreprtext}\nFAILED {report.nodeid}: the run goes on.", file=sys.stderr, flush=True)
    _spent[report.nodeid] += report.duration
    _passes.update((report.nodeid, seconds) for name, seconds in report.user_properties if name == "passes")


def pytest_terminal_summary(terminalreporter):
    """Print which kinds of tests took how many seconds of a worker, and the longest tests."""
    if not _spent:
        return
    kinds = defaultdict(list)
    for test, seconds in _spent.items():
        kinds[_kind(test)].append(seconds)
    terminalreporter.section("where the time went, in seconds of one worker")
    for kind, each in sorted(kinds.items(), key=lambda item: -sum(item[1])):
        terminalreporter.write_line(f"{sum(each):7.0f}  {len(each):5} tests  {kind}")
    terminalreporter.section("the longest", "-")
    slow = [(test, seconds) for test, seconds in _spent.items() if seconds >= 1]
    for test, seconds in sorted(slow, key=lambda item: -item[1])[:40]:
        each = ", ".join(f"{name} {took:.0f}" for name, took in _passes.get(test, {}).items())
        terminalreporter.write_line(f"{seconds:7.0f}  {test.removeprefix('tests/')}{each and f' ({each})'}")


def _kind(test: str) -> str:
    """Return the kind of a test: its folder, and whole notebooks apart."""
    folder = test.partition("::")[0].rpartition("/")[0]
    return "notebooks run whole" if test in _passes else folder.removeprefix("tests/")
