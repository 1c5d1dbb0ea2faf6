"""A cluster on this machine: who gets in, what is shown, and that it leaves nothing."""
import os
import subprocess
import sys

import psutil
import pytest
import requests

from helpers import servers
from helpers.setup import java
from helpers.spark import cluster, sessions
from support.processes import command_lines, family, gone, listening, running, until

pytestmark = pytest.mark.needs_group("spark")


@pytest.fixture(scope="module")
def nodes():
    """Return a master, its worker and its address; a test may stop them."""
    java.need()
    master, address = cluster.master()
    worker = cluster.worker(address, 1)
    with master, worker:
        yield master, worker, address
    sessions.close()


def started(*nodes) -> set[psutil.Process]:
    """Return what the nodes have started."""
    return {p for node in nodes for p in psutil.Process(node._process.pid).children(recursive=True)}


# Another program of this machine, which tries the door with its own secret or none.
INTRUDER = """
import sys
from helpers.spark import sessions
asked = {"spark.executor.memory": "500m"}
session = sessions.session(sys.argv[1], asked)
print("counted", session.range(10).count(), flush=True)
"""


@pytest.mark.parametrize("secret", ["wrong", None])
def test_who_does_not_know_the_secret_is_refused(nodes, tmp_path, secret):
    """A session with another secret, or none, is turned away by the master's question, and counts nothing."""
    env = {name: value for name, value in os.environ.items() if name not in (sessions.SECRET, "SPARK_DAEMON_JAVA_OPTS")}
    env |= {"WORKBOOK_WORKSPACE": str(tmp_path)} | ({sessions.SECRET: secret} if secret else {})
    log = tmp_path / "logs" / "spark.log"
    quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([sys.executable, "-c", INTRUDER, nodes[2]], env=env, **quiet) as intruder:
        try:
            until(lambda: log.exists() and "doAuthChallenge" in log.read_text(errors="replace"))
        finally:
            intruder.kill()
        assert b"counted" not in intruder.communicate()[0]


def test_a_session_counts_on_the_cluster_and_no_secret_is_shown(nodes):
    """Master, worker, executor and driver listen on this machine only, and no command line holds the secret."""
    master, worker, address = nodes
    session = sessions.session(address, {"spark.executor.memory": "500m"})
    rows = session.range(10, numPartitions=2).rdd.map(lambda row: row[0])
    assert rows.count() == 10 and address == session.sparkContext.master
    [offer] = requests.get(f"{master.url}/json/", timeout=30).json()["workers"]
    assert (offer["cores"], offer["memory"]) == (1, 1024), "a worker offers what it was asked to, not the machine"
    everybody = started(master, worker) | family(sessions.pid())
    lines = command_lines(everybody)
    assert any("CoarseGrainedExecutorBackend" in line for line in lines)
    assert os.environ[sessions.SECRET] not in "\n".join(lines) and len(os.environ[sessions.SECRET]) >= 32
    assert listening(everybody) == {servers.HOST}
    assert not any(c.laddr.port == 6066 for p in started(master) for c in p.net_connections() if c.status == "LISTEN")


def test_nothing_is_left_after_stopping(nodes):
    """The executor of a session that still lives goes with its worker."""
    master, worker, _ = nodes
    pids = {process.pid for process in started(master, worker)}
    worker.stop()
    master.stop()
    assert len(pids) >= 2 and gone(pids)


STARTER = """
import time
from helpers.setup import java
from helpers.spark import cluster
java.need()
master, address = cluster.master()
master.start()
worker = cluster.worker(address, 1)
worker.start()
print("pids", master._process.pid, worker._process.pid, flush=True)
time.sleep(600)
"""


def test_nothing_is_left_when_the_process_that_started_it_is_killed(tmp_path):
    """SIGKILL to the kernel ends master and worker."""
    env = os.environ | {"WORKBOOK_WORKSPACE": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", STARTER], stdout=subprocess.PIPE, text=True, env=env) as starter:
        line = next(line for line in starter.stdout if line.startswith("pids"))
        family = [psutil.Process(int(pid)) for pid in line.split()[1:]]
        pids = {p.pid for one in family for p in (one, *one.children(recursive=True))}
        starter.kill()
    try:
        assert len(pids) >= 4 and gone(pids)
    finally:
        for pid in running(pids):
            psutil.Process(pid).kill()


# In a program of its own: a session of Spark Connect and a classic one change what functions mean in a process.
CONNECTED = """
import contextlib
from helpers.setup import java
from helpers.spark import cluster, sessions

java.need()
from pyspark.sql import SparkSession
server, address, token = cluster.connect_server("local[1]")
with server:
    shown = " ".join(server.command)
    for secret in ("", f"/;token={token}"):
        try:
            remote = SparkSession.builder.remote(address + secret).create()
            print("counted", remote.range(10).count(), token in shown)
        except Exception as error:
            print("refused", "UNAUTHENTICATED" in str(error))
        with contextlib.suppress(Exception):  # while the server lives: else this process tries for minutes at its end
            remote.stop()
print("after", sessions.session("local[1]", {}).range(5).count())
sessions.close()
"""


def test_a_client_of_spark_connect_needs_the_token_and_a_classic_session_may_follow(tmp_path):
    """Without the token nothing is counted; no command line shows it; a session of this process works afterwards."""
    env = os.environ | {"WORKBOOK_WORKSPACE": str(tmp_path)}
    told = subprocess.run([sys.executable, "-c", CONNECTED], env=env, capture_output=True, text=True, timeout=300)
    said = [line for line in told.stdout.splitlines() if line.startswith(("counted", "refused", "after"))]
    assert said == ["refused True", "counted 10 False", "after 5"], told.stdout + told.stderr[-2000:]
