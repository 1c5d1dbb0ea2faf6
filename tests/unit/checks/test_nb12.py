"""The checks of notebook 12: tests of models in any form that pytest runs."""
import numpy as np
import pandas as pd
import pytest

from helpers import exercises

pytestmark = pytest.mark.needs_group("pipelines")


@pytest.fixture(autouse=True)
def april(monkeypatch):
    """Give the check a small April and two simple models in place of the workspace's."""
    from helpers.checks import nb12  # it imports Dagster

    rng = np.random.default_rng(0)
    airports = rng.choice(["EWR", "JFK", "LGA"], 900)
    table = pd.DataFrame({"origin": airports, "sched_dep_min": rng.integers(300, 1380, 900), "late_share_3h": 0.2,
                          "dow": np.repeat([0, 1, 2, 3, 4, 5, 6, 1, 3], 100)})
    models = {"1": lambda flights: 0.1 + 0.3 * flights["late_share_3h"].to_numpy(),
              "2": lambda flights: 0.1 + 0.5 * flights["late_share_3h"].to_numpy()}
    monkeypatch.setattr(nb12, "read_month", lambda month: table)
    monkeypatch.setattr(nb12, "_load", models.get)


def rises(predict, flights):
    """Return by how much the mean forecast rises."""
    few, many = (predict(flights.assign(late_share_3h=share)).mean() for share in (0.1, 0.6))
    return many - few


def test_the_parameters_may_stand_in_another_order_as_pytest_goes_by_their_names():
    """And numbers of all airports be compared at once."""

    def test_delays_matter(april, predict):
        assert min(rises(predict, flights) for _, flights in april.groupby("origin")) >= 0.05

    assert exercises.judge("12.3", test_delays_matter)[0] == "correct"


@pytest.mark.parametrize("complain", [pytest.fail, lambda words: np.testing.assert_(False, words)])
def test_a_test_may_fail_in_other_ways_than_by_assert(complain):
    """By pytest's own call and by that of NumPy."""

    def test_delays_matter(predict, april):
        for origin in ("EWR", "JFK", "LGA"):
            if rises(predict, april[april["origin"] == origin]) < 0.05:
                complain(origin)

    assert exercises.judge("12.3", test_delays_matter)[0] == "correct"


def test_other_names_of_the_parameters_are_refused_as_by_pytest():
    """There it says that it has no fixture of this name."""

    def check(model, april):
        assert rises(model, april) >= 0.05

    assert "`predict` and `april` alone: mend model, predict" in exercises.judge("12.3", check)[1]


def test_a_skipped_test_is_no_verdict():
    """The message says so."""
    assert "is skipped" in exercises.judge("12.3", lambda predict, april: pytest.skip("later"))[1]


def test_a_test_that_fails_for_the_champion_is_told_what_the_champion_does():
    """The reader sees the numbers that the test should have found."""

    def test_delays_matter(predict, april):
        assert rises(predict, april) < 0

    said = exercises.judge("12.3", test_delays_matter)[1]
    assert "fails for the champion, and should pass: its mean forecast rises by 0.250 at EWR, 0.250 at JFK" in said


def test_the_index_of_april_has_gaps_as_the_tests_own_table():
    """Who aligns a new Series with it mixes the airports."""

    def test_delays_matter(predict, april):
        few, many = (predict(april.assign(late_share_3h=share)) for share in (0.1, 0.6))
        assert (pd.Series(many - few).groupby(april["origin"]).mean() >= 0.05).all()

    assert exercises.judge("12.3", test_delays_matter)[0] == "not yet"


@pytest.mark.parametrize("answer", [None, 7, lambda: None, lambda predict, april: None, lambda predict, april: 1 / 0])
def test_no_test_at_all_is_not_yet_right(answer):
    """None of them raises."""
    assert exercises.judge("12.3", answer)[0] == "not yet"


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

    assert "one flight of ten" in exercises.judge("12.3", largest)[1]
    assert exercises.judge("12.3", median)[0] == "not yet"


def test_the_first_flights_are_not_all():
    """The first are those of a Monday, and a model may treat Mondays in another way."""

    def first(predict, april):
        for _, flights in april.groupby("origin"):
            assert rises(predict, flights.head(3)) >= 0.05

    assert "Mondays" in exercises.judge("12.3", first)[1]


def test_april_is_not_changed_where_the_test_fails_either():
    """Other tests would get the changed table."""

    def test_delays_matter(predict, april):
        april["late_share_3h"] = 0.6
        assert rises(predict, april) > 1

    assert "changes `april`" in exercises.judge("12.3", test_delays_matter)[1]


def test_a_test_that_asks_for_more_is_told_what_it_gets():
    """In the notebook there are no other fixtures."""
    said = exercises.judge("12.3", lambda predict, april, champion: 1)[1]
    assert "`predict` and `april` alone: mend champion" in said


def test_a_test_that_is_expected_to_fail_is_no_verdict():
    """Pytest would not report it."""
    said = exercises.judge("12.3", lambda predict, april: rises(predict, april) >= 0.05 or pytest.xfail("bad"))
    assert said[0] == "not yet"


def shares(table):
    """Return the labelled share by carrier."""
    return table["late"].notna().groupby(table["carrier"]).mean()


@pytest.mark.parametrize(("answer", "said"), [
    (lambda month, past: (shares(month) > 0.95 * shares(past).reindex(shares(month).index))[
        month["carrier"].value_counts().loc[lambda n: n >= 100].index].all(), "exactly .95"),
    (lambda month, past: all(
        shares(month)[name] >= 0.95 * shares(past)[name] for name, n in month["carrier"].value_counts().items()
        if n >= 100 and (past["carrier"] == name).sum() >= 100), "AS has 150 flights"),
])  # fmt: skip
def test_the_edge_of_the_share_and_small_carriers_of_the_past_count(answer, said):
    """What is only a little off is named."""
    assert said in exercises.judge("12.2", answer)[1]
