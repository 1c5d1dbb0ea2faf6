"""The checks of notebook 12: conditions of a sensor at the edge of the rule."""
import pytest

from helpers import exercises

pytestmark = pytest.mark.needs_group("pipelines")


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
