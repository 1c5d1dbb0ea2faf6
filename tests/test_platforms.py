"""What notebook 13's platforms write into, and how MLServer starts."""
import os
from pathlib import Path

from helpers import paths, platforms
from helpers.platforms import MLServer


def test_the_folder_is_emptied_and_there(tmp_path, monkeypatch):
    """Whatever an earlier run left is gone, and nothing beside the folder."""
    monkeypatch.setattr(platforms, "FOLDER", tmp_path / "platforms")
    for name in ("first", "second"):
        platforms.clear()
        assert list(platforms.FOLDER.iterdir()) == []
        (platforms.FOLDER / name).mkdir()
        (tmp_path / name).touch()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["first", "platforms", "second"]


def test_the_folder_is_in_the_workspace():
    """All that the platforms write goes where `reset` removes it."""
    assert paths.WORKSPACE in platforms.FOLDER.parents


def test_mlserver_starts_by_the_program_of_this_environment():
    """What is shown is what one would type; what runs is the environment's own program."""
    server = MLServer(["mlserver", "start", "folder"], port=8080)
    program, *rest = server.arguments()
    assert Path(program).is_absolute() and Path(program).name == "mlserver"
    assert Path(program).parent.name == ("Scripts" if os.name == "nt" else "bin") and rest == ["start", "folder"]
