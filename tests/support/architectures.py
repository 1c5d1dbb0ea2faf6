"""A remote set-up for the tests and the benchmark: PostgreSQL, an object store, MLflow's server with logins."""
import contextlib
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from helpers import servers
from helpers.stores import object_store, postgres
from helpers.stores.access import Store

SYSTEM = ("PATH", "SYSTEMROOT")  # what a program needs on any machine


@dataclass
class Remote:
    """A tracking server with what is behind it."""

    database: Store
    objects: Store
    server: servers.Server
    store: str
    password: str = field(repr=False)

    def environment(self, user: str = "admin", password: str = "", **more: str) -> dict[str, str]:
        """Return all that a client needs."""
        login = {"MLFLOW_TRACKING_USERNAME": user, "MLFLOW_TRACKING_PASSWORD": password or self.password}
        system = {name: os.environ[name] for name in SYSTEM if name in os.environ}
        return system | {"MLFLOW_TRACKING_URI": self.server.url, "NO_PROXY": servers.HOST} | login | more

    def client(self, code: str, folder: Path, *arguments: str, **environment: str) -> subprocess.Popen:
        """Start a client of its own, with an environment that holds the address and the login only."""
        environment = self.environment(HOME=str(folder), **environment)
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen([sys.executable, "-c", code, *arguments], cwd=folder, env=environment, **pipes)


@contextlib.contextmanager
def remote(
    folder: Path, programs: Path | None = None, cache_seconds: int = 600, workers: int = 1
) -> Iterator[Remote]:
    """Start a remote set-up in a folder, and stop it."""
    database = postgres.postgres_server(folder=folder / "postgres", programs=programs)
    objects = object_store.object_store_server(folder=folder / "objects")
    with database, objects, stop_after(behind(database, objects, folder, cache_seconds, workers)) as setup:
        yield setup


@contextlib.contextmanager
def stop_after(setup: Remote) -> Iterator[Remote]:
    """Start a tracking server, and stop it."""
    with setup.server:
        yield setup


def behind(database: Store, objects: Store, folder: Path, cache_seconds: int = 600, workers: int = 1) -> Remote:
    """Return a set-up, with an empty database, whose tracking server is to be started."""
    store = postgres.create_database(database.access, "mlflow")
    config, password, port = folder / "logins.ini", secrets.token_urlsafe(16), servers.free_port()
    lines = ["[mlflow]", "default_permission = READ", f"database_uri = {store}", "admin_username = admin"]
    config.write_text("\n".join([*lines, f"auth_cache_ttl_seconds = {cache_seconds}", ""]), encoding="utf-8")
    command = ["mlflow", "server", "--backend-store-uri", store, "--artifacts-destination", objects.access.uri]
    command += ["--app-name", "basic-auth", "--host", servers.HOST, "--port", str(port), "--workers", str(workers)]
    variables = {
        "MLFLOW_AUTH_CONFIG_PATH": str(config),
        "MLFLOW_AUTH_ADMIN_PASSWORD": password,
        "MLFLOW_FLASK_SERVER_SECRET_KEY": secrets.token_hex(16),
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "_MLFLOW_SERVER_ARTIFACT_ROOT": "",
    }
    env = variables | database.access.login | objects.access.login
    return Remote(database, objects, servers.Server(command, port, env=env), store, password)
