"""The checks of notebook 18: tests of models in any form that pytest runs, and rules."""
import numpy as np
import pandas as pd
import pytest

from helpers import exercises
from helpers.checks import nb18


@pytest.fixture(autouse=True)
def april(monkeypatch):
    """Give the check a small April and two simple models in place of the workspace's."""
    rng = np.random.default_rng(0)
    airports = rng.choice(["EWR", "JFK", "LGA"], 900)
    table = pd.DataFrame({"origin": airports, "sched_dep_min": rng.integers(300, 1380, 900), "late_share_3h": 0.2,
                          "dow": np.repeat([0, 1, 2, 3, 4, 5, 6, 1, 3], 100)})
    models = {"1": lambda flights: 0.1 + 0.3 * flights["late_share_3h"].to_numpy(),
              "2": lambda flights: 0.1 + 0.5 * flights["late_share_3h"].to_numpy()}
    monkeypatch.setattr(nb18, "read_month", lambda month: table)
    monkeypatch.setattr(nb18, "_load", models.get)


def rises(predict, flights):
    """Return by how much the mean forecast rises."""
    few, many = (predict(flights.assign(late_share_3h=share)).mean() for share in (0.1, 0.6))
    return many - few


def test_the_parameters_may_stand_in_another_order_as_pytest_goes_by_their_names():
    """And numbers of all airports be compared at once."""

    def test_delays_matter(april, predict):
        assert min(rises(predict, flights) for _, flights in april.groupby("origin")) >= 0.05

    assert exercises.judge("18.1", test_delays_matter)[0] == "correct"


@pytest.mark.parametrize("complain", [pytest.fail, lambda words: np.testing.assert_(False, words)])
def test_a_test_may_fail_in_other_ways_than_by_assert(complain):
    """By pytest's own call and by that of NumPy."""

    def test_delays_matter(predict, april):
        for origin in ("EWR", "JFK", "LGA"):
            if rises(predict, april[april["origin"] == origin]) < 0.05:
                complain(origin)

    assert exercises.judge("18.1", test_delays_matter)[0] == "correct"


def test_other_names_of_the_parameters_are_refused_as_by_pytest():
    """There it says that it has no fixture of this name."""

    def check(model, april):
        assert rises(model, april) >= 0.05

    assert "`predict` and `april` alone: mend model, predict" in exercises.judge("18.1", check)[1]


def test_a_skipped_test_is_no_verdict():
    """The message says so."""
    assert "is skipped" in exercises.judge("18.1", lambda predict, april: pytest.skip("later"))[1]


def test_a_test_that_fails_for_the_champion_is_told_what_the_champion_does():
    """The reader sees the numbers that the test should have found."""

    def test_delays_matter(predict, april):
        assert rises(predict, april) < 0

    said = exercises.judge("18.1", test_delays_matter)[1]
    assert "fails for the champion, and should pass: its mean forecast rises by 0.250 at EWR, 0.250 at JFK" in said


def test_the_index_of_april_has_gaps_as_the_tests_own_table():
    """Who aligns a new Series with it mixes the airports."""

    def test_delays_matter(predict, april):
        few, many = (predict(april.assign(late_share_3h=share)) for share in (0.1, 0.6))
        assert (pd.Series(many - few).groupby(april["origin"]).mean() >= 0.05).all()

    assert exercises.judge("18.1", test_delays_matter)[0] == "not yet"


@pytest.mark.parametrize("answer", [None, 7, lambda: None, lambda predict, april: None, lambda predict, april: 1 / 0])
def test_no_test_at_all_is_not_yet_right(answer):
    """None of them raises."""
    assert exercises.judge("18.1", answer)[0] == "not yet"


def test_the_largest_rise_of_a_flight_and_the_median_are_no_means():
    """Both are told apart from the mean."""

    def largest(predict, april):
        for _, flights in april.groupby("origin"):
            many, few = (predict(flights.assign(late_share_3h=share)) for share in (0.6, 0.1))
            assert (many - few).max() >= 0.05

    def median(predict, april):
        for _, flights in april.groupby("origin"):
            many, few = (predict(flights.assign(late_share_3h=share)) for share in (0.6, 0.1))
            assert np.median(many) - np.median(few) >= 0.05

    assert "one flight of ten" in exercises.judge("18.1", largest)[1]
    assert exercises.judge("18.1", median)[0] == "not yet"


def test_the_first_flights_are_not_all():
    """The first are those of a Monday, and a model may treat Mondays in another way."""

    def first(predict, april):
        for _, flights in april.groupby("origin"):
            assert rises(predict, flights.head(3)) >= 0.05

    assert "Mondays" in exercises.judge("18.1", first)[1]


def test_april_is_not_changed_where_the_test_fails_either():
    """Other tests would get the changed table."""

    def test_delays_matter(predict, april):
        april["late_share_3h"] = 0.6
        assert rises(predict, april) > 1

    assert "changes `april`" in exercises.judge("18.1", test_delays_matter)[1]


def test_a_test_that_asks_for_more_is_told_what_it_gets():
    """In the notebook there are no other fixtures."""
    said = exercises.judge("18.1", lambda predict, april, champion: 1)[1]
    assert "`predict` and `april` alone: mend champion" in said


def test_a_test_that_is_expected_to_fail_is_no_verdict():
    """Pytest would not report it."""
    said = exercises.judge("18.1", lambda predict, april: rises(predict, april) >= 0.05 or pytest.xfail("bad"))
    assert said[0] == "not yet"


RULE = {"alert": "Refused", "expr": 'sum(increase(live_requests_total{status=~"4.."}[10m])) > 100', "for": "5m",
        "labels": {"severity": "ticket"}}


@pytest.mark.parametrize("refused", [
    RULE, {**RULE, "for": "300s"}, [RULE], {**RULE, "annotations": {"summary": "clients are refused"}},
    {**RULE, "expr": RULE["expr"].replace("4..", "4[0-9][0-9]")},
    {**RULE, "expr": RULE["expr"].replace("> 100", ">= 101")},
    {**RULE, "expr": RULE["expr"].replace(" > ", ">")}, {**RULE, "labels": {"severity": "ticket", "owner": "me"}},
    "alert: Refused\nexpr: sum(increase(live_requests_total{status=~'4..'}[10m])) > 100\n".replace("'", '"')
    + "for: 5m\nlabels: {severity: ticket}",
    {**RULE, "expr": 'sum by (job) (increase(live_requests_total{job="live", status=~"4.."}[10m])) > 100'},
])  # fmt: skip
def test_a_rule_may_be_written_in_other_ways(refused):
    """As a dict or as in the file, with more labels, in other units."""
    assert exercises.judge("18.2", refused)[0] == "correct"


@pytest.mark.parametrize(("change", "said"), [
    ({"expr": RULE["expr"].replace("10m", "11m")}, "so 100 in ten minutes"),
    ({"expr": RULE["expr"].replace("100", "110")}, "each minute 15"),
    ({"expr": RULE["expr"].replace("100", "101")}, "so 101 in ten minutes"),
    ({"expr": RULE["expr"].replace("> 100", ">= 100")}, "so 100 in ten minutes"),
    ({"expr": RULE["expr"].replace("4..", ".*4.*")}, "504"), ({"alert": " "}, "give the rule a name"),
    ({"record": "refused"}, "has no 'record'"), ({"for": "300 s"}, "`for` is written as"),
    ({"expr": RULE["expr"].replace('"', "'")}, "status=~'4..'"), ({"expr": RULE["expr"].replace("=~", "!~")}, "!~"),
    ({"expr": RULE["expr"].replace("4..", r"4\d\d")}, "cannot read the rule"),
    ({"for": "6m"}, "each minute 15"), ({"for": "4m"}, "each minute 15"),
    ({"expr": RULE["expr"].replace("4..", "4[0-8].")}, "499"),
    ({"expr": RULE["expr"].replace("sum", "max")}, "cannot read the rule"), ({"for": ""}, "cannot read the rule"),
    ({"expr": 7}, "cannot read the rule"), ({"labels": {}}, "severity is None"),
])  # fmt: skip
def test_a_rule_beside_the_right_one_is_told_when_it_fires(change, said):
    """Each part of the rule is tried at its edge."""
    state, words = exercises.judge("18.2", {**RULE, **change})
    assert state == "not yet" and said in words
