"""The environment: set up by the real command in copies of the project that need almost no packages."""
import contextlib
import datetime
import errno
import http.server
import os
import re
import signal
import ssl
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from helpers import __main__ as front_door
from helpers.paths import ROOT
from helpers.setup import environment, file_lock, packages, variables, venv
from support.copies import BASE, CLOSED, NO_NETWORK, call, copied_group, hide, outside, python_c, start, tiny

unix = pytest.mark.skipif(os.name != "posix", reason="sends a Unix signal")


def state(project: Path) -> str:
    """Return what the code in a copy says of its environment."""
    return python_c(project, "from helpers.setup import environment; print(environment.find_state())")


def test_variables_are_set_for_a_block_only(monkeypatch):
    """New ones go and old ones get their value back, after an error too; what else was set meanwhile stays."""
    monkeypatch.setenv("COURSE_OLD", "before")
    monkeypatch.delenv("COURSE_OTHER", raising=False)
    with contextlib.suppress(ValueError), environment.set_variables({"COURSE_OLD": "now", "COURSE_NEW": "now"}):
        assert os.environ["COURSE_OLD"] == os.environ["COURSE_NEW"] == "now"
        os.environ["COURSE_OTHER"] = "by somebody else"
        raise ValueError
    assert os.environ["COURSE_OLD"] == "before" and "COURSE_NEW" not in os.environ
    assert os.environ.pop("COURSE_OTHER") == "by somebody else"


def test_environment_is_made_once_and_brought_up_to_date(tmp_path):
    """What is set up stays as it is until the requirements change, its Python is gone or the folder moves."""
    project = tiny(tmp_path / "cours d'été")
    assert state(project) == "absent"
    first, second = call(project, "setup"), call(project, "setup")
    assert (first.returncode, second.returncode) == (0, 0), first.stderr
    assert "[1/3]" in first.stdout and "The environment is ready" in first.stdout
    assert second.stdout == "Everything is set up: python -m helpers lab\n"

    moved = project.rename(tmp_path / "elsewhere")
    assert state(moved) == "absent"
    assert state(moved.rename(project)) == "ready"
    python = project / venv.PYTHON.relative_to(ROOT)
    python.rename(python.with_suffix(".gone"))
    assert state(project) == "absent"
    python.with_suffix(".gone").rename(python)

    with (project / "requirements.txt").open("a") as file:
        file.write("six\n")
    assert state(project) == "outdated"
    third = call(project, "setup")
    assert "differs from what the requirements say" in third.stdout and "[1/3]" not in third.stdout
    assert six_version(project) == re.search(r"^six==(\S+)", packages.LOCK.read_text(), re.MULTILINE)[1]
    assert state(project) == "ready"


def test_an_environment_of_somebody_else_stays_and_the_course_has_its_own(tmp_path):
    """One that was made by hand or by an editor is neither deleted nor used, and the set-up says so."""
    project = tiny(tmp_path, "six")
    theirs = project / ".venv"
    subprocess.run([BASE, "-m", "venv", "--without-pip", theirs], check=True)
    (theirs / "precious").touch()
    before = sorted(theirs.rglob("*"))
    done = call(project, "setup")
    assert done.returncode == 0, done.stderr
    assert f"{theirs} is not the course's: it stays as it is" in done.stdout
    assert sorted(theirs.rglob("*")) == before
    assert state(project) == "ready" and (project / ".venv-course" / venv.STAMP.name).exists()
    assert call(project, "setup").stdout == "Everything is set up: python -m helpers lab\n"
    theirs.rename(project / "theirs")
    assert state(project) == "ready", "the course keeps to its folder when the other one has gone"


def test_what_other_installers_changed_is_repaired(tmp_path):
    """An environment that lost packages, pip and uv among them, or has other versions of them, is not ready."""
    project = tiny(tmp_path, "six", "uv")
    assert call(project, "setup").returncode == 0
    python, version = project / venv.PYTHON.relative_to(ROOT), six_version(project)
    env = {**outside(packages.uv_settings()), "VIRTUAL_ENV": str(project / ".venv")}
    for command in (
        ["pip", "uninstall", "--yes", "six"],
        ["uv", "pip", "install", "--python", python, "six==1.16.0"],
        ["uv", "sync"],
    ):
        subprocess.run([python, "-m", *command], cwd=project, check=True, env=env)
        assert six_version(project) != version and state(project) == "outdated"
        repaired = call(project, "setup")
        assert repaired.returncode == 0 and "[1/3]" not in repaired.stdout, repaired.stderr
        assert (six_version(project), state(project)) == (version, "ready")


def test_what_is_half_deleted_is_repaired_by_setup_and_named_by_doctor(tmp_path):
    """A package whose metadata says that it is there, without its files or its record, comes back; an own one stays."""
    project = copied_group(tiny(tmp_path, "six", "uv"), "small", "roman==5.1")
    assert call(project, "add", "small").returncode == 0
    [place] = (project / ".venv").glob("lib/python*/site-packages")
    (own := place / "mine-1.0.dist-info").mkdir()
    (own / "RECORD").write_text("mine.py,,\n")
    (place / "six.py").unlink()
    next(place.glob("roman-*")).joinpath("RECORD").unlink()
    [damaged] = venv.find_damaged(project / "requirements.lock", project / ".venv")
    assert damaged.name.startswith("six-")
    repaired = call(project, "setup")
    assert repaired.returncode == 0, repaired.stderr
    assert "Files of six" in repaired.stdout and "Files of roman" in repaired.stdout and "mine" not in repaired.stdout
    assert (place / "six.py").exists() and own.exists() and list(place.glob("roman-*/RECORD"))
    assert call(project, "setup").stdout == "Everything is set up: python -m helpers lab\n"


def test_a_user_without_a_home_folder_gets_one_in_the_workspace(monkeypatch):
    """A container may run as a number that no file of users knows: MLflow would stop at its import."""
    assert environment.make_environ().get("HOME") == os.environ.get("HOME")
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    assert Path(environment.make_environ()["HOME"]).is_dir()


@pytest.mark.parametrize("name", variables.CERTIFICATES)
def test_a_certificate_that_is_not_there_is_named(monkeypatch, name):
    """The packages would be blamed for it; in the course's processes the variable counts as not set."""
    for other in variables.CERTIFICATES:
        monkeypatch.delenv(other, raising=False)
    packages.check_certificates()
    monkeypatch.setenv(name, "/nowhere/company.pem")
    with pytest.raises(venv.SetupError, match=f"^The variable {name} names /nowhere/company.pem, .*: correct it or"):
        packages.check_certificates()
    variables.set_aside(env := dict(os.environ))
    assert name not in env
    variables.set_aside(env := {name: __file__})
    assert env[name] == __file__


@pytest.mark.parametrize("uv_works", [True, pytest.param(False, marks=pytest.mark.hostile)])
def test_settings_of_pip_and_uv_lead_nothing_astray(tmp_path, uv_works):
    """Variables and files that would install elsewhere, from source, by another Python or not at all do not count."""
    project, astray = tiny(tmp_path / "project", "six"), tmp_path / "astray"
    settings = {"no-binary": ":all:", "require-hashes": "true", "user": "true", "target": astray}
    lines = [f"{name} = {value}\n" for name, value in settings.items()]
    (tmp_path / "pip.conf").write_text("".join(["[global]\nrequire-virtualenv = true\n[install]\n", *lines]))
    (tmp_path / "uv.toml").write_text(f"[pip]\ntarget = '{astray}'\n")  # uv asks the folders above, and the home folder
    pip = {f"PIP_{name}": str(astray) for name in ("TARGET", "PREFIX", "ROOT")} | {"PIP_NO_BINARY": ":all:"}
    pip |= {"PIP_NO_DEPS": "1", "PIP_USER": "1", "PIP_REQUIRE_VIRTUALENV": "1"}
    pip |= {"PIP_CONFIG_FILE": str(tmp_path / "pip.conf")}
    uv = {"UV_SYSTEM_PYTHON": "1", "UV_TARGET": str(astray), "UV_PYTHON": "3.9", "UV_NO_BINARY": "1"}
    uv |= {"UV_PROJECT_ENVIRONMENT": str(astray), "UV_REQUIRE_HASHES": "1", "UV_DRY_RUN": "1"}
    uv |= {"PYTHONWARNINGS": "error"}  # of which pip gives some
    if not uv_works:
        uv |= {"UV_DEFAULT_INDEX": CLOSED, "UV_INDEX": "", "UV_HTTP_RETRIES": "0", "UV_NO_CACHE": "1"}
    done = call(project, "setup", **pip, **uv)
    assert done.returncode == 0, done.stdout + done.stderr
    assert ("uv cannot install here" in done.stdout) != uv_works
    assert six_version(project) and not astray.exists()


def test_what_says_where_packages_come_from_stays(monkeypatch):
    """A school's index, proxy, certificate and password reach pip and uv."""
    kept = ["PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_CERT", "PIP_CLIENT_CERT", "PIP_PROXY", "PIP_TRUSTED_HOST"]
    kept += ["PIP_CONFIG_FILE", "PIP_DEFAULT_TIMEOUT", "PIP_CACHE_DIR", "PIP_NO_CACHE_DIR", "PIP_KEYRING_PROVIDER"]
    kept += ["UV_INDEX", "UV_INDEX_SCHOOL_PASSWORD", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_HTTP_TIMEOUT"]
    kept += ["UV_PYTHON_INSTALL_MIRROR", "UV_PYTHON_DOWNLOADS_JSON_URL"]
    kept += ["UV_NATIVE_TLS", "UV_LINK_MODE", "HTTPS_PROXY", "SSL_CERT_FILE", "NO_PROXY"]
    gone = ["PIP_TARGET", "PIP_ONLY_BINARY", "UV_PYTHON", "UV_PYTHON_INSTALL_DIR", "UV_PYTHON_DOWNLOADS"]
    gone += ["UV_INDEXES", "UV_SYSTEM_PYTHON", "UV_CONFIG_FILE", "PYTHONSAFEPATH"]
    for name in [*kept, *gone]:
        monkeypatch.setenv(name, "x")
    inside = packages.make_environ()
    assert [name for name in kept if name not in inside] == []
    assert [name for name in gone if name in inside] == []


@pytest.mark.skipif("sys.platform == 'win32'")
def test_a_locale_that_is_not_there_does_no_harm(tmp_path):
    """An accent in the folder's name stays readable where the system promises a language that it does not have."""
    project = tiny(tmp_path / "cours d'été", "six", "-e .")
    for said in (call(project, "setup", LC_ALL="xx_XX.UTF-8") for _ in range(2)):
        assert said.returncode == 0, said.stderr
    assert said.stdout == "Everything is set up: python -m helpers lab\n"


def six_version(project: Path) -> str:
    """Return the version of the package six in a copy's environment."""
    python = project / venv.PYTHON.relative_to(ROOT)
    done = subprocess.run([python, "-c", "import six; print(six.__version__)"], capture_output=True, text=True)
    return done.stdout.strip()


@unix
def test_interrupted_set_up_leaves_no_stamp(tmp_path):
    """Ctrl-C ends the set-up with one line and exit code 130, and the half-made environment does not count."""
    project = tiny(tmp_path)
    process = start(project, "setup")
    while "[2/3]" not in process.stdout.readline():
        assert process.poll() is None
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 130
    assert said.endswith("Interrupted. The same command finishes or repairs what is half done.\n")
    assert "Traceback" not in said
    assert state(project) == "absent"


def test_without_network_a_remedy_and_the_next_call_repairs(tmp_path):
    """A failed installation says what was wrong and what to do; the same command then goes through."""
    project = tiny(tmp_path)
    failed = call(project, "setup", **NO_NETWORK)
    assert failed.returncode == 1
    assert "the package index cannot be reached: connect to the network" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert state(project) == "absent"
    assert call(project, "setup").returncode == 0
    assert state(project) == "ready"


def test_where_uv_fails_pip_installs(tmp_path):
    """The fast installer is a convenience: without it the same packages come by pip."""
    project = tiny(tmp_path, "six")
    nowhere = {"UV_DEFAULT_INDEX": CLOSED, "UV_INDEX": "", "UV_HTTP_RETRIES": "0", "UV_CACHE_DIR": str(tmp_path / "uv")}
    done = call(project, "setup", **nowhere)
    assert done.returncode == 0, done.stderr
    assert "uv cannot install here" in done.stdout
    assert six_version(project)


def test_two_calls_at_once_make_one_environment(tmp_path):
    """A second call waits for the first and finds the work done."""
    project = tiny(tmp_path)
    both = [start(project, "setup"), start(project, "setup")]
    said = [process.communicate(timeout=600)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sorted("[1/3]" in text for text in said) == [False, True]
    assert sorted("Another set-up of this folder is under way" in text for text in said) == [False, True]


def test_lock_of_a_dead_process_is_free(tmp_path):
    """A set-up that was killed leaves no lock behind."""
    hold = (
        "from pathlib import Path; from helpers.setup import file_lock\n"
        "with file_lock.hold(Path('.venv.lock'), 'waiting'): print('held', flush=True); input()"
    )
    project = tiny(tmp_path)
    holder = subprocess.Popen(
        [sys.executable, "-c", hold], cwd=project, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout.readline() == "held\n"
    with (project / ".venv.lock").open("a") as file:
        assert not file_lock.take(file)
    holder.kill()
    holder.communicate()
    with (project / ".venv.lock").open("a") as file:
        assert file_lock.take(file)


@pytest.mark.skipif(os.name != "posix", reason="replaces a Unix function")
@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOLCK, errno.ENOTSUP])
def test_a_disk_without_locks_is_said_once_and_worked_on(tmp_path, monkeypatch, capsys, number):
    """Lustre, FUSE and NFS may have none: without an order of two at once, everything else works."""
    import fcntl

    def refuse(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    held = []
    for _ in range(2):
        with file_lock.hold(tmp_path / ".lock", "waiting"):
            held.append(True)
    said = capsys.readouterr()
    assert held == [True, True] and said.out == ""
    assert said.err.count(f"This disk has no locks for files ({os.strerror(number)})") == 1


def test_python_without_pip_makes_one(tmp_path):
    """Debian without python3-pip, and with python3-venv, needs nothing more."""
    project = tiny(tmp_path / "project")
    done = call(project, "setup", **hide(tmp_path / "hidden", "pip"))
    assert done.returncode == 0, done.stderr
    assert "Successfully installed pip" in done.stdout
    assert state(project) == "ready"


def test_python_without_pip_and_ensurepip_names_the_package_to_install(tmp_path):
    """Where nothing can put pip into an environment, the message has the command that changes it."""
    done = call(tiny(tmp_path / "project"), "setup", **hide(tmp_path / "hidden", "pip", "ensurepip"))
    assert done.returncode == 1
    assert f"`sudo apt install python{sys.version_info.major}.{sys.version_info.minor}-venv`" in done.stderr
    assert "Traceback" not in done.stderr


@contextlib.contextmanager
def untrusted_server(folder: Path):
    """Serve HTTPS with a certificate that nobody has signed, and yield its address."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    pem = builder.sign(key, hashes.SHA256()).public_bytes(form[0]) + key.private_bytes(*form)
    (folder / "server.pem").write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *_: None  # the client hangs up, as it should
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"https://127.0.0.1:{server.server_port}/simple"
        server.shutdown()


def diagnosis_of(log: Path, monkeypatch: pytest.MonkeyPatch, **variables: str) -> str | None:
    """Return what is found in the log of a pip that runs with some variables set, and fails."""
    monkeypatch.setattr(packages, "LOG", log)
    monkeypatch.setattr(packages, "PYTHON", sys.executable)
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {**NO_NETWORK, **variables}.items():
        monkeypatch.setenv(name, value)
    assert not packages.run_pip("--dry-run", "a-package-that-nobody-made")
    return packages.diagnose()


def test_each_trouble_has_its_own_remedy(tmp_path, monkeypatch):
    """The message tells no connection, a proxy and a foreign certificate apart."""
    offline = diagnosis_of(tmp_path / "pip.log", monkeypatch)
    assert offline.startswith("the package index cannot be reached")
    with untrusted_server(tmp_path) as url:
        certificate = diagnosis_of(tmp_path / "pip.log", monkeypatch, PIP_INDEX_URL=url)
    assert certificate.startswith("this network shows a certificate that Python does not trust")
    far = {"PIP_INDEX_URL": "https://index.invalid/simple", "HTTPS_PROXY": "http://127.0.0.1:9"}
    assert diagnosis_of(tmp_path / "pip.log", monkeypatch, **far).startswith("the proxy refuses the connection")
    socks = {"PIP_INDEX_URL": "https://index.invalid/simple", "ALL_PROXY": "socks5h://127.0.0.1:9"}
    assert "names a SOCKS proxy" in diagnosis_of(tmp_path / "pip.log", monkeypatch, HTTPS_PROXY="", **socks)
    monkeypatch.delenv("ALL_PROXY")
    (tmp_path / "index").mkdir()
    poor = {"PIP_INDEX_URL": (tmp_path / "index").as_uri(), "PIP_FIND_LINKS": ""}
    assert diagnosis_of(tmp_path / "pip.log", monkeypatch, **poor).startswith("the package index lacks a package")


def test_a_quota_is_a_full_disk(tmp_path, monkeypatch, capsys):
    """Whoever has used up what the disk's owner grants is told so, by the set-up and by every other command."""
    monkeypatch.setattr(packages, "LOG", tmp_path / "pip.log")
    words = os.strerror(errno.EDQUOT)
    packages.LOG.write_text(f"ERROR: Could not install packages due to an OSError: [Errno {errno.EDQUOT}] {words}\n")
    assert packages.diagnose() == "the disk, or your quota of it, is full: make room"

    def refuse():
        raise OSError(errno.EDQUOT, words, "a file")

    monkeypatch.setattr(front_door.exercises, "summarise", refuse)
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # this process keeps its own
    assert front_door.main(["progress"]) == 1
    assert f"a file cannot be written to ({words}): the disk, or your quota of it, is full" in capsys.readouterr().err


def test_uv_learns_what_pip_is_configured_for(monkeypatch, tmp_path):
    """Index, certificate and proxy of pip's files and variables reach uv; what is set for uv itself wins."""
    (tmp_path / "pip.conf").write_text(
        "[global]\nindex-url = https://one.invalid/simple\nfind-links =\n  /a\n  /b\n[install]\ncert = /c.pem\n"
    )
    for name in [name for name in os.environ if name.startswith(("PIP_", "UV_", "SSL_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(packages, "PYTHON", sys.executable)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    monkeypatch.setenv("PIP_PROXY", "http://proxy.invalid:3128")
    settings = packages.uv_settings()
    assert settings["UV_DEFAULT_INDEX"] == "https://one.invalid/simple"
    assert settings["UV_FIND_LINKS"] == "/a,/b"
    assert settings["SSL_CERT_FILE"] == "/c.pem"
    assert settings["ALL_PROXY"] == "http://proxy.invalid:3128"
    monkeypatch.setenv("PIP_INDEX_URL", "https://pip.invalid/simple")
    assert packages.uv_settings()["UV_DEFAULT_INDEX"] == "https://pip.invalid/simple"
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://two.invalid/simple")
    assert packages.uv_settings()["UV_DEFAULT_INDEX"] == "https://two.invalid/simple"


def test_uv_does_without_a_cache_where_the_home_folder_cannot_be_written_to(monkeypatch, tmp_path):
    """It would install nothing, and pip takes minutes; a folder that the reader names for it is used."""
    (tmp_path / "file").touch()
    for name in ("UV_CACHE_DIR", "UV_NO_CACHE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "file" / "cache"))
    assert packages.uv_settings()["UV_NO_CACHE"] == "true"
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "mine"))
    assert "UV_NO_CACHE" not in packages.uv_settings()


def test_too_little_space_is_said_before_anything_is_written():
    """The message has what is needed, what is free and the remedy."""
    with pytest.raises(venv.SetupError, match=r"needs 1000000000.0 GB .* GB are free: make room"):
        packages.check_space(1e18)


@unix
def test_linked_environment_is_unlinked_and_not_emptied(tmp_path, monkeypatch):
    """Somebody may keep ``.venv`` elsewhere: what a link points to is not ours to delete."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "file").touch()
    (tmp_path / "elsewhere" / venv.STAMP.name).touch()
    (tmp_path / ".venv").symlink_to(tmp_path / "elsewhere")
    monkeypatch.setattr(environment, "VENV", tmp_path / ".venv")
    environment.remove()
    assert not (tmp_path / ".venv").exists()
    assert (tmp_path / "elsewhere" / "file").exists()


def test_programs_inside_see_only_the_environment(monkeypatch):
    """Foreign packages, Jupyter settings and a missing byte-code cache stay outside."""
    monkeypatch.setenv("PYTHONPATH", "/foreign")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("JUPYTER_TOKEN", "known to all")
    env = environment.make_environ()
    assert env["PYTHONPATH"] == str(ROOT)
    assert env["PATH"].split(os.pathsep)[0] == str(venv.BIN)
    assert "PYTHONDONTWRITEBYTECODE" not in env and "JUPYTER_TOKEN" not in env


def test_lock_pins_all_that_is_named_and_tells_nothing_of_its_maker():
    """Each direct requirement stands in the lock; a line is a name, a version and at most a condition."""
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    assert [line for line in lock if not re.fullmatch(r"[a-z0-9-]+==[\w.]+( ; [\w '.<>=!()]+)?", line)] == []
    named = re.findall(r"^([a-z][\w-]*)", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(named) <= {line.split("==")[0] for line in lock}
    assert len(named) > 15
