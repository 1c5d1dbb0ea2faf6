"""Replicas: the same rows for a seed, other rows for another, and a folder that is whole or not counted."""
import numpy as np
import pandas as pd
import pytest

from helpers import flights
from helpers.spark import replicas

FLIGHTS = 500


@pytest.fixture
def year(monkeypatch):
    """Return a small year, in place of the prepared one."""
    draw = np.random.default_rng(0)
    date = pd.Timestamp("2013-01-01") + pd.to_timedelta(np.sort(draw.integers(365, size=FLIGHTS)), "D")
    columns = {"date": date, "sched_dep": date + pd.Timedelta(hours=7), "month": date.month.astype("int64")}
    made = pd.DataFrame(columns | {"carrier": draw.choice(["AA", "UA"], FLIGHTS), "late": draw.random(FLIGHTS)})
    monkeypatch.setattr(replicas, "read_year", made.copy)
    return made


def content(folder) -> dict:
    """Return each file of a folder with what it holds."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def numbers(folder) -> set[int]:
    """Return the replicas of which there are flights."""
    return {int(path.name.partition("=")[2]) for path in folder.glob("month=*/replica=*")}


def test_replica_0_is_the_year_itself(year):
    """Nothing is drawn and nothing moved; the rows get their numbers, and what was passed stays as it was."""
    before = year.copy()
    pd.testing.assert_frame_equal(replicas.replica(year, 0), year.assign(row=np.arange(FLIGHTS)))
    replicas.replica(year, 1)
    pd.testing.assert_frame_equal(year, before)


def test_the_same_number_draws_the_same_flights(year):
    """A replica repeats exactly, and another is drawn anew."""
    pd.testing.assert_frame_equal(replicas.replica(year, 3), replicas.replica(year, 3))
    assert not replicas.replica(year, 3)["late"].equals(replicas.replica(year, 4)["late"])


def test_a_replica_is_drawn_with_replacement_and_in_the_order_of_the_year(year):
    """There are as many rows, some flights more than once and some not at all, and no date before the one above."""
    drawn = replicas.replica(year, 1)
    assert len(drawn) == FLIGHTS and set(drawn["late"]) < set(year["late"])
    assert drawn["date"].is_monotonic_increasing


def test_no_row_has_the_number_of_another(year):
    """All replicas together can be counted by row, and none has more rows than it can number."""
    rows = pd.concat(replicas.replica(year, number)["row"] for number in range(3))
    assert rows.is_unique and replicas.ROWS < replicas.KEYS


@pytest.mark.parametrize("number", [1, 2, 30])
def test_a_replica_lies_52_weeks_earlier_for_each_number(year, number):
    """The day of the week and the hour stay, the date moves, and the month is that of the moved date."""
    drawn = replicas.replica(year, number)
    origin = year.set_index("late").loc[drawn["late"]].reset_index()
    for column in ("date", "sched_dep"):
        assert (origin[column] - drawn[column] == pd.Timedelta(weeks=52 * number)).all()
    assert (drawn["date"].dt.day_of_week == origin["date"].dt.day_of_week).all()
    assert (drawn["month"] == drawn["date"].dt.month).all() and (drawn["month"] != origin["month"]).any()


def test_a_folder_holds_every_row_by_month_and_replica(year, tmp_path):
    """Month and replica stand in the path only, and reading the folder gives back what was drawn."""
    replicas.grow(tmp_path, 2)
    assert {path.name for path in tmp_path.rglob("*.parquet")} == {"flights.parquet"}
    july = pd.read_parquet(tmp_path / "month=7" / "replica=1" / "flights.parquet", partitioning=None)
    assert not {"month", "replica"} & set(july)
    read = pd.read_parquet(tmp_path).astype({"month": "int64", "replica": "int64"})
    drawn = pd.concat(replicas.replica(year, number).assign(replica=number) for number in range(2))
    read, drawn = (table.sort_values("row", ignore_index=True) for table in (read, drawn))
    pd.testing.assert_frame_equal(read[drawn.columns], drawn, check_dtype=False)


def test_growing_again_writes_nothing(year, tmp_path, monkeypatch):
    """What is there stays, and only what is missing is added."""
    replicas.grow(tmp_path, 2)
    before, wrote = content(tmp_path), []
    monkeypatch.setattr(replicas, "write", lambda flights, folder: wrote.append(folder.name))
    replicas.grow(tmp_path, 2)
    assert wrote == [] and content(tmp_path) == before
    replicas.grow(tmp_path, 3)
    assert set(wrote) == {"replica=2"}


def test_an_interrupted_replica_is_written_again_whole(year, tmp_path, monkeypatch):
    """The stop button in the middle of a replica leaves nothing that counts as done."""
    write = replicas.write

    def interrupted(flights, folder):
        if folder.parent.name == "month=5" and folder.name == "replica=1":
            folder.mkdir(parents=True)
            (folder / "flights.parquet").write_bytes(b"half a file")
            raise KeyboardInterrupt
        write(flights, folder)

    monkeypatch.setattr(replicas, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        replicas.grow(tmp_path / "one", 2)
    monkeypatch.setattr(replicas, "write", write)
    replicas.grow(tmp_path / "one", 2)
    replicas.grow(tmp_path / "other", 2)
    assert content(tmp_path / "one") == content(tmp_path / "other")


def test_more_replicas_than_asked_for_are_deleted(year, tmp_path):
    """A smaller number leaves the folder that it would have made, also where the last replica is unfinished."""
    replicas.grow(tmp_path / "one", 4)
    (tmp_path / "one" / "_replica-3").unlink()
    replicas.grow(tmp_path / "one", 2)
    replicas.grow(tmp_path / "other", 2)
    assert numbers(tmp_path / "one") == {0, 1} and content(tmp_path / "one") == content(tmp_path / "other")
    replicas.grow(tmp_path / "one", 3)
    assert numbers(tmp_path / "one") == {0, 1, 2} and len(pd.read_parquet(tmp_path / "one")) == 3 * FLIGHTS


def test_a_year_has_as_many_rows_as_stated():
    """The constant that turns replicas into flights is that of the real data."""
    assert len(flights.load("flights")) == replicas.ROWS
