"""JupyterLab as the course starts it, heard from outside."""
import json
import os
import subprocess
import sys

import pytest

from helpers.paths import NOTEBOOKS, ROOT
from support.copies import free_port, interrupt, start

LOSES = """
import signal, sys, weakref
from helpers.setup import lab

class Thing: pass

signal.signal(signal.SIGINT, getattr(signal, sys.argv[1]))
{call}
heard = []
signal.signal(signal.SIGTERM, lambda *_: heard.append("heard"))  # JupyterLab's asks its loop to stop
thing = Thing()
watched = weakref.ref(thing, lambda _: signal.raise_signal(signal.SIGINT))
del thing
print(heard)
"""


@pytest.mark.skipif(os.name != "posix", reason="looks at what a Unix signal does")
@pytest.mark.parametrize(
    ("before", "call", "heard"),
    [
        ("default_int_handler", "lab._hear_each_interrupt()", "['heard']"),
        ("default_int_handler", "", "[]"),  # what Python does by itself: it reports the exception, and goes on
        ("SIG_IGN", "lab._hear_each_interrupt()", "[]"),  # as nohup asks
    ],
)
def test_an_interrupt_in_the_callback_of_a_weak_reference_is_heard(before, call, heard):
    """Python loses KeyboardInterrupt there, and JupyterLab would go on."""
    program = [sys.executable, "-c", LOSES.format(call=call), before]
    done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout.strip()) == (0, heard), done.stderr


OPENED = """
import sys
from jupyter_server.services.contents.filemanager import FileContentsManager
from helpers.setup import lab

lab._read_marked_notebooks()
files = FileContentsManager(root_dir=sys.argv[1])
model = files.get("marked.ipynb")
files.save({name: model[name] for name in ("type", "format", "content")}, "marked.ipynb")
"""


def test_a_notebook_with_a_byte_order_mark_opens_and_is_saved_without(tmp_path):
    """Notepad adds the mark, on which JupyterLab alone says that the notebook is unreadable."""
    whole = (NOTEBOOKS / "00_start_here.ipynb").read_bytes()
    (tmp_path / "marked.ipynb").write_bytes(b"\xef\xbb\xbf" + whole)
    done = subprocess.run([sys.executable, "-c", OPENED, str(tmp_path)], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    saved = (tmp_path / "marked.ipynb").read_bytes()
    assert saved.startswith(b"{") and json.loads(saved)["cells"] == json.loads(whole)["cells"]


ENDLESS = pytest.param(b"[" * 10**5, id="endless")


@pytest.mark.parametrize(
    "content", [b"", b'{"data": {"layout', b"\xff", b"[]", ENDLESS, b'{"metadata": {"id": "default"}}']
)
def test_a_layout_that_was_cut_off_is_put_aside(tmp_path, monkeypatch, content):
    """JupyterLab starts with the first layout then; one that is whole stays as the reader last saw it."""
    from helpers.setup import lab

    monkeypatch.setenv("JUPYTERLAB_WORKSPACES_DIR", str(tmp_path))
    lab._show_contents()
    [file] = tmp_path.iterdir()
    first = file.read_bytes()
    file.write_bytes(content)
    lab._show_contents()
    assert file.read_bytes() == first and file.with_suffix(".damaged").read_bytes() == content
    file.write_bytes(mine := first.replace(b"0.2", b"0.3"))
    lab._show_contents()
    assert file.read_bytes() == mine


@pytest.mark.skipif(os.name != "posix", reason="ends JupyterLab by a Unix signal")
@pytest.mark.needs_group("grading")
def test_where_nbgrader_is_installed_it_says_nothing(tmp_path):
    """It would warn each student that it has no settings here; the course grades in a folder of its own."""
    lab = start(ROOT, "lab", "--no-browser", "--port", str(free_port()), WORKBOOK_WORKSPACE=str(tmp_path))
    said = ""
    for line in lab.stderr:
        said += line
        if "http://127" in line:
            break
    interrupt(lab)
    assert "http://127" in said and "NbGrader" not in said, said
