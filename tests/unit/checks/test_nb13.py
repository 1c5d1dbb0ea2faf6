"""The check of exercise 13.3: the changed file, named in any form, and alone."""
import hashlib
from pathlib import Path
from types import SimpleNamespace

import pytest

from helpers import exercises
from helpers.checks import nb13


@pytest.fixture
def client(tmp_path, monkeypatch):
    """A store with a version of two files, of which conda.yaml is not what its tag says."""
    for name in ["MLmodel", "conda.yaml"]:
        (tmp_path / name).write_bytes(b"as it was")
    tags = {f"sha256 {name}": hashlib.sha256(b"as it was").hexdigest() for name in ["MLmodel", "conda.yaml"]}
    (tmp_path / "conda.yaml").write_bytes(b"as it was\n")
    monkeypatch.setattr(nb13.mlflow.artifacts, "download_artifacts", lambda address, tracking_uri: str(tmp_path))
    return SimpleNamespace(tracking_uri="", get_model_version=lambda name, version: SimpleNamespace(tags=tags))


@pytest.mark.parametrize("name", ["conda.yaml", " conda.yaml ", ["conda.yaml"], {"conda.yaml"}, Path("conda.yaml"),
                                  Path("a folder") / "conda.yaml", [Path("conda.yaml")], "1/models/m-1/conda.yaml",
                                  {"MLmodel": False, "conda.yaml": True}])
def test_the_changed_file_is_taken_in_any_form(name, client):
    """Its name, its path, its key, the only one of a list, and yes or no for each file."""
    assert exercises.judge("13.3", name, client)[0] == "correct"


@pytest.mark.parametrize("name", ["MLmodel", Path("MLmodel"), "", [], ["conda.yaml", "MLmodel"],
                                  [Path("conda.yaml"), Path("MLmodel")], "conda", None])
def test_another_file_or_one_too_many_is_told(name, client):
    """The neighbour, nothing, and both files."""
    assert exercises.judge("13.3", name, client)[0] == "not yet"
