"""Spark programs of this machine's own, each a process: a standalone master, its workers, a server of Spark Connect."""
import os
import secrets
from pathlib import Path

from helpers import servers
from helpers.spark import sessions


def master() -> tuple[servers.Server, str]:
    """Return the program that knows the workers and hands them out, and its address for sessions."""
    port, page = str(servers.free_port()), servers.free_port()
    return _node("master.Master", page, "--port", port, "--webui-port", str(page)), f"spark://{servers.HOST}:{port}"


def worker(address: str, number: int, cores: int = 1, memory: str = "1g") -> servers.Server:
    """Return a program that runs executors for the sessions of a master's address."""
    page, folder = servers.free_port(), sessions.FOLDER / f"worker-{number}"
    offer = ("--cores", str(cores), "--memory", memory)
    return _node("worker.Worker", page, *offer, "--webui-port", str(page), "--work-dir", str(folder), address)


def connect_server(master: str = "local[2]") -> tuple[servers.Server, str, str]:
    """Return the server that Spark Connect's clients talk to, its address, and the token that it asks them for."""
    import pyspark

    port, token = servers.free_port(), secrets.token_hex()
    settings = {"spark.connect.grpc.binding.address": servers.HOST, "spark.connect.grpc.binding.port": str(port),
                "spark.driver.host": servers.HOST, "spark.ui.enabled": "false", "spark.sql.session.timeZone": "UTC"}
    options = [word for name, value in settings.items() for word in ("--conf", f"{name}={value}")]
    kind = "org.apache.spark.sql.connect.service.SparkConnectServer"
    command = ["spark-submit", "--class", kind, "--master", master, *options, "spark-internal"]
    sessions.FOLDER.mkdir(parents=True, exist_ok=True)
    env = sessions.environment() | {"SPARK_CONNECT_AUTHENTICATE_TOKEN": token}
    script = _find_script(Path(pyspark.__file__).parent, "spark-submit")
    address = f"sc://localhost:{port}"  # to this name alone a client sends its token without TLS
    return servers.Server(command, port, health=servers.accepts, env=env, program=[script]), address, token


def _find_script(home: Path, name: str) -> str:
    """Return the path of one of Spark's own scripts."""
    return str(home / "bin" / (f"{name}.cmd" if os.name == "nt" else name))


def _node(kind: str, page: int, *options: str) -> servers.Server:
    """Return a program of the cluster, with its page for people at a port: Spark's own script starts it in Java."""
    import pyspark

    command = ["spark-class", f"org.apache.spark.deploy.{kind}", "--host", servers.HOST, *options]
    script = _find_script(Path(pyspark.__file__).parent, "spark-class")
    return servers.Server(command, page, health="/json/", env=_environment(), program=[script])


def _environment() -> dict[str, str]:
    """Return the variables of the cluster's programs: they talk only to those who know this kernel's secret."""
    os.environ.setdefault(sessions.SECRET, secrets.token_hex())
    options = "-Dspark.authenticate=true -Dspark.master.rest.enabled=false"  # its door for jobs asks no secret
    return sessions.environment() | {"SPARK_DAEMON_JAVA_OPTS": options, "SPARK_DAEMON_MEMORY": "512m"}
