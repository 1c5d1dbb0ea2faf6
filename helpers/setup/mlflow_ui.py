"""MLflow's user interface over the workspace: what the command ``ui`` and JupyterLab's tile start.

It ends with Ctrl-C, and with the terminal or the JupyterLab that started it.
"""
import argparse
import contextlib
import os
import sys
import time
import webbrowser


def main(port: int, browser: bool, origin: str) -> None:
    """Serve the interface on a port, 0 for a free one, and open it in the browser where that is wanted.

    `origin` is that of the pages that show it; without one, that under which a hosted machine shows the port.
    """
    import psutil

    from helpers import paths, servers
    from helpers.setup import findings, forwarding, storage

    try:
        findings.require(storage.check_store)
    except findings.ProblemError as error:
        sys.exit(str(error))
    storage.follow_move(paths.WORKSPACE)
    port = port or servers.free_port()
    allowed = {"MLFLOW_SERVER_CORS_ALLOWED_ORIGINS": origin or forwarding.find_origin(port)}

    starter = psutil.Process(os.getppid())  # asked for later, it would be another where this one has ended
    with contextlib.suppress(KeyboardInterrupt), servers.tracking_server(port, env=allowed) as server:
        print(f"MLflow's user interface is at {server.url}. Ctrl-C here ends it.", flush=True)
        if browser:
            webbrowser.open(server.url)
        while os.getppid() == starter.pid and starter.is_running():  # of an ended one, Windows still tells the id
            time.sleep(0.5)


if __name__ == "__main__":
    parser = argparse.ArgumentParser("python -m helpers.setup.mlflow_ui")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--no-browser", action="store_true")
    parser.add_argument("--origin", default="")
    asked = parser.parse_args()
    main(asked.port, not asked.no_browser, asked.origin)
