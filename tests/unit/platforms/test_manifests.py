"""Manifests are taken with the published fields, and with no other."""
import pytest
import yaml

from helpers.platforms import manifests
from helpers.platforms.manifests import Experiment, Model, Pipeline

SPEC = {"storageUri": "s3://models/late/1", "requirements": ["mlflow"], "memory": "200Mi", "replicas": 2}
SPLIT = {"default": "late", "candidates": [{"name": "late", "weight": 90}, {"name": "other", "weight": 10}],
         "mirror": {"name": "third", "percent": 100}}
STEPS = {"steps": [{"name": "late"}, {"name": "drift", "inputs": ["late.inputs"]}], "output": {"steps": ["late"]}}
OURS = [Model(metadata={"name": "late"}, spec=SPEC), Experiment(metadata={"name": "canary"}, spec=SPLIT),
        Pipeline(metadata={"name": "flights"}, spec=STEPS)]


def test_what_is_written_is_read_back():
    """Manifests stand in one text, with no field that nobody set."""
    text = manifests.write(*OURS)
    assert manifests.read(text) == OURS
    assert yaml.safe_load(text.split("---")[0])["spec"] == SPEC


@pytest.mark.parametrize("field", ["metadata", "storageUri", "requirements", "memory", "replicas", "default",
                                   "candidates", "weight", "mirror", "percent", "steps", "inputs", "output"])
def test_a_misspelt_field_is_refused_and_named(field):
    """Whichever field it is, at any depth."""
    with pytest.raises(ValueError, match=f"{field}x: Extra inputs are not permitted"):
        manifests.read(manifests.write(*OURS).replace(f"{field}:", f"{field}x:", 1))


@pytest.mark.parametrize(("kind", "spec", "says"), [
    ("Experiment", {**SPLIT, "default": "nobody"}, "none of the candidates"),
    ("Experiment", {**SPLIT, "mirror": {"name": "third", "percent": 101}}, "less than or equal to 100"),
    ("Experiment", {"candidates": [{"name": "late", "weight": 0}]}, "nobody gets a request"),
    ("Experiment", {"candidates": []}, "at least 1 item"),
    ("Experiment", {"candidates": [{"name": "late", "weight": "90"}]}, "valid integer"),
    ("Pipeline", {"steps": [{"name": "late", "inputs": ["early.outputs"]}]}, "refers to no step"),
    ("Pipeline", {"steps": [{"name": "late"}], "output": {"steps": ["early"]}}, "refers to no step"),
    ("Model", {"requirements": ["mlflow"]}, "storageUri: Field required"),
    ("Model", {**SPEC, "memory": "200 MB"}, "memory: String should match"),
    ("Model", {**SPEC, "replicas": -1}, "greater than or equal to 0"),
])
def test_a_value_that_cannot_be_is_refused(kind, spec, says):
    """Numbers out of range, names of nothing, and what is missing."""
    text = {"apiVersion": "mlops.seldon.io/v1alpha1", "kind": kind, "metadata": {"name": "late"}, "spec": spec}
    with pytest.raises(ValueError, match=says):
        manifests.read(yaml.safe_dump(text))


@pytest.mark.parametrize("text", ["kind: Modelx\napiVersion: mlops.seldon.io/v1alpha1\n", "- 1\n", "kind: Pipeline\n"])
def test_an_unknown_kind_is_refused(text):
    """The known ones are listed."""
    with pytest.raises(ValueError, match=r"known are .*'Model'"):
        manifests.read(text)


def test_a_name_that_no_cluster_takes_is_refused():
    """Capitals, for example."""
    with pytest.raises(ValueError, match="pattern"):
        Model(metadata={"name": "Late"}, spec=SPEC)
