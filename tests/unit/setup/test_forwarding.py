"""Hosted machines: JupyterLab and MLflow work behind their proxy, for its own pages and for no others."""
import asyncio
import json
import signal
import subprocess
import sys

import pytest
import requests
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from helpers import __main__ as front_door
from helpers.paths import ROOT
from helpers.setup import environment, forwarding, lab
from support import proxies
from support.copies import first_answer, free_port

HOSTED = {"CODESPACE_NAME": "Octocat-parakeet-mld5", "GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN": "app.example.dev"}
VARIABLES = [*HOSTED, "GITPOD_WORKSPACE_URL"]


@pytest.mark.parametrize(
    ("told", "origin"),
    [
        (HOSTED, "https://octocat-parakeet-mld5-8888.app.example.dev"),
        ({"CODESPACE_NAME": "a-1"}, "https://a-1-8888.app.github.dev"),
        ({"GITPOD_WORKSPACE_URL": "https://user-repo-1.ws-eu1.gitpod.io"}, "https://8888-user-repo-1.ws-eu1.gitpod.io"),
        ({}, ""),
        ({"CODESPACE_NAME": "*"}, ""),
        ({"CODESPACE_NAME": "a", "GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN": "b.dev,https://*"}, ""),
        ({"GITPOD_WORKSPACE_URL": "https://*.gitpod.io"}, ""),
    ],
)
def test_the_address_is_what_the_platform_announces(monkeypatch, told, origin):
    """Each platform announces it in its own variables; elsewhere, and for what is no host, nothing is allowed."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    assert forwarding.find_origin(8888) == origin
    command = " ".join(lab.make_command(free_port(), browser=False))
    assert ("ServerApp.allow_origin" in command) == bool(origin)


def test_on_a_hosted_machine_the_origin_names_the_port_that_is_free(monkeypatch):
    """Without a port of one's own choice the lab takes the first free one, and allows the origin of that one only."""
    for name, value in HOSTED.items():
        monkeypatch.setenv(name, value)
    options = dict(option.removeprefix("--").split("=", 1) for option in lab.make_command() if "=" in option)
    port = int(options["ServerApp.port"])
    assert options["ServerApp.allow_origin"] == f"https://octocat-parakeet-mld5-{port}.app.example.dev"
    lab.check_port(port)


def test_on_a_hub_the_lab_names_the_hub_s_own_jupyterlab(monkeypatch, capsys):
    """A hub starts JupyterLab itself, under its own address; a second one cannot be reached, as is said there."""
    monkeypatch.setattr(environment, "prepare", lambda *_: None)
    monkeypatch.setattr(environment, "continue_as", lambda *_: 0)
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # this process keeps its own
    monkeypatch.delenv("JUPYTERHUB_SERVICE_PREFIX", raising=False)
    assert front_door.main(["lab"]) == 0 and "hub" not in capsys.readouterr().out
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/ada/")
    assert front_door.main(["lab"]) == 0 and "in the hub's own JupyterLab" in capsys.readouterr().out


@pytest.fixture
def hosted(monkeypatch):
    """Start JupyterLab as on a hosted machine; return its proxy's address, the origin, and a session that logged in."""
    for name, value in HOSTED.items():
        monkeypatch.setenv(name, value)
    port = free_port()
    env = environment.make_environ() | {"JUPYTER_TOKEN": "secret"}
    with subprocess.Popen([sys.executable, *lab.make_command(port, browser=False)], cwd=ROOT, env=env) as process:
        try:
            first_answer(f"http://127.0.0.1:{port}/api/status?token=secret")
            with proxies.forwarding(port) as url, requests.Session() as browser:
                assert browser.get(f"{url}/lab?token=secret", timeout=60).ok
                browser.headers["X-XSRFToken"] = browser.cookies["_xsrf"]
                yield url, forwarding.find_origin(port), browser
        finally:
            process.terminate()
            process.wait(timeout=120)


async def ask_kernel(url: str, origin: str, browser: requests.Session) -> str:
    """Return the kind of a kernel's first answer to a page of an origin, or the status of a refusal."""
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.cookies)
    asked = {"header": {"msg_id": "1", "msg_type": "kernel_info_request", "session": "1", "version": "5.3"}}
    asked |= {"parent_header": {}, "metadata": {}, "content": {}, "channel": "shell"}
    told = {"headers": {"Origin": origin, "Cookie": cookies}, "connect_timeout": 120}
    request = HTTPRequest(url.replace("http:", "ws:"), **told)
    try:
        socket = await websocket_connect(request)
    except HTTPClientError as error:
        return str(error.code)
    await socket.write_message(json.dumps(asked))
    kinds = set()
    while "kernel_info_reply" not in kinds:
        kinds.add(json.loads(await asyncio.wait_for(socket.read_message(), 120))["msg_type"])
    socket.close()
    return "kernel_info_reply"


def test_the_platform_s_pages_reach_kernels_and_mlflow_and_others_do_not(hosted):
    """A kernel and MLflow's tile answer pages of the announced origin; another site and another port are refused."""
    url, origin, browser = hosted
    port = origin.split(".")[0].split("-")[-1]
    others = ["https://evil.example", origin.replace(port, "9"), f"{origin}.evil.example", origin.replace("s:", ":")]
    made = browser.post(f"{url}/api/kernels", data="{}", headers={"Origin": origin}, timeout=120)
    assert made.status_code == 201, made.text
    channels = f"{url}/api/kernels/{made.json()['id']}/channels"
    assert asyncio.run(ask_kernel(channels, origin, browser)) == "kernel_info_reply"
    assert {asyncio.run(ask_kernel(channels, other, browser)) for other in others} == {"403"}
    assert "<title>MLflow</title>" in browser.get(f"{url}/mlflow/", timeout=150).text
    search = {"url": f"{url}/mlflow/ajax-api/2.0/mlflow/experiments/search", "json": {"max_results": 1}, "timeout": 60}
    answered = browser.post(**search, headers={"Origin": origin})
    assert answered.status_code == 200 and "experiments" in answered.json(), answered.text
    assert {browser.post(**search, headers={"Origin": other}).status_code for other in others} == {403}
