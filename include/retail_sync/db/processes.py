"""Looking at processes and ports from outside, and ending processes that we have started."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

import psutil  # type: ignore[import-untyped]


def is_alive(process: int | None) -> bool:
    """Whether a process runs. One that is dead and not yet reaped does not."""
    return _status(process) not in {None, psutil.STATUS_ZOMBIE}


def is_stranger(process: int | None, program: str) -> bool:
    """Whether another program now has this number, as happens after a restart of the machine or container.

    Args:
        process: The number.
        program: The name of the program that once had it.
    """
    if process is None or not is_alive(process):
        return False
    try:
        return bool(psutil.Process(process).name() != program)
    except psutil.Error:
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
    while _status(process) == psutil.STATUS_ZOMBIE:
        if time.monotonic() > until:
            return True
        time.sleep(0.05)
    return False


def end(processes: Sequence[subprocess.Popen[Any]], seconds: float = 10.0) -> None:
    """End processes of ours, and everything in the sessions that they lead: asked first, and killed if they don't.

    Args:
        processes: What to end. Those that have ended already may have left children in their sessions.
        seconds: How long they may take to end by themselves.
    """
    running = [process for process in processes if process.poll() is None]
    leaders = [process.pid for process in running]
    everything = {psutil.Process(leader) for leader in leaders} | _of_sessions(leaders)
    for process in running:
        process.terminate()
    psutil.wait_procs(everything, timeout=seconds)
    for left in everything | _of_sessions(process.pid for process in processes):
        with suppress(psutil.NoSuchProcess):
            left.kill()
    for process in processes:
        process.wait()


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


def _status(process: int | None) -> str | None:
    """What a process is doing, in psutil's words; None where there is no such process."""
    if process is None:
        return None
    try:
        return str(psutil.Process(process).status())
    except psutil.NoSuchProcess:
        return None


def _of_sessions(leaders: Iterable[int]) -> set[psutil.Process]:
    """Every process of some sessions, and their children.

    A child may have gone into a session of its own, and the orphan of a leader that has died has no parent to be found
    by.
    """
    sessions = set(leaders)
    found: set[psutil.Process] = set()
    for process in psutil.process_iter() if sessions else ():
        with suppress(psutil.NoSuchProcess, ProcessLookupError):
            if os.getsid(process.pid) in sessions:
                found |= {process, *process.children(recursive=True)}
    return found
