"""Where notebook 13's platforms write, and how Seldon's MLServer starts."""
import shutil
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from helpers import paths, servers

FOLDER = paths.WORKSPACE / "platforms"


def clear() -> None:
    """Empty the folder that the platforms write into."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(exist_ok=True)


@dataclass(eq=False)
class MLServer(servers.Server):
    """Seldon's MLServer: ``mlserver start FOLDER``, whose settings are in that folder."""

    def arguments(self) -> list[str]:
        """Return what the system is asked to run: the package's program, as it has no module of that name."""
        return [str(Path(sysconfig.get_path("scripts"), "mlserver")), *self.command[1:]]
