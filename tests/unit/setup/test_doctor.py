"""The machine check: each thing that can be wrong is found, and comes with its remedy."""
import errno
import os
import socket
import sqlite3
import stat
import sys

import pytest

from helpers import paths
from helpers.setup import doctor, java, machine, storage

ALL_IS_WELL = """\
ok       Python is one of 3.11 to 3.14, on a machine for which the packages are made
ok       the disk has room
ok       a server on 127.0.0.1 can be reached
ok       the workspace can be written to
ok       MLflow's store can be read, or will be made when it is needed
ok       the packages are those that the course was tested with
ok       there is enough memory
"""


def test_lines_are_the_same_on_every_machine_where_all_is_well(capsys):
    """What notebook 00 stores holds no version, size or name of a machine."""
    assert doctor.check()
    assert capsys.readouterr().out == ALL_IS_WELL


def test_a_problem_counts_and_a_warning_does_not(monkeypatch, capsys):
    """A warning leaves the machine fit for the course; a problem does not."""
    monkeypatch.setattr(doctor, "_MEMORY", 1e18)
    assert doctor.check()
    monkeypatch.setattr(storage, "_DISK", storage.shutil.disk_usage(paths.WORKSPACE).free * 1000)
    assert not doctor.check()
    assert "problem  the disk" in capsys.readouterr().out


def test_python_too_new(monkeypatch):
    """The version that is there is named; it is a warning, as the packages are there all the same."""
    monkeypatch.setattr(machine, "_NEWEST", (3, 10))
    found = doctor.check_python()
    assert found.level == "warning" and sys.version.split()[0] in found.what


def test_little_room_on_the_disk_warns_and_none_is_a_problem(monkeypatch):
    """The line says how much is free, the remedy how much the course takes."""
    free = storage.shutil.disk_usage(paths.WORKSPACE).free
    monkeypatch.setattr(storage, "_DISK", free * 2)
    assert storage.check_disk().level == "warning"
    monkeypatch.setattr(storage, "_DISK", free * 1000)
    assert storage.check_disk().level == "problem" and "GB free" in storage.check_disk().what


def test_little_room_for_temporary_files_is_told_with_the_remedy(monkeypatch, tmp_path):
    """MLflow would say something else; where the disk of the workspace has some room, the worse is told."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    free = storage.shutil.disk_usage(paths.WORKSPACE).free
    monkeypatch.setattr(storage, "_DISK", free * 2)
    monkeypatch.setattr(storage, "_TEMPORARY", free * 1000)
    found = storage.check_disk()
    assert found.level == "problem" and f"temporary files, {tmp_path}, has" in found.what and "TMPDIR" in found.remedy


def test_a_temporary_folder_whose_name_mlflow_misreads_is_told(monkeypatch, tmp_path):
    """A model server that stands in it dies of files that are not there."""
    (folder := tmp_path / "a%20b").mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    found = storage.check_disk()
    assert found.level == "problem" and "has %20, which MLflow takes" in found.what and "TMPDIR" in found.remedy


def test_a_quota_is_a_full_disk(monkeypatch):
    """The disk has room, and its owner grants none of it: the workspace and the disk are problems, with the remedy."""

    def refuse(*_, **__):
        raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))

    monkeypatch.setattr(storage.tempfile, "TemporaryFile", refuse)
    assert storage.check_workspace().remedy == "make room on its disk"
    assert storage.check_disk().level == "problem" and "no room for you" in storage.check_disk().what
    assert "make room" in storage.check_disk().remedy


def test_little_memory_warns(monkeypatch):
    """Other programs can be closed, so this is no reason to stop."""
    monkeypatch.setattr(doctor, "_MEMORY", 1e18)
    assert doctor.check_memory().level == "warning"


def test_no_connection_to_this_machine_is_a_problem(monkeypatch):
    """A firewall that blocks 127.0.0.1 stops every server of the course."""

    def refuse(*_, **__):
        raise TimeoutError("timed out")

    monkeypatch.setattr(socket, "create_connection", refuse)
    assert doctor.check_port().level == "problem" and "firewall" in doctor.check_port().remedy


def test_workspace_that_cannot_be_written_to(monkeypatch, tmp_path):
    """The folder is named."""
    monkeypatch.setattr(paths, "WORKSPACE", tmp_path / "gone")
    assert storage.check_workspace().level == "problem" and str(tmp_path) in storage.check_workspace().what


def test_a_workspace_that_was_deleted_beneath_a_kernel(monkeypatch, tmp_path):
    """The remedy is a new kernel, which makes it again, and no teacher; the disk's check leaves it to that."""
    monkeypatch.setattr(paths, "WORKSPACE", tmp_path / "gone")
    assert storage.check_workspace().remedy.startswith("restart the kernel") and storage.check_disk().level == "ok"


@pytest.mark.parametrize("harm", ["deleted", "renamed", "replaced"])
def test_a_database_that_a_kernel_holds_and_that_is_no_longer_in_its_place(monkeypatch, tmp_path, harm):
    """MLflow would go on with the former one, whatever is in its place: the kernel is to be restarted."""
    monkeypatch.setattr(paths, "WORKSPACE", tmp_path)
    monkeypatch.setattr(storage, "_SEEN", {})
    database = tmp_path / "mlflow.db"
    storage._note_database(None)  # there is none yet
    database.touch()
    storage._note_database(None)
    assert storage.check_store().level == "ok"
    database.rename(tmp_path / "mlflow-old.db")
    if harm == "deleted":
        (tmp_path / "mlflow-old.db").unlink()
    if harm == "replaced":
        database.touch()
    storage._note_database(None)
    assert storage.check_store().level == "problem" and storage.check_store().remedy.startswith("restart the kernel")


def test_store_that_cannot_be_read(monkeypatch, tmp_path):
    """A database that is damaged, or not MLflow's, is found; a sound one and a missing one are fine."""
    monkeypatch.setattr(paths, "WORKSPACE", tmp_path)
    database = tmp_path / "mlflow.db"
    assert storage.check_store().level == "ok"
    database.write_bytes(b"not a database, but long enough to be one" * 100)
    assert storage.check_store().level == "problem" and "python -m helpers reset" in storage.check_store().remedy
    database.unlink()
    with sqlite3.connect(database) as connection:
        assert storage.check_store().level == "ok", "MLflow fills an empty file"
        connection.execute("create table friends (name text)")
        assert storage.check_store().level == "problem"
        connection.execute("create table experiments (name text)")
    connection.close()
    assert storage.check_store().level == "ok"


def test_packages_other_than_the_locked_ones(monkeypatch, tmp_path):
    """Packages that are missing or have another version are named; those for other systems do not count."""
    lock = ["numpy==0.1", "a-package-that-nobody-made==1.0", "pywin32==1 ; sys_platform == 'commodore'"]
    (tmp_path / "requirements.lock").write_text("\n".join(lock))
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    found = doctor.check_packages()
    assert found.level == "warning" and "python -m helpers lab repairs them" in found.remedy
    assert "numpy is" in found.what and "a-package-that-nobody-made is missing" in found.what
    assert "pywin32" not in found.what


def test_kernel_that_cannot_start_is_a_problem(monkeypatch, tmp_path):
    """A kernel is really started: where its description is broken, that is found."""
    broken = tmp_path / "kernels" / "python3"
    broken.mkdir(parents=True)
    (broken / "kernel.json").write_text('{"argv": ["no-such-python"], "display_name": "broken", "language": "python"}')
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    assert doctor.check_kernel().level == "problem"


@pytest.mark.skipif(os.name != "posix", reason="a program of one line needs a Unix")
@pytest.mark.parametrize(
    ("prints", "level"),
    [('openjdk version "17.0.9" 2023', "ok"), ('java version "1.8.0_391"', "optional"), (None, "optional")],
)
def test_java_of_each_age(monkeypatch, tmp_path, prints, level):
    """Java 17 is enough, Java 8 is too old, and no Java is no fault: only notebook 14 asks for it."""
    if prints:
        (tmp_path / "java").write_text(f"#!/bin/sh\necho '{prints} {java.MODULE}' >&2\n")
        (tmp_path / "java").chmod(stat.S_IRWXU)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(java, "_PLACES", {})
    monkeypatch.setenv("PATH", str(tmp_path))
    found = doctor.check_java()
    assert found.level == level
    assert level == "ok" or found.remedy.startswith("only for notebook 14: run `")
    assert ("only version 8 at" in found.what) == bool(prints and "1.8" in prints)


def test_onnx_runtime_that_cannot_be_loaded_is_a_problem(monkeypatch, tmp_path):
    """It is really imported, in a process of its own; where that fails, the reason and the remedy are told."""
    assert doctor.check_onnx().level == "ok"
    (tmp_path / "onnxruntime.py").write_text("raise ImportError('DLL load failed')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    found = doctor.check_onnx()
    assert found.level == "problem" and "DLL load failed" in found.what and f"delete {doctor.VENV}" in found.remedy
    monkeypatch.setattr(sys, "platform", "win32")
    assert "VCRedist" in doctor.check_onnx().remedy
    (tmp_path / "onnxruntime.py").write_text("import a_package_that_went")  # as after `pip uninstall numpy`
    assert doctor.check_onnx().remedy.startswith("python -m helpers lab repairs")
