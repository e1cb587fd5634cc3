"""Processes that belong together: started one by one, watched, and ended with all that they have started."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from retail_sync.db.processes import end
from retail_sync.errors import ConfigurationError

#: How long a component may take to end by itself. Airflow's scheduler lets its running tasks end first.
_GRACE_SECONDS = 10.0
_LAST_LINES = 15


class Components:
    """A set of processes, each in a session of its own, so that Ctrl-C in the terminal reaches only their parent.

    Args:
        logs: The folder for what each of them says.
        grace_seconds: How long they may take to end by themselves.
    """

    def __init__(self, logs: Path, grace_seconds: float = _GRACE_SECONDS) -> None:
        self._logs = logs
        self._grace_seconds = grace_seconds
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start a component; what it says goes to `<name>.log`."""
        self._logs.mkdir(parents=True, exist_ok=True)
        with self._log(name).open("wb") as log:
            self._processes[name] = subprocess.Popen(
                command,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def require_all(self) -> None:
        """Make sure that all of them still run.

        Raises:
            ConfigurationError: One has ended; its last words are told.
        """
        for name, process in self._processes.items():
            if (status := process.poll()) is not None:
                raise ConfigurationError(
                    f"{name} ended with status {status}: {self._last_words(name)}",
                    fix=f"The whole log is {self._log(name)}.",
                )

    def stop(self) -> None:
        """End all of them and whatever they have started: asked first, and killed if they don't."""
        end(list(self._processes.values()), self._grace_seconds)
        self._processes.clear()

    def __enter__(self) -> Components:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _log(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def _last_words(self, name: str) -> str:
        lines = self._log(name).read_text(encoding="utf-8", errors="replace").splitlines()
        return " / ".join(line.strip() for line in lines[-_LAST_LINES:] if line.strip())
