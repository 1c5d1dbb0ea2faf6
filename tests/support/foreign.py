"""The variables of other people's companies: what other projects of a reader's machine may have set."""
from pathlib import Path

NOBODY = "http://127.0.0.1:9"  # nothing listens there
FOREIGN = {  # by what reads them; the course is to work as if none were set
    "MLFLOW_TRACKING_URI": NOBODY,
    "MLFLOW_REGISTRY_URI": NOBODY,
    "MLFLOW_TRACKING_USERNAME": "company",
    "MLFLOW_TRACKING_PASSWORD": "company",
    "MLFLOW_TRACKING_TOKEN": "company",
    "MLFLOW_EXPERIMENT_NAME": "company",
    "MLFLOW_EXPERIMENT_ID": "77",
    "MLFLOW_RUN_ID": "0" * 32,
    "MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING": "true",
    "MLFLOW_ENABLE_ASYNC_LOGGING": "true",
    "MLFLOW_DISABLE_TELEMETRY": "false",
    "MLFLOW_LOGGING_LEVEL": "DEBUG",
    "MLFLOW_S3_ENDPOINT_URL": NOBODY,
    "MLFLOW_ENV_ROOT": "/nobody",
    "MLFLOW_DEFAULT_ARTIFACT_ROOT": "s3://company/mlflow",
    "_MLFLOW_SERVER_FILE_STORE": "sqlite:////nobody/company.db",
    "DATABRICKS_HOST": NOBODY,
    "DATABRICKS_TOKEN": "company",
    "DATABRICKS_CONFIG_PROFILE": "company",
    "DATABRICKS_RUNTIME_VERSION": "16.4",
    "OTEL_EXPORTER_OTLP_ENDPOINT": NOBODY,
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": NOBODY,
    "OTEL_SDK_DISABLED": "true",
    "UVICORN_ROOT_PATH": "/company",
    "UVICORN_RELOAD": "true",
    "GUNICORN_CMD_ARGS": "--bind=0.0.0.0:9",
    "WEB_CONCURRENCY": "7",
    "FORWARDED_ALLOW_IPS": "*",
    "FLASK_DEBUG": "1",
    "PROMETHEUS_MULTIPROC_DIR": "/nobody",
    "SQLALCHEMY_WARN_20": "1",
    "PGHOST": "db.company.example",
    "PGSSLMODE": "verify-full",
    "PGSERVICE": "company",
    "PGOPTIONS": "-c search_path=company",
    "PGPASSWORD": "company",
    "AWS_PROFILE": "nobody",
    "AWS_CA_BUNDLE": "/nobody/ca.pem",
    "AWS_ENDPOINT_URL": NOBODY,
    "AWS_ACCESS_KEY_ID": "company",
    "RCLONE_CONFIG": "/nobody/rclone.conf",
    "RCLONE_AUTH_KEY": "company,company",
    "NETRC": "/nobody/netrc",
    "SPARK_HOME": "/nobody/spark",
    "SPARK_CONF_DIR": "/nobody/conf",
    "SPARK_REMOTE": "sc://spark.company.example",
    "PYSPARK_SUBMIT_ARGS": "--master yarn pyspark-shell",
    "PYSPARK_PYTHON": "/nobody/python",
    "PYSPARK_DRIVER_PYTHON": "jupyter",
    "HADOOP_CONF_DIR": "/nobody/conf",
    "YARN_CONF_DIR": "/nobody/conf",
    "JAVA_TOOL_OPTIONS": "-Dcompany=true",
    "_JAVA_OPTIONS": "-Xmx32m",
    "JDK_JAVA_OPTIONS": "-Dcompany=true",
    "PANDERA_VALIDATION_ENABLED": "False",
    "SKLEARN_WARNINGS_AS_ERRORS": "1",
    "SCIPY_ARRAY_API": "1",
    "JOBLIB_MULTIPROCESSING": "0",
    "OMP_DISPLAY_ENV": "true",
    "KMP_SETTINGS": "1",
    "RANK": "1",
    "WORLD_SIZE": "2",
    "TQDM_DISABLE": "1",
    "MPLBACKEND": "pdf",
    "MATPLOTLIBRC": "/nobody/matplotlibrc",
    "HF_ENDPOINT": NOBODY,
    "HF_TOKEN": "company",
    "TRANSFORMERS_VERBOSITY": "debug",
    "KERAS_BACKEND": "tensorflow",
    "TORCH_LOGS": "+dynamo",
    "LANGSMITH_TRACING": "true",
    "LANGCHAIN_TRACING_V2": "true",
    "LANGSMITH_ENDPOINT": NOBODY,
    "OPENAI_API_KEY": "company",
    "OPENAI_BASE_URL": NOBODY,
    "WANDB_MODE": "online",
    "WANDB_BASE_URL": NOBODY,
    "NEPTUNE_PROJECT": "company/flights",
    "NEPTUNE_API_TOKEN": "company",
    "POLYAXON_HOST": NOBODY,
    "MLSERVER_HTTP_PORT": "9",
    "SSLKEYLOGFILE": "/nobody/keys",
    "FORCE_COLOR": "1",
}
STARTED_WITH = {  # what Python and Jupyter read when they start: only who starts them can keep these out
    "PYTHONWARNINGS": "error",
    "PYTHONDEVMODE": "1",
    "PYTHONOPTIMIZE": "2",
    "PYTHONSTARTUP": "/nobody/startup.py",
    "COVERAGE_PROCESS_START": "/nobody/.coveragerc",
    "JUPYTER_CONFIG_DIR": "/nobody",
    "JUPYTER_PLATFORM_DIRS": "1",
    "IPYTHONDIR": "/nobody",
}
SETTINGS = """[core]
    hooksPath = {hooks}
    autocrlf = true
[commit]
    gpgsign = true
[color]
    ui = always
"""
HOOK = "#!/bin/sh\necho company >> '{seen}'\nexit 1\n"


def git_of_a_company(folder: Path) -> dict[str, str]:
    """Return variables that lead Git to a company's repository, settings and hooks, and to files that it ignores."""
    hooks = folder / "hooks"
    hooks.mkdir(parents=True)
    for name in ("pre-commit", "commit-msg", "post-checkout"):
        (hooks / name).write_text(HOOK.format(seen=folder / "seen"))
        (hooks / name).chmod(0o755)
    (folder / "git").mkdir()
    (folder / "git" / "ignore").write_text("file\n.github/\nproject/\n")
    (folder / "git" / "attributes").write_text("* text eol=crlf\n")
    (folder / "settings").write_text(SETTINGS.format(hooks=hooks.as_posix()))
    return {
        "GIT_DIR": str(folder / "company.git"),
        "GIT_WORK_TREE": str(folder),
        "GIT_INDEX_FILE": str(folder / "index"),
        "GIT_AUTHOR_NAME": "Company",
        "GIT_CONFIG_GLOBAL": str(folder / "settings"),
        "XDG_CONFIG_HOME": str(folder),
    }
