"""Answers that are not ready: the vendor may give a task instead, whose result is asked for later."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any


class Deferred:
    """Results that wait to be fetched, each by its task and token."""

    def __init__(self) -> None:
        self._results: dict[tuple[str, str], Any] = {}
        self._numbers = count(1)

    def put(self, result: Any) -> dict[str, Any]:
        """Keep a result; gives what is answered in its place."""
        number = next(self._numbers)
        task, token = f"task-{number}", f"token-{number}"
        self._results[task, token] = result
        return {"__class__": "AsyncResult", "task_id": task, "token": token}

    def fetch(self, tasks: Sequence[Any]) -> list[dict[str, Any]]:
        """What has become of tasks, each given as its id and its token."""
        return [self._one(tuple(task)) for task in tasks]

    def _one(self, task: tuple[str, str]) -> dict[str, Any]:
        if task not in self._results:
            return {"error": "No such task"}
        return {"state": "SUCCESS", "result": self._results[task]}
