"""A Spark session that is quiet, listens on this machine only, works in the workspace and ends with the notebook."""
import contextlib
import os
import re
import shutil
import sys

from helpers import paths, progress, servers
from helpers.setup import variables
from helpers.setup.environment import set_variables

FOLDER = paths.WORKSPACE / "spark"  # temporary files, which go when a kernel starts its first session
LOG = paths.LOGS / "spark.log"  # what Java, Spark and the Python workers print
_CONNECTED = "SPARK_CONNECT_MODE_ENABLED"  # a client of Spark Connect leaves it, and Spark starts no session then
SECRET = "_SPARK_AUTH_SECRET"  # the variable in which Spark's programs look for it


def environment() -> dict[str, str]:
    """Return the variables for Spark's programs: this Python for the workers, this machine's own address."""
    return {
        "PYSPARK_PYTHON": sys.executable,
        "PYSPARK_DRIVER_PYTHON": sys.executable,
        "SPARK_LOCAL_IP": servers.HOST,
        "SPARK_LOCAL_HOSTNAME": servers.HOST,
        "SPARK_LOCAL_DIRS": str(FOLDER),
        "TMPDIR": str(FOLDER),
        "OMP_NUM_THREADS": "1",  # one worker for each core, and no threads that wait for each other
        "PYTHONWARNINGS": "ignore",  # of pandas 3, which Spark calls untested
    }


def _settings(master: str) -> dict[str, str]:
    """Return what every session here needs, whatever its work is; with a cluster also the secret that opens it."""
    secret = os.environ.get(SECRET) if master.startswith("spark:") else None
    return {
        "spark.ui.port": str(servers.free_port()),
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.host": servers.HOST,
        "spark.driver.bindAddress": servers.HOST,
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.warehouse.dir": (FOLDER / "warehouse").as_posix(),  # Spark does not decode addresses
        **{f"spark.executorEnv.{name}": value for name, value in variables.QUIET.items()},  # on other machines too
        **({"spark.authenticate": "true", "spark.authenticate.secret": secret} if secret else {}),
    }


def session(master: str, asked: dict[str, str]):
    """Return a new Spark session in place of the one before, and print the command that would start the same shell.

    Parameters
    ----------
    master : str
        ``local[2]`` for two cores of this machine, ``spark://HOST:PORT`` for a cluster.
    asked : dict
        Settings by name. ``spark.driver.memory`` counts only in a kernel's first session.
    """
    from pyspark.sql import SparkSession

    options = [word for name, value in asked.items() for word in ("--conf", f"{name}={value}")]
    print(f"$ {servers.format_command(['pyspark', '--master', master, *options])}")
    with progress.clock("starting Spark"):
        stop()
        with set_variables(environment()):  # what Spark's programs are told stays with them
            _launch(master, asked)
        return SparkSession.builder.getOrCreate()


def _launch(master: str, asked: dict[str, str]) -> None:
    """Start a context, and with a kernel's first also Java, which prints to `LOG` and ends with this process."""
    from pyspark import SparkConf, SparkContext
    from pyspark.java_gateway import launch_gateway

    conf = SparkConf().setMaster(master).setAppName("late flights")
    conf.setAll([*_settings(master).items(), *asked.items()])
    if SparkContext._gateway is None:
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir(parents=True)
        with LOG.open("wb") as log:
            gateway = launch_gateway(SparkConf().setAll(asked.items()), {"stdout": log, "stderr": log})
        SparkContext(conf=conf, gateway=gateway)
    else:
        SparkContext(conf=conf)


def stop() -> None:
    """Stop the session, where there is one; Java stays, for the next."""
    from pyspark.sql import SparkSession

    os.environ.pop(_CONNECTED, None)
    running = SparkSession._instantiatedSession  # of any thread, and also where Java has ended the work itself
    if running:
        running.stop()


def close() -> None:
    """Stop the session and Java."""
    from pyspark import SparkContext

    stop()
    gateway, SparkContext._gateway, SparkContext._jvm = SparkContext._gateway, None, None
    if gateway:
        gateway.shutdown()
        gateway.proc.stdin.close()  # the sign to end that it waits for
        gateway.proc.wait(30)
    shutil.rmtree(FOLDER, ignore_errors=True)


def pid() -> int:
    """Return the id of Java's process, in which the driver works, on local masters the executors too."""
    from pyspark import SparkContext

    return SparkContext._gateway.proc.pid


def tasks(session) -> tuple[int, int]:
    """Return how many tasks of the stages at work are done, and how many there are."""
    tracker = session.sparkContext.statusTracker()
    stages = [stage for stage in map(tracker.getStageInfo, tracker.getActiveStageIds()) if stage]
    return sum(stage.numCompletedTasks for stage in stages), sum(stage.numTasks for stage in stages)


def watch(session, what: str) -> contextlib.AbstractContextManager[None]:
    """Show the tasks that are done while a job runs, and then only how it ended, so that outputs repeat."""
    return progress.clock(what, lambda: "{} of {} tasks".format(*tasks(session)))


def reason(error: Exception) -> str:
    """Return in a line what failed in a Python worker, which Spark wraps into many, and MLflow into a table."""
    text = str(error)
    named = list(re.finditer(r"^\s*([\w.]+(?:Error|Exception): )(.*)", text, re.MULTILINE))
    if not named:
        return text.strip().partition("\n")[0]
    kind, words = named[-1].groups()
    cause = re.search(r"Failed to enforce schema of data .*?\. Error: ([^\n]+)", text[named[-1].start() :], re.DOTALL)
    return kind + (cause[1] if cause else words)
