"""A pack sets up a machine that has no network, and says where it does not fit."""
import json
import os
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from helpers.setup import pack, venv
from helpers.setup.packages import LOCK
from helpers.setup.venv import SetupError
from support.copies import BASE, NO_NETWORK, call, copied_group, outside, tiny, too_new

CUT = ["unshare", "--net", "--map-root-user"]  # a network of its own, in which nothing can be reached


@pytest.fixture
def project(tmp_path):
    """Return a small copy of the project with a group, in a folder with a space, an accent and a quote."""
    return copied_group(tiny(tmp_path / "cours d'été", "six", "uv", "-e ."), "small", "roman==5.1")


def packed(project: Path, *groups: str, **variables: str) -> Path:
    """Return the pack that the command makes."""
    said = call(project, "pack", *groups, **variables)
    assert said.returncode == 0, said.stderr
    [file] = (project / "workspace").glob("workbook-*.zip")
    assert f"{file} holds" in said.stdout and f"lab --offline {file.name}" in said.stdout
    return file


def test_a_machine_without_a_network_sets_up_from_a_pack(project, tmp_path):
    """With nothing cached and the network cut off, the core and the pack's group are there, at the locked versions.

    The Python that makes the pack need not be that of the environment, for which the pack is; and an employer's
    settings of pip may ask for other versions.
    """
    assert call(project, "setup").returncode == 0
    (tmp_path / "company.txt").write_text("roman<5\n")
    (tmp_path / "pip.conf").write_text(f"[global]\nconstraint = {tmp_path / 'company.txt'}\n")
    settings = {"PIP_CONFIG_FILE": str(tmp_path / "pip.conf")}
    file = packed(project, "small", **too_new(tmp_path / "new"), **settings)
    leave_out = shutil.ignore_patterns(".venv", "workspace")
    other = Path(shutil.copytree(project, tmp_path / "another one", ignore=leave_out))
    cut = CUT if shutil.which(CUT[0]) and not subprocess.run([*CUT, "true"]).returncode else []
    nothing = {"HOME": str(tmp_path), "UV_CACHE_DIR": str(tmp_path / "cache"), "PIP_NO_CACHE_DIR": "1"}
    done = subprocess.run(
        [*cut, BASE, "-m", "helpers", "setup", "--offline", file],
        env=outside(NO_NETWORK | nothing),
        cwd=other,
        capture_output=True,
        text=True,
        timeout=1800,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    ask = "import helpers, roman, six, importlib.metadata as m; print(m.version('roman'), helpers.__file__)"
    asked = [other / ".venv" / "bin" / "python", "-c", ask]
    said = subprocess.run(asked, cwd="/", env=outside({}), capture_output=True, text=True).stdout
    assert said == f"5.1 {other / 'helpers' / '__init__.py'}\n"
    assert not list(other.glob("tmp*")), "the unpacked files are gone"


def test_the_index_is_left_out_only_while_a_pack_is_used(tmp_path):
    """What is started afterwards, JupyterLab and its kernels, may install packages from where it always does."""
    before, file = dict(os.environ), tmp_path / "pack.zip"
    pack.write(file, [], pack.describe_machine() | {"locks": venv.fingerprint(LOCK), "groups": []})
    with pack.use(file) as groups:
        assert os.environ["PIP_NO_INDEX"] == "1" and groups == []
    assert dict(os.environ) == before


def test_a_file_that_does_not_fit_is_refused_with_the_remedy(project, tmp_path, monkeypatch):
    """No file, no pack, half a pack, one for another Python, one of another state: each says so, and nothing starts."""
    refused = call(project, "setup", "--offline", "nowhere.zip")
    assert refused.returncode == 1 and not (project / ".venv").exists()
    assert "nowhere.zip is not there: `python -m helpers pack` on a machine with a network makes one." in refused.stderr

    file = tmp_path / "pack.zip"
    contents = pack.describe_machine() | {"locks": "of another state", "groups": []}
    pack.write(file, [], contents)
    with pytest.raises(SetupError, match="was made from another state of the course: `python -m helpers pack` makes"):
        pack.check(file)
    pack.write(file, [], contents | {"python": "3.9"})
    system = pack.describe_machine()["system"]
    with pytest.raises(SetupError, match=re.escape(f"pack.zip is for Python 3.9 on {system}, and this")):
        pack.check(file)
    file.write_bytes(file.read_bytes()[:-30])
    with pytest.raises(SetupError, match="pack.zip is no pack, or not a whole one"):
        pack.check(file)
    with zipfile.ZipFile(file, "w") as other:
        other.writestr("contents.txt", json.dumps(contents))
    with pytest.raises(SetupError, match="pack.zip is no pack"):
        pack.check(file)
    with zipfile.ZipFile(file, "w") as other:
        other.writestr(pack._CONTENTS, "[" * 10**5)
    with pytest.raises(SetupError, match="pack.zip is no pack"):
        pack.check(file)
    for odd in ([], 1, {"python": 3}, pack.describe_machine() | {"groups": 1}):
        pack.write(file, [], odd)
        with pytest.raises(SetupError, match="pack.zip is no pack"):
            pack.check(file)
    pack.write(file, [], pack.describe_machine() | {"locks": "", "groups": ["a group of tomorrow"]})
    with pytest.raises(SetupError, match="was made from another state of the course"):
        pack.check(file)


def test_a_pack_with_a_damaged_wheel_is_refused_before_anything_is_installed(tmp_path):
    """As a stick that was pulled out leaves it: the list of contents at the end of the file is whole."""
    wheel, file = tmp_path / "one-1.whl", tmp_path / "pack.zip"
    wheel.write_bytes(b"wheel" * 99)
    pack.write(file, [wheel], pack.describe_machine() | {"locks": venv.fingerprint(LOCK), "groups": []})
    file.write_bytes(file.read_bytes().replace(b"wheel" * 99, b"wheel" * 98 + b"WHEEL"))
    with pytest.raises(SetupError, match=r"pack.zip is damaged \(.*\): copy it once more"), pack.use(file):
        pass


def test_a_group_that_lives_apart_is_refused():
    """Such a group cannot be packed, and the message says which."""
    with pytest.raises(SetupError, match="the group integrations has an environment of its own"):
        pack.make(["integrations"])
