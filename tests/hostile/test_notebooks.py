"""Bad days of a notebook: the worst of them is as bad as it says, and notebooks share a workspace.

That each shows its stored outputs after its kernel was killed, and then on the worst of days, test_outputs
holds. Other tests hold what is not repeated here: of servers that are killed test_servers, of interrupted
cells test_processes, of set-ups that break off test_environment, of no network at the set-up test_pack.
"""
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from helpers.notebooks import find_path
from support.bad_days import WORST_DAY, namespaces, worst_day
from support.running import compare, left_running
from support.turns import draw

pytestmark = pytest.mark.hostile
linux = pytest.mark.skipif(sys.platform != "linux", reason="namespaces, which make the bad day, are Linux's")
FELT = """
import errno, json, locale, os, socket, sys, time
from pathlib import Path

def fails(attempt, *arguments):
    try:
        attempt(*arguments)
    except OSError as error:
        return errno.errorcode.get(error.errno, "another")

locale.setlocale(locale.LC_ALL, "")
print(json.dumps({
    "checkout": fails(Path("new").touch),
    "home": fails(Path.home().joinpath("new").touch),
    "port": fails(socket.create_server, ("127.0.0.1", 8888)),
    "network": fails(socket.create_connection, ("192.0.2.1", 80), 5),
    "network of today": fails(socket.create_connection, ("2001:db8::1", 80), 5),
    "names": fails(socket.getaddrinfo, "events.company.example", 443),
    "this machine": fails(socket.create_server, ("127.0.0.1", 0)),
    "zone": time.strftime("%z", time.localtime(1e9)),
    "comma": locale.localeconv()["decimal_point"],
    "mask": os.umask(0),
}))
"""
AT_HOME = """
import socket

server = socket.create_server(("127.0.0.1", 0))
for name in ("127.0.0.1", "localhost"):
    socket.create_connection((name, server.getsockname()[1]), 60).close()
"""


@linux
def test_the_worst_of_days_is_as_bad_as_it_says(tmp_path):
    """Nothing of what test_outputs relies on is a promise only."""
    checkout, home = tmp_path / "checkout", tmp_path / "home"
    checkout.mkdir()
    home.mkdir()
    command = [*namespaces("net", "mount"), sys.executable, WORST_DAY, checkout, home, sys.executable, "-c", FELT]
    variables = {**os.environ, **worst_day(3, tmp_path), "HOME": str(home)}
    done = subprocess.run(command, env=variables, capture_output=True, text=True)
    assert json.loads(done.stdout) == {
        "checkout": "EROFS",
        "home": "EROFS",
        "port": "EADDRINUSE",
        "network": "ECONNREFUSED",
        "network of today": "ECONNREFUSED",
        "names": "another",
        "this machine": None,
        "zone": "+1400",
        "comma": "," if (tmp_path / "tr_TR.UTF-8").exists() else ".",
        "mask": 0o077,
    }
    said = done.stderr.splitlines()  # of Python too, which a company has told to warn
    wanted = [line.split(": ")[1] for line in said if line.startswith("it wanted to leave this machine: ")]
    asked = {line for line in wanted if line.startswith("look-up of events.company.example")}
    assert done.returncode == 1 and asked
    assert set(wanted) - asked == {"connection to 192.0.2.1 port 80", "connection to 2001:db8::1 port 80"}


@linux
def test_what_stays_on_this_machine_is_not_told(tmp_path):
    """A server here, and who asks it by its name or its address, want nothing of others."""
    day = [*namespaces("net", "mount"), sys.executable, WORST_DAY, tmp_path, tmp_path]
    done = subprocess.run([*day, sys.executable, "-c", AT_HOME], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.in_turn("03")
def test_in_any_order_in_one_workspace_notebooks_show_their_stored_outputs(request, tmp_path):
    """Who goes back from the registry to training finds everything afterwards, whatever else was opened meanwhile."""
    order = ["06", "02", draw(["07", "05", "04"], request.config.getoption("day"))]  # 02 deletes models that 06 needs
    for place, number in enumerate(order):
        assert not compare(find_path(number), tmp_path), f"notebook {number} differs after {order[:place]}"


@pytest.mark.in_turn("04")
def test_two_notebooks_at_once_in_one_workspace_show_their_stored_outputs(tmp_path):
    """Both start in an empty workspace: one prepares it, the other waits; each ends as if it were alone."""
    with ThreadPoolExecutor() as both:
        reports = list(both.map(lambda number: compare(find_path(number), tmp_path), ["04", "07"]))
    assert reports == ["", ""], "".join(reports)
    assert left_running(tmp_path) == []
