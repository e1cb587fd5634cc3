"""What a piece of work uses: time, processor seconds by whose they are, memory over what was there before."""

from __future__ import annotations

import os
import resource
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import psycopg
from msgspec import Struct

_PROC = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK")
_MEGABYTE = 1_000_000
#: What Linux understands as "forget the peak" when it is written to `clear_refs`.
_FORGET_PEAK = "5"


class Usage(Struct):
    """What was used. Times are seconds, memory is megabytes.

    Attributes:
        seconds: By the wall.
        own_cpu: Of the measured process, or of all workers together.
        children_cpu: Of the processes that it started and that have ended.
        postgres_cpu: Of the database server, all of its processes.
        base_mb: Held before the work began, with every module loaded.
        peak_mb: Held at most above that.
    """

    seconds: float = 0.0
    own_cpu: float = 0.0
    children_cpu: float = 0.0
    postgres_cpu: float = 0.0
    base_mb: float = 0.0
    peak_mb: float = 0.0


class Meter:
    """Measures what a `with` block of this process uses; the result is in `usage` when it has ended.

    Args:
        dsn: A database of the server whose processor time is wanted, or None.
    """

    def __init__(self, dsn: str | None = None) -> None:
        self._server = postmaster(dsn) if dsn else None
        self.usage = Usage()

    def __enter__(self) -> Meter:
        with suppress(OSError):
            (_PROC / "self/clear_refs").write_text(_FORGET_PEAK)
        self.usage.base_mb = _memory("VmRSS")
        self._before = self._cpu()
        self._began = time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.usage.seconds = time.perf_counter() - self._began
        used = [after - before for after, before in zip(self._cpu(), self._before, strict=True)]
        self.usage.own_cpu, self.usage.children_cpu, self.usage.postgres_cpu = used
        self.usage.peak_mb = max(0.0, _memory("VmHWM") - self.usage.base_mb)

    def _cpu(self) -> tuple[float, float, float]:
        times = os.times()
        server = server_cpu(self._server) if self._server else 0.0
        return time.process_time(), times.children_user + times.children_system, server


def postmaster(dsn: str) -> int:
    """The process of the server that every backend is a child of; 0 where it runs on another machine."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        backend = connection.execute("select pg_backend_pid()").fetchone()
        return _parent(backend[0]) if backend else 0


def server_cpu(server: int) -> float:
    """Processor seconds of a server so far: its own, those of its children, and of those that have ended."""
    used = _ticks(server, ended=True)
    for process in _PROC.glob("[0-9]*"):
        if _parent(int(process.name)) == server:
            used += _ticks(int(process.name), ended=False)
    return used / _TICKS


def _stat(process: int) -> list[str]:
    """The fields of `stat` behind the program's name, which may hold anything."""
    with suppress(OSError):
        return (_PROC / str(process) / "stat").read_text().rpartition(")")[2].split()
    return []


def _parent(process: int) -> int:
    fields = _stat(process)
    return int(fields[1]) if fields else 0


def _ticks(process: int, *, ended: bool) -> int:
    fields = _stat(process)
    return sum(map(int, fields[11 : 15 if ended else 13]))


def _memory(name: str) -> float:
    """A figure of this process's memory; where the system tells none, its highest ever."""
    with suppress(OSError):
        for line in (_PROC / "self/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024 / _MEGABYTE
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / _MEGABYTE
