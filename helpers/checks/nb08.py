"""Checks of notebook 08."""
import contextlib
from collections.abc import Callable, Iterable, Mapping

import numpy as np
import pandas as pd

from helpers import drift, faults
from helpers.checks.answers import call, is_close, read_names, read_number, read_word, require_function, show
from helpers.checks.registry import NotYet, exercise
from helpers.features import FEATURES

_EXAMPLES = [  # counts of labels in 20,000 and 10,000 rows, which share what an empty cell counts as; what is special
    ({"B6": 10_000, "UA": 7_000, "EV": 3_000}, {"B6": 4_500, "UA": 4_500, "EV": 1_000},
     "has no empty cell: sum (q - p) ln(q / p) over the shares, each of its own column's rows, and change none"),
    ({"B6": 10_000, "UA": 9_999, "OO": 1}, {"B6": 5_000, "UA": 4_800, "OO": 200},
     "has no empty cell: the share 1 / 20,000 stays as it is"),
    ({"B6": 12_000, "EV": 8_000}, {"B6": 6_000, "b6": 1_500, "XE": 2_500},
     "has labels of one side only: they are cells too, and only their empty sides change, to 0.0001"),
    ({"B6": 12_000, "UA": 6_000, None: 2_000}, {"B6": 3_000, "UA": 3_000, None: 4_000},
     "has missing values: they are a cell of their own, and every share is one of all rows"),
    ({"B6": 12_000, "UA": 8_000}, {"B6": 3_000, "UA": 3_000, None: 4_000},
     "has missing values on one side only: they are a cell, whose empty side counts as 0.0001"),
]
_FALSE = 1  # windows of winter that may raise an alarm
_WINDOWS = ["01 Jan", "08 Jan", "15 Jan", "22 Jan", "29 Jan", "05 Feb", "12 Feb", "19 Feb", "26 Feb"]
_MONTHS = ["Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_SLACK = 0.005
_SEED = 54
_A_DICT = "Give a dict with a name for each report: {'A': '...', 'B': '...', 'C': '...'}."


@exercise(
    "8.1",
    hint="value_counts(dropna=False, normalize=True) gives one column's shares, missing values included; "
    "pd.concat(..., axis=1).fillna(0) puts two such columns side by side.",
)
def check_psi_of_labels(answer: Callable[[pd.Series, pd.Series], float]) -> str:
    """PSI of columns of labels: of different lengths, with a rare label, new and vanished ones, missing values."""
    require_function(answer, "psi_of_labels(reference, current)")
    for reference, current, what in _EXAMPLES:
        _compare(answer, reference, current, what)
    return "A label that nobody saw in training is a cell like any other, which is how PSI notices a renamed carrier."


def _compare(answer: Callable[[pd.Series, pd.Series], float], reference: dict, current: dict, what: str) -> None:
    """Raise NotYet unless the answer gives the PSI of two columns with these counts."""
    pair = [pd.Series(list(counts)).repeat(list(counts.values())) for counts in (reference, current)]
    right = drift.psi(*pair)
    got = call("psi_of_labels(reference, current)", answer, *(column.reset_index(drop=True) for column in pair))
    got = read_number(got, "psi_of_labels(reference, current)")
    if not is_close(got, right, 1e-6) and got not in (round(right, 3), round(right, 4)):
        raise NotYet(f"With the counts {reference} and {current} it gives {got:.4f} in place of {right:.4f}. "
                     f"This example {what}.")


@exercise(
    "8.2",
    hint="windows.max() is the largest PSI of each window. Sort the nine values: "
    "the limit must lie at or above all but one of them.",
)
def check_limit(answer: object, windows: pd.DataFrame) -> str:
    """The smallest PSI limit, to two decimals, with which at most one window of winter has an alarm."""
    _require_table(windows, "windows", FEATURES, _WINDOWS)
    answer = read_number(answer, "limit")
    limit = round(answer, 2) if is_close(answer, round(answer, 2), 1e-6) else answer
    alarms, one_less = _count_alarms(limit, windows), _count_alarms(limit - 0.01, windows)
    told = f"With {limit:.6g}, {alarms} of 9 windows {'has' if alarms == 1 else 'have'} an alarm"
    if alarms > _FALSE:
        raise NotYet(f"{told}: look at windows.max().")
    if limit != round(limit, 2):
        raise NotYet(f"{told}, but {limit:.6g} has more than two decimals: find the smallest limit that has two.")
    if one_less <= _FALSE:
        raise NotYet(f"{told}, but {limit - 0.01:.2f} would do as well: go lower.")
    return f"This limit is {limit / 0.25:.1f} times the .25 of the rule of thumb, and comes from the winter alone."


def _count_alarms(limit: float, windows: pd.DataFrame) -> int:
    """Return how many windows have a feature above a limit."""
    return int((windows[_WINDOWS].max() > limit).sum())


def _require_table(table: object, name: str, rows: list[str], columns: list[str]) -> None:
    """Raise NotYet unless a table that a cell has made still has its rows and columns, and a number in each cell."""
    again = "run the cell that makes it again"
    if not isinstance(table, pd.DataFrame):
        raise NotYet(f"`{name}` is {show(table)}, which is not a table: {again}.")
    for kind, wanted, there in (("row", rows, table.index), ("column", columns, table.columns)):
        if lost := [one for one in wanted if one not in there]:
            raise NotYet(f"`{name}` has no {kind} {lost[0]!r}: {again}.")
    if table[columns].apply(pd.to_numeric, errors="coerce").isna().any(axis=None):
        raise NotYet(f"`{name}` lacks some of its numbers: {again}.")


@exercise(
    "8.3",
    hint='gaps["alarm"] is False where the mean gap raises no alarm; '
    "by_month.max() > 0.25 is True where the features raised an alarm.",
)
def check_false_alarms(answer: Iterable[str], gaps: pd.DataFrame, by_month: pd.DataFrame) -> str:
    """The months with a drift alarm and no alarm of the mean calibration gap."""
    fired, silent = _read_fired(by_month), _read_silent(gaps)
    names = read_names(answer, "false_alarms")
    if strange := [name for name in names if name.title() not in _MONTHS]:
        raise NotYet(f"{strange[0]!r} is not among the months: spell them as in {_MONTHS}.")
    named = {name.title() for name in names}
    if wrong := [name for name in _MONTHS if name in named - fired]:
        raise NotYet(f"{wrong[0]} is in your list, but its largest PSI is {by_month[wrong[0]].max():.3f}.")
    if wrong := [name for name in _MONTHS if name in named - silent]:
        value, low, high = gaps.loc[wrong[0], ["value", "low", "high"]]
        raise NotYet(f"{wrong[0]} is in your list, but its mean gap is {value:+.3f}, from {low:+.3f} to {high:+.3f}: "
                     "the gap raises an alarm.")
    if named != fired & silent:
        raise NotYet(f"`false_alarms` has {len(named)} of {len(fired & silent)} months: look for others whose `alarm` "
                     "in `gaps` is False.")
    return (f"In {len(named)} of {len(fired)} months with a drift alarm the mean gap raises none. "
            "The flights were different, and the mean prediction was not clearly wrong.")


def _read_fired(by_month: pd.DataFrame) -> set[str]:
    """Return the months in which the features raise an alarm; raise NotYet where the table is not the notebook's."""
    _require_table(by_month, "by_month", FEATURES, _MONTHS)
    fired = {name for name in _MONTHS if by_month[name].max() > 0.25}
    if not fired:
        raise NotYet("`by_month` has no PSI above .25 in any month: run the cell that makes it again.")
    return fired


def _read_silent(gaps: pd.DataFrame) -> set[str]:
    """Return the months without an alarm of the gap, by its intervals; raise NotYet where the table says otherwise."""
    _require_table(gaps, "gaps", _MONTHS, ["value", "low", "high", "alarm"])
    alarm = (gaps["low"] > _SLACK) | (gaps["high"] < -_SLACK)
    if other := list(gaps.index[alarm != gaps["alarm"].astype(bool)]):
        raise NotYet(f"`alarm` in `gaps` is {bool(gaps.loc[other[0], 'alarm'])} in {other[0]}, which does not fit the "
                     f"interval and a slack of {_SLACK}: run the cell that makes `gaps` again.")
    return set(gaps.index[~alarm])


@exercise(
    "8.4",
    hint="Look at the feature that stands out, then at how: outside the old range for some flights, or for all? "
    "A report without any such feature is about the labels.",
)
def check_named(answer: Mapping[str, str]) -> str:
    """The faults behind the three reports."""
    right = faults.draw(_SEED)
    if not isinstance(answer, Mapping | pd.Series):
        raise NotYet(f"`named` is {show(answer)}. {_A_DICT}")
    given = {read_word(letter).upper(): name for letter, name in answer.items()}
    for letter in [*right, *given]:
        if letter not in given or letter not in right:
            raise NotYet(f"`named` has {'no' if letter in right else 'a'} report {show(letter)}. {_A_DICT}")
    given = {letter: _read_fault(letter, given[letter]) for letter in right}
    if wrong := [f"Report {letter} is not {given[letter]!r}." for letter in right if given[letter] != right[letter]]:
        raise NotYet(f"{' '.join(wrong)} Look again: which feature or check stands out, and by how much?")
    return "Each fault leaves a pattern: what changed, on how many flights, and what stayed the same."


def _read_fault(letter: str, answer: object) -> str:
    """Return the name of the fault behind a report: as text, as the fault itself, or as a list of one."""
    with contextlib.suppress(Exception):
        answer = np.asarray(list(answer) if isinstance(answer, set) else answer).item()
    if answer is ...:
        raise NotYet(f"Report {letter} is still `...`: fill it in too.")
    name = read_word(getattr(answer, "__name__", answer))
    if name not in faults.FAULTS:
        raise NotYet(f"Report {letter} has {show(answer)}, which is none of the thirteen: copy one name from the list, "
                     "such as 'celsius'.")
    return name
