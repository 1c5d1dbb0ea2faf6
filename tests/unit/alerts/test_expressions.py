"""The part of PromQL that the stand-in knows: its values, and what it refuses."""
import math

import pytest

from helpers.alerts.expressions import Unknown, evaluate, read_seconds
from helpers.alerts.samples import Samples


@pytest.fixture
def samples() -> Samples:
    """Two minutes of a counter with two labels, and two gauges."""
    kept = Samples()
    for minute, (a, b) in enumerate([(0, 10), (30, 10), (60, 16)]):
        counted = f'n_total{{v="1",s="200"}} {a}\nn_total{{v="2",s="500"}} {b}\n'
        kept.add(counted + 'low{f="x"} 1\nlow{f="y"} 3\nhigh{f="x"} 2\n', 60 * minute, job="test")
    return kept


def values(found) -> dict[str, float]:
    """Return values by their labels in words, the job left out."""
    words = {labels: " ".join(sorted(f"{name}={value}" for name, value in labels if name != "job")) for labels in found}
    return {words[labels]: value for labels, value in found.items()}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("low", {"f=x": 1, "f=y": 3}),
        ('low{f="y"}', {"f=y": 3}),
        ('low{f!="y", job=~"te.*"}', {"f=x": 1}),
        ('low{f=~"."}', {"f=x": 1, "f=y": 3}),
        ('low{f!~"x|z"}', {"f=y": 3}),
        ('low{missing=""}', {"f=x": 1, "f=y": 3}),
        ("low > 2", {"f=y": 3}),
        ("low < high", {"f=x": 1}),
        ("high / low", {"f=x": 2}),
        ("1 - low / 2", {"f=x": 0.5, "f=y": -0.5}),
        ("1 - (low - 1) - 1", {"f=x": 0, "f=y": -2}),
        ("abs(-low)", {"f=x": 1, "f=y": 3}),
        ("sum(low)", {"": 4}),
        ("max by (f) (low)", {"f=x": 1, "f=y": 3}),
        ("sum by (v) (rate(n_total[2m]))", {"v=1": 0.5, "v=2": 0.05}),
        ("increase(n_total[2m]) > 10", {"s=200 v=1": 60}),
        ("low > 2 and high > 0", {}),
        ("low and high", {"f=x": 1}),
        ("low > 2 or high > 9 or low < 2 and high > 0", {"f=x": 1, "f=y": 3}),
        ("time() - low > 118", {"f=x": 119}),
        ("none > 0", {}),
    ],
)
def test_values(samples, text, expected):
    """Operators, functions and conditions on labels have the values that Prometheus gives them."""
    assert values(evaluate(text, samples, 120)) == pytest.approx(expected)


def test_division_by_zero_is_no_error(samples):
    """Nothing by nothing is no number, and no comparison holds for it."""
    assert math.isnan(values(evaluate("(low - low) / (low - low)", samples, 120))["f=x"])
    assert evaluate("(low - low) / (low - low) > 0", samples, 120) == {}
    assert values(evaluate("low / (low - low)", samples, 120))["f=x"] == math.inf


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("histogram_quantile(0.9, low)", "histogram_quantile"), ("sum(low) by (f)", "by"), ("low offset 5m", "offset"),
        ("low * 2", r"\*"), ("low unless high", "unless"), ("rate(low)", "range|'\\)'"), ("rate(low[5])", "5"),
        ("low[5m]", r"\[5m\]"), ("low > bool 1", "bool"), ("low == on(f) high", "on"), ("low{f='x'}", "f='x'"),
        ("1e3", "1"), ("avg(low)", "avg"), ("sum without (f) (low)", "without"), ("low >", "its end"),
        ("(low", "its end"),
        ("1 > low", "left"), ("low @ 5", "@"), ("sum(1)", "without a metric"), ("topk(1, low)", "topk"),
        ("rate(low[1h30m])", "1h30m"), ('{__name__="low"}', "__name__"), ("low ^ 2", r"\^"),
    ],
)  # fmt: skip
def test_what_is_not_known_is_refused_by_name(samples, text, named):
    """The message names the part that it does not know."""
    with pytest.raises(Unknown, match=named):
        evaluate(text, samples, 120)


def test_durations():
    """A duration has one unit."""
    assert [read_seconds(text) for text in ("30s", "5m", "2h", "1d")] == [30, 300, 7200, 86_400]
