"""Manifests for Kubernetes as typed models of ours, which know the published fields and refuse any other.

A cluster's own check is no help before a cluster is there, it lets everything pass in a part that is published as
free-form, and without strict validation it drops an unknown field with a warning. These models stop a misspelt field:
Seldon Core 2's ``Model``, ``Pipeline`` and ``Experiment``, and Kubeflow's ``PipelineVersion``.
"""
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

Name = Annotated[str, Field(pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", max_length=63)]
Quantity = Annotated[str, Field(pattern=r"^\d+(\.\d+)?([KMGT]i?|k)?$")]  # a number of bytes, such as 200Mi
Count = Annotated[int, Field(ge=0)]
Join = Literal["inner", "outer", "any"]


class Strict(BaseModel):
    """A part of a manifest: a field that is not listed is an error."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Metadata(Strict):
    """What every object of a cluster has."""

    name: Name
    namespace: Name | None = None
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None


class Parameter(Strict):
    """A setting for the server that loads a model."""

    name: str
    value: str


class Logger(Strict):
    """How much of the payloads is logged."""

    percent: Annotated[int, Field(ge=0, le=100)] | None = None


class Reference(Strict):
    """What an explainer or a language model refers to."""

    type: str | None = None
    modelRef: str | None = None
    pipelineRef: str | None = None


class Dataflow(Strict):
    """What becomes of a model's topics in Kafka."""

    cleanTopicsOnDelete: bool | None = None


class ModelSpec(Strict):
    """Where a model's files are, and what the server that loads it must have."""

    storageUri: str
    artifactVersion: int | None = None
    modelType: str | None = None
    schemaUri: str | None = None
    secretName: str | None = None
    requirements: list[str] | None = None
    memory: Quantity | None = None
    server: str | None = None
    replicas: Count | None = None
    minReplicas: Count | None = None
    maxReplicas: Count | None = None
    preloaded: bool | None = None
    dedicated: bool | None = None
    logger: Logger | None = None
    explainer: Reference | None = None
    llm: Reference | None = None
    parameters: list[Parameter] | None = None
    dataflow: Dataflow | None = None


class Batch(Strict):
    """How a step collects requests."""

    size: Count | None = None
    windowMs: Count | None = None
    rolling: bool | None = None


class Step(Strict):
    """A model in a pipeline, and whose data it gets."""

    name: Name
    inputs: list[str] | None = None
    inputsJoinType: Join | None = None
    joinWindowMs: Count | None = None
    tensorMap: dict[str, str] | None = None
    triggers: list[str] | None = None
    triggersJoinType: Join | None = None
    batch: Batch | None = None


class Output(Strict):
    """The steps whose answers are the pipeline's."""

    steps: list[str] | None = None
    stepsJoin: Join | None = None
    joinWindowMs: Count | None = None
    tensorMap: dict[str, str] | None = None


class PipelineSpec(Strict):
    """Models in a row; a step takes data from the steps before it."""

    steps: Annotated[list[Step], Field(min_length=1)]
    output: Output | None = None

    @model_validator(mode="after")
    def _names_its_steps(self) -> "PipelineSpec":
        """Raise ValueError where something refers to a step that is not there."""
        known = {step.name for step in self.steps}
        asked = [name for step in self.steps for name in [*(step.inputs or []), *(step.triggers or [])]]
        for name in [*asked, *((self.output and self.output.steps) or [])]:
            if name.split(".")[0] not in known:
                raise ValueError(f"{name!r} refers to no step: there are {sorted(known)}")
        return self


class Candidate(Strict):
    """A model of an experiment, and its share of the requests as a weight."""

    name: Name
    weight: Count


class Mirror(Strict):
    """A model that gets copies of requests, and whose answers nobody sees."""

    name: Name
    percent: Annotated[int, Field(ge=0, le=100)]


class ExperimentSpec(Strict):
    """How requests are divided."""

    candidates: Annotated[list[Candidate], Field(min_length=1)]
    default: str | None = None
    mirror: Mirror | None = None
    resourceType: Literal["model", "pipeline"] | None = None

    @model_validator(mode="after")
    def _divides_requests(self) -> "ExperimentSpec":
        """Raise ValueError where the default is no candidate, or nobody gets a request."""
        names = [candidate.name for candidate in self.candidates]
        if self.default is not None and self.default not in names:
            raise ValueError(f"the default {self.default!r} is none of the candidates {names}")
        if not sum(candidate.weight for candidate in self.candidates):
            raise ValueError("all weights are 0, so nobody gets a request")
        return self


class PipelineVersionSpec(Strict):
    """A compiled pipeline of Kubeflow; `pipelineSpec` is checked against Kubeflow's own message."""

    pipelineName: str
    displayName: str | None = None
    description: str | None = None
    codeSourceURL: str | None = None
    pipelineSpec: dict[str, Any]
    pipelineSpecURI: str | None = None
    platformSpec: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _is_a_pipeline(self) -> "PipelineVersionSpec":
        """Raise ValueError where the pipeline has a field that Kubeflow's message has not."""
        from google.protobuf import json_format
        from kfp.pipeline_spec import pipeline_spec_pb2

        try:
            json_format.ParseDict(self.pipelineSpec, pipeline_spec_pb2.PipelineSpec())
        except json_format.ParseError as error:
            raise ValueError(str(error).partition("\n")[0].strip()) from None
        return self


class Model(Strict):
    """Seldon: a model to be served."""

    apiVersion: Literal["mlops.seldon.io/v1alpha1"] = "mlops.seldon.io/v1alpha1"
    kind: Literal["Model"] = "Model"
    metadata: Metadata
    spec: ModelSpec


class Pipeline(Strict):
    """Seldon: models in a row."""

    apiVersion: Literal["mlops.seldon.io/v1alpha1"] = "mlops.seldon.io/v1alpha1"
    kind: Literal["Pipeline"] = "Pipeline"
    metadata: Metadata
    spec: PipelineSpec


class Experiment(Strict):
    """Seldon: requests divided among models, or copied to one."""

    apiVersion: Literal["mlops.seldon.io/v1alpha1"] = "mlops.seldon.io/v1alpha1"
    kind: Literal["Experiment"] = "Experiment"
    metadata: Metadata
    spec: ExperimentSpec


class PipelineVersion(Strict):
    """Kubeflow: a version of a compiled pipeline."""

    apiVersion: Literal["pipelines.kubeflow.org/v2beta1"] = "pipelines.kubeflow.org/v2beta1"
    kind: Literal["PipelineVersion"] = "PipelineVersion"
    metadata: Metadata
    spec: PipelineVersionSpec


_KINDS = {(kind.model_fields["apiVersion"].default, kind.__name__): kind
          for kind in (Model, Pipeline, Experiment, PipelineVersion)}


def write(*manifests: Strict) -> str:
    """Return manifests as YAML, in one text, without the fields that nobody set."""
    kept = [manifest.model_dump(exclude_none=True) for manifest in manifests]
    return yaml.safe_dump_all(kept, sort_keys=False)


def read(text: str) -> list[Strict]:
    """Return the manifests in a text of YAML; raise ValueError that names each field that is not right."""
    found = []
    for document in yaml.safe_load_all(text):
        named = (document.get("apiVersion"), document.get("kind")) if isinstance(document, dict) else (None, None)
        if named not in _KINDS:
            raise ValueError(f"apiVersion {named[0]!r} with kind {named[1]!r}: known are {sorted(_KINDS)}")
        try:
            found.append(_KINDS[named].model_validate(document))
        except ValidationError as error:
            raise ValueError(_describe(error)) from None
    return found


def _describe(error: ValidationError) -> str:
    """Return where each fault is and what it is, in a line each, fields that nobody knows first."""
    faults = sorted(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
    return "\n".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in faults)
