"""Checks of notebook 15."""
import contextlib
import json
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import mlflow
import numpy as np

from helpers import monitoring, paths, processes, texts
from helpers.checks.records import find_latest, read_month
from helpers.checks.registry import NotYet, describe, exercise
from helpers.features import FEATURES

_KIT = paths.WORKSPACE / "integrations"


@contextlib.contextmanager
def _copied(info: object) -> Iterator[str]:
    """Give a logged model's folder as another machine would get it: a copy outside the workspace."""
    if not (address := getattr(info, "model_uri", None)):
        raise NotYet("it is not what `log_model` returns: keep that, it holds the address of the model")
    with tempfile.TemporaryDirectory() as folder:
        yield mlflow.artifacts.download_artifacts(address, dst_path=folder)


def _close(workspace: str) -> None:
    """Let this process open no file of the workspace any more, as another machine does not have it."""

    def refuse(event: str, arguments: tuple) -> None:
        if event == "open" and isinstance(arguments[0], str) and os.path.realpath(arguments[0]).startswith(workspace):
            raise PermissionError(f"the model opens {Path(arguments[0]).name} in the workspace, not in its own files")

    sys.addaudithook(refuse)


def _predict(folder: str, workspace: str, rows: list) -> list:
    """Return what a model says of several tables or lists, or its error as text; it runs in a new process."""
    _close(workspace)
    model, said = mlflow.pyfunc.load_model(folder), []
    for some in rows:
        try:
            said.append(np.asarray(model.predict(some)))
        except Exception as error:
            said.append(describe(error))
    return said


def _open_pipeline(folder: str) -> tuple[list[str], int, bool]:
    """Return the names of a pipeline's steps, its trees' number of flights, and whether each tree got only a part."""
    pipeline = mlflow.sklearn.load_model(folder)
    steps = [step for _, step in getattr(pipeline, "steps", [("", pipeline)])]
    names, last = [type(step).__name__ for step in steps], steps[-1]
    if names[-1] != "LGBMClassifier":
        return names, 0, False
    root = last.booster_.trees_to_dataframe()["count"].iloc[0]
    return names, int(root), last.get_params()["subsample_freq"] > 0


def _run(function: Callable, *arguments: object) -> Any:
    """Return what a function answers in a new process; raise NotYet where it fails."""
    try:
        return processes.in_a_process(function, *arguments).answer
    except RuntimeError as error:
        end = str(error).strip().splitlines()[-1]
        raise NotYet(f"a new process gets no answer from it; the end of its error: {end}") from None


def _ask(folder: str, cases: dict[str, Any]) -> list[np.ndarray]:
    """Return a copied model's answers from a new process without the workspace; raise NotYet where it has none."""
    answers = _run(_predict, folder, os.path.realpath(paths.WORKSPACE), list(cases.values()))
    for name, said in zip(cases, answers):
        if isinstance(said, str):
            raise NotYet(f"a new process gets no answer from it for {name}: {said}")
    return answers


def _require_pipeline_of_lightgbm(info: object, folder: str) -> None:
    """Raise NotYet unless a model is a pipeline with LightGBM's classifier, fitted on the two months."""
    if "sklearn" not in (flavors := sorted(set(info.flavors) - {"python_function"})):
        raise NotYet(f"its flavor is {', '.join(flavors) or 'a custom model'}: log the pipeline with "
                     "mlflow.sklearn.log_model")
    names, flights, parts = _run(_open_pipeline, folder)
    if names[-1] != "LGBMClassifier":
        raise NotYet(f"its last step is a {names[-1]}: put a LGBMClassifier there")
    if len(names) == 1:
        raise NotYet("it is a LGBMClassifier alone: the encoder must come before it, in one pipeline")
    winter = sum(len(read_month(month)) for month in ("2013-01", "2013-02"))
    if flights > winter or (flights < winter and not parts):
        raise NotYet(f"it has learned from {flights:,} flights, and `winter` has {winter:,}: fit it on all of these, "
                     "and on no other")


@exercise("15.1", hint="whole = behind_codes(lightgbm.LGBMClassifier(...)).fit(winter[FEATURES], winter[LABEL]); "
          "log_model with pyfunc_predict_fn='predict_proba'; where skops refuses, its error names the types to trust")
def check_takes_flights(whole: object) -> str:
    """A pipeline of LightGBM's that takes flights as they are and answers with probabilities."""
    march = read_month("2013-03")
    cases = {"the flights of March": march[FEATURES],
             "an unknown airline, XX (the encoder must give it a number, as `codes` does)":
             march[FEATURES].head(1).assign(carrier="XX")}
    with _copied(whole) as folder:
        _require_pipeline_of_lightgbm(whole, folder)
        said = _ask(folder, cases)[0]
    if np.isin(said, [0, 1]).all():
        raise NotYet("it answers with classes, 0 and 1: tell the flavor which method `predict` stands for")
    chance = said[:, -1] if said.ndim == 2 else said
    auc = monitoring.auc(march.assign(score=chance)).value
    if auc < 0.7:
        raise NotYet(f"its AUC on March is {auc:.2f}, and LightGBM reached 0.73: are its settings far from ours?")
    return f"It takes text and answers with chances, AUC {auc:.2f} on March: the encoder has moved into the model."


def _choose(texts_asked: list[str]) -> list[str]:
    """Return the desks that the notebook's network chooses for some texts, numbered as in the notebook."""
    numbers = {word: number for number, word in enumerate(json.loads((_KIT / "vocabulary.json").read_text("utf-8")))}
    rows = np.zeros((len(texts_asked), 24), dtype="int64")
    for row, text in zip(rows, texts_asked):
        found = [numbers.get(word, 1) for word in re.findall(r"[a-z]+", text.lower())][:24]
        row[: len(found)] = found
    run = find_latest("15-integrations", "PyTorch")
    network = mlflow.pyfunc.load_model(f"models:/{run.outputs.model_outputs[0].model_id}")
    return [texts.DESKS[place] for place in network.predict(rows).argmax(axis=1)]


@exercise("15.2", hint="load_context: mlflow.pyfunc.load_model(context.artifacts['network']) and the words from "
          "context.artifacts['vocabulary']; predict: number the words of model_input.iloc[:, 0] as `numbered` does")
def check_takes_text(wrapped: object) -> str:
    """A model that numbers the words by itself, as the notebook does, and asks the notebook's network."""
    march = read_month("2013-03").sample(300, random_state=1)
    known, strange = texts.write(march), texts.write(march, texts.UNSEEN)["text"].tolist()
    asked = known["text"].tolist()
    cases = {
        "remarks of the training's wordings": asked,
        "remarks in capital letters": [text.upper() for text in asked],
        "remarks with unknown words (number 1)": strange,
        "texts of more than 24 words (cut there)": [f"{one} {two} {three}" for one, two, three in
                                                    zip(asked, strange, reversed(asked))],
    }
    with _copied(wrapped) as folder:
        said = _ask(folder, cases)
    if said[0].size != len(asked) or not np.isin(said[0], texts.DESKS).all():
        first = said[0].ravel()[0]
        raise NotYet(f"it answers {first!r}, and not with one of the desks {', '.join(texts.DESKS)} for each text")
    for (name, lines), desks in zip(cases.items(), said):
        same = np.mean(desks.ravel() == _choose(lines))
        if same < 1:
            raise NotYet(f"of {name}, {same:.0%} come to the desk that the network chooses with the numbers of "
                         "`numbered`: does the class number words in the same way, and ask the network?")
    return "It takes text, and its list of words travels along: no client can mix it up."
