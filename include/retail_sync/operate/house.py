"""A whole system on one machine, with nothing installed but Python: Postgres, sandboxes, and the environment for both.

Demo, `up` and the tests on Airflow live in one. Whatever it starts ends with it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any

from retail_sync.db.embedded import EmbeddedServer
from retail_sync.db.migrations import migrate
from retail_sync.sandbox.client import SandboxControl
from retail_sync.sandbox.host import Host

_PRODUCT = "retail_sync"
_AIRFLOW = "airflow"
ROOT = Path(__file__).resolve().parents[3]


class House:
    """Postgres with both databases, and the sandboxes of some vendors.

    Args:
        folder: Where everything that it writes goes.
        vendors: The systems whose sandboxes are wanted.
        fresh: Whether databases that an earlier house left behind are dropped first.
    """

    def __init__(self, folder: Path, vendors: Iterable[str] = (), *, fresh: bool = False) -> None:
        self.folder = folder.absolute()
        self._vendors = list(vendors)
        self._fresh = fresh
        self._server = EmbeddedServer(self.folder / "postgres")
        self._host = Host()
        self.sandboxes: dict[str, SandboxControl] = {}
        self.dsn = ""
        self.airflow_dsn = ""

    def __enter__(self) -> House:
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

    def _open(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._server.start()
        for name in (_PRODUCT, _AIRFLOW) if self._fresh else ():
            self._server.drop_database(name)
        self.dsn = self._server.create_database(_PRODUCT)
        self.airflow_dsn = self._server.create_database(_AIRFLOW)
        migrate(self.dsn)
        for name in self._vendors:
            self.sandboxes[name] = SandboxControl(self._host.start(name))

    def close(self) -> None:
        """End the sandboxes and the server."""
        for control in self.sandboxes.values():
            control.close()
        self._host.stop()
        self._server.stop()

    def environment(self) -> dict[str, str]:
        """The environment in which every process of this house runs."""
        return {**os.environ, **self._product(), **self._airflow()}

    def _product(self) -> dict[str, str]:
        connections: dict[str, Any] = {}
        for control in self.sandboxes.values():
            health = control.health()
            connections[f"AIRFLOW_CONN_{health['conn_id'].upper()}"] = json.dumps(health["connection"])
        return {"RETAIL_SYNC_DSN": self.dsn, **connections}

    def _airflow(self) -> dict[str, str]:
        home = self.folder / "airflow"
        home.mkdir(exist_ok=True)
        return {
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__TEST_CONNECTION": "Enabled",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": self.airflow_dsn,
            "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
        }
