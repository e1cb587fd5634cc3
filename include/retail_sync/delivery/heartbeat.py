"""A heartbeat: renews a worker's claim while its rows are under way, so that only the dead lose theirs."""

from __future__ import annotations

import logging
import threading

from retail_sync.errors import FencedError

from .workers import Worker

_log = logging.getLogger(__name__)


class Heartbeat:
    """Renews the claim of a worker three times per lease, for as long as the `with` block runs.

    A renewal that fails is tried again at the next beat: the claim may outlast a database that is away for a moment.
    """

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._stop = threading.Event()
        self._lost: FencedError | None = None
        self._thread = threading.Thread(target=self._beat, name="claim", daemon=True)

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def check(self) -> None:
        """Make sure that the claim has not been seen to be lost.

        Raises:
            FencedError: It has; somebody else may be sending the same rows.
        """
        if self._lost:
            raise self._lost

    def _beat(self) -> None:
        while not self._lost and not self._stop.wait(self._worker.lease.total_seconds() / 3):
            try:
                self._worker.renew()
            except FencedError as error:
                self._lost = error
            except Exception as error:  # noqa: BLE001 - a beat that is not made is a lost claim
                _log.warning("A claim was not renewed (%s); it is tried again.", type(error).__name__)
