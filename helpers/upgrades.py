"""The workspace's database where another version of MLflow has made it: what to do, and the upgrade."""
import contextlib
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

from helpers import paths


def advice() -> str:
    """Return what to do with a database whose tables are not those of the installed MLflow."""
    import mlflow

    database = paths.WORKSPACE / "mlflow.db"
    if known(revision(database)):
        return (
            f"An MLflow older than {mlflow.__version__}, which is installed, has made {database}: upgrade it with\n"
            "from helpers import upgrades; upgrades.upgrade()\nin a cell, which keeps all runs and models, and a copy "
            "of the file as it was. Then restart the kernel and run all cells."
        )
    return (
        f"An MLflow newer than {mlflow.__version__}, which is installed, has made {database}: use the newer version of "
        "the course; or give the file another name, such as mlflow-newer.db, and run the notebook again, which makes "
        "what it needs."
    )


def revision(database: Path) -> str:
    """Return the name of a database's form, as Alembic has noted it there."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return connection.execute("select version_num from alembic_version").fetchone()[0]


def known(name: str) -> bool:
    """Return whether the installed MLflow can upgrade from a form of the database."""
    import mlflow
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    try:
        ScriptDirectory(Path(mlflow.__file__).parent / "store" / "db_migrations").get_revision(name)
    except CommandError:
        return False
    return True


def upgrade() -> None:
    """Bring the workspace's database to the form of the installed MLflow, and keep a copy of it as it was."""
    database = paths.WORKSPACE / "mlflow.db"
    copy = database.with_name(f"mlflow-{revision(database)}.db")
    shutil.copy2(database, copy)
    print(f"{copy.name} is the database as it was.")
    print("$ mlflow db upgrade sqlite:///workspace/mlflow.db", flush=True)
    subprocess.run([sys.executable, "-m", "mlflow", "db", "upgrade", paths.TRACKING_URI], check=True)
    print("Restart the kernel, then run all cells.")
