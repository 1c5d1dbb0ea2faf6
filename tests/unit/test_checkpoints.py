"""Checkpoints make what is missing, start a notebook over, and touch nothing else."""
import contextlib
import random
import shutil
import sys
from pathlib import Path

import pandas as pd
import pytest

from helpers import checkpoints, notebooks, paths
from helpers.features import FEATURES
from helpers.setup import findings
from support import workspaces

PROFILE = "profile.json"
NEEDED = ["01", "02", "06"]  # by later notebooks
AGAIN = ["00", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11"]  # which the student opens again


@pytest.fixture
def client(monkeypatch, tmp_path):
    """A tracking store of its own."""
    return use(tmp_path, monkeypatch)


@pytest.fixture
def left(monkeypatch, tmp_path, tmp_path_factory):
    """Return a client of a workspace of its own, in which the notebooks before 07 have run."""
    workspaces.copy_checkpoint(workspaces.shared(tmp_path_factory), tmp_path / "l'espace de travail")
    yield use(tmp_path / "l'espace de travail", monkeypatch)
    import mlflow

    mlflow.set_tracking_uri(None)


def use(workspace: Path, monkeypatch):
    """Work in a workspace while a test runs, and return a client of its store."""
    import mlflow

    for name, path in {"WORKSPACE": "", "PREPARED": "prepared", "ARTIFACTS": "artifacts"}.items():
        monkeypatch.setattr(paths, name, workspace / path)
    monkeypatch.setattr(paths, "TRACKING_URI", paths.format_address(workspace / "mlflow.db"))
    monkeypatch.setenv("_MLFLOW_SERVER_ARTIFACT_ROOT", paths.ARTIFACTS.as_uri())
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
    monkeypatch.setenv("PYTHONPATH", str(paths.ROOT))  # as the course's commands have it
    with pytest.raises(findings.ProblemError) if refused else contextlib.nullcontext() as error:
        checkpoints.begin("01")
    assert not refused or str(error.value) == (
        f"{tmp_path / name}.py would be imported in place of the module {name}: "
        "give the file another name, then restart the kernel."
    )


def test_a_module_of_another_project_on_the_path_is_named(client, monkeypatch, tmp_path):
    """What PYTHONPATH brings in a Jupyter of somebody else's is found too: a file, and a package."""
    (tmp_path / "sitecustomize.py").touch()
    (tmp_path / "requests").mkdir()
    (tmp_path / "requests" / "__init__.py").touch()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    with pytest.raises(findings.ProblemError, match="requests would be imported in place of the module requests: "):
        checkpoints.begin("01")


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


def test_folders_that_a_reader_deleted_are_made_again(client, monkeypatch, tmp_path):
    """Who deletes parts of the workspace, or all of it, while a kernel works, runs the notebook's first cells again."""
    monkeypatch.setattr(paths, "LOGS", tmp_path / "logs")
    monkeypatch.setattr(checkpoints, "_LOCKS", {})
    for _ in range(2):
        checkpoints.begin("01")
        assert paths.PREPARED.is_dir() and paths.ARTIFACTS.is_dir() and paths.LOGS.is_dir()
        shutil.rmtree(tmp_path)


def test_a_month_cut_short_is_made_again(monkeypatch, tmp_path, capsys):
    """A kernel killed while it saved a month leaves a file that does not count as there."""
    monkeypatch.setattr(paths, "PREPARED", tmp_path)
    checkpoints.begin("02")
    whole = (tmp_path / "2013-07.parquet").read_bytes()
    (tmp_path / "2013-07.parquet").write_bytes(whole[: len(whole) // 2])
    assert not checkpoints.is_there("01")
    checkpoints.begin("02")
    assert (tmp_path / "2013-07.parquet").read_bytes() == whole
    checkpoints.begin("02")
    said = capsys.readouterr().out.strip().split("\n")
    assert "made what notebook 01" in said[0] and "was there" in said[-1]


def test_prompts_and_evaluation_datasets_of_a_notebook_go_and_others_stay(client):
    """So that versions of a prompt are numbered from 1 again."""
    for name in ("assistant", "mine"):
        client.register_prompt(name, "Answer {{question}}")
    experiment = client.create_experiment("16-assistant")
    for name in ("assistant-questions", "mine"):
        client.create_dataset(name, experiment_id=[experiment])
    checkpoints.clear("16")
    assert [prompt.name for prompt in client.search_prompts()] == ["mine"]
    assert [dataset.name for dataset in client.search_datasets()] == ["mine"]


def test_traces_of_a_notebook_go_and_others_stay(client):
    """A notebook that starts over finds none of its old traces."""
    import mlflow

    mlflow.set_tracking_uri(client.tracking_uri)
    try:
        for name in ("16-assistant", "my experiment"):
            mlflow.set_experiment(name)
            with mlflow.start_span("a question"):
                pass
        mlflow.flush_trace_async_logging()
        checkpoints.clear("16")
        left = {name: len(traces(client, name)) for name in ("16-assistant", "my experiment")}
    finally:
        mlflow.set_tracking_uri(None)
    assert left == {"16-assistant": 0, "my experiment": 1}


def traces(client, experiment: str) -> list:
    """Return the traces of an experiment."""
    return client.search_traces(locations=[client.get_experiment_by_name(experiment).experiment_id])


def champion(client):
    """Return the version that is champion, and the folder of its model."""
    version = client.get_model_version_by_alias("late", "champion")
    return version, folder_of(client.get_logged_model(version.source.removeprefix("models:/")).artifact_location)


def folder_of(address: str) -> Path:
    """Return the folder that the address of a file names."""
    from mlflow.utils.file_utils import local_file_uri_to_path

    return Path(local_file_uri_to_path(address))


def run_of(client, name: str):
    """Return one run of notebook 02."""
    experiment = client.get_experiment_by_name("late-flights").experiment_id
    return client.search_runs([experiment], f"attributes.run_name = '{name}'")[0]


def write_older_run(client, name: str) -> None:
    """Leave a run that is older than the one of its name, with the same model, and without a profile."""
    from mlflow.entities import LoggedModelOutput

    run = run_of(client, name)
    older = client.create_run(run.info.experiment_id, run.info.start_time - 1000, run_name=name).info.run_id
    client.log_outputs(older, [LoggedModelOutput(run.outputs.model_outputs[0].model_id, 0)])
    client.set_terminated(older)


def garble(file: Path) -> None:
    """Put other bytes in the place of a file's, as many of them."""
    file.write_bytes(b"x" * file.stat().st_size)


HARM = {  # by what a student does, or a disk
    "deletes a run": lambda c: c.delete_run(run_of(c, "trees").info.run_id),
    "deletes the run of the champion": lambda c: c.delete_run(champion(c)[0].run_id),
    "renames a run": lambda c: c.update_run(run_of(c, "logistic-refit").info.run_id, name="mine"),
    "breaks a run off and starts it again": lambda c: c.set_terminated(
        c.create_run(run_of(c, "trees").info.experiment_id, run_name="trees").info.run_id, "KILLED"),
    "ran the cell of the refits twice": lambda c: write_older_run(c, "trees-refit"),
    "deletes the profile": lambda c: folder_of(run_of(c, "trees-refit").info.artifact_uri).joinpath(PROFILE).unlink(),
    "garbles the profile": lambda c: garble(folder_of(run_of(c, "trees-refit").info.artifact_uri) / PROFILE),
    "deletes a logged model": lambda c: c.delete_logged_model(run_of(c, "logistic").outputs.model_outputs[0].model_id),
    "deletes the champion's logged model": lambda c: c.delete_logged_model(
        champion(c)[0].source.removeprefix("models:/")),
    "deletes the champion's files": lambda c: shutil.rmtree(champion(c)[1]),
    "deletes a file of the champion": lambda c: champion(c)[1].joinpath("model.skops").unlink(),
    "garbles a file of the champion": lambda c: garble(champion(c)[1] / "model.skops"),
    "deletes all artifacts": lambda c: shutil.rmtree(paths.ARTIFACTS),
    "deletes the experiment": lambda c: c.delete_experiment(c.get_experiment_by_name("late-flights").experiment_id),
    "deletes experiments": lambda c: [
        c.delete_experiment(c.get_experiment_by_name(name).experiment_id) for name in ("06-registry", "02-scratch")],
    "takes the alias away": lambda c: c.delete_registered_model_alias("late", "champion"),
    "moves the alias": lambda c: c.set_registered_model_alias("late", "champion", 1),
    "deletes version 1": lambda c: c.delete_model_version("late", 1),
    "deletes the registered model": lambda c: c.delete_registered_model("late"),
    "registers another model in its place": lambda c: [
        c.delete_registered_model("late"), c.create_registered_model("late"),
        c.create_model_version("late", run_of(c, "trees").info.artifact_uri),
        c.create_model_version("late", run_of(c, "logistic").info.artifact_uri),
        c.set_registered_model_alias("late", "champion", 2)],
    "deletes a month": lambda c: paths.PREPARED.joinpath("2013-02.parquet").unlink(),
    "garbles a month": lambda c: garble(paths.PREPARED / "2013-02.parquet"),
    "saves another table as a month": lambda c: pd.DataFrame({"a": [1]}).to_parquet(
        paths.PREPARED / "2013-05.parquet"),
}
HARMLESS = {"deletes experiments", "ran the cell of the refits twice"}  # later notebooks do not need what is not there


@pytest.mark.parametrize("harm", HARM)
def test_a_checkpoint_sees_what_is_no_longer_there(left, harm):
    """Of what notebooks leave it asks for runs, models, files and alias themselves, not only for their names."""
    before = [checkpoints.is_there(number) for number in NEEDED]
    HARM[harm](left)
    assert all(before) and all(checkpoints.is_there(number) for number in NEEDED) == (harm in HARMLESS)


def test_who_goes_back_to_training_finds_a_champion_afterwards(left, capsys):
    """Notebook 02 deletes the models that the registry points to; the next checkpoint makes them and it anew."""
    checkpoints.begin("02")
    checkpoints.begin("09")
    assert_champion_answers()
    assert "made what notebook 02 (" in capsys.readouterr().out


def test_a_moved_workspace_is_used_where_it_lies(left, monkeypatch, tmp_path, capsys):
    """Nothing is made again, and what a notebook reads and writes from then on is not sought in the former place."""
    import mlflow

    former = paths.WORKSPACE
    use(former.rename(tmp_path / "50 % off"), monkeypatch)
    checkpoints.begin("09")
    assert_champion_answers()
    checkpoints.replay("06")
    assert "all that it needs was there" in capsys.readouterr().out
    assert not former.exists() and checkpoints.is_there("06")
    files = [mlflow.data.get_source(item).load() for item in run_of(left, "trees").inputs.dataset_inputs]
    assert len(files) == 3 and all(Path(file).is_relative_to(paths.PREPARED) for file in files)


@pytest.mark.hostile
@pytest.mark.parametrize("seed", range(3))
def test_after_any_notebooks_and_any_harm_in_any_order_the_champion_answers(left, seed):
    """Each of five drawn steps opens a notebook again, runs one that others build on, or damages the workspace."""
    steps = [(checkpoints.begin, number) for number in AGAIN] + [(checkpoints.replay, number) for number in NEEDED]
    steps += [(lambda harm: HARM[harm](left), harm) for harm in HARM]
    draw = random.Random(seed)
    for step, what in draw.choices(steps, k=5):
        print(what)  # shown where the test fails
        step(what)
        checkpoints.begin(draw.choice(["09", "11"]))
        assert_champion_answers()


@pytest.mark.parametrize("number", ["04", "05", "06"])
def test_a_readers_own_run_among_those_of_training_is_no_obstacle(left, number):
    """Whoever tries something in notebook 02 has a run in its experiment, with no model and none of its tags."""
    import mlflow

    left.create_run(left.get_experiment_by_name("late-flights").experiment_id, run_name="mine")
    mlflow.set_tracking_uri(paths.TRACKING_URI)
    sources = [cell.source for cell in notebooks.read(number).cells if cell.cell_type == "code"]
    names = {"mlflow": mlflow}
    for source in (source for source in sources if "[\"late-flights\"]" in source or "in runs.items()" in source):
        exec(source, names)
    runs = names["runs" if number == "06" else "address"]
    assert set(runs) == {"logistic", "trees", "logistic-refit", "trees-refit"}


def assert_champion_answers() -> None:
    """Load the champion by its alias, and its profile, and let it predict a flight of May."""
    import mlflow

    mlflow.set_tracking_uri(paths.TRACKING_URI)
    flights = pd.read_parquet(paths.PREPARED / "2013-05.parquet").head(2)
    forecast = mlflow.pyfunc.load_model("models:/late@champion").predict(flights[FEATURES])[:, 1]
    assert mlflow.models.get_model_info("models:/late@champion").signature
    version = mlflow.MlflowClient().get_model_version_by_alias("late", "champion")
    profile = mlflow.artifacts.load_dict(f"runs:/{version.run_id}/{PROFILE}")
    assert len(forecast) == 2 and profile["rows"] == 77_911


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda source: source.replace("logistic-refit", "my-refit"), "its cells run, and leave something else"),
        (lambda source: source.replace("quarter", "a_quarter", 1), "NameError"),
    ],
)
def test_a_changed_notebook_that_does_not_leave_what_others_need_is_named(left, monkeypatch, change, told):
    """Where the cells of an earlier notebook leave something else, or fail, the message says how to get it back."""
    read = notebooks.read_tagged
    monkeypatch.setattr(notebooks, "read_tagged", lambda *which: [change(source) for source in read(*which)])
    left.delete_run(run_of(left, "trees").info.run_id)
    with pytest.raises(findings.ProblemError, match=f"(?s)Notebook 02.*{told}.*helpers restore 02"):
        checkpoints.begin("09")
