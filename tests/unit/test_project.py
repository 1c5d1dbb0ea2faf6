"""The project: what it pins, what its steps record and refuse, when a step is reused, and that it makes one model."""
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from helpers import checkpoints, paths
from helpers.setup import packages

PROJECT = paths.ROOT / "project"
MONTHS = {"months": "2013-01"}


@pytest.fixture
def steps(monkeypatch):
    """Let the test import the steps' scripts, and track into the test's workspace."""
    import mlflow

    monkeypatch.syspath_prepend(str(PROJECT))
    mlflow.set_tracking_uri(paths.TRACKING_URI)
    mlflow.set_experiment("steps")
    yield
    for name in ("common", "prepare", "train", "evaluate", "main"):
        sys.modules.pop(name, None)


def run(entry_point: str, parameters: dict[str, str], env_manager: str = "local"):
    """Run an entry point as a notebook does, and return its run."""
    import mlflow

    mlflow.set_tracking_uri(paths.TRACKING_URI)
    submitted = mlflow.projects.run(
        str(PROJECT), entry_point, parameters=parameters, env_manager=env_manager, experiment_name="project"
    )
    return mlflow.get_run(submitted.run_id)


def failed(entry_point: str, parameters: dict[str, str]):
    """Run an entry point that must fail, and return its run."""
    import mlflow

    with pytest.raises(mlflow.exceptions.ExecutionException, match="failed"):
        run(entry_point, parameters)
    return mlflow.search_runs(experiment_names=["project"], max_results=1, output_format="list")[0]


def dependencies() -> list[str]:
    """Return the lines of the environment that MLflow builds."""
    return yaml.safe_load((PROJECT / "python_env.yaml").read_text(encoding="utf-8"))["dependencies"]


PINS = [line.split("==") for line in dependencies() if not line.startswith("-")]


def test_the_pins_are_those_of_the_course():
    """The environment that MLflow builds has the packages that the course is installed with."""
    locked = {line.split(" ;")[0].strip() for line in packages.LOCK.read_text(encoding="utf-8").splitlines()}
    assert set(dependencies()) - {"-c constraints.txt"} <= locked
    assert "-c constraints.txt" in dependencies() and len(dependencies()) > 10
    same = (PROJECT / "constraints.txt").read_bytes() == packages.LOCK.read_bytes()
    assert same, "copy requirements.lock to project/constraints.txt, as `python -m helpers lock` does"


def test_the_code_that_is_fingerprinted_is_the_code_that_runs():
    """Each module of helpers that a step imports counts for its fingerprint, and no other."""
    look = "import json, sys, common, prepare, train, evaluate, main; "
    look += "files = [module.__file__ for name, module in sys.modules.items() if name.split('.')[0] == 'helpers']; "
    look += "print(json.dumps([common.USED, files]))"
    done = subprocess.run([sys.executable, "-c", look], cwd=PROJECT, capture_output=True, text=True, check=True)
    used, loaded = json.loads(done.stdout)
    assert set(used) == {Path(file).relative_to(paths.ROOT / "helpers").with_suffix("").as_posix() for file in loaded}


def test_every_parameter_reaches_its_script(steps):
    """What MLproject declares is what the scripts take, and the defaults are the settings of notebook 2."""
    import train

    entry_points = yaml.safe_load((PROJECT / "MLproject").read_text(encoding="utf-8"))["entry_points"]
    for one in entry_points.values():
        assert all(f"--{name} {{{name}}}" in one["command"] for name in one["parameters"])
    assert set(entry_points["train"]["parameters"]) == {"months", *train.SETTINGS}
    given = {name: kind(entry_points["train"]["parameters"][name]["default"]) for name, kind in train.SETTINGS.items()}
    model = train.build_trees(**given)[-1]
    trained = [model.max_iter, model.learning_rate, model.max_leaf_nodes, model.min_samples_leaf]
    assert [*trained, model.l2_regularization, model.random_state] == [200, 0.03, 8, 500, 10, 0]


def test_forms_that_differ_fail_the_run(steps, monkeypatch):
    """A model whose ONNX form gives other probabilities is not logged, and the run says why."""
    import mlflow
    import numpy as np
    import pandas as pd
    import train

    monkeypatch.setattr(train.onnx_form, "convert", lambda *_: None)
    for difference in (0.1, np.nan):
        monkeypatch.setattr(train, "find_largest_difference", lambda *_, d=difference: d)
        with pytest.raises(SystemExit), mlflow.start_run() as started:
            train.log_model(None, pd.DataFrame({"temp": [1.0]}))
        recorded = mlflow.get_run(started.info.run_id)
        assert recorded.info.status == "FAILED" and "forms differ" in recorded.data.tags["error"]
        assert not recorded.outputs.model_outputs


def write_month(temp: float) -> None:
    """Write a prepared month of one flight."""
    import pandas as pd

    from helpers.features import FEATURES, LABEL

    pd.DataFrame({**{name: [1.0] for name in FEATURES}, "temp": [temp], LABEL: [1.0]}).to_parquet(
        paths.PREPARED / "2013-04.parquet"
    )


@pytest.fixture
def evaluated(steps, tmp_path, monkeypatch):
    """Return the script that reuses steps, and the parameters of a run of evaluate that has finished."""
    import common
    import main
    import mlflow

    monkeypatch.setattr(paths, "PREPARED", tmp_path)
    write_month(temp=40.0)
    parameters = {"model_uri": f"models:/{tmp_path.name}", "month": "2013-04"}
    with mlflow.start_run(tags={**common.collect_facts(), "mlflow.project.entryPoint": "evaluate"}):
        mlflow.log_params(parameters)
        mlflow.log_input(common.describe_data("2013-04", common.read_labelled("2013-04")), context="evaluation")
    return main, parameters


def test_a_step_is_reused_while_nothing_has_changed(evaluated):
    """A finished run on the same inputs is found, and one by another parameter or entry point is not."""
    main, parameters = evaluated
    assert main.find_finished("evaluate", parameters).data.params == parameters
    assert main.find_finished("evaluate", {**parameters, "month": "2013-05"}) is None
    assert main.find_finished("prepare", {}) is None


def test_a_step_runs_again_where_data_has_changed_or_gone(evaluated):
    """A dataset that is not what the run has recorded makes the run useless, until it is back."""
    main, parameters = evaluated
    write_month(temp=41.0)
    assert main.find_finished("evaluate", parameters) is None
    (paths.PREPARED / "2013-04.parquet").unlink()
    assert main.find_finished("evaluate", parameters) is None
    write_month(temp=40.0)
    assert main.find_finished("evaluate", parameters)


@pytest.mark.parametrize("fact", ["code", "packages"])
def test_a_step_runs_again_where_code_or_packages_have_changed(evaluated, monkeypatch, fact):
    """Code and packages of another state make other results, so a run of theirs is not reused."""
    main, parameters = evaluated
    now = main.common.collect_facts()
    monkeypatch.setattr(main.common, "collect_facts", lambda: {**now, fact: "another"})
    assert main.find_finished("evaluate", parameters) is None


def test_a_failed_step_is_not_reused(evaluated):
    """Only a finished run counts."""
    import mlflow

    main, parameters = evaluated
    mlflow.MlflowClient().set_terminated(main.find_finished("evaluate", parameters).info.run_id, "FAILED")
    assert main.find_finished("evaluate", parameters) is None


def test_the_fingerprint_follows_the_code(steps, monkeypatch, tmp_path):
    """One letter more in a script is another code."""
    import common

    before = common.collect_facts()["code"]
    for folder in ("project", "helpers"):
        shutil.copytree(paths.ROOT / folder, tmp_path / folder)
    monkeypatch.setattr(common, "HERE", tmp_path / "project")
    monkeypatch.setattr(common.paths, "ROOT", tmp_path)
    assert common.collect_facts()["code"] == before
    for script in ("project/train.py", "helpers/features.py", "project/constraints.txt", "project/MLproject"):
        with (tmp_path / script).open("a", encoding="utf-8") as file:
            file.write("#")
        after = common.collect_facts()["code"]
        assert after != before
        before = after


def test_packages_that_differ_from_the_pins_are_on_record(steps, monkeypatch):
    """A run in the active environment says which packages it had in place of the pinned ones."""
    import common

    assert common.compare_packages() == "as pinned"
    monkeypatch.setattr(common, "version", lambda name: "0.1" if name == "scipy" else dict(PINS)[name])
    assert common.compare_packages() == f"scipy 0.1 in place of {dict(PINS)['scipy']}"


@pytest.fixture(scope="module")
def trained():
    """Prepare the months with the project, as notebook 1 would, and train on January in the active environment."""
    prepared = run("prepare", {})
    return prepared, run("train", MONTHS)


def test_prepare_writes_what_notebook_1_writes(trained, tmp_path):
    """The project's prepared months are those of notebook 1, byte for byte, and are on record with the raw tables."""
    prepared, _ = trained
    env = {**os.environ, "WORKBOOK_WORKSPACE": str(tmp_path)}
    code = "from helpers import checkpoints; checkpoints.replay('01')"
    subprocess.run([sys.executable, "-c", code], check=True, env=env, timeout=1800)
    months = [f"2013-{month:02d}" for month in range(1, 13)]
    for month in months:
        ours = (paths.PREPARED / f"{month}.parquet").read_bytes()
        assert ours == (tmp_path / "prepared" / f"{month}.parquet").read_bytes()
    assert checkpoints.is_there("01")
    named = {item.tags[0].value: [] for item in prepared.inputs.dataset_inputs}
    for item in prepared.inputs.dataset_inputs:
        named[item.tags[0].value].append(item.dataset.name)
    assert named == {"raw": ["flights", "weather", "airports"], "prepared": months}


def test_what_a_step_refuses_is_on_record(trained):
    """A month that is not there, a word for a number and an option that nobody knows fail the run and say why."""
    missing = failed("train", {"months": "2013-01,2014-01"})
    assert missing.info.status == "FAILED" and "2014-01 is not prepared" in missing.data.tags["error"]
    assert "prepare" in missing.data.tags["error"]
    assert "invalid int value: 'many'" in failed("train", {"max_iter": "many"}).data.tags["error"]
    assert "--max_trees" in failed("train", {"max_trees": "9"}).data.tags["error"]


def test_a_month_of_the_training_is_not_evaluated(trained):
    """The rule, the month, the months of the training and the remedy are on record, and no metric is."""
    import mlflow

    models = [mlflow.get_logged_model(made.model_id) for made in trained[1].outputs.model_outputs]
    address = next(model.model_uri for model in models if model.name == "model")
    refused = failed("evaluate", {"model_uri": address, "month": "2013-01"})
    assert refused.info.status == "FAILED" and not refused.data.metrics
    for words in ("only on a month that it was not", "month is 2013-01", "was trained on 2013-01:", "choose another"):
        assert words in refused.data.tags["error"]
    refused = failed("main", {"months": "2013-01,2013-02", "month": "2013-02"})
    assert "month is 2013-02" in refused.data.tags["error"] and "prepare" not in refused.data.tags
    assert "auc" in run("evaluate", {"model_uri": address, "month": "2013-02"}).data.metrics


@pytest.mark.parametrize(
    ("contexts", "months"),
    [
        ([("2013-01", "training"), ("2013-02", "training"), ("2013-03", "validation")], ["2013-01", "2013-02"]),
        ([("2013-03", "evaluation")], None),
        ([], None),
    ],
)
def test_the_months_of_a_training_are_those_on_record(steps, contexts, months):
    """Data that a run has read for another purpose do not count; where nothing is on record, nothing is evaluated."""
    import evaluate
    import mlflow
    import pandas as pd

    with mlflow.start_run() as made:
        for month, context in contexts:
            rows = pd.DataFrame({"temp": [float(month[-2:])]})
            mlflow.log_input(mlflow.data.from_pandas(rows, name=month), context=context)
    if months:
        assert evaluate.read_training_months(made.info.run_id) == months
    else:
        with pytest.raises(SystemExit, match="has none: train it again"):
            evaluate.read_training_months(made.info.run_id)
        mlflow.end_run()


def test_an_environment_from_the_pins_makes_the_same_model(trained, monkeypatch):
    """In an environment that MLflow builds from the pins, training gives the same probabilities, bit for bit."""
    import mlflow

    monkeypatch.setenv("MLFLOW_ENV_ROOT", str(paths.WORKSPACE / "environments"))
    for name, value in packages.uv_settings().items():
        monkeypatch.setenv(name, value)
    isolated = run("train", MONTHS, env_manager="uv")
    assert isolated.data.tags["mlflow.project.env"] == "uv" and isolated.data.tags["packages"] == "as pinned"
    assert list((paths.WORKSPACE / "environments").glob("*/pyvenv.cfg"))
    here, there = (probabilities(one) for one in (trained[1], isolated))
    assert mlflow.active_run() is None and len(here) > 20_000 and (here == there).all()


def probabilities(trained_run):
    """Return the probabilities of April's flights from the model of a run."""
    import mlflow
    import pandas as pd

    from helpers.features import FEATURES

    models = [mlflow.get_logged_model(made.model_id) for made in trained_run.outputs.model_outputs]
    address = next(model.model_uri for model in models if model.name == "model")
    april = pd.read_parquet(paths.PREPARED / "2013-04.parquet")
    return mlflow.sklearn.load_model(address).predict_proba(april[FEATURES])[:, 1]
