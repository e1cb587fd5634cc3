"""A whole system on one machine, with nothing installed but Python: Postgres, sandboxes, and the environment for both.

Demo, `up` and the tests on Airflow live in one. Whatever it starts ends with it.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from retail_sync.db.embedded import EmbeddedServer
from retail_sync.db.migrations import migrate
from retail_sync.errors import ConfigurationError
from retail_sync.pairs.config import Pair
from retail_sync.pairs.ends import accounts
from retail_sync.sandbox.client import SandboxControl
from retail_sync.sandbox.host import Host, settings_for

PRODUCT = "retail_sync"
AIRFLOW = "airflow"
ROOT = Path(__file__).resolve().parents[3]


class House:
    """Postgres with both databases, and a sandbox for each account of some pairs.

    Args:
        folder: Where everything that it writes goes. One house at a time lives in a folder.
        pairs: The pairs whose connections are to lead to sandboxes, set up as these pairs need them.
        fresh: Which databases (`PRODUCT`, `AIRFLOW`) that an earlier house left behind are dropped first. Sandboxes
            begin anew with every house, so a product database that is kept remembers what they don't hold.

    Attributes:
        sandboxes: By connection, in the order of their names.
    """

    def __init__(self, folder: Path, pairs: Iterable[Pair] = (), *, fresh: Iterable[str] = ()) -> None:
        self.folder = folder.absolute()
        self._accounts = accounts(pairs)
        self._fresh = list(fresh)
        self._server = EmbeddedServer(self.folder / "postgres")
        self._host = Host()
        self._door: IO[str] | None = None
        self.sandboxes: dict[str, SandboxControl] = {}
        self.dsn = ""
        self.airflow_dsn = ""

    def __enter__(self) -> House:
        self._enter_folder()
        try:
            self._open()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _enter_folder(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        door = (self.folder / "lock").open("w")
        try:
            fcntl.flock(door, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            door.close()
            raise ConfigurationError(
                f"another process already lives in {self.folder}", fix="End it, or name another folder."
            ) from None
        self._door = door

    def _open(self) -> None:
        self._server.start()
        for name in self._fresh:
            self._server.drop_database(name)
        self.dsn = self._server.create_database(PRODUCT)
        self.airflow_dsn = self._server.create_database(AIRFLOW)
        migrate(self.dsn)
        with ThreadPoolExecutor() as together:
            urls = together.map(self._start_sandbox, self._accounts)
            self.sandboxes = {name: SandboxControl(url) for name, url in zip(self._accounts, urls, strict=True)}

    def _start_sandbox(self, name: str) -> str:
        account = self._accounts[name]
        settings = settings_for(account.system, account.settings)
        return self._host.start(account.system, settings=settings, called=name)

    def close(self) -> None:
        """End the sandboxes and the server."""
        for control in self.sandboxes.values():
            control.close()
        self._host.stop()
        self._server.stop()
        if self._door:
            self._door.close()

    @property
    def systems(self) -> list[str]:
        """The systems that have sandboxes here."""
        return sorted({account.system for account in self._accounts.values()})

    @property
    def airflow_home(self) -> Path:
        """Airflow's own folder."""
        return self.folder / "airflow"

    def environment(self) -> dict[str, str]:
        """The environment in which every process of this house runs."""
        return {**os.environ, **self._product(), **self._airflow()}

    def _product(self) -> dict[str, str]:
        named = {name: control.health()["connection"] for name, control in self.sandboxes.items()}
        return {"RETAIL_SYNC_DSN": self.dsn} | as_environment(named)

    def _airflow(self) -> dict[str, str]:
        self.airflow_home.mkdir(exist_ok=True)
        return {
            "AIRFLOW_HOME": str(self.airflow_home),
            "AIRFLOW_CONN_RETAIL_SYNC_DB": self.dsn,
            "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__TEST_CONNECTION": "Enabled",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": self.airflow_dsn,
            "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(self.airflow_home / "logs"),
        }


def as_environment(connections: dict[str, Any]) -> dict[str, str]:
    """Connections by name, as the variables that Airflow and the package read them from."""
    return {f"AIRFLOW_CONN_{name.upper()}": json.dumps(parts) for name, parts in connections.items()}
