"""A Spark cluster of this machine's own: a master and workers, each a process, as Spark's standalone mode has them."""
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


def _node(kind: str, page: int, *options: str) -> servers.Server:
    """Return a program of the cluster, with its page for people at a port: Spark's own script starts it in Java."""
    import pyspark

    command = ["spark-class", f"org.apache.spark.deploy.{kind}", "--host", servers.HOST, *options]
    script = Path(pyspark.__file__).parent / "bin" / ("spark-class.cmd" if os.name == "nt" else "spark-class")
    return servers.Server(command, page, health="/json/", env=_environment(), program=[str(script)])


def _environment() -> dict[str, str]:
    """Return the variables of the cluster's programs: they talk only to those who know this kernel's secret."""
    os.environ.setdefault(sessions.SECRET, secrets.token_hex())
    options = "-Dspark.authenticate=true -Dspark.master.rest.enabled=false"  # its door for jobs asks no secret
    return sessions.environment() | {"SPARK_DAEMON_JAVA_OPTS": options, "SPARK_DAEMON_MEMORY": "512m"}
