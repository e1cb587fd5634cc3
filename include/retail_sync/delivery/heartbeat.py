"""A heartbeat: renews a worker's claim while its rows are under way, so that only the dead lose theirs."""

from __future__ import annotations

import threading

from .workers import Worker


class Heartbeat:
    """Renews the claim of a worker three times per lease, for as long as the `with` block runs."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="claim", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._stop.wait(self._worker.lease.total_seconds() / 3):
            self._worker.renew()
