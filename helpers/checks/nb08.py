"""Checks of notebook 08."""
from collections.abc import Callable, Iterable, Mapping

import pandas as pd

from helpers import drift, faults
from helpers.checks.answers import call, is_close, read_names, read_number, read_word, require_function, show
from helpers.checks.registry import NotYet, exercise

_COLOURS = pd.Series(["blue"] * 6000 + ["red"] * 3000 + ["green"] * 1000)
_SAME_LABELS = pd.Series(["blue"] * 4500 + ["red"] * 4500 + ["green"] * 1000)
_NEW_LABEL = pd.Series(["blue"] * 5000 + ["red"] * 3000 + ["pink"] * 2000)
_SOME_MISSING = pd.Series(["blue"] * 8000 + ["red"] * 4000 + ["green"] * 2000 + [None] * 6000)
_FEWER_MISSING = pd.Series(["blue"] * 6000 + ["red"] * 2500 + ["green"] * 500 + [None] * 1000)
_FALSE = 1  # windows of winter that may raise an alarm
_SEED = 54
_SLACK = 0.005


@exercise(
    "8.1",
    hint="value_counts(dropna=False, normalize=True) gives one column's shares, missing values included; "
    "pd.concat(..., axis=1).fillna(0) puts two such columns side by side.",
)
def check_psi_of_labels(answer: Callable[[pd.Series, pd.Series], float]) -> str:
    """PSI of a column of labels: with the same labels, with a new and a vanished one, with missing values."""
    require_function(answer, "psi_of_labels(reference, current)")
    _compare(answer, _SAME_LABELS, "the same three labels on both sides: sum (q - p) ln(q / p) over shares, not counts")
    new = "one label that only the reference has and one that only the current column has"
    _compare(answer, _NEW_LABEL, f"{new}: both are cells, and their empty sides count as 0.0001")
    _compare(answer, _SOME_MISSING, "missing values: they are a cell of their own, and every share is one of all rows")
    both = "20,000 rows with missing values, compared with 10,000 rows that have some too"
    _compare(answer, _SOME_MISSING, f"{both}: divide each side by its own number of rows", _FEWER_MISSING)
    return "A label that nobody saw in training is a cell like any other, which is how PSI notices a renamed carrier."


def _compare(
    answer: Callable[[pd.Series, pd.Series], float], current: pd.Series, what: str, reference: pd.Series = _COLOURS
) -> None:
    """Raise NotYet unless the answer gives the PSI of a current column beside a reference."""
    right = drift.psi(reference, current)
    got = call("psi_of_labels(reference, current)", answer, reference.copy(), current.copy())
    got = read_number(got, "psi_of_labels(reference, current)")
    if not is_close(got, right, 1e-6) and got not in (round(right, 3), round(right, 4)):
        raise NotYet(f"On an example it gives {got:.4f} in place of {right:.4f}. The example has {what}.")


@exercise(
    "8.2",
    hint="windows.max() is the largest PSI of each window. Sort the nine values: "
    "the limit must lie at or above all but one of them.",
)
def check_limit(answer: object, windows: pd.DataFrame) -> str:
    """The smallest PSI limit, to two decimals, with which at most one window of winter has an alarm."""
    answer = read_number(answer, "limit")
    if windows.empty or windows.isna().any(axis=None):
        raise NotYet("`windows` is not what the cells above make of it: run them again.")
    if abs(answer * 100 - round(answer * 100)) > 1e-4:
        raise NotYet(f"{answer} has more than two decimals: give the smallest limit that has two.")
    alarms, one_less = _count_alarms(answer, windows), _count_alarms(answer - 0.01, windows)
    if alarms > _FALSE:
        raise NotYet(f"With {answer:.2f}, {alarms} of {windows.shape[1]} windows have an alarm: look at windows.max().")
    if one_less <= _FALSE:
        raise NotYet(f"With {answer:.2f} the windows with an alarm are {alarms}, and with {answer - 0.01:.2f} they are "
                     f"{one_less}: go lower.")
    return f"This limit is {answer / 0.25:.1f} times the .25 of the rule of thumb, and comes from the winter alone."


def _count_alarms(limit: float, windows: pd.DataFrame) -> int:
    """Return how many windows have a feature above a limit."""
    return int((windows.max() > limit).sum())


@exercise(
    "8.3",
    hint='gaps["alarm"] is False where the mean gap raises no alarm; '
    "by_month.max() > 0.25 is True where the features raised an alarm.",
)
def check_false_alarms(answer: Iterable[str], gaps: pd.DataFrame, by_month: pd.DataFrame) -> str:
    """The months with a drift alarm and no alarm of the mean calibration gap."""
    named = {name.title() for name in read_names(answer, "false_alarms")}
    beyond = (gaps["low"] > _SLACK) | (gaps["high"] < -_SLACK)
    if (beyond != gaps["alarm"]).any():
        raise NotYet(f"`gaps` was made with another slack than {_SLACK}: run the cells above again.")
    if set(gaps.index) != set(by_month.columns) or not (by_month > 0.25).any(axis=None):
        raise NotYet("`gaps` or `by_month` is not what the cells above make: run them again.")
    if strange := sorted(named - set(by_month.columns)):
        raise NotYet(f"{strange[0]!r} is not among the months: spell them as in {list(by_month.columns)}.")
    fired, silent = set(by_month.columns[by_month.max() > 0.25]), set(gaps.index[~gaps["alarm"].astype(bool)])
    wrong = sorted(named - fired) or sorted(named - silent, key=list(gaps.index).index)
    if wrong:
        raise NotYet(f"{wrong[0]} is in your list, but its mean gap is {gaps.loc[wrong[0], 'value']:+.3f}, from "
                     f"{gaps.loc[wrong[0], 'low']:+.3f} to {gaps.loc[wrong[0], 'high']:+.3f}: the gap raises an alarm.")
    if named != fired & silent:
        raise NotYet(f"{len(named)} of {len(fired & silent)} are there: look for others where the gap raises no alarm.")
    return (f"In {len(named)} of {len(fired)} months with a drift alarm the mean gap raises none. "
            "The flights were different, and the mean prediction was not clearly wrong.")


@exercise(
    "8.4",
    hint="Look at the feature that stands out, then at how: outside the old range for some flights, or for all? "
    "A report without any such feature is about the labels.",
)
def check_named(answer: Mapping[str, str]) -> str:
    """The faults behind the three reports."""
    right = faults.draw(_SEED)
    if not isinstance(answer, Mapping | pd.Series) or set(answer.keys()) != set(right):
        form = "give a dict with a name for each report: {'A': '...', 'B': '...', 'C': '...'}"
        raise NotYet(f"The answer is {show(list(answer) if isinstance(answer, Mapping) else answer)}: {form}.")
    given = {letter: read_word(getattr(answer[letter], "__name__", answer[letter])) for letter in right}
    unknown = [name for name in given.values() if name not in faults.FAULTS]
    if unknown:
        raise NotYet(f"{unknown[0]!r} is none of the thirteen: copy a name from the list, such as 'celsius'.")
    wrong = [letter for letter in right if given[letter] != right[letter]]
    if wrong:
        named = " and ".join(f"{letter}, which is not {given[letter]!r}" for letter in wrong)
        raise NotYet(f"Look again at report {named}: which feature or check stands out, and by how much?")
    return "Each fault leaves a pattern: what changed, on how many flights, and what stayed the same."
