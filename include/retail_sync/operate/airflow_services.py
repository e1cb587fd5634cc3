"""Airflow's own services on this machine, as processes: interface, scheduler, parser and triggerer."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import requests

from retail_sync.db.processes import free_port, is_free
from retail_sync.errors import ConfigurationError

from .components import Components

#: What each service is called, and how it is started.
SERVICES = {
    "api-server": ["api-server", "--workers", "1"],
    "scheduler": ["scheduler", "--skip-serve-logs"],
    "dag-processor": ["dag-processor"],
    "triggerer": ["triggerer", "--skip-serve-logs"],
}
#: Where a service's command is found, if not in Airflow: its scheduler has loaded what the tasks need that it forks.
_MODULES = {"scheduler": "retail_sync_airflow.warm"}
_PARTS = ("metadatabase", "scheduler", "dag_processor", "triggerer")
_USER = "admin"
_SETTINGS = {
    "AIRFLOW__CORE__AUTH_MANAGER": "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager",
    "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
    # As many workers as one machine can use; each costs memory from the start.
    "AIRFLOW__CORE__PARALLELISM": "8",
    "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{_USER}:admin",
    "AIRFLOW__API__HOST": "127.0.0.1",
    # The runs are chains of short tasks, and the scheduler's rests are most of their time.
    "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.25",
    "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
}


class AirflowServices:
    """All of Airflow, for one folder.

    Args:
        home: Its `AIRFLOW_HOME`. Secrets, port and password are made once and kept there, for its owner's eyes only.
        environment: The environment that names the database, the DAGs and the connections.
        port: The interface's port, or 0 for one that is found.
    """

    def __init__(self, home: Path, environment: Mapping[str, str], port: int = 0) -> None:
        self._home = home
        self._kept = self._remembered(port)
        self.url = f"http://127.0.0.1:{self._kept['port']}"
        self.user = _USER
        self.password: str = self._kept["password"]
        self.environment = {**environment, **_SETTINGS, **self._own_settings()}

    def migrate(self) -> bool:
        """Bring Airflow's database to the version that is installed; skipped where that was done. Tells if it was."""
        wanted = f"{version('apache-airflow-core')} {self.environment['AIRFLOW__DATABASE__SQL_ALCHEMY_CONN']}"
        if self._kept.get("migrated") == wanted:
            return False
        command = [sys.executable, "-m", "airflow", "db", "migrate"]
        done = subprocess.run(command, env=self.environment, check=False, capture_output=True, text=True)
        if done.returncode:
            raise ConfigurationError(f"Airflow's database can't be migrated: {done.stderr[-2000:]}")
        self._remember({**self._kept, "migrated": wanted})
        return True

    def start(self, components: Components) -> None:
        """Start every service."""
        for name, arguments in SERVICES.items():
            command = [sys.executable, "-m", _MODULES.get(name, "airflow"), *arguments]
            components.start(name, command, self.environment)

    def await_health(self, components: Components, dags: int, seconds: float = 180.0) -> None:
        """Wait until every service says that it is well, and so many DAGs are there.

        Raises:
            ConfigurationError: A service has ended, or they are not well in time.
        """
        until = time.monotonic() + seconds
        while sick := self._sick() or self._unparsed(dags):
            components.require_all()
            if time.monotonic() > until:
                raise ConfigurationError(f"Airflow does not come up: {', '.join(sick)}", fix="Read the logs.")
            time.sleep(0.5)

    def unpause(self) -> None:
        """Let every DAG run on its schedule."""
        self._call("PATCH", "dags", params={"dag_id_pattern": "%"}, json={"is_paused": False})

    def token(self) -> str:
        """A token for the REST interface, for a day."""
        login = {"username": self.user, "password": self.password}
        answer = requests.post(f"{self.url}/auth/token", json=login, timeout=30)
        answer.raise_for_status()
        return str(answer.json()["access_token"])

    def _sick(self) -> list[str]:
        try:
            answer = requests.get(f"{self.url}/api/v2/monitor/health", timeout=10)
            health = answer.json() if answer.ok else {}
        except (requests.RequestException, ValueError):
            return ["api-server"]
        return [part for part in _PARTS if health.get(part, {}).get("status") != "healthy"]

    def _unparsed(self, dags: int) -> list[str]:
        # A machine that has just begun with all of it may be slow to answer: it has until the time is over.
        try:
            there = int(self._call("GET", "dags", params={"limit": "1"})["total_entries"])
        except requests.RequestException:
            return ["api-server"]
        return [f"{dags - there} DAGs"] if there < dags else []

    def _call(self, method: str, path: str, **content: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token()}"}
        answer = requests.request(method, f"{self.url}/api/v2/{path}", headers=headers, timeout=30, **content)
        answer.raise_for_status()
        body: dict[str, Any] = answer.json()
        return body

    def _own_settings(self) -> dict[str, str]:
        return {
            "AIRFLOW__API__PORT": str(self._kept["port"]),
            "AIRFLOW__API__BASE_URL": self.url,
            "AIRFLOW__API__SECRET_KEY": self._kept["secret_key"],
            "AIRFLOW__API_AUTH__JWT_SECRET": self._kept["jwt_secret"],
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{self.url}/execution/",
            "AIRFLOW__CORE__FERNET_KEY": self._kept["fernet_key"],
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(self._passwords()),
        }

    def _passwords(self) -> Path:
        file = self._home / "passwords.json"
        _write_privately(file, {_USER: self.password})
        return file

    def _remembered(self, port: int) -> dict[str, Any]:
        self._home.mkdir(parents=True, exist_ok=True)
        file = self._home / "services.json"
        kept: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else _new_secrets()
        known = kept.get("port")
        kept["port"] = port or (known if known and is_free(known) else free_port())
        self._remember(kept)
        return kept

    def _remember(self, kept: dict[str, Any]) -> None:
        _write_privately(self._home / "services.json", kept)


def _new_secrets() -> dict[str, Any]:
    return {
        "password": secrets.token_urlsafe(12),
        "secret_key": secrets.token_urlsafe(32),
        "jwt_secret": secrets.token_urlsafe(64),
        "fernet_key": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    }


def _write_privately(file: Path, content: dict[str, Any]) -> None:
    file.touch(mode=0o600)
    file.write_text(json.dumps(content), encoding="utf-8")
