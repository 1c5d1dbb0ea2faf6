"""Checkpoints make what is missing, start a notebook over, and touch nothing else."""
import contextlib

import pytest

from helpers import checkpoints, paths
from helpers.setup import findings


@pytest.fixture
def client(monkeypatch, tmp_path):
    """A tracking store of its own."""
    import mlflow

    monkeypatch.setattr(paths, "WORKSPACE", tmp_path)
    monkeypatch.setattr(paths, "TRACKING_URI", f"sqlite:///{(tmp_path / 'mlflow.db').as_posix()}")
    return mlflow.MlflowClient(paths.TRACKING_URI, paths.TRACKING_URI)


def names(client, experiment: str) -> list[str]:
    """Return the names of an experiment's active runs."""
    found = client.get_experiment_by_name(experiment)
    return [run.info.run_name for run in client.search_runs([found.experiment_id])]


def test_an_unknown_notebook_is_refused():
    """A number that no notebook has is named in the error, with those that exist."""
    with pytest.raises(ValueError, match="no notebook '77': choose one of 00, 01"):
        checkpoints.begin("77")


@pytest.mark.parametrize(("name", "refused"), [("helpers", True), ("random", True), ("mlflow", True), ("mine", False)])
def test_a_file_that_would_be_imported_in_place_of_a_module_is_named(client, monkeypatch, tmp_path, name, refused):
    """Beside the notebook it would be taken for the course's package, or another, by the servers that it starts."""
    (tmp_path / f"{name}.py").touch()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(findings.ProblemError) if refused else contextlib.nullcontext() as error:
        checkpoints.begin("01")
    assert not refused or str(error.value) == (
        f"{tmp_path / name}.py would be imported in place of the module {name}: "
        "give the file another name, then restart the kernel."
    )


def test_a_notebook_starts_over_and_the_readers_own_work_stays(client):
    """Runs that a killed kernel left, and models that the notebook registered, go; other runs and models stay."""
    scratch, own = client.create_experiment("02-scratch"), client.create_experiment("my experiment")
    client.create_run(scratch, run_name="killed in the middle")
    client.create_run(own, run_name="mine")
    client.create_registered_model("late")
    client.create_registered_model("mine")
    checkpoints.clear("02")
    checkpoints.clear("06")
    assert names(client, "02-scratch") == [] and names(client, "my experiment") == ["mine"]
    assert [model.name for model in client.search_registered_models()] == ["mine"]


def test_a_month_cut_short_is_made_again(monkeypatch, tmp_path, capsys):
    """A kernel killed while it saved a month leaves a file that does not count as there."""
    monkeypatch.setattr(paths, "PREPARED", tmp_path)
    checkpoints.begin("02")
    whole = (tmp_path / "2013-07.parquet").read_bytes()
    (tmp_path / "2013-07.parquet").write_bytes(whole[: len(whole) // 2])
    assert not checkpoints.months_are_prepared()
    checkpoints.begin("02")
    assert (tmp_path / "2013-07.parquet").read_bytes() == whole
    checkpoints.begin("02")
    said = capsys.readouterr().out.strip().split("\n")
    assert "made what notebook 01" in said[0] and "was there" in said[-1]


def test_traces_of_a_notebook_go_and_others_stay(client):
    """A notebook that starts over finds none of its old traces."""
    import mlflow

    mlflow.set_tracking_uri(client.tracking_uri)
    try:
        for name in ("15-answers", "my experiment"):
            mlflow.set_experiment(name)
            with mlflow.start_span("a question"):
                pass
        mlflow.flush_trace_async_logging()
        checkpoints.clear("15")
        left = {name: len(traces(client, name)) for name in ("15-answers", "my experiment")}
    finally:
        mlflow.set_tracking_uri(None)
    assert left == {"15-answers": 0, "my experiment": 1}


def traces(client, experiment: str) -> list:
    """Return the traces of an experiment."""
    return client.search_traces(locations=[client.get_experiment_by_name(experiment).experiment_id])
