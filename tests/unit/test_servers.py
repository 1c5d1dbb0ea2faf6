"""Servers: what they show, what they wait for, and that they leave nothing behind."""
import json
import os
import re
import shlex
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil
import pytest
import requests

from helpers import paths, servers, watchdog
from support.processes import gone, listening, running, until

unix = pytest.mark.skipif(os.name != "posix", reason="signals and forks are Unix")

# A stand-in for a model server, as quick to start as Python itself. It writes down its process id, and
# does what the words after the port say.
STAND_IN = '''
import http.server, os, pathlib, signal, subprocess, sys, time

port, *how = sys.argv[1:]
pids = pathlib.Path(os.environ["PIDS"])

def note(name):
    (pids / f"{name}-{os.getpid()}").touch()

if port == "child":
    note("child")
    if "parent" in how:
        subprocess.Popen([sys.executable, "-m", "stand_in", "child"])
        while "orphans" not in how or not pathlib.Path("leave").exists():
            time.sleep(0.05)
        sys.exit()
    time.sleep(600)
note("server")
if "stubborn" in how:
    signal.signal(signal.SIGTERM, lambda *_: note("asked"))
if "family" in how:
    subprocess.Popen([sys.executable, "-m", "stand_in", "child", "parent", *how])
if "dies" in how:
    sys.exit("the model is not there")
while "slow" in how and not pathlib.Path("go").exists():
    time.sleep(0.05)
if "never" in how:
    time.sleep(600)
handler = type("Quiet", (http.server.BaseHTTPRequestHandler,), {})
handler.do_GET = lambda self: (self.send_response(200), self.end_headers())
print("listening", flush=True)
http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), handler).serve_forever()
'''


@pytest.fixture
def make(tmp_path, monkeypatch):
    """Return a function that makes a stand-in server; whatever a test leaves running is killed after it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "stand_in.py").write_text(STAND_IN)
    (tmp_path / "pids").mkdir()
    env = {"PYTHONPATH": str(tmp_path), "PIDS": str(tmp_path / "pids")}

    def stand_in(*how: str, port: int = 0, timeout: float = 120) -> servers.Server:
        port = port or servers.free_port()
        return servers.Server(["stand_in", str(port), *how], port, "/", env, timeout)

    stand_in.pids = lambda: {int(path.name.partition("-")[2]) for path in (tmp_path / "pids").iterdir()}
    stand_in.asked_to_end = lambda: any((tmp_path / "pids").glob("asked-*"))
    yield stand_in
    watchdog.stop({psutil.Process(pid) for pid in stand_in.pids() if psutil.pid_exists(pid)}, grace=0)


def test_a_server_answers_inside_its_block_and_is_gone_after_it(make):
    """Inside the block it answers; after it, no process and no listener is left."""
    with make() as server:
        assert server.is_alive() and servers.answers(server.port, "/")
        assert "listening" in server.tail()
    assert not server.is_alive()
    assert not servers.in_use(server.port)
    assert gone(make.pids(), within=0) and len(make.pids()) == 1


def test_an_exception_in_the_block_stops_the_server_and_passes(make):
    """An error in the reader's code stops the server and stays the error that it was."""
    with pytest.raises(ZeroDivisionError), make() as server:
        server.port /= 0
    assert not server.is_alive() and gone(make.pids(), within=0)


def test_the_command_line_and_the_address_are_printed_and_no_path_of_this_machine(make, capsys):
    """What is printed last on each line repeats from run to run, but for the port."""
    with make() as server:
        printed = capsys.readouterr().out
    first, second = printed.splitlines()[0], printed.split("\r")[-1]
    assert first == f"$ stand_in {server.port}" and second == f"ready at http://127.0.0.1:{server.port}\n"
    shown = servers.format_command(servers.tracking_server(port=5001).command)
    assert "sqlite:///workspace/mlflow.db" in shown and "--port 5001" in shown
    assert str(paths.WORKSPACE) not in shown and paths.WORKSPACE.as_posix() not in shown


def test_a_slow_server_is_waited_for_with_a_sign_of_life(make, tmp_path, capsys, monkeypatch):
    """Waiting shows the seconds, on one line."""
    still_starting = servers.Server._still_starting

    def let_it_go(self, waited):
        still_starting(self, waited)
        if waited > 1:
            (tmp_path / "go").touch()

    monkeypatch.setattr(servers.Server, "_still_starting", let_it_go)
    with make("slow"):
        printed = capsys.readouterr().out
    assert re.search(r"\rstarting \.\.\. [1-9]\d* s\r", printed) and printed.count("\n") == 2


def test_a_death_at_the_start_is_reported_at_once_with_the_end_of_the_log(make):
    """The message names the command and quotes the log."""
    server = make("dies", timeout=60)
    with pytest.raises(servers.ServerError, match="(?s)ended before it was ready: stand_in .*the model is not there"):
        server.start()
    assert not server.is_alive() and not server.tail().count("Traceback")


def test_a_server_that_never_gets_ready_is_given_up_and_stopped(make, monkeypatch):
    """After the time-out, the message says how long was waited, and nothing is left."""
    still_starting = servers.Server._still_starting
    from_its_start = lambda self, waited: still_starting(self, waited if make.pids() else 0)  # noqa: E731
    monkeypatch.setattr(servers.Server, "_still_starting", from_its_start)
    server = make("never", timeout=1)
    with pytest.raises(servers.ServerError, match="was not ready after 1 s"):
        server.start()
    assert gone(make.pids(), within=0) and make.pids()


def test_an_interrupt_while_waiting_stops_the_server(make, monkeypatch):
    """The stop button in the middle of a start leaves nothing."""

    def interrupt(self, waited):
        if make.pids():
            raise KeyboardInterrupt

    monkeypatch.setattr(servers.Server, "_still_starting", interrupt)
    server = make("never")
    with pytest.raises(KeyboardInterrupt):
        server.start()
    assert gone(make.pids(), within=0)


@unix
def test_a_server_that_ignores_the_request_to_end_is_killed(make):
    """SIGTERM is only the first thing to try."""
    with make("stubborn"):
        pass
    assert make.asked_to_end() and gone(make.pids(), within=0)


def test_what_ends_when_asked_is_not_waited_for_any_longer():
    """Stopping returns with the end of the processes, not with the end of their grace."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        began = time.monotonic()
        watchdog.stop({psutil.Process(child.pid)}, grace=300)
    assert time.monotonic() - began < 200


def wait_for_a_look(server: servers.Server) -> None:
    """Wait until the server's watchdog has slept a few times, so that it has looked at the processes meanwhile."""
    process = psutil.Process(server._process.pid)
    before = process.num_ctx_switches().voluntary
    until(lambda: process.num_ctx_switches().voluntary > before + 4)


def test_children_and_grandchildren_go_with_the_server(make):
    """The whole tree is stopped, not only its root."""
    with make("family"):
        until(lambda: len(make.pids()) == 3)
    assert gone(make.pids(), within=0)


def test_a_grandchild_whose_parent_has_ended_goes_with_the_server(make, tmp_path):
    """A process that the system has handed to another parent is still remembered."""
    with make("family", "orphans") as server:
        until(lambda: len(make.pids()) == 3)
        wait_for_a_look(server)
        (tmp_path / "leave").touch()
        until(lambda: len(running(make.pids())) == 2)
    assert gone(make.pids(), within=0)


def test_a_server_that_dies_takes_its_children_with_it(make):
    """Where the root of the tree is killed by somebody else, the rest follows."""
    server = make("family")
    server.start()
    until(lambda: len(make.pids()) == 3)
    wait_for_a_look(server)
    psutil.Process(next(p for p in make.pids() if str(server.port) in psutil.Process(p).cmdline())).kill()
    assert gone(make.pids())
    until(lambda: not server.is_alive())


def test_a_killed_watchdog_does_not_save_the_server(make):
    """Stopping works even where somebody has killed the watchdog."""
    server = make()
    server.start()
    server._process.kill()
    server._process.wait()
    assert running(make.pids())
    server.stop()
    assert gone(make.pids(), within=0)


@unix
def test_a_watchdog_that_is_asked_to_end_takes_the_server_with_it(make):
    """A machine that shuts down asks every process to end, the watchdog too."""
    server = make("family")
    server.start()
    server._process.terminate()
    assert gone(make.pids())


def test_a_server_can_be_started_and_stopped_again_on_the_same_port(make):
    """A second start or stop changes nothing; a start after a stop is a new server at the same address."""
    server = make()
    server.start()
    server.start()
    assert len(make.pids()) == 1
    urllib.request.urlopen(server.url).read()
    server.stop()
    server.stop()
    server.start()
    assert servers.answers(server.port, "/") and len(make.pids()) == 2
    server.stop()


def test_a_killed_server_is_gone_at_once_and_can_be_started_again(make):
    """A drill does not ask a server to end, and the same port serves again."""
    server = make("stubborn")
    server.start()
    server.kill()
    assert gone(make.pids(), within=0) and not make.asked_to_end()
    assert not server.is_alive()
    server.start()
    assert servers.answers(server.port, "/")
    server.stop()
    server.kill()


def test_a_server_whose_name_is_given_to_another_is_stopped(make):
    """Running a notebook's cell twice leaves one server, not two."""
    server = make()
    server.start()
    first = make.pids()
    server = make()
    server.start()
    assert gone(first) and server.is_alive()
    server.stop()


def test_two_servers_run_side_by_side(make):
    """Each has its own port, its own log and its own end."""
    with make() as one:
        with make() as other:
            assert one.port != other.port and one.log != other.log
        assert servers.answers(one.port, "/") and not servers.answers(other.port, "/")


def test_a_port_in_use_is_refused_with_the_remedy(make):
    """The message holds the rule, the value and what to do."""
    with make() as server:
        message = f"port {server.port} is in use: stop the server that holds it, or pass port=0 for a free one"
        with pytest.raises(servers.ServerError, match=message):
            make(port=server.port).start()
        assert servers.answers(server.port, "/")
    with pytest.raises(ValueError, match="from 1 to 65535, got 70000"):
        servers.model_server("models:/late@champion", port=70_000).start()


def test_a_server_finds_the_programs_of_its_environment_and_the_workspace(monkeypatch):
    """PATH starts with the folder that holds uvicorn; threads and the store are set, and can be told otherwise."""
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    env = servers.environment({})
    assert any((folder / "uvicorn").exists() or (folder / "uvicorn.exe").exists() for folder in first_folders(env))
    assert env["OMP_NUM_THREADS"] == "1" and env["MLFLOW_TRACKING_URI"] == paths.TRACKING_URI
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert servers.environment({})["OMP_NUM_THREADS"] == "3"
    assert servers.environment({"OMP_NUM_THREADS": "2"})["OMP_NUM_THREADS"] == "2"


def first_folders(env: dict[str, str]) -> list[Path]:
    """Return the folders at the start of PATH."""
    return [Path(folder) for folder in env["PATH"].split(os.pathsep)[:2]]


def test_requests_to_this_machine_go_past_a_proxy(make):
    """A proxy that the network prescribes is not asked for 127.0.0.1."""
    code = "import helpers, requests, sys; print(requests.get(sys.argv[1], timeout=120).status_code)"
    proxied = os.environ | {"http_proxy": "http://127.0.0.1:9", "no_proxy": "intranet", "NO_PROXY": ""}
    with make() as server:
        command = [sys.executable, "-c", code, server.url]
        done = subprocess.run(command, env=proxied, capture_output=True, text=True)
    assert done.stdout == "200\n", done.stderr


# A process of its own, that starts a stand-in server and then does what the last line says.
ASKER = """
import os, sys, time
from helpers import servers

server = servers.Server(["stand_in", "{port}", "family"], {port}, "/", dict(PIDS=r"{pids}", PYTHONPATH=r"{path}"))
server.start()
print("up", flush=True)
{then}
"""


def ask(make, tmp_path, then: str) -> tuple[subprocess.Popen, int]:
    """Start a process that starts a server, and wait until server and family are there."""
    port = servers.free_port()
    code = ASKER.format(port=port, then=then, pids=tmp_path / "pids", path=tmp_path)
    asker = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    until(lambda: len(running(make.pids())) == 3 and servers.answers(port, "/"))
    return asker, port


@pytest.mark.parametrize("end", ["kill", "terminate"])
def test_nothing_is_left_when_the_asking_process_is_killed(make, tmp_path, end):
    """SIGKILL gives a process no chance to clean up; the watchdog does."""
    asker, port = ask(make, tmp_path, "time.sleep(600)")
    getattr(asker, end)()
    asker.wait()
    assert gone(make.pids()) and not servers.in_use(port)
    asker.stdout.close()


def test_nothing_is_left_when_the_asking_process_simply_ends(make, tmp_path):
    """A script that forgets to stop its server does not leave it."""
    asker, _ = ask(make, tmp_path, "sys.stdin.read()")
    asker.communicate()
    assert asker.returncode == 0 and gone(make.pids())


@unix
def test_a_forked_copy_of_the_killed_process_does_not_keep_the_server(make, tmp_path):
    """A worker forked from the notebook's process holds the pipe open; the server goes all the same."""
    fork = "copy = os.fork() or time.sleep(600)\nprint('copy', copy, flush=True)\ntime.sleep(600)"
    asker, _ = ask(make, tmp_path, fork)
    copy = psutil.Process(next(int(line.split()[1]) for line in asker.stdout if line.startswith(b"copy")))
    asker.kill()
    try:
        assert gone(make.pids()) and copy.is_running()
    finally:
        copy.kill()
        asker.wait()
        asker.stdout.close()


@pytest.fixture
def kernel():
    """Return a real Jupyter kernel and its client."""
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(kernel_name="python3")
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def started_in(kernel, make, tmp_path, then: str, last: str = "up") -> str:
    """Have a kernel start a server and go on with `then`, wait until it prints `last`, and return the request's id."""
    code = ASKER.format(port=servers.free_port(), then=then, pids=tmp_path / "pids", path=tmp_path)
    request = kernel[1].execute(code, stop_on_error=False)
    printed = []

    def said() -> bool:
        printed.append(kernel[1].get_iopub_msg(timeout=120)["content"].get("text", ""))
        return f"{last}\n" in "".join(printed)

    until(said)
    until(lambda: len(running(make.pids())) == 3)
    return request


def reply_to(client, request: str) -> dict:
    """Return a kernel's reply to one request."""
    replies = iter(lambda: client.get_shell_msg(timeout=120), None)
    return next(reply["content"] for reply in replies if reply["parent_header"]["msg_id"] == request)


@pytest.mark.parametrize("then", ["time.sleep(600)", ""])
def test_nothing_is_left_when_a_kernel_is_killed(make, tmp_path, kernel, then):
    """SIGKILL to a kernel, busy or idle, leaves no server."""
    started_in(kernel, make, tmp_path, then)
    psutil.Process(kernel[0].provisioner.pid).kill()
    assert gone(make.pids())


def test_nothing_is_left_when_a_kernel_is_restarted(make, tmp_path, kernel):
    """Restarting, as the menu does it, stops the servers of the old kernel."""
    started_in(kernel, make, tmp_path, "")
    kernel[0].restart_kernel(now=True)
    assert gone(make.pids())


def test_interrupting_a_kernel_inside_the_block_stops_the_server(make, tmp_path, kernel):
    """The stop button ends the block, and the block's server; the kernel lives on."""
    started_in(kernel, make, tmp_path, "with server: print('inside', flush=True); time.sleep(600)", "inside")
    kernel[0].interrupt_kernel()
    assert gone(make.pids())
    assert kernel[0].is_alive()


def test_interrupting_another_cell_does_not_stop_a_started_server(make, tmp_path, kernel):
    """The stop button reaches the cell that runs, not the server behind it."""
    request = started_in(kernel, make, tmp_path, "time.sleep(600)")
    kernel[0].interrupt_kernel()
    assert reply_to(kernel[1], request)["ename"] == "KeyboardInterrupt"
    reply = kernel[1].execute_interactive("assert server.is_alive()", timeout=120, output_hook=lambda message: None)
    assert reply["content"]["status"] == "ok" and len(running(make.pids())) == 3


@pytest.fixture(scope="module")
def registered():
    """Return the name of a registered model with two versions that disagree; version 1 is champion."""
    import mlflow
    import pandas as pd
    from mlflow.models import infer_signature
    from sklearn.dummy import DummyClassifier

    mlflow.set_tracking_uri(paths.TRACKING_URI)
    mlflow.set_experiment("servers")
    rows = pd.DataFrame({"temp": [0.0, 1.0]})
    for constant in (0, 1):
        model = DummyClassifier(strategy="constant", constant=constant).fit(rows, [0, 1])
        options = dict(signature=infer_signature(rows, model.predict_proba(rows)), pip_requirements=["scikit-learn"])
        mlflow.sklearn.log_model(
            model, name="model", pyfunc_predict_fn="predict_proba", registered_model_name="served", **options
        )
    mlflow.MlflowClient().set_registered_model_alias("served", "champion", 1)
    return "served"


def post(server: servers.Server) -> list[float]:
    """Return what a model server predicts for one row."""
    body = json.dumps({"dataframe_records": [{"temp": 50.0}]}).encode()
    request = urllib.request.Request(f"{server.url}/invocations", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.load(response)["predictions"][0]


def test_real_servers_answer_on_this_machine_only_and_leave_nothing(registered):
    """A model server and a tracking server start together, answer, keep what they loaded, and go."""
    import mlflow

    model, tracking = servers.model_server(f"models:/{registered}@champion"), servers.tracking_server()
    model.start(wait=False)
    tracking.start(wait=False)
    with model, tracking:
        assert post(model) == [1.0, 0.0]
        mlflow.MlflowClient().set_registered_model_alias(registered, "champion", 2)
        assert post(model) == [1.0, 0.0], "a moved alias must not swap the served model"
        with urllib.request.urlopen(f"{tracking.url}/version", timeout=30) as response:
            assert response.read().decode() == mlflow.__version__
        for host, status in {"localhost:80": 200, "10.evil.example": 403, "192.168.0.9": 403}.items():
            page = requests.get(tracking.url, headers={"Host": host}, timeout=30)
            assert page.status_code == status, "a name of another site may lead to this machine"
        family = model._family | tracking._family
        assert listening(family) == {"127.0.0.1"}
    assert len(family) >= 4 and not any(process.is_running() for process in family)


def test_a_model_that_is_not_there_is_reported_with_mlflows_own_words():
    """The end of the log says what MLflow found wrong."""
    with pytest.raises(servers.ServerError, match="(?s)models:/nobody@champion.*not found"):
        servers.model_server("models:/nobody@champion").start()


def test_only_the_living_have_descendants():
    """Children and grandchildren are found, whoever else ended meanwhile; a process that ended has none."""
    nested = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'input()'])"
    with subprocess.Popen([sys.executable, "-c", nested], stdin=subprocess.PIPE) as child:
        parent, ended = psutil.Process(child.pid), psutil.Process(subprocess.Popen([sys.executable, "-c", ""]).pid)
        ended.wait()
        until(lambda: watchdog.descendants({parent, ended}))
        assert [process.ppid() for process in watchdog.descendants({parent, ended})] == [parent.pid]
        assert parent in watchdog.descendants({psutil.Process()})
        child.communicate(b"\n")
    assert watchdog.descendants({parent, ended}) == set()


# Three processes one after the other, each until a file with its number says that it was seen.
ONE_BY_ONE = """
import subprocess, sys

wait = "import os, time; any(os.path.exists(str(os.getpid())) or time.sleep(0.01) for _ in range(12000))"
for _ in range(3):
    subprocess.run([sys.executable, "-c", wait])
"""


def test_processes_that_have_ended_are_forgotten(tmp_path, monkeypatch):
    """A database has had many processes: a watchdog stops those of its last two looks, not all that ever were."""
    seen, stopped, look = set(), [], watchdog.descendants

    def see(family):
        found = look(family)
        seen.update(found)
        for process in found:
            (tmp_path / str(process.pid)).touch()
        return found

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(watchdog, "PERIOD", 0.05)
    monkeypatch.setattr(watchdog, "descendants", see)
    monkeypatch.setattr(watchdog, "stop", stopped.extend)
    monkeypatch.setattr(watchdog, "_wait_for_the_end_of_input", lambda gone: None)
    assert watchdog.guard([sys.executable, "-c", ONE_BY_ONE]) == 0
    assert len(seen) >= 3 and stopped and seen - set(stopped)


def test_a_program_is_that_of_this_environment(make, tmp_path, monkeypatch, capsys):
    """What is shown is what one would type; what runs is the environment's own program, whatever others there are."""
    other = tmp_path / "others" / "python"
    other.parent.mkdir()
    other.write_text("#!/bin/sh\nexit 1\n")
    other.chmod(0o755)
    monkeypatch.setenv("PATH", str(other.parent), prepend=os.pathsep)
    port, env = servers.free_port(), {"PIDS": str(tmp_path / "pids")}
    script = str(tmp_path / "stand_in.py")
    with servers.Server(["snake", script, str(port)], port, servers.accepts, env, program=["python"]):
        assert capsys.readouterr().out.startswith(f"$ snake {shlex.quote(script)} {port}\n")


def test_a_server_that_stays_behind_is_reported(monkeypatch):
    """Where the server does not swap in time, the error says what was wanted and what it says of itself."""
    class Status:
        def json(self) -> dict:
            return {"champion": 1, "challenger": None, "trouble": "no registry"}

    monkeypatch.setattr(requests, "get", lambda *args, **options: Status())
    assert servers.wait_for_status("http://127.0.0.1:1", champion=1, challenger=None)["trouble"] == "no registry"
    with pytest.raises(TimeoutError, match="'champion': 2.* after 0.2 s.*no registry"):
        servers.wait_for_status("http://127.0.0.1:1", timeout=0.2, champion=2)
    with pytest.raises(TimeoutError):
        servers.wait_for_status("http://127.0.0.1:1", timeout=0.2, champion=1, challenger=2)
