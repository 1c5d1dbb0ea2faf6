"""A Spark cluster of this machine's own: a master and workers, each a process, as Spark's standalone mode has them."""
import os
import secrets
from pathlib import Path

from helpers import servers
from helpers.spark import sessions


class Node(servers.Server):
    """A program of the cluster, with its page for people at `port`."""

    def arguments(self) -> list[str]:
        """Return what the system is asked to run: Spark's own script, which starts Java."""
        import pyspark

        program = Path(pyspark.__file__).parent / "bin" / ("spark-class.cmd" if os.name == "nt" else "spark-class")
        return [str(program), *self.command[1:]]


def master() -> tuple[Node, str]:
    """Return the program that knows the workers and hands them out, and its address for sessions."""
    port, page = servers.free_port(), servers.free_port()
    command = ["spark-class", "org.apache.spark.deploy.master.Master", "--host", servers.HOST]
    node = Node([*command, "--port", str(port), "--webui-port", str(page)], page, health="/json/", env=_environment())
    return node, f"spark://{servers.HOST}:{port}"


def worker(address: str, number: int, cores: int = 1, memory: str = "1g") -> Node:
    """Return a program that runs executors for the sessions of a master's address."""
    page = servers.free_port()
    command = ["spark-class", "org.apache.spark.deploy.worker.Worker", "--host", servers.HOST, "--cores", str(cores)]
    command += ["--memory", memory, "--webui-port", str(page), "--work-dir", str(sessions.FOLDER / f"worker-{number}")]
    return Node([*command, address], page, health="/json/", env=_environment())


def _environment() -> dict[str, str]:
    """Return the variables of the cluster's programs: they talk only to those who know this kernel's secret."""
    os.environ.setdefault(sessions.SECRET, secrets.token_hex())
    options = "-Dspark.authenticate=true -Dspark.master.rest.enabled=false"  # its door for jobs asks no secret
    return sessions.environment() | {"SPARK_DAEMON_JAVA_OPTS": options, "SPARK_DAEMON_MEMORY": "512m"}
