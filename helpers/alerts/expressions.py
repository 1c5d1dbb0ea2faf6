"""A part of PromQL, the language of Prometheus' rules, evaluated over samples.

It knows numbers, metrics with labels in braces (``=``, ``!=``, ``=~``, ``!~``), ``rate``, ``increase``, ``abs``,
``time()``, ``sum`` and ``max`` with or without ``by (...)`` before the parentheses, ``-``, ``/``, comparisons, ``and``
and ``or``. Two sides match where all their labels are the same. All else is refused by name.
"""
import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass

from helpers.alerts.samples import Labels, Samples, Vector

_TOKENS = re.compile(
    r"\s+|(?P<number>\d+(?:\.\d+)?)(?![\w.])|(?P<name>[A-Za-z_:][\w:]*)|(?P<braces>\{[^{}]*\})|(?P<range>\[\w+\])"
    r"|(?P<sign>[<>=!]=|[<>()/,-])|(?P<other>.)"
)
_MATCHER = re.compile(r'\s*(\w+)\s*(=~|!~|!=|=)\s*"([^"\\]*)"\s*(?:,|$)')
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_COMPARE = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
_MATCH: dict[str, Callable[[str, str], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "=~": lambda value, wanted: re.fullmatch(wanted, value) is not None,
    "!~": lambda value, wanted: re.fullmatch(wanted, value) is None,
}
_KNOWN = "rate, increase, abs, time, sum, max, and, or"
_TAKEN = ("by", "without", "on", "ignoring", "bool", "offset", "unless", "group_left", "group_right")


class Unknown(ValueError):
    """Something in a rule that the stand-in does not know, though Prometheus may."""


def read_seconds(text: str) -> float:
    """Return the seconds of a duration of one unit, such as ``5m``."""
    if not (found := re.fullmatch(r"(\d+)([smhd])", text)):
        raise Unknown(f"the stand-in does not know the duration {text!r}: write a number and s, m, h or d")
    return int(found[1]) * _SECONDS[found[2]]


def evaluate(text: str, samples: Samples, now: float) -> Vector:
    """Return the value of an expression by the labels for which it has one; raise Unknown for what is not known."""
    reader = _Reader(text, _split(text), samples, now)
    found = reader.read_or()
    if reader.tokens:
        raise Unknown(f"the stand-in does not know {reader.tokens[0][1]!r} in: {text}")
    return found if isinstance(found, dict) else {frozenset(): found}


def check(text: str) -> None:
    """Raise Unknown for an expression with something that the stand-in does not know."""
    evaluate(text, Samples(), 0)


def _split(text: str) -> list[tuple[str, str]]:
    """Return the tokens of an expression, each with its kind."""
    return [(found.lastgroup, found.group()) for found in _TOKENS.finditer(text) if found.lastgroup]


@dataclass
class _Reader:
    """Reads an expression from left to right, and computes it on the way; what binds least is read first."""

    text: str
    tokens: list[tuple[str, str]]
    samples: Samples
    now: float

    def read_or(self) -> Vector | float:
        left = self._read_and()
        while self._take("or"):
            left = {**_as_vector(self._read_and(), self.text), **_as_vector(left, self.text)}
        return left

    def _read_and(self) -> Vector | float:
        left = self._read_comparison()
        while self._take("and"):
            right = _as_vector(self._read_comparison(), self.text)
            left = {labels: value for labels, value in _as_vector(left, self.text).items() if labels in right}
        return left

    def _read_comparison(self) -> Vector | float:
        left = self._read_difference()
        if sign := self._take(*_COMPARE):
            right, is_so = self._read_difference(), _COMPARE[sign]
            pairs = _pair(_as_vector(left, self.text), right)
            return {labels: one for labels, (one, other) in pairs.items() if is_so(one, other)}
        return left

    def _read_difference(self) -> Vector | float:
        left = self._read_quotient()
        while self._take("-"):
            left = _combine(operator.sub, left, self._read_quotient())
        return left

    def _read_quotient(self) -> Vector | float:
        left = self._read_part()
        while self._take("/"):
            left = _combine(_divide, left, self._read_part())
        return left

    def _read_part(self) -> Vector | float:
        """Read what stands between operators."""
        if self._take("("):
            return self._close(self.read_or())
        if self._take("-"):
            return _combine(operator.sub, 0.0, self._read_part())
        kind, token = self._next()
        if kind == "number":
            return float(token)
        if kind != "name" or token in _TAKEN:
            raise self._refuse(token)
        return self._read_call(token) if self._sees("(", "by") else self._read_metric(token)

    def _read_call(self, name: str) -> Vector | float:
        """Read what stands behind a function's name."""
        by = self._read_names() if name in ("sum", "max") and self._take("by") else []
        if not self._take("("):
            raise self._refuse(self._next()[1])
        if name == "time":
            return self._close(self.now)
        if name in ("rate", "increase"):
            return self._close(self._read_growth(name == "rate"))
        if name not in ("sum", "max", "abs"):
            raise Unknown(f"the stand-in does not know the function {name!r}, only {_KNOWN}: {self.text}")
        inner = _as_vector(self._close(self.read_or()), self.text)
        if name == "abs":
            return {labels: abs(value) for labels, value in inner.items()}
        return _gather(inner, by, math.fsum if name == "sum" else max)

    def _read_metric(self, name: str) -> Vector:
        """Read a metric, whose name stands before, and return its last values."""
        return _select(self.samples.find_last(name, self.now), self._read_matchers())

    def _read_growth(self, by_second: bool) -> Vector:
        """Read a counter with a range, and return its growth in that, or its growth by the second."""
        (_, name), matchers = self._next("name"), self._read_matchers()
        seconds = read_seconds(self._next("range")[1].strip("[]"))
        grown = _select(self.samples.find_growth(name, self.now, seconds), matchers)
        return {labels: value / seconds for labels, value in grown.items()} if by_second else grown

    def _read_matchers(self) -> list[tuple[str, str, str]]:
        """Read the conditions in braces, where there are any."""
        if not (self.tokens and self.tokens[0][0] == "braces"):
            return []
        inside = self._next()[1].strip("{}")
        if _MATCHER.sub("", inside).strip():
            raise self._refuse(inside)
        return _MATCHER.findall(inside)

    def _read_names(self) -> list[str]:
        """Read the names of labels in parentheses."""
        names = []
        if not self._take("("):
            raise self._refuse("by")
        while not self._take(")"):
            names.append(self._next("name")[1])
            self._take(",")
        return names

    def _close(self, found):
        """Read the closing parenthesis behind what was found."""
        if not self._take(")"):
            raise self._refuse(self._next()[1])
        return found

    def _sees(self, *wanted: str) -> bool:
        return bool(self.tokens) and self.tokens[0][1] in wanted

    def _take(self, *wanted: str) -> str:
        """Read the next token where it is one of some, and return it; else return nothing."""
        return self.tokens.pop(0)[1] if self._sees(*wanted) else ""

    def _next(self, kind: str = "") -> tuple[str, str]:
        """Read the next token; raise Unknown where there is none, or one of another kind than this."""
        if not self.tokens or kind and self.tokens[0][0] != kind:
            raise self._refuse(self.tokens[0][1] if self.tokens else "its end")
        return self.tokens.pop(0)

    def _refuse(self, token: str) -> Unknown:
        return Unknown(f"the stand-in does not know {token!r} at this place in: {self.text}")


def _as_vector(found: Vector | float, text: str) -> Vector:
    """Return a vector; raise Unknown for a number that stands alone."""
    if not isinstance(found, dict):
        raise Unknown(f"the stand-in does not know a number on the left, or without a metric, in: {text}")
    return found


def _select(found: Vector, matchers: list[tuple[str, str, str]]) -> Vector:
    """Return the values whose labels meet all conditions; a label that is not there counts as empty."""

    def fits(labels: Labels) -> bool:
        values = dict(labels)
        return all(_MATCH[sign](values.get(name, ""), wanted) for name, sign, wanted in matchers)

    return {labels: value for labels, value in found.items() if fits(labels)}


def _gather(found: Vector, by: list[str], join: Callable) -> Vector:
    """Return the values joined by the labels that are kept."""
    groups: dict[Labels, list[float]] = {}
    for labels, value in found.items():
        groups.setdefault(frozenset(item for item in labels if item[0] in by), []).append(value)
    return {labels: join(values) for labels, values in groups.items()}


def _pair(left: Vector, right: Vector | float) -> dict[Labels, tuple[float, float]]:
    """Return the values of both sides by the labels that both have; a number goes with all."""
    if not isinstance(right, dict):
        return {labels: (value, right) for labels, value in left.items()}
    return {labels: (value, right[labels]) for labels, value in left.items() if labels in right}


def _combine(work: Callable[[float, float], float], left: Vector | float, right: Vector | float) -> Vector | float:
    """Return what an operation makes of both sides."""
    if isinstance(left, dict):
        return {labels: work(*pair) for labels, pair in _pair(left, right).items()}
    if isinstance(right, dict):
        return {labels: work(left, value) for labels, value in right.items()}
    return work(left, right)


def _divide(one: float, other: float) -> float:
    """Return a quotient; by zero it is infinite, and zero by zero is not a number."""
    if other:
        return one / other
    return one * math.inf if one else math.nan
