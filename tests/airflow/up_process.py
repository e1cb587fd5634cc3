"""`retail-sync up` as a user has it: a command in a terminal, and Airflow's own REST interface."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
import psycopg
import requests

from retail_sync.db.embedded import EmbeddedServer
from retail_sync.sandbox.client import SandboxControl
from retail_sync.sandbox.world.day import day
from retail_sync.sandbox.world.state import World

_FINISHED = {"success", "failed"}


class Up:
    """The command, until it is told to end.

    Args:
        folder: Where it keeps everything.
        pairs: The folder of pair files.
        options: More of the command line.

    Attributes:
        offered: The DAGs as they were before anybody did anything with them.
    """

    def __init__(self, folder: Path, pairs: Path, *options: str) -> None:
        outside = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
        command = [str(Path(sys.executable).with_name("retail-sync")), "up", "--folder", str(folder), *options]
        self.folder = folder
        self._process = subprocess.Popen(
            command,
            env={**outside, "RETAIL_SYNC_PAIRS": str(pairs), "COLUMNS": "200"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said = self._read_until("Ctrl-C ends")
        self.url = self._found(r"(http://\S+)   user")
        self.user, self.password = self._found(r"user (\w+)"), self._found(r"password (\S+)")
        self.sandboxes = [SandboxControl(url) for url in self._found(r"RETAIL_SYNC_SANDBOXES='([^']+)'").split()]
        self._token = str(
            self._send("POST", "auth/token", json={"username": self.user, "password": self.password}).json()[
                "access_token"
            ]
        )
        self.offered: list[dict[str, Any]] = self.ask("GET", "dags")["dags"]

    def ask(self, method: str, path: str, **content: Any) -> dict[str, Any]:
        """Call Airflow's REST interface as the user whose log-in was printed."""
        answer = self._send(method, f"api/v2/{path}", headers={"Authorization": f"Bearer {self._token}"}, **content)
        assert answer.ok, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def refused(self, method: str, path: str, **content: Any) -> str:
        """Call it with something that it refuses as wrong, and give its words."""
        answer = self._send(method, f"api/v2/{path}", headers={"Authorization": f"Bearer {self._token}"}, **content)
        assert answer.status_code == 400, f"{answer.status_code} {answer.text}"
        return answer.text

    def page(self, path: str, *, token: str | None = None, accept: str = "text/html") -> requests.Response:
        """What a browser gets for a page of the interface, without going where it is sent."""
        headers = {"Accept": accept} | ({"Authorization": f"Bearer {token}"} if token else {})
        return self._send("GET", path, headers=headers, allow_redirects=False)

    def log_in(self) -> str:
        """The token of the user whose log-in was printed."""
        return self._token

    def advance(self, orders: int) -> None:
        """Let the shop live for a day with so many orders, within the last minute."""
        shop, _ = self.sandboxes
        now = datetime.now(UTC)
        world, minute_ago = World.read(shop.events()), now - timedelta(minutes=1)
        news = list(day(world, now, start=minute_ago, span=timedelta(days=1), orders=orders))
        for control in self.sandboxes:
            control.apply(news)

    def trigger(self, dag_id: str, **conf: Any) -> str:
        """Start a run by hand, as the interface's form does; gives its id."""
        return str(self.ask("POST", f"dags/{dag_id}/dagRuns", json={"logical_date": None, "conf": conf})["dag_run_id"])

    def runs(self, dag_id: str, **filters: str) -> list[dict[str, Any]]:
        """The runs of a DAG."""
        found: list[dict[str, Any]] = self.ask("GET", f"dags/{dag_id}/dagRuns", params=filters)["dag_runs"]
        return found

    def finish(self, dag_id: str, run_id: str) -> str:
        """Wait for a run to end; gives how."""
        return str(self.wait(lambda: self._ended(self.ask("GET", f"dags/{dag_id}/dagRuns/{run_id}")["state"])))

    def tasks(self, dag_id: str, run_id: str) -> dict[str, dict[str, Any]]:
        """The tasks of a run by name."""
        found = self.ask("GET", f"dags/{dag_id}/dagRuns/{run_id}/taskInstances")["task_instances"]
        return {task["task_id"]: task for task in found}

    def wait(self, look: Any, seconds: float = 600.0) -> Any:
        """Look again and again until there is something to see."""
        until = time.monotonic() + seconds
        while not (seen := look()):
            assert time.monotonic() < until, "it did not happen in time"
            assert self._process.poll() is None, "the command has ended"
            time.sleep(0.3)
        return seen

    @property
    def dsn(self) -> str:
        """The product's own database."""
        return EmbeddedServer(self.folder / "postgres").dsn("retail_sync")

    @property
    def airflow_dsn(self) -> str:
        """Airflow's database."""
        return EmbeddedServer(self.folder / "postgres").dsn("airflow")

    def processes(self) -> list[psutil.Process]:
        """The command, everything that it has started, and Postgres."""
        with psycopg.connect(self.dsn) as connection:
            (backend,) = connection.execute("select pg_backend_pid()").fetchone() or (0,)
            postgres = psutil.Process(backend).parent()
        return [child for own in (psutil.Process(self._process.pid), postgres) for child in [own, *_children(own)]]

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        """Tell it to end as a terminal does, unless it has ended; gives its exit status."""
        if self._process.poll() is None:
            self._process.send_signal(number)
            assert self._process.stdout is not None
            with self._process.stdout as rest:
                self.said += rest.read()
            for control in self.sandboxes:
                control.close()
        return self._process.wait(timeout=60)

    def _send(self, method: str, path: str, **content: Any) -> requests.Response:
        return requests.request(method, f"{self.url}/{path}", timeout=60, **content)

    @staticmethod
    def _ended(state: str) -> str:
        return state if state in _FINISHED else ""

    def _read_until(self, words: str) -> str:
        assert self._process.stdout is not None
        said = ""
        for line in self._process.stdout:
            said += line
            if words in line:
                return said
        raise AssertionError(f"the command ended before it was up: {said}")

    def _found(self, pattern: str) -> str:
        found = re.search(pattern, self.said)
        assert found, f"{pattern} is nowhere in: {self.said}"
        return found[1]


def _children(process: psutil.Process) -> list[psutil.Process]:
    found: list[psutil.Process] = process.children(recursive=True)
    return found
