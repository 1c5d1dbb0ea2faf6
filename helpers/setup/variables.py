"""The environment variables of the course's processes: which are ours, which are the reader's, which others' own.

Whatever a library of the course reads may be set on a reader's machine, for another project or by an employer:
an address of another registry, a password, a debugging switch. Kernels and the course's commands set these aside,
for themselves and for all that they start. What a notebook sets after that, or hands to a server, counts.
"""
import contextlib
import netrc
import os
import re
import sys
from collections.abc import MutableMapping
from urllib.parse import urlsplit

QUIET = {  # ours, in every process that imports the helpers
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "ORT_DISABLE_TELEMETRY": "1",  # ONNX Runtime's
    "DO_NOT_TRACK": "true",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "WANDB_ERROR_REPORTING": "false",
    "MLFLOW_MODEL_CATALOG_URI": "file:///none",  # else a judge asks the web for prices
    "MLFLOW_LOGGING_LEVEL": "ERROR",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_PRINT_MODEL_URLS_ON_CREATION": "false",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "OMP_WAIT_POLICY": "PASSIVE",  # threads that wait sleep: on a busy machine the trees fit five times faster
}
PYTHON = (  # by which Python itself behaves otherwise: pip, too, ends at a warning then, or never
    *("PYTHONASYNCIODEBUG", "PYTHONBREAKPOINT", "PYTHONCASEOK", "PYTHONDEBUG", "PYTHONDEVMODE", "PYTHONDUMPREFS"),
    *("PYTHONINSPECT", "PYTHONINTMAXSTRDIGITS", "PYTHONIOENCODING", "PYTHONMALLOC", "PYTHONOPTIMIZE", "PYTHONPROFILE"),
    *("PYTHONSAFEPATH", "PYTHONSTARTUP", "PYTHONTRACEMALLOC", "PYTHONVERBOSE", "PYTHONWARN", "PYTHON_COLORS"),
)
_OTHERS = (  # how the names begin that are others', by what reads them
    *("MLFLOW_", "_MLFLOW_", "ENABLE_MLFLOW_", "KUBE_MLFLOW_", "DATABRICKS_", "DB_MODEL_", "IS_IN_D", "OTEL_"),
    *("UVICORN_", "GUNICORN_", "FLASK_", "FASTAPI_", "WERKZEUG_", "HUEY_", "PROMETHEUS_", "WEB_CONCURRENCY"),
    *("FORWARDED_ALLOW_IPS", "SQLALCHEMY_", "ALEMBIC_", "PG", "RCLONE_", "AWS_", "AZURE_", "GOOGLE_", "NETRC", "GIT_"),
    *("SPARK_", "PYSPARK_", "HADOOP_", "YARN_", "JAVA_", "_JAVA_", "JDK_", "CLASSPATH", "ARROW_", "PYARROW_"),
    *("PANDERA_", "PANDAS_", "SKLEARN_", "SCIPY_", "NUMPY_", "NPY_", "JOBLIB_", "LOKY_", "ORT_", "ONNX_", "PYDANTIC_"),
    *("OMP_", "GOMP_", "KMP_", "RANK", "LOCAL_RANK", "WORLD_SIZE", "TQDM_", "MPLBACKEND", "MATPLOTLIBRC"),
    *("HF_", "HUGGINGFACE_", "TRANSFORMERS_", "KERAS_", "TORCH_", "PYTORCH_", "TF_", "USE_TF", "USE_TORCH"),
    *("LANGCHAIN_", "LANGSMITH_", "LANGGRAPH_", "OPENAI_", "ANTHROPIC_", "GEMINI_", "LITELLM_", "COVERAGE_"),
    *("WANDB_", "NEPTUNE_", "POLYAXON_", "TRACEML_", "MLSERVER_", "KFP_", "KF_", "DAGSTER_", "SSLKEYLOGFILE"),
    *("FORCE_COLOR", "CLICOLOR", "PY_COLORS", *PYTHON),
)
_KEPT = ("JAVA_HOME", "HADOOP_HOME", "OMP_NUM_THREADS")  # this machine's, and the reader's choice
NETWORK = (  # by which Git reaches the course
    "GIT_SSH", "GIT_SSL", "GIT_ASKPASS", "GIT_PROXY", "GIT_HTTP", "GIT_EXEC_PATH", "GIT_CONFIG_GLOBAL",
)
_ASKED = {  # what the reader sets for an outside system that a variable of ours names
    "WORKBOOK_POSTGRES": ("PG",),
    "WORKBOOK_S3": ("AWS_",),
    "WORKBOOK_SPARK": ("SPARK_", "HADOOP_", "YARN_"),
}
CERTIFICATES = ("PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "ftp_proxy")
_HERE = ("127.0.0.1", "localhost")
GIT_FILES = {  # beside its settings Git reads ~/.config/git/ignore and attributes, by which files stay out of a commit
    "GIT_CONFIG_COUNT": "2",
    "GIT_CONFIG_KEY_0": "core.excludesFile",
    "GIT_CONFIG_VALUE_0": "/dev/null",
    "GIT_CONFIG_KEY_1": "core.attributesFile",
    "GIT_CONFIG_VALUE_1": "/dev/null",
}
_IN_KERNELS = {  # what notebooks show and commit does not depend on the reader's settings of Git and of figures
    "GIT_CONFIG_GLOBAL": "/dev/null",  # Git for Windows knows it by this name too
    "GIT_CONFIG_NOSYSTEM": "1",
    **GIT_FILES,
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
}


def prepare(env: MutableMapping[str, str] = os.environ) -> None:
    """Set the variables of every process of the course; where this process is a kernel, set others' aside as well."""
    if "ipykernel" in sys.modules:
        set_aside(env)
        env.update(_IN_KERNELS)
        if _has_login_for_here():
            env["NETRC"] = os.devnull
        if not env.get("WORKBOOK_S3"):  # the course's own object store has no part in the settings of a company's
            env.update(dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), os.devnull))
    env.update(QUIET)
    _bypass_proxies(env)


def _has_login_for_here() -> bool:
    """Return whether a file of logins in the home folder has one for servers of this machine, or for all others.

    Requests sends it in place of the login that a client was given.
    """
    for name in ("~/.netrc", "~/_netrc"):
        with contextlib.suppress(OSError, UnicodeError, netrc.NetrcParseError):
            logins = netrc.netrc(os.path.expanduser(name))
            return any(logins.authenticators(host) for host in _HERE)
    return False


def set_aside(env: MutableMapping[str, str]) -> None:
    """Take out what belongs to others, and certificates and proxies that no library here can use; set what is ours."""
    asked = (start for name, starts in _ASKED.items() if env.get(name) for start in starts)
    kept = (*_KEPT, *NETWORK, *asked)
    for name in [name for name in env if name.upper().startswith(_OTHERS) and not name.startswith(kept)]:
        del env[name]
    for name in CERTIFICATES:  # clients fail at their start, also those that ask this machine alone
        if env.get(name) and not os.path.exists(env[name]):
            del env[name]
    for name in [name for name in env if name.lower() in _PROXIES and env[name]]:
        given = env[name].strip()
        env[name] = given if "://" in given else f"http://{given}"
        if not _is_readable(env[name]):  # JupyterLab, pip and MLflow's clients fail at their start
            del env[name]
    env.update(QUIET)


def is_on(name: str) -> bool:
    """Return whether a switch of the reader's is on; some set one to a word that says no."""
    return os.environ.get(name, "").strip().lower() not in ("", "0", "false", "no", "off")


def _is_readable(proxy: str) -> bool:
    """Return whether the clients of the libraries here read a proxy's address: no SOCKS, no `#` in a password."""
    try:
        parts = urlsplit(proxy)
        return parts.scheme.lower() in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number
        return False


def _bypass_proxies(env: MutableMapping[str, str]) -> None:
    """Keep requests to this machine away from a proxy; libraries read one of two names, so both hold all hosts.

    Hosts that some client cannot read, such as networks of IPv6, are left out.
    """
    told = ",".join(env.get(name, "") for name in ("no_proxy", "NO_PROXY"))
    listed = [host.strip().strip("[]") for host in [*told.split(","), *_HERE]]
    hosts = ",".join(dict.fromkeys(host for host in listed if re.fullmatch(r"[^:]+(:\d+)?|[\da-fA-F:]+", host)))
    env.update(dict.fromkeys(("no_proxy", "NO_PROXY"), "*" if "*" in hosts.split(",") else hosts))
