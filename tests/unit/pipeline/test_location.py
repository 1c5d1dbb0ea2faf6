"""The folder of the pipeline is made anew, and Dagster finds it; the server ends with who started it."""
import os
import sys

import pytest

from helpers import paths
from helpers.pipeline import location


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """Return a folder that was made in another place."""
    monkeypatch.setattr(location, "FOLDER", tmp_path / "12-pipeline")
    monkeypatch.setattr(location, "CODE", tmp_path / "12-pipeline" / "code")
    monkeypatch.setattr(location, "HOME", tmp_path / "12-pipeline" / "home")
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setenv("DAGSTER_HOME", "elsewhere")
    return location.make_folder()


def test_the_folder_has_the_shipped_modules_and_the_settings(folder):
    """The code is that of the course, and Dagster's home has the settings alone."""
    shipped = {path.name for path in (paths.ROOT / "pipeline").glob("*.py")}
    assert {path.name for path in (folder / "code").iterdir()} == shipped
    assert [path.name for path in (folder / "home").iterdir()] == ["dagster.yaml"]
    assert os.environ["DAGSTER_HOME"] == str(folder / "home") and sys.path[0] == str(folder / "code")


def test_dagster_sends_nothing_home(folder):
    """Telemetry is off."""
    assert "telemetry:\n  enabled: false\n" in (folder / "home" / "dagster.yaml").read_text(encoding="utf-8")


def test_what_an_earlier_run_left_goes(folder):
    """A reader's module, files and notes of before are gone, and the modules of before are forgotten."""
    (folder / "code" / "made_up_module.py").write_text("A = 1\n", encoding="utf-8")
    (folder / "home" / "history").mkdir()
    exec("import made_up_module", {})
    location.make_folder()
    assert "made_up_module" not in sys.modules
    assert not (folder / "code" / "made_up_module.py").exists() and not (folder / "home" / "history").exists()


def test_the_server_listens_on_this_machine_alone(folder):
    """The command names the address and the port."""
    server = location.make_server(port=23456)
    command = " ".join(server.command)
    assert command.startswith("dagster dev -f ") and " -h 127.0.0.1 -p 23456 " in command


@pytest.mark.skipif(os.name != "posix", reason="on Windows Dagster uses ports in place of sockets")
def test_sockets_have_room_where_the_temporary_folder_has_a_long_path(folder, monkeypatch, tmp_path):
    """Dagster puts them there, and systems allow about a hundred characters."""
    monkeypatch.setenv("TMPDIR", "/tmp")
    location.make_folder()
    assert os.environ["TMPDIR"] == "/tmp"
    monkeypatch.setenv("TMPDIR", str(tmp_path / ("a" * 90)))
    location.make_folder()
    assert os.path.isdir(os.environ["TMPDIR"]) and len(os.environ["TMPDIR"]) < 40
