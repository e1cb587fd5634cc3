"""The files that other tools read: whether they say what a user of Compose or Astro relies on."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "docker-compose.yaml"
SECRETS = (
    "POSTGRES_PASSWORD",
    "AIRFLOW_FERNET_KEY",
    "AIRFLOW_JWT_SECRET",
    "AIRFLOW_API_SECRET_KEY",
    "AIRFLOW_ADMIN_PASSWORD",
)
COMPONENTS = ("api-server", "scheduler", "dag-processor", "triggerer", "worker")
_NO_COMPOSE = "Docker Compose is not installed here"


def compose() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
    return content


def services() -> dict[str, Any]:
    found: dict[str, Any] = compose()["services"]
    return found


def named_by_pairs() -> set[str]:
    """The connections of the pair files that come with the package."""
    pairs = [yaml.safe_load(path.read_text()) for path in sorted((ROOT / "include/pairs").glob("*.yaml"))]
    return {pair[end]["connection"] for pair in pairs for end in ("source", "destination")}


def dockerfile() -> list[str]:
    return [line for line in (ROOT / "Dockerfile").read_text().splitlines() if line and not line.startswith("#")]


def config_command() -> list[str] | None:
    """The command that resolves a Compose file, where there is one."""
    if shutil.which("docker-compose"):
        return ["docker-compose", "config"]
    plugin = ["docker", "compose"]
    if shutil.which("docker") and not subprocess.run([*plugin, "version"], capture_output=True, check=False).returncode:
        return [*plugin, "config"]
    return None


def resolved(**given: str) -> subprocess.CompletedProcess[str]:
    command = config_command()
    if command is None:
        pytest.skip(_NO_COMPOSE)
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **given}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.req("DAG-3")
@pytest.mark.parametrize("component", COMPONENTS)
def test_every_component_of_airflow_is_there_and_is_watched_and_started_again(component: str) -> None:
    service = services()[component]

    assert service["command"][:2] == ["airflow", component if component != "worker" else "celery"]
    assert service["healthcheck"]["test"]
    assert service["restart"] == "unless-stopped"
    assert service["depends_on"]["init"] == {"condition": "service_completed_successfully"}
    mounted = {volume.split(":")[0] for volume in service["volumes"]}
    assert {"./dags", "./plugins", "./include", "logs"} <= mounted


@pytest.mark.req("DAG-3")
def test_work_is_distributed_by_celery_over_redis_and_postgres_18() -> None:
    found, environment = services(), compose()["x-airflow"]["environment"]

    assert environment["AIRFLOW__CORE__EXECUTOR"] == "CeleryExecutor"
    assert found["postgres"]["image"] == "postgres:18"
    # From 18 on the server keeps its data one folder lower; a mount at the old place would lose it with the container.
    assert found["postgres"]["volumes"] == ["postgres:/var/lib/postgresql"]
    assert all(found[name]["healthcheck"]["test"] for name in ("postgres", "redis"))
    assert "ports" not in found["postgres"]
    assert "ports" not in found["redis"]


@pytest.mark.req("DAG-3")
def test_both_databases_are_migrated_before_anything_runs() -> None:
    script = services()["init"]["command"][-1]

    assert "airflow db migrate" in script
    assert "retail-sync migrate" in script
    assert services()["init"]["depends_on"] == {"databases": {"condition": "service_completed_successfully"}}
    environment = compose()["x-airflow"]["environment"]
    assert environment["RETAIL_SYNC_DSN"].endswith("/retail_sync")
    assert environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].endswith("/airflow")


@pytest.mark.req("SEC-1")
def test_every_secret_comes_from_the_environment_and_has_no_default() -> None:
    text = COMPOSE.read_text()

    for name in SECRETS:
        uses = re.findall(r"\$\{" + name + r"\b[^}]*\}", text)
        assert uses
        assert all(use.startswith("${" + name + ":?set ") for use in uses)


@pytest.mark.req("SEC-1")
def test_no_key_that_smells_of_a_secret_has_a_value_of_its_own() -> None:
    secret = re.compile(r"PASSWORD$|SECRET|FERNET|PGPASSWORD")
    environments = [service.get("environment") or {} for service in services().values()]

    for environment in environments:
        for key, value in environment.items():
            if secret.search(key):
                assert str(value).startswith("${"), key


@pytest.mark.req("SEC-1")
def test_what_only_tries_things_out_is_a_profile_and_is_given_no_secret() -> None:
    found = services()

    assert {name: found[name]["profiles"] for name in ("sandbox", "mail", "cli")} == {
        "sandbox": ["sandbox"],
        "mail": ["mail"],
        "cli": ["cli"],
    }
    for name in ("sandbox", "mail"):
        assert not any("${" in str(value) for value in found[name]["environment"].values())
    assert all(port.startswith("127.0.0.1:") for port in found["sandbox"]["ports"])


@pytest.mark.req("OPS-3")
def test_compose_hands_on_the_connections_that_the_pair_files_name() -> None:
    handed_on = {name for name in compose()["x-airflow"]["environment"] if name.startswith("AIRFLOW_CONN_")}

    assert handed_on == {f"AIRFLOW_CONN_{name.upper()}" for name in named_by_pairs() | {"smtp_default"}}


@pytest.mark.req("DAG-3")
def test_compose_itself_accepts_the_file() -> None:
    answer = resolved(**{name: f"given-{name}" for name in SECRETS})

    assert answer.returncode == 0, answer.stderr
    made: dict[str, Any] = yaml.safe_load(answer.stdout)["services"]
    assert set(COMPONENTS) <= set(made)
    for component in COMPONENTS:
        environment = made[component]["environment"]
        assert environment["AIRFLOW__CORE__FERNET_KEY"] == "given-AIRFLOW_FERNET_KEY"
        assert environment["AIRFLOW__API_AUTH__JWT_SECRET"] == "given-AIRFLOW_JWT_SECRET"
        assert environment["AIRFLOW__API__SECRET_KEY"] == "given-AIRFLOW_API_SECRET_KEY"


@pytest.mark.req("SEC-1")
def test_compose_refuses_to_start_without_a_secret_and_names_it() -> None:
    missing = "AIRFLOW_JWT_SECRET"
    answer = resolved(**{name: "given" for name in SECRETS if name != missing})

    assert answer.returncode != 0
    assert f"set {missing}" in answer.stderr


@pytest.mark.req("DAG-3")
def test_the_image_is_the_runtime_of_the_pinned_airflow() -> None:
    # Runtime 3.3-8 is Airflow 3.3.2.
    assert dockerfile()[0] == "FROM astrocrpublic.azurecr.io/runtime:3.3-8-python-3.12-base"
    pins = (ROOT / "requirements.txt").read_text()
    assert re.search(r"^apache-airflow==3\.3\.2$", pins, re.MULTILINE)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["requires-python"] == ">=3.11,<3.15"


@pytest.mark.req("DAG-1")
def test_the_image_installs_the_pins_and_then_the_package_editable() -> None:
    steps = " ".join(dockerfile())

    assert steps.index("-r requirements.txt") < steps.index("COPY --chown=astro:0 . .") < steps.index("--no-deps -e .")
    assert dockerfile()[-1] == "USER astro"
    assert (ROOT / "packages.txt").is_file()


@pytest.mark.req("SEC-1")
def test_neither_secrets_nor_this_machine_get_into_the_image() -> None:
    left_out = (ROOT / ".dockerignore").read_text().splitlines()

    assert {".env", ".git", ".venv", "var", "airflow_settings.yaml"} <= set(left_out)
    assert not {"include", "plugins", "dags", "pyproject.toml", "README.md", "requirements.txt"} & set(left_out)


@pytest.mark.req("SEC-1")
def test_astro_s_settings_name_every_connection_and_hold_no_secret() -> None:
    airflow = yaml.safe_load((ROOT / "airflow_settings.yaml").read_text())["airflow"]
    connections = {found["conn_id"]: found for found in airflow["connections"]}

    assert named_by_pairs() | {"retail_sync_db", "smtp_default"} <= set(connections)
    assert not any(found["conn_password"] for found in connections.values())
    assert yaml.safe_load((ROOT / ".astro/config.yaml").read_text())["project"]["name"] == "retail-sync"
