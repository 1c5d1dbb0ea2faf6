"""The prediction log keeps what was answered, once, and joins the labels that come later."""
import sqlite3

import pandas as pd
import pytest

from helpers.live.prediction_log import ANSWER, SHADOW, Conflict, Prediction, PredictionLog, ids_of, read_scores


@pytest.fixture
def log(tmp_path) -> PredictionLog:
    """An empty log."""
    return PredictionLog(tmp_path / "log.db")


def row(id: str, role: str = ANSWER, version: int = 1, probability: float = 0.25, inputs: str = "{}") -> Prediction:
    """Return a prediction."""
    return Prediction(id, role, version, probability, inputs)


def test_rows_are_read_in_the_order_in_which_they_came(log):
    """Every row comes back with all that it said, from another connection too."""
    log.add([row("b"), row("a", SHADOW, version=2)])
    log.add([row("c", probability=0.5)])
    read = PredictionLog(log.path).read()
    assert read["id"].tolist() == ["b", "a", "c"]
    assert read["role"].tolist() == [ANSWER, SHADOW, ANSWER]
    assert read["version"].tolist() == [1, 2, 1] and read["probability"].tolist() == [0.25, 0.25, 0.5]
    assert read["time"].is_monotonic_increasing


def test_a_retry_gets_the_stored_answer_and_is_counted_once(log):
    """The same id with the same inputs is answered by what is stored, whoever would answer it now."""
    log.add([row("a", version=1, probability=0.25)])
    again = log.add([row("a", version=2, probability=0.75), row("b", version=2)])
    assert [(one.version, one.probability) for one in again] == [(1, 0.25), (2, 0.25)]
    assert log.read()["id"].tolist() == ["a", "b"]


def test_an_id_with_other_inputs_is_refused_and_nothing_of_the_request_is_kept(log):
    """All rows of a request are stored or none."""
    log.add([row("a")])
    with pytest.raises(Conflict, match="id 'a' was used for other inputs"):
        log.add([row("b"), row("a", inputs='{"temp": 3}')])
    assert log.read()["id"].tolist() == ["a"]
    assert log.add([row("b")]) == [row("b")]


def test_shadows_are_stored_and_not_returned(log):
    """What the shadow scored is no answer."""
    assert log.add([row("a"), row("a", SHADOW, version=2)]) == [row("a")]
    assert len(log.read()) == 2


def test_labels_join_later_and_a_corrected_one_replaces_the_first(log):
    """A label meets its prediction by id; flights without one stay missing; a missing label stores nothing."""
    log.add([row("a"), row("b"), row("c")])
    log.add_labels(pd.DataFrame({"id": ["a", "b", "c"], "late": [0.0, 1.0, float("nan")]}))
    log.add_labels(pd.DataFrame({"id": ["a", "z"], "late": [1.0, 1.0]}))
    late = log.joined().set_index("id")["late"]
    assert late.index.tolist() == ["a", "b", "c"]
    assert late["a"] == 1 and late["b"] == 1 and pd.isna(late["c"])


def test_the_log_is_read_while_it_is_written(log):
    """A reader sees what was stored before, and blocks nobody."""
    log.add([row("a")])
    reader = sqlite3.connect(log.path)
    reader.execute("begin")
    assert reader.execute("select count(*) from predictions").fetchone() == (1,)
    log.add([row("b")])
    assert len(log.read()) == 2
    reader.close()


def test_a_full_disk_is_an_error_and_keeps_what_was_stored(log):
    """What cannot be stored raises, and the next request that fits is stored again."""
    log.add([row("a")])
    pages = log._connection.execute("pragma page_count").fetchone()[0]
    log._connection.execute(f"pragma max_page_count={pages}")
    with pytest.raises(sqlite3.OperationalError, match="full"):
        log.add([row(f"long {n}", inputs="x" * 5000) for n in range(50)])
    log._connection.execute("pragma max_page_count=100000")
    log.add([row("b")])
    assert log.read()["id"].tolist() == ["a", "b"]


def test_what_a_version_scored_is_read_by_days_as_answer_and_as_shadow(log):
    """The first day is in, the last is not; other versions and requests by number are left out; labels may miss."""
    log.add([row("2013-07-01/a", SHADOW, 2), row("2013-07-02/b", ANSWER, 2), row("2013-07-02/b", SHADOW, 1)])
    log.add([row("2013-07-02/c", "version 2", 2), row("2013-07-03/d", ANSWER, 2)])
    log.add_labels(pd.DataFrame({"id": ["2013-07-01/a"], "late": [1.0]}))
    read = read_scores(log.path, pd.Timestamp("2013-07-01"), pd.Timestamp("2013-07-03"), version=2)
    assert read["id"].tolist() == ["2013-07-01/a", "2013-07-02/b"]
    assert read["date"].tolist() == [pd.Timestamp("2013-07-01"), pd.Timestamp("2013-07-02")]
    assert read["late"].iloc[0] == 1.0 and pd.isna(read["late"].iloc[1])


def test_every_flight_of_the_year_has_an_id_of_its_own():
    """Date, carrier, number and origin make an id that no other flight has."""
    from helpers import features, flights

    year = features.prepare(*(flights.load(name) for name in ("flights", "weather", "airports")))
    ids = ids_of(year)
    assert ids.is_unique
    assert ids[0].count("/") == 3 and ids[0].startswith("2013-01-01/")
