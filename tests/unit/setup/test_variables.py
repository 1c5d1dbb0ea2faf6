"""Variables: what other projects have set does not reach the course, what the reader needs does."""
import json
import os
import subprocess
import sys

import httpx
import pytest
from jupyter_client.manager import start_new_kernel

from helpers.paths import ROOT
from helpers.setup import environment, variables
from support.copies import address_of, first_answer, interrupt, outside, start
from support.foreign import FOREIGN, STARTED_WITH, git_of_a_company

COMMIT = """
import json, os, subprocess
from pathlib import Path
{first}
def git(*arguments):
    done = subprocess.run(["git", "-c", "user.name=reader", "-c", "user.email=r@example.com", *arguments],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()

git("init", "--quiet", "--initial-branch", "main")
Path("file").write_bytes(b"one\\n")
git("add", "file")
git("commit", "--quiet", "--message", "The project as it is")
said = git("log", "--format=%s %an")
"""


def ask_a_kernel(folder, code: str, **told: str):
    """Return what JSON a kernel prints that somebody else's Jupyter has started in a folder, with some variables."""
    env = outside({"WORKBOOK_WORKSPACE": str(folder / "workspace"), **told})
    manager, client = start_new_kernel(kernel_name="python3", env=env, cwd=str(folder), startup_timeout=300)
    said = []
    try:
        reply = client.execute_interactive(code, timeout=300, output_hook=lambda one: said.append(one["content"]))
        assert reply["content"]["status"] == "ok", said
        return json.loads("".join(content.get("text", "") for content in said))
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_a_kernel_sets_the_variables_of_others_aside(tmp_path):
    """Whoever has started it: nothing of a company's is left for libraries and servers once helpers are imported."""
    code = "import helpers, json, os; print(json.dumps(dict(os.environ)))"
    left = ask_a_kernel(tmp_path, code, **FOREIGN, OMP_NUM_THREADS="3", JAVA_HOME="/jdk", HTTPS_PROXY="proxy:80")
    ours = variables.QUIET | variables._IN_KERNELS
    assert {name: value for name, value in left.items() if name in FOREIGN and value != ours.get(name)} == {}
    assert ours.items() <= left.items()
    assert (left["OMP_NUM_THREADS"], left["JAVA_HOME"], left["HTTPS_PROXY"]) == ("3", "/jdk", "http://proxy:80")


def test_a_notebook_commits_into_its_own_repository_by_its_own_rules(tmp_path):
    """Git's variables, hooks and line ends of a company lead nowhere: neither GIT_DIR nor settings of the reader's."""
    company, own = git_of_a_company(tmp_path / "company"), tmp_path / "own"
    own.mkdir()
    ask = "blob = git('cat-file', '-s', 'HEAD:file'); print(json.dumps([said, blob]))"
    said = ask_a_kernel(own, COMMIT.format(first="import helpers") + ask, **company)
    assert said == ["The project as it is reader", "4"]
    assert (own / ".git").is_dir()
    assert not [name for name in ("company.git", "index", "seen") if (tmp_path / "company" / name).exists()]


def test_commands_start_programs_without_the_variables_of_others(monkeypatch):
    """JupyterLab, its kernels and the tests get none, those that Python and Jupyter read at their start included."""
    for name, value in (FOREIGN | STARTED_WITH).items():
        monkeypatch.setenv(name, value)
    env = environment.make_environ()
    told = FOREIGN | STARTED_WITH
    assert [name for name, value in told.items() if env.get(name) == value] == []
    assert variables.QUIET.items() <= env.items()


SENT = """
import helpers, json, requests
request = requests.Request("GET", "http://127.0.0.1", headers={"Authorization": "x"})
prepared = requests.Session().prepare_request(request)
print(json.dumps(prepared.headers["Authorization"]))
"""


@pytest.mark.parametrize("whose", ["default", "machine 127.0.0.1", "machine localhost", "machine company.example"])
def test_a_login_of_the_home_folder_is_for_other_machines(tmp_path, monkeypatch, whose):
    """Requests would send it to each server of a notebook, in place of the notebook's own; a registry's stays."""
    (tmp_path / ".netrc").write_text(f"{whose} login me password company\n")
    told = {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}
    assert ask_a_kernel(tmp_path, SENT, **told) == "x"
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setitem(sys.modules, "ipykernel", sys)  # as in a kernel
    variables.prepare(env := {})
    assert ("NETRC" in env) == (whose != "machine company.example")


def test_programs_of_a_notebook_find_the_modules_beside_them(tmp_path):
    """Also where a company has Python look for none there: a kernel that it has started keeps that to itself."""
    (tmp_path / "beside.py").write_text("NAME = 'beside'\n")
    (tmp_path / "main.py").write_text("import beside, json\nprint(json.dumps(beside.NAME))\n")
    code = "import helpers, subprocess, sys; print(subprocess.check_output([sys.executable, 'main.py'], text=True))"
    assert ask_a_kernel(tmp_path, code, PYTHONSAFEPATH="1", PYTHON_COLORS="1") == "beside"


ASKED = [("POSTGRES", "PGSSLMODE"), ("S3", "AWS_PROFILE"), ("SPARK", "SPARK_CONF_DIR")]


@pytest.mark.parametrize("name", ["ADDOPTS", "PLUGINS", "DISABLE_PLUGIN_AUTOLOAD", "DEBUG", "THEME"])
def test_the_tests_run_as_if_nobody_had_set_options_of_pytest(monkeypatch, name):
    """A plugin that the environment lacks would end them; what pytest itself sets while they run stays."""
    monkeypatch.setenv(f"PYTEST_{name}", "company")
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw0")
    assert environment.make_environ().keys() & {f"PYTEST_{name}", "PYTEST_XDIST_WORKER"} == {"PYTEST_XDIST_WORKER"}


@pytest.mark.parametrize("system, name", ASKED)
def test_what_belongs_to_an_outside_system_that_was_asked_for_is_kept(system, name):
    """Who points the course to another server of theirs sets how to reach it by that server's own variables."""
    asked, not_asked = {name: "kept", f"WORKBOOK_{system}": "there"}, {name: "gone", f"WORKBOOK_{system}": ""}
    variables.set_aside(asked)
    variables.set_aside(not_asked)
    assert asked[name] == "kept" and name not in not_asked


@pytest.mark.needs_group("architectures")
@pytest.mark.parametrize("outside_store", [False, True])
def test_settings_of_a_companys_object_store_are_for_theirs_alone(tmp_path, monkeypatch, outside_store):
    """`~/.aws/config` may ask for another way to address buckets, or for a login that has expired."""
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text("[default]\ns3 =\n    use_accelerate_endpoint = true\n")
    monkeypatch.setitem(sys.modules, "ipykernel", sys)  # as in a kernel
    env = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    if outside_store:
        env["WORKBOOK_S3"] = "https://s3.company.example"
    variables.prepare(env)
    code = "import botocore.session; print(botocore.session.Session().get_scoped_config())"
    said = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert ("use_accelerate_endpoint" in said.stdout) == outside_store


def test_what_a_program_was_told_on_purpose_counts(tmp_path):
    """A step of a project and the live server are no kernels: who starts them names the run and the registry."""
    told = {"MLFLOW_TRACKING_URI": "http://127.0.0.1:5000", "MLFLOW_RUN_ID": "1", "WORKBOOK_WORKSPACE": str(tmp_path)}
    code = "import helpers, json, os; print(json.dumps(dict(os.environ)))"
    said = subprocess.run([sys.executable, "-c", code], env=outside(told), capture_output=True, text=True, cwd=ROOT)
    assert told.items() <= json.loads(said.stdout).items()


@pytest.mark.parametrize(
    "small, large, hosts",
    [
        ("", "", "127.0.0.1,localhost"),
        ("intranet", "", "intranet,127.0.0.1,localhost"),
        ("", "intranet", "intranet,127.0.0.1,localhost"),
        ("intranet, .example", "localhost", "intranet,.example,localhost,127.0.0.1"),
        ("", "*", "*"),
        ("[::1], fe80::/10, 10.0.0.0/8", "::1,it:80,it:80:80", "::1,10.0.0.0/8,it:80,127.0.0.1,localhost"),
    ],
)
def test_hosts_without_a_proxy_stay_so_and_this_machine_is_one(small, large, hosts):
    """Requests reads the one name where it is set, others the other: what stood in either holds for all."""
    env = {"no_proxy": small, "NO_PROXY": large}
    variables.prepare(env)
    assert (env["no_proxy"], env["NO_PROXY"]) == (hosts, hosts)


@pytest.mark.parametrize(
    "given, left",
    [
        ("proxy:80", "http://proxy:80"),
        (" http://proxy:80 ", "http://proxy:80"),
        ("http://our%5Cme:p%23w@proxy:80", "http://our%5Cme:p%23w@proxy:80"),
        ("http://me:p#w@proxy:80", None),
        ("http://proxy:port", None),
        ("ftp://proxy:80", None),
        ("socks://proxy:80", None),
        ("", ""),
    ],
)
def test_a_proxy_has_a_form_that_libraries_read(monkeypatch, given, left):
    """Without a scheme it is HTTP's; SOCKS needs packages that are not here, and stops programs at their start."""
    env = {"ALL_PROXY": given, "https_proxy": "https://proxy:443", "no_proxy": "[::1],fe80::/10"}
    variables.set_aside(env)
    assert (env.get("ALL_PROXY"), env["https_proxy"]) == (left, "https://proxy:443")
    variables.prepare(env)
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    httpx.Client().close()


@pytest.mark.skipif(os.name != "posix", reason="sends a Unix signal")
def test_jupyterlab_starts_whatever_proxy_is_set(tmp_path):
    """Its manager of extensions, which is off, fails at proxies and certificate files that it cannot use."""
    odd = {"HTTP_PROXY": "odd://proxy", "all_proxy": "socks://proxy:1080", "SSL_CERT_FILE": "/nobody/ca.pem"}
    lab = start(ROOT, "lab", "--no-browser", WORKBOOK_WORKSPACE=str(tmp_path), **odd, **FOREIGN, **STARTED_WITH)
    try:
        assert first_answer(address_of(lab)).status == 200
    finally:
        interrupt(lab)
