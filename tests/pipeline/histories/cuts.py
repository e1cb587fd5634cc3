"""Cutting a step off in the middle, within this process: thousands of processes would take hours."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from retail_sync.db import crash

POINTS = (
    "extract.after_page",
    "plan.before_commit",
    "plan.committed",
    "load.claimed",
    "load.sent",
    "load.before_commit",
    "load.acknowledged",
    "consent.mirrored",
    "consent.queued",
)


class PowerCutError(BaseException):
    """Stands for SIGKILL: nothing that handles errors handles it."""


@contextmanager
def power_cut_at(monkeypatch: pytest.MonkeyPatch, point: str) -> Iterator[None]:
    """Whatever passes this point within is cut off there, and what comes after it is left undone."""
    real = os.kill

    def kill(process: int, number: int) -> None:
        if number == signal.SIGKILL:
            raise PowerCutError
        real(process, number)

    with suppress(PowerCutError), monkeypatch.context() as patched:
        patched.setattr(os, "kill", kill)
        patched.setattr(crash, "_passed", {})
        patched.setenv("RETAIL_SYNC_CRASH_AT", point)
        yield
