"""The models that the live server holds: follow the registry's aliases, load beside the old, then swap."""
from __future__ import annotations

import contextlib
import dataclasses
import gc
import time
import zlib
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from helpers import onnx_form
from helpers.drift import ReferenceProfile
from helpers.live.payloads import kinds_of

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.models import ModelSignature

_DTYPES = {"string": object, "long": "int64", "double": "float64"}
_QUICK = 0.005  # seconds in which a version scores a row, so that it is not worth a thread

_FIRST_PAUSE, _LAST_PAUSE = 2.0, 64.0  # seconds between two tries to load a version


class BadAnswer(Exception):
    """A version answered something else than a probability for each row."""


@dataclass(frozen=True, eq=False)
class Version:
    """A loaded version of a registered model: its ONNX form where the version carries one, else scikit-learn's."""

    number: int
    form: str
    metadata: object
    model: object
    known: Mapping[str, tuple | frozenset] = field(default_factory=dict)  # by column: both ends, or the categories
    seconds: float = 0.0  # that it took to score the second row of its life
    # Its own threads, so that a slow version keeps no other waiting; those of a shadow are apart.
    threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(4, "answers"))
    beside: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "shadow"))

    @property
    def signature(self) -> ModelSignature:
        """The columns that it takes, with their types."""
        return self.metadata.signature

    @property
    def is_quick(self) -> bool:
        """Whether it scores a few rows too quickly to be worth a thread."""
        return self.form == "onnx" and self.seconds < _QUICK

    @cached_property
    def kinds(self) -> dict[str, str]:
        """The type of each column that it takes."""
        return kinds_of(self.signature)

    @cached_property
    def _dtypes(self) -> dict[str, object]:
        return {name: _DTYPES[kind] for name, kind in self.kinds.items()}

    def score(self, columns: Mapping[str, Sequence]) -> np.ndarray:
        """Return the probabilities of on time and late, of shape (n, 2), for columns by name, each with n values."""
        dtypes = self._dtypes
        if self.form == "sklearn":
            series = {name: pd.Series(columns[name], dtype=dtype) for name, dtype in dtypes.items()}
            return self.model.predict_proba(pd.DataFrame(series))
        feed = {name: onnx_form.make_input(columns[name], dtype) for name, dtype in dtypes.items()}
        return self.model.run(["probabilities"], feed)[0]

    def predict_late(self, columns: Mapping[str, Sequence], rows: int) -> list[float]:
        """Return the probability of late for each row; raise BadAnswer where the model does not say one for each."""
        answer = np.asarray(self.score(columns))
        if answer.shape != (rows, 2):
            raise BadAnswer(f"version {self.number} gave an answer of shape {answer.shape} to {rows} rows")
        late = answer[:, 1].tolist()
        for probability in late:
            if not 0 <= probability <= 1:  # NaN is neither
                raise BadAnswer(f"version {self.number} answered {probability} where a probability must come")
        return late

    def count_unusual(self, columns: Mapping[str, Sequence]) -> dict[str, int]:
        """Return for each column how many values were never met in training, where there are any and a profile."""
        counts = {name: sum(map(partial(_is_new, known), columns[name])) for name, known in self.known.items()}
        return {name: count for name, count in counts.items() if count}


def _is_new(known: tuple | frozenset, value: object) -> bool:
    """Return whether a value is no known category, or lies beyond both ends."""
    if value is None:
        return False
    return value not in known if isinstance(known, frozenset) else not known[0] <= value <= known[1]


@dataclass(frozen=True)
class Models:
    """What is served now; replaced as a whole, never changed."""

    champion: Version | None = None
    challenger: Version | None = None
    share: float = 0.0  # of the ids, answered by the challenger; at 0 it only scores beside, as a shadow
    retired: Mapping[int, str] = field(default_factory=dict)  # the reason of each by its number
    trouble: str = ""  # why there is no challenger, where there should be one

    @property
    def loaded(self) -> list[Version]:
        """The versions that are in memory."""
        return [version for version in (self.champion, self.challenger) if version]

    @property
    def shadow(self) -> Version | None:
        """The challenger, where it answers nobody."""
        return None if self.share else self.challenger

    def by_number(self, number: int) -> Version | None:
        """Return the loaded version with a number."""
        return next((version for version in self.loaded if version.number == number), None)

    def choose(self, id: str) -> Version:
        """Return who answers an id: always the same version for the same share."""
        return self.challenger if self.challenger and bucket(id) < self.share else self.champion


def bucket(id: str) -> float:
    """Return a number from 0 to 1 that an id always gets, as good as random from one id to the next."""
    return zlib.crc32(id.encode()) / 2**32


@cache
def preload() -> None:
    """Import what a version may need, so that no swap has to wait for it; what is there stays, and is not garbage."""
    import mlflow.onnx
    import mlflow.sklearn  # noqa: F401
    import skops.io  # noqa: F401
    from sklearn import compose, ensemble, impute, linear_model, pipeline, preprocessing  # noqa: F401

    gc.freeze()  # else Python would search all these modules for garbage again and again


@dataclass
class Retries:
    """Loads versions; one that cannot be loaded is tried again after pauses that double, up to about a minute."""

    _failed: dict[str, tuple[Exception, float, float]] = field(default_factory=dict)  # why, the pause and its end

    def keep(self, numbers: Iterable[str]) -> None:
        """Forget the failures of all other versions."""
        self._failed = {number: failure for number, failure in self._failed.items() if number in numbers}

    def load(self, version) -> Version:
        """Return a version, loaded; raise what it raised before as long as its pause lasts."""
        number = str(version.version)  # a number or a text, as the store has it
        error, pause, end = self._failed.get(number, (None, _FIRST_PAUSE / 2, 0.0))
        if error and time.monotonic() < end:
            raise error.with_traceback(None)  # else it would grow with each time
        try:
            return _load(version)
        except Exception as error:
            pause = min(2 * pause, _LAST_PAUSE)
            self._failed[number] = error, pause, time.monotonic() + pause
            raise


def look(client: MlflowClient, name: str, now: Models, retries: Retries) -> Models:
    """Return what the registry wants served: versions that are loaded already are kept, others loaded and warmed.

    Raises
    ------
    Exception
        Whatever stands in the way of the champion, such as a registry that does not answer
        or a version that cannot be loaded. The caller then goes on with what it has.
    """
    aliases = {alias: str(number) for alias, number in client.get_registered_model(name).aliases.items()}
    retries.keep(aliases.values())
    gone = client.search_model_versions(f"name = '{name}' and tags.status = 'retired'")
    retired = {int(version.version): version.tags.get("reason", "no reason given") for version in gone}
    champion, _ = _find(client, name, aliases.get("champion"), now, retries)
    number = aliases.get("challenger")
    if not number or number == aliases.get("champion"):
        return Models(champion, retired=retired)
    try:
        challenger, tags = _find(client, name, number, now, retries)
        share = _read_share(number, tags.get("canary_share", "0"))
    except Exception as error:  # it must not stand in the way of a rollback
        same = now.challenger and str(now.challenger.number) == number and not isinstance(error, ValueError)
        kept = (now.challenger, now.share) if same else (None, 0.0)
        return Models(champion, *kept, retired, f"challenger: {type(error).__name__}: {error}")
    return Models(champion, challenger, share, retired)


def _find(
    client: MlflowClient, name: str, number: str | None, now: Models, retries: Retries
) -> tuple[Version | None, Mapping[str, str]]:
    """Return a version, loaded, and its tags; nothing where there is no number."""
    if not number:
        return None, {}
    version = client.get_model_version(name, number)
    return now.by_number(int(number)) or retries.load(version), version.tags


def _read_share(number: str, tag: str) -> float:
    """Return the share of a canary; raise ValueError where it is none."""
    with contextlib.suppress(ValueError):
        if 0 <= float(tag) <= 1:
            return float(tag)
    raise ValueError(f"the tag canary_share of version {number} is {tag!r}, and must lie from 0 to 1")


def _load(version) -> Version:
    """Load a version from the registry and warm it with a first prediction."""
    import mlflow

    uri = f"models:/{version.name}/{version.version}"
    metadata = mlflow.models.Model.load(uri)
    if "onnx" in version.tags:
        model, form = onnx_form.start(mlflow.onnx.load_model(version.tags["onnx"])), "onnx"
    else:
        model, form = mlflow.sklearn.load_model(uri), "sklearn"
    known = _load_known(version.tags.get("profile"), metadata.signature.inputs.input_names())
    loaded = Version(int(version.version), form, metadata, model, known)
    return dataclasses.replace(loaded, seconds=_warm(loaded))


def _load_known(address: str | None, names: list[str]) -> dict[str, tuple | frozenset]:
    """Return what a profile knows of some columns: the ends of numbers, and categories where it lists all of them."""
    import mlflow

    if not address:
        return {}
    features = ReferenceProfile.load(mlflow.artifacts.download_artifacts(address)).features
    ends = {name: (one["low"], one["high"]) for name, one in features.items() if one["kind"] == "number"}
    listed = {name: frozenset(one["levels"]) for name, one in features.items() if one.get("other") == 0}
    return {name: known for name, known in {**ends, **listed}.items() if name in names}


def _warm(version: Version) -> float:
    """Score a row twice, raise BadAnswer unless a probability comes back, and return the seconds of the second time."""
    example = {"string": "", "long": 0, "double": None}
    row = {column.name: [example[column.type.name]] for column in version.signature.inputs}
    version.predict_late(row, 1)
    version.count_unusual(row)
    began = time.perf_counter()
    version.predict_late(row, 1)
    return time.perf_counter() - began
