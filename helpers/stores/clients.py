"""Machines of clients, each a folder with a table and nothing else, and what is in a folder or a database."""
from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from helpers.stores.access import FOLDER

if TYPE_CHECKING:
    import pandas as pd
    from sqlalchemy import Engine, MetaData


def make_machine(name: str, table: pd.DataFrame) -> Path:
    """Return a folder that stands for a machine: it holds the table ``flights.parquet``, and nothing else at first."""
    folder = FOLDER / name
    folder.mkdir(parents=True, exist_ok=True)
    table.to_parquet(folder / "flights.parquet")
    return folder


def print_files(folder: Path) -> None:
    """Print the files below a folder, ids shortened."""
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            print("/".join(part if len(part) < 30 else "<id>" for part in file.relative_to(folder).parts))


def count_rows(engine: Engine, tables: MetaData) -> dict[str, int]:
    """Return the number of rows of every table of a database."""
    from sqlalchemy import func, select

    with engine.connect() as connection:
        return {name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for name, table in tables.tables.items()}
