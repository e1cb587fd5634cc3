"""Looking at the server's process and its port from outside."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

_PROC = Path("/proc")
_ZOMBIE = "Z"


def is_alive(process: int | None) -> bool:
    """Whether a process runs. One that is dead and not yet reaped does not."""
    if process is None:
        return False
    if (_PROC / "self").exists():
        return _state(process) not in {None, _ZOMBIE}
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def is_stranger(process: int | None, program: str) -> bool:
    """Whether another program now has this number, as happens after a restart of the machine or container.

    Args:
        process: The number.
        program: The name of the program that once had it.
    """
    if process is None or not is_alive(process):
        return False
    try:
        return (_PROC / str(process) / "comm").read_text(encoding="utf-8", errors="replace").strip() != program
    except OSError:
        return False


def await_reaping(process: int | None, seconds: float = 10.0) -> bool:
    """Wait, but not for ever, until a killed process is reaped: PostgreSQL takes a zombie for a running server.

    Args:
        process: The process, or None where there is none.
        seconds: How long to wait. In a container whose first process reaps nobody it would last for ever.

    Returns:
        Whether it is still a zombie.
    """
    until = time.monotonic() + seconds
    while process is not None and _state(process) == _ZOMBIE:
        if time.monotonic() > until:
            return True
        time.sleep(0.05)
    return False


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    """Whether nobody listens on that port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _state(process: int) -> str | None:
    """The kernel's letter for a process's state; None where there is no such process, or no /proc."""
    try:
        line = (_PROC / str(process) / "stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    return line.rsplit(")", 1)[1].split()[0]
