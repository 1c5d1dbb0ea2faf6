"""Clients of trackers are pointed at a folder, and told to collect nothing."""
import os

from helpers.platforms import quiet


def test_wandb_writes_to_its_folder_and_has_no_login(tmp_path, monkeypatch):
    """Each place is the folder; a login of the reader's is out of sight."""
    monkeypatch.setattr(os, "environ", {**os.environ, "WANDB_API_KEY": "secret"})
    settings = quiet.wandb_settings(tmp_path / "wandb")
    places = {name: value for name, value in os.environ.items() if name.startswith("WANDB_") and "DIR" in name}
    assert len(places) == 4 and set(places.values()) == {str(tmp_path / "wandb")}
    assert os.environ["WANDB_API_KEY"] == "" and os.environ["WANDB_MODE"] == "offline"
    assert settings["console"] == "off" and settings["x_disable_stats"] and settings["disable_code"]


def test_neptune_and_polyaxon_collect_nothing(tmp_path, monkeypatch):
    """Whatever each could collect is off."""
    monkeypatch.setattr(os, "environ", dict(os.environ))
    neptune, polyaxon = quiet.neptune_settings(tmp_path), quiet.polyaxon_settings(tmp_path)
    assert not any(neptune.values()) and len(neptune) == 6
    assert not any(polyaxon.values()) and len(polyaxon) == 4
    assert os.environ["POLYAXON_IS_OFFLINE"] == "true" and os.environ["NEPTUNE_DATA_DIRECTORY"] == str(tmp_path)


def test_mlserver_listens_on_this_machine_alone(tmp_path):
    """On three ports, with its files in the folder."""
    settings = quiet.mlserver_settings(tmp_path)
    ports = {settings[name] for name in ("http_port", "grpc_port", "metrics_port")}
    assert settings["host"] == "127.0.0.1" and len(ports) == 3
    assert settings["metrics_dir"].startswith(str(tmp_path))
