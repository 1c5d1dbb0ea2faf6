"""Machines of clients and what is in them."""
import pandas as pd
import pytest

from helpers.stores import clients

TABLE = pd.DataFrame({"late": [0.0, 1.0]})


def test_a_machine_has_a_table_and_nothing_else(tmp_path, monkeypatch, capsys):
    """Made again, it keeps what a program has left; long ids are shortened where its files are shown."""
    monkeypatch.setattr(clients, "FOLDER", tmp_path)
    folder = clients.make_machine("laptop", TABLE)
    (folder / ("a" * 32)).mkdir()
    (folder / ("a" * 32) / "model").touch()
    assert clients.make_machine("laptop", TABLE) == folder == tmp_path / "laptop"
    clients.print_files(folder)
    assert capsys.readouterr().out == "<id>/model\nflights.parquet\n"


def test_rows_are_counted_in_every_table(tmp_path):
    """An empty table counts, with nought."""
    sqlalchemy = pytest.importorskip("sqlalchemy")
    engine, tables = sqlalchemy.create_engine(f"sqlite:///{tmp_path / 'a.db'}"), sqlalchemy.MetaData()
    TABLE.to_sql("one", engine)
    TABLE.head(0).to_sql("none", engine)
    tables.reflect(engine)
    assert clients.count_rows(engine, tables) == {"one": 2, "none": 0}
