"""A Spark session: who reaches it, what it shows, what it leaves, and what it says of a failure."""
import os
import subprocess
import sys
import tempfile
import threading

import psutil
import pytest

from helpers import paths, servers
from helpers.setup import java
from helpers.spark import sessions
from support.bad_days import language
from support.processes import family, gone, listening, running, until
from support.workspaces import ODD

pytestmark = pytest.mark.needs_group("spark")


@pytest.fixture(scope="module", autouse=True)
def variables():
    """Find Java, return the variables there are without a session, and close what the tests of this file leave."""
    java.need()
    yield set(os.environ)  # other tests load pandera, which sets one of Spark's
    sessions.close()


@pytest.fixture
def session(capsys):
    """Return a session whose Python workers have worked; a test may end it."""
    from pyspark.sql import SparkSession

    now = SparkSession._instantiatedSession or sessions.session("local[2]", {"spark.driver.memory": "512m"})
    now.range(4, numPartitions=2).rdd.map(lambda row: row[0]).sum()
    return now


def test_a_session_listens_on_this_machine_only(session):
    """Java, its Python workers and this process have no door to the network."""
    java_and_workers = family(sessions.pid())
    assert len(java_and_workers) > 1 and listening(java_and_workers) == {servers.HOST}
    assert listening([psutil.Process()]) <= {servers.HOST}


def test_a_session_leaves_no_variables_behind(variables, session):
    """What Spark's programs are told stays with them; that this machine is asked without a proxy stays here."""
    assert not (set(sessions.environment()) & set(os.environ)) - variables
    assert servers.HOST in os.environ["no_proxy"]


def test_a_session_works_in_the_workspace(session):
    """Its temporary files are there, and its log is beside the others."""
    assert sessions.FOLDER.is_relative_to(paths.WORKSPACE) and any(sessions.FOLDER.iterdir())
    assert session.conf.get("spark.sql.warehouse.dir").endswith("/spark/warehouse")
    assert session.range(1).rdd.map(lambda _: tempfile.gettempdir()).first() == str(sessions.FOLDER)
    assert sessions.LOG.stat().st_size > 0


IN_ODD = """
from helpers import paths
from helpers.spark import sessions

session = sessions.session("local[1]", {"spark.driver.memory": "512m"})
session.range(3).write.parquet((paths.WORKSPACE / "numbers").as_posix())
session.read.parquet((paths.WORKSPACE / "numbers").as_posix()).write.saveAsTable("kept")
print(session.table("kept").count(), any((sessions.FOLDER / "warehouse" / "kept").iterdir()))
sessions.close()
"""


@pytest.mark.hostile
def test_a_session_works_in_a_workspace_of_an_odd_name(tmp_path):
    """What it writes, tables included, is in the workspace, and nothing is beside it."""
    env = {**os.environ, "WORKBOOK_WORKSPACE": str(tmp_path / ODD), "PYTHONPATH": str(paths.ROOT)}
    told = {"cwd": tmp_path, "env": env, "capture_output": True, "encoding": "utf-8", "timeout": 600}
    done = subprocess.run([sys.executable, "-c", IN_ODD], **told)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.splitlines()[-1] == "3 True"
    assert [path.name for path in tmp_path.iterdir()] == [ODD]


def test_tasks_are_counted_while_a_job_runs(session):
    """Before and after it there is none; meanwhile some of all are done."""
    seen = []
    slow = session.range(4, numPartitions=4).rdd.map(lambda row: __import__("time").sleep(0.5 + row[0]) or row[0])
    job = threading.Thread(target=slow.sum)
    job.start()
    while job.is_alive():
        seen.append(sessions.tasks(session))
        job.join(0.05)
    assert any(0 < done < total for done, total in seen) and {total for _, total in seen} <= {0, 4}
    until(lambda: sessions.tasks(session) == (0, 0))


def test_a_missing_column_is_named(session, tmp_path, monkeypatch):
    """Out of MLflow's table, in Python's traceback, in Spark's, comes the one sentence that matters."""
    import mlflow
    import pandas as pd
    from mlflow.models import infer_signature
    from pyspark.sql import functions as F
    from sklearn.dummy import DummyClassifier

    rows = pd.DataFrame({"temp": [0.0, 1.0], "carrier": ["AA", "UA"]})
    model = DummyClassifier().fit(rows, [0, 1])
    place = tmp_path / "model"
    signature = infer_signature(rows, model.predict(rows))
    mlflow.sklearn.save_model(model, place, signature=signature, pip_requirements=["scikit-learn"])
    predict = mlflow.pyfunc.spark_udf(session, place.as_uri(), result_type="double")
    table = session.createDataFrame(rows)
    with pytest.raises(Exception, match="(?s)Failed to enforce schema") as failed:
        table.select(predict(F.struct("temp"))).collect()
    assert sessions.reason(failed.value) == "mlflow.exceptions.MlflowException: Model is missing inputs ['carrier']."


def test_the_error_of_a_worker_is_named(session):
    """Without MLflow it is the last error of the traceback; an error without any keeps its first line."""
    with pytest.raises(Exception, match="(?s)Traceback") as failed:
        session.range(1).rdd.map(lambda row: {}["AA"]).collect()
    assert sessions.reason(failed.value) == "KeyError: 'AA'"
    assert sessions.reason(ValueError("no Java\nat all")) == "no Java"


def test_a_session_that_java_has_ended_itself_can_be_replaced(session, capsys):
    """A cluster that goes away ends the work in Java; the next session starts all the same, in the same Java."""
    before = sessions.pid()
    session.sparkContext._jsc.stop()
    again = sessions.session("local[1]", {"spark.sql.shuffle.partitions": "3"})
    assert again.range(5).count() == 5 and sessions.pid() == before
    assert "$ pyspark --master 'local[1]' --conf spark.sql.shuffle.partitions=3\n" in capsys.readouterr().out


def test_a_session_is_stopped_from_any_thread(session):
    """Stopping ends the session and not Java, and without a session it does nothing."""
    before = sessions.pid()
    stopper = threading.Thread(target=sessions.stop)
    stopper.start()
    stopper.join()
    assert session.sparkContext._jsc is None and running({before})
    sessions.stop()


def test_nothing_is_left_after_closing_and_a_new_session_works(session, capsys):
    """Java, the workers and the temporary files go; closing again does nothing; a new session has a new Java."""
    pids = {process.pid for process in family(sessions.pid())}
    sessions.close()
    assert gone(pids) and not sessions.FOLDER.exists()
    sessions.close()
    assert sessions.session("local[1]", {}).range(3).count() == 3 and sessions.pid() not in pids


HOLDER = """
from helpers.setup import java
from helpers.spark import sessions
java.need()
session = sessions.session("local[1]", {})
session.range(2).rdd.map(lambda row: row[0]).sum()
print("pid", sessions.pid(), flush=True)
session.range(1).rdd.map(lambda row: __import__("time").sleep(600)).collect()
"""


SPEAKER = """
import tempfile
from helpers.setup import java
from helpers.spark import sessions
java.need()
session = sessions.session("local[1]", {})
session.range(3).selectExpr("ID as arrival", "upper('i') as capital").createOrReplaceTempView("flights")
[row] = session.sql("SELECT MIN(ARRIVAL) first, MAX(Capital) capital FROM FLIGHTS").collect()
print("found", session.sparkContext._jvm.java.util.Locale.getDefault().toString(), row.first, row.capital)
"""


def test_java_computes_in_turkish(tmp_path):
    """There the capital of i is another letter; names in SQL mean the same, and so do results."""
    env = os.environ | language("tr_TR", tmp_path) | {"WORKBOOK_WORKSPACE": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", SPEAKER], env=env, capture_output=True, text=True, timeout=600)
    assert "found" in done.stdout and done.stdout.endswith(" 0 I\n"), done.stdout + done.stderr
    assert "found tr_TR" in done.stdout or not (tmp_path / "tr_TR.UTF-8").exists()


def test_nothing_is_left_when_the_process_of_a_session_is_killed(tmp_path):
    """SIGKILL to the kernel in the middle of a job ends Java and its workers."""
    env = os.environ | {"WORKBOOK_WORKSPACE": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", HOLDER], stdout=subprocess.PIPE, text=True, env=env) as holder:
        java_pid = next(int(line.split()[1]) for line in holder.stdout if line.startswith("pid"))
        pids = {process.pid for process in family(java_pid)}
        holder.kill()
    try:
        assert len(pids) > 1 and gone(pids)
    finally:
        for pid in running(pids):
            psutil.Process(pid).kill()
