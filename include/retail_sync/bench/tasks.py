"""Work in a process of its own, so that its memory and its processor time are its own.

As a program: `python -m retail_sync.bench.tasks MODULE:FUNCTION` reads settings as JSON from standard input, calls the
function with them and writes what it returns as JSON.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, TypeVar

import msgspec

from retail_sync.errors import StopError

T = TypeVar("T")


def run(task: str, result: type[T], **settings: Any) -> T:
    """Do a task and wait for it.

    Args:
        task: `module:function`, the module below `retail_sync.bench`.
        result: What the function returns.
        settings: The function's keyword arguments; they must survive JSON.

    Raises:
        StopError: The task failed; what it said is on standard error.
    """
    return run_together(task, result, [settings])[0]


def run_together(task: str, result: type[T], settings: Sequence[Mapping[str, Any]]) -> list[T]:
    """Do a task in several processes at once, one for each of the settings, and wait for all of them."""
    command = [sys.executable, "-m", __spec__.name, task]
    processes = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in settings]
    for process, given in zip(processes, settings, strict=True):
        _hand_over(process, msgspec.json.encode(dict(given)))
    outputs = [process.communicate()[0] for process in processes]
    if any(process.returncode for process in processes):
        raise StopError(f"the measurement {task} failed", fix="Read its standard error.")
    return [msgspec.json.decode(output, type=result) for output in outputs]


def _hand_over(process: subprocess.Popen[bytes], text: bytes) -> None:
    if process.stdin is not None:
        process.stdin.write(text)
        process.stdin.close()
        process.stdin = None


def main() -> None:
    """Do the task that the command line names."""
    module, _, name = sys.argv[1].partition(":")
    function = getattr(import_module(f"retail_sync.bench.{module}"), name)
    settings = msgspec.json.decode(sys.stdin.buffer.read())
    sys.stdout.buffer.write(msgspec.json.encode(function(**settings)))


if __name__ == "__main__":
    main()
