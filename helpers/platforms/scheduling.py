"""What Seldon Core 2's scheduler would do with manifests, by the rules that its documentation gives.

A server may take a model if it has all capabilities that the model requires, as many replicas as the model asks for,
and in each replica enough free memory. Among several, one that has the model already comes first. Without any, the
model is marked ``ScheduleFailed``. An experiment or a pipeline waits for its models.
"""
import re
from dataclasses import dataclass, field

from helpers.platforms.manifests import Experiment, Model, Pipeline, Strict

_UNITS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "K": 10**3,
          "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}


@dataclass
class Server:
    """A server of a cluster: what it can load, in how many replicas, with how much memory in each."""

    name: str
    capabilities: set[str]
    replicas: int
    memory: str
    models: dict[str, float] = field(default_factory=dict)  # those that it has, with the bytes of each

    def refuses(self, model: Model) -> str:
        """Return why the server cannot take a model; nothing where it can."""
        lacking = sorted(set(model.spec.requirements or []) - self.capabilities)
        free = count_bytes(self.memory) - sum(size for name, size in self.models.items() if name != model.metadata.name)
        wanted = 1 if model.spec.replicas is None else model.spec.replicas
        if lacking:
            return f"{self.name} cannot load {', '.join(lacking)}"
        if model.spec.server not in (None, self.name):
            return f"{self.name} is not {model.spec.server}"
        if wanted > self.replicas:
            return f"{self.name} has {self.replicas} replicas, not {wanted}"
        return f"{self.name} has too little memory" if count_bytes(model.spec.memory or "0") > free else ""


def count_bytes(quantity: str) -> float:
    """Return how many bytes a quantity of Kubernetes is, such as ``200Mi``."""
    number, unit = re.fullmatch(r"([\d.]+)([A-Za-z]*)", quantity).groups()
    return float(number) * _UNITS[unit]


def plan(found: list[Strict], servers: list[Server]) -> dict[str, str]:
    """Return what would become of each manifest, by its kind and name; servers note the models that they took."""
    models = [one for one in found if isinstance(one, Model)]
    places = {model.metadata.name: _place(model, servers) for model in models}
    told = {f"Model {name}": place for name, place in places.items()}
    ready = {name for name, place in places.items() if not place.startswith("ScheduleFailed")}
    for one in found:
        if isinstance(one, Experiment | Pipeline):
            waits = sorted(_needed(one) - ready)
            told[f"{one.kind} {one.metadata.name}"] = f"waits for {', '.join(waits)}" if waits else _describe(one)
    return told


def _place(model: Model, servers: list[Server]) -> str:
    """Put a model on the first server that may take it, those that have it first, and return where, or why nowhere."""
    reasons = []
    for server in sorted(servers, key=lambda server: model.metadata.name not in server.models):
        if reason := server.refuses(model):
            reasons.append(reason)
            continue
        server.models[model.metadata.name] = count_bytes(model.spec.memory or "0")
        return f"on {server.name}, {1 if model.spec.replicas is None else model.spec.replicas} of its replicas"
    return f"ScheduleFailed: {'; '.join(reasons) or 'there is no server'}"


def _needed(one: Experiment | Pipeline) -> set[str]:
    """Return the models that an experiment or a pipeline needs."""
    if isinstance(one, Pipeline):
        return {step.name for step in one.spec.steps}
    mirror = {one.spec.mirror.name} if one.spec.mirror else set()
    return mirror | {candidate.name for candidate in one.spec.candidates}


def _describe(one: Experiment | Pipeline) -> str:
    """Return in words where requests go."""
    if isinstance(one, Pipeline):
        return " -> ".join(step.name for step in one.spec.steps)
    total = sum(candidate.weight for candidate in one.spec.candidates)
    shares = [f"{candidate.weight / total:.0%} to {candidate.name}" for candidate in one.spec.candidates]
    mirror = [f"copies of {one.spec.mirror.percent}% to {one.spec.mirror.name}"] if one.spec.mirror else []
    return ", ".join(shares + mirror)
