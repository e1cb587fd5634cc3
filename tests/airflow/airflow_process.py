"""The worker process, as tests speak to it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from retail_sync.operate.house import ROOT

WORKER = Path(__file__).with_name("worker.py")


class AirflowProcess:
    """A process with Airflow in it.

    Args:
        home: Its folder.
        dsn: Airflow's own database, empty.

    Attributes:
        settings: What is in the environment of every task that is asked of it; a test adds its own.
    """

    def __init__(self, home: Path, dsn: str) -> None:
        self._log = home / "worker.log"
        self._environment = environment(home, dsn)
        self.settings: dict[str, str] = {}
        command = [sys.executable, "-m", "airflow", "db", "migrate"]
        subprocess.run(command, env=self._environment, check=True, capture_output=True)
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(WORKER)],
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def ask(self, task: str, /, **arguments: Any) -> Any:
        """Have a function of `worker` done, and give what it returns."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        asked = {"task": task, "arguments": arguments, "environment": self.settings}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"the worker has ended: {self.said()[-3000:]}"
        answer = json.loads(line)
        assert "error" not in answer, f"{answer['error']}\n{self.said()[-3000:]}"
        return answer["done"]

    def python(self, program: str, **settings: str) -> str:
        """Run a program in a fresh process of the same environment, and give what it prints."""
        done = self.run(program, **settings)
        done.check_returncode()
        return done.stdout.strip().rpartition("\n")[2]

    def run(self, program: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run a program in a fresh process of the same environment, however it ends."""
        return subprocess.run(
            [sys.executable, "-c", program],
            env={**self._environment, **self.settings, **settings},
            check=False,
            capture_output=True,
            text=True,
        )

    def said(self) -> str:
        """All that has been logged so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)
        self._process.stdout.close()


def environment(home: Path, dsn: str) -> Mapping[str, str]:
    """An environment for Airflow that nothing of the machine's own reaches into."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "RETAIL_SYNC"))}
    return outside | {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__FERNET_KEY": "",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": dsn,
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
    }
