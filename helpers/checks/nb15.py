"""Checks of notebook 15."""
import mlflow
import numpy as np

from helpers import monitoring, processes, texts
from helpers.checks.records import read_month
from helpers.checks.registry import NotYet, exercise
from helpers.features import FEATURES


def _predict(address: str, rows: object) -> object:
    """Return what a model says of some rows; it runs in a new process."""
    return mlflow.pyfunc.load_model(address).predict(rows)


def _ask_in_a_new_process(info: object, rows: object) -> np.ndarray:
    """Return a logged model's answer from a new process; raise NotYet where it has none."""
    try:
        return np.asarray(processes.in_a_process(_predict, info.model_uri, rows).answer)
    except RuntimeError as error:
        end = str(error).strip().splitlines()[-1]
        raise NotYet(f"a new process gets no answer from it; the end of its error: {end}") from None


@exercise("15.1", hint="make_column_transformer((codes, list(CATEGORIES)), remainder='passthrough') comes first; "
          "log_model with pyfunc_predict_fn='predict_proba'; where skops refuses, its error names the types to trust")
def check_takes_flights(whole: object) -> str:
    """A model of LightGBM's that takes flights as they are and answers with probabilities."""
    flights = read_month("2013-03")
    said = _ask_in_a_new_process(whole, flights[FEATURES])
    if np.isin(said, [0, 1]).all():
        raise NotYet("it answers with classes, 0 and 1: tell the flavor which method `predict` stands for")
    chance = said[:, -1] if said.ndim == 2 else said
    auc = monitoring.auc(flights.assign(score=chance)).value
    if auc < 0.7:
        raise NotYet(f"its AUC on March is {auc:.2f}, and LightGBM reached 0.73: is it fitted on `winter[FEATURES]`?")
    return f"It takes text and answers with chances, AUC {auc:.2f} on March: the codes have moved into the model."


@exercise("15.2", hint="load_context: mlflow.pyfunc.load_model(context.artifacts['network']) and the words from "
          "context.artifacts['vocabulary']; predict: number the words of model_input.iloc[:, 0] as `numbered` does")
def check_takes_text(wrapped: object) -> str:
    """A model that numbers the words by itself."""
    asked = texts.write(read_month("2013-03").sample(300, random_state=1))
    said = _ask_in_a_new_process(wrapped, asked["text"].tolist()).ravel()
    if not np.isin(said, texts.DESKS).all():
        raise NotYet(f"it answers {said[0]!r}, and not with one of the desks {', '.join(texts.DESKS)}")
    right = (said == asked["desk"].to_numpy()).mean()
    if right < 0.95:
        raise NotYet(f"{right:.0%} of the remarks come to the right desk: does it number words as `numbered` does?")
    return "It takes text, and its list of words travels along: no client can mix it up."


@exercise("15.3", hint="any(outputs['answer'] in page['text'] for page in outputs['pages']), in a function that "
          "@mlflow.genai.scorer decorates")
def check_is_grounded(grounded: object) -> str:
    """A scorer that looks for the answer in the pages."""
    from mlflow.genai.scorers import Scorer  # slow, and the new processes of the other checks do without

    if not isinstance(grounded, Scorer):
        raise NotYet("it is no scorer: decorate the function with @mlflow.genai.scorer")
    pages = [{"notebook": "01", "text": "Planes fly. They land."}, {"notebook": "02", "text": "Some are late."}]
    cases = {"Planes fly.": True, "Some are late.": True, "All are late.": False, "They land. Some are late.": False}
    for text, truth in cases.items():
        if grounded(outputs={"answer": text, "pages": pages}) is not truth:
            raise NotYet(f"with the pages {[page['text'] for page in pages]} the answer {text!r} should get {truth}")
    return "It tells a quotation from an invention, and costs no second language model."
