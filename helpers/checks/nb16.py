"""Checks of notebook 16."""
import copy
import json
from collections.abc import Callable
from typing import Any

import mlflow

from helpers.assistant import quoting, versions
from helpers.checks.answers import call, require_function, show
from helpers.checks.records import connect
from helpers.checks.registry import NotYet, exercise

_PAGES = {"p1": "Planes fly. They land on long straight runways.", "p2": "Some are late. Why? Nobody knows."}
_GROUNDED = (  # answer, whether it is grounded, why
    ("Planes fly. [p1]", True, "it quotes p1"),
    (f"{quoting.SAYS} Planes fly. [p1]", True, "behind `quoting.SAYS` it quotes p1"),
    ("Planes fly. [p1] Some are late. [p2]", True, "it quotes both pages"),
    ("Planes swim. [p1]", False, "p1 does not say so"),
    ("Some are late. [p1]", False, "this stands in p2, not in p1"),
    ("Planes fly. [p1] Planes swim. [p1]", False, "its second quotation is invented"),
    ("Planes swim. [p1] Planes fly. [p1]", False, "its first quotation is invented"),
    ("They fly. [p1]", False, "p1 has these words, and not this sentence"),
    ("They land on long straight rivers. [p1]", False, "p1 does not end its sentence so"),
    ("I think: Planes fly. [p1]", False, "`I think` stands in no page"),
    ("Planes fly.", False, "it names no page"),
    ("Planes fly. [p9]", False, "p9 is not among the pages"),
    (quoting.REFUSAL, False, "a refusal quotes nothing"),
    (f"{quoting.SAYS} {quoting.REFUSAL}", False, "a refusal quotes nothing"),
)


@exercise("16.1", hint="pairs = re.findall(r'(.+?) \\[(\\S+?)\\]\\s*', text), after outputs['answer'].removeprefix("
          "quoting.SAYS).strip(); then bool(pairs) and all(said in outputs['pages'].get(id, '') for said, id in pairs)")
def check_is_grounded(grounded: object) -> str:
    """A scorer that looks for each quotation in the page that it names."""
    from mlflow.genai.scorers import Scorer

    if not isinstance(grounded, Scorer):
        raise NotYet(f"`grounded` is {show(grounded)}, and no scorer: decorate a function of `outputs` with "
                     "@mlflow.genai.scorer")
    for answer, truth, why in _GROUNDED:
        said = _read_verdict(call("grounded", grounded, outputs={"answer": answer, "pages": dict(_PAGES)}))
        if said != truth:
            raise NotYet(f"the answer {answer!r} should get {truth}, as {why}. The pages are {_PAGES}")
    return "It tells a quotation from an invention. Whether the page itself is true, it cannot tell."


def _read_verdict(said: Any) -> bool:
    """Return what a scorer says, as a bool or in a Feedback; raise NotYet where it is neither yes nor no."""
    value = getattr(said, "value", said)
    if value in ("yes", "no"):
        return value == "yes"
    if hasattr(value, "item"):
        value = value.item()
    if not isinstance(value, bool):
        raise NotYet(f"it returns {show(value)}: return True or False, or Feedback(value=...)")
    return value


@exercise("16.2", hint="register('Answer the question from the pages. Name the page. If the pages do not answer the "
          "question, say so. Quote at most ... sentences.', 'more sentences')")
def check_is_better(better: object) -> str:
    """A version of the prompt that passes the gate against version 2."""
    if getattr(better, "name", "assistant") != "assistant":
        raise NotYet(f"`better` is a version of the prompt {better.name!r}, and not of `assistant`: use the function "
                     "`register`")
    prompt = _load(better)
    if int(connect().get_prompt_version_by_alias("assistant", "production").version) == int(prompt.version) > 2:
        raise NotYet("production is this version already: first the gate, then the alias. Move it back to version 2")
    for name in ("pages", "question"):
        if name not in prompt.variables:
            raise NotYet(f"the template of version {prompt.version} has no {{{{{name}}}}}: use the function `register`")
    new, old = (versions.try_version(one.format) for one in (prompt, _load(2)))
    low, high = versions.find_interval(new, old)
    times = new.cost / old.cost
    seen = (f"right {new.right.mean():.2f} against {old.right.mean():.2f}, the interval of the difference "
            f"{low:.3f} to {high:.3f}, {times:.2f} times the cost")
    if low <= 0:
        raise NotYet(f"the gate says no, as the interval must be above zero: {seen}")
    if times > versions.MOST_COST:
        raise NotYet(f"the gate says no, as an answer costs too much: {seen}")
    return f"The gate says yes: {seen}."


def _load(better: Any) -> Any:
    """Return a version of the prompt, given as itself, by its number or by its address."""
    number = getattr(better, "version", better)
    if isinstance(number, str):
        number = number.rsplit("/", 1)[-1]
    try:
        return mlflow.genai.load_prompt(f"prompts:/assistant/{int(number)}", cache_ttl_seconds=0)
    except (TypeError, ValueError, mlflow.MlflowException):
        raise NotYet(f"`better` is {show(better)}, and no version of the prompt `assistant`: keep what `register` "
                     "returns") from None


@exercise("16.3", hint="values = {one.name: one.value for one in trace.info.assessments}; first look whether "
          "values['facts'] are all in the answer, then whether values['page'] is among the ids of the pages")
def check_cause(find_cause: Callable) -> str:
    """A function that reads from a trace why an answer is wrong."""
    require_function(find_cause, "find_cause(trace)")
    traces = _list_traces()
    causes = [_find_cause(trace) for trace in traces]
    if set(causes) != {"search", "model", "none"}:
        raise NotYet("run the cells above first: there are no evaluated traces with all three causes")
    for trace, truth in zip(traces, causes):
        said = call("find_cause", find_cause, trace)
        if not isinstance(said, str) or said.strip().lower() != truth:
            question = json.loads(trace.data.request)["question"]
            raise NotYet(f"for the trace of {question!r} it returns {show(said)}, and should return {truth!r}")
    _try_changed(find_cause, traces[causes.index("none")])
    return ", ".join(f"{causes.count(cause)} × {cause}" for cause in ("none", "model", "search")) + (
        ": each cause has a remedy of its own, and a better model helps against one of them.")


def _try_changed(find_cause: Callable, trace: Any) -> None:
    """Raise NotYet where a function does not see what was changed in copies of a trace whose answer has all facts."""
    facts, invented = _read(trace)["facts"], "what no answer says"
    for changes, why in (
        ({"page": "99-another"}, "has all facts, although the expected page was not found"),
        ({"facts": [*facts, invented]}, "has not the last of its facts"),
        ({"facts": [invented, *facts]}, "has not the first of its facts"),
    ):
        changed = copy.deepcopy(trace)
        for one in changed.info.assessments:
            if one.name in changes:
                one.expectation.value = changes[one.name]
        said, truth = call("find_cause", find_cause, changed), _find_cause(changed)
        if not isinstance(said, str) or said.strip().lower() != truth:
            raise NotYet(f"for a trace whose answer {why}, it returns {show(said)}, and should return {truth!r}")


def _list_traces() -> list:
    """Return the traces of the notebook's evaluations, of the questions that a page answers, the latest 150."""
    found = connect().get_experiment_by_name("16-assistant")
    traces = mlflow.search_traces(
        locations=[found.experiment_id], max_results=1000, return_type="list") if found else []
    known = [trace for trace in traces if _read(trace).get("facts") and _read(trace).get("page", "none") != "none"]
    return known[:150]  # those of later cells have no facts


def _read(trace: Any) -> dict[str, Any]:
    """Return the expectations and verdicts of a trace by name."""
    return {one.name: one.value for one in trace.info.assessments}


def _find_cause(trace: Any) -> str:
    """Return why an answer is wrong, by its trace."""
    wanted, answer = _read(trace), json.loads(trace.data.response)["answer"]
    if all(fact in answer for fact in wanted["facts"]):
        return "none"
    pages = trace.search_spans(span_type="RETRIEVER")[0].outputs
    return "model" if wanted["page"] in [page["id"] for page in pages] else "search"
