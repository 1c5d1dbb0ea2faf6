"""How to get into a store: its address and its login, whoever runs it."""
from __future__ import annotations

from dataclasses import dataclass, field

from helpers import paths, servers

FOLDER = paths.WORKSPACE / "architectures"
USER, DRIVER = "mlflow", "postgresql+psycopg2"


@dataclass(frozen=True)
class Access:
    """A service that somebody runs: its address, and what a client must know besides.

    Parameters
    ----------
    uri : str
        For MLflow, without a password.
    login : dict
        Environment variables that its clients take credentials from.
    """

    uri: str
    login: dict[str, str] = field(repr=False)


@dataclass(eq=False, kw_only=True)
class Store(servers.Server):
    """A store of ours, a server like others, and how to get in."""

    access: Access


@dataclass(frozen=True)
class Outside:
    """A store that somebody else runs, in place of one of ours: nothing here starts or stops it."""

    access: Access

    def __enter__(self) -> Outside:
        """Say what is used."""
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        """Leave it as it is."""

    def start(self, wait: bool = True) -> None:
        """Say what is used."""
        print(f"not started here: {self.access.login.get('MLFLOW_S3_ENDPOINT_URL', self.access.uri)}")

    def stop(self) -> None:
        """Leave it as it is."""

    def kill(self) -> None:
        """Raise ServerError: a drill kills servers of ours alone."""
        raise servers.ServerError(
            "this cell kills a server of ours, and this one is somebody else's: leave the cell out, or unset "
            "WORKBOOK_POSTGRES and WORKBOOK_S3, restart the kernel, and begin again")
