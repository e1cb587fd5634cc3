"""Direct calls, several at once: one that fails by itself costs its own row, a failure of all ends them all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, as_completed, wait
from typing import NamedTuple

from retail_sync.errors import RetailSyncError, UnreachableError
from retail_sync.model.delivery import Delivery, Outcome, Verdict
from retail_sync.vendors.mailchimp.facts import TOLD

#: After so many rows on end at which Mailchimp broke, the rest is not tried.
_GIVE_UP = 5


class Work(NamedTuple):
    """What is done by direct calls for some rows, all of it or none."""

    rows: Sequence[Delivery]
    do: Callable[[], list[Outcome]]


def at_once(pool: Executor, works: Sequence[Work]) -> Iterator[Outcome]:
    """Outcomes as they come. After a failure that concerns all, what has not begun is not begun.

    Raises:
        RetailSyncError: That failure, once everything that had begun has ended.
    """
    guard = _Guard()
    futures = [pool.submit(guard.run, work) for work in works]
    try:
        for future in as_completed(futures):
            yield from future.result()
    finally:
        guard.stop()
        wait(futures)
    if guard.failure is not None:
        raise guard.failure


def unanswered(row: Delivery) -> Outcome:
    """The row may or may not be done: it is done again where that does no harm, else it is to be read back first."""
    verdict: Verdict = "unknown" if row.kind in TOLD else "retry"
    return Outcome(row_id=row.row_id, verdict=verdict, code="unanswered", words="Mailchimp did not answer.")


class _Guard:
    """Watches works that run at once."""

    def __init__(self) -> None:
        self.failure: RetailSyncError | None = None
        self._stopped = False
        self._unanswered = 0

    def run(self, work: Work) -> list[Outcome]:
        """The outcomes of a work; none where it is not begun any more."""
        if self._stopped:
            return []
        try:
            outcomes = work.do()
        except RetailSyncError as error:
            return self._failed(work, error)
        except BaseException:
            self.stop()
            raise
        self._unanswered = 0
        return outcomes

    def stop(self) -> None:
        """Begin nothing any more."""
        self._stopped = True

    def _failed(self, work: Work, error: RetailSyncError) -> list[Outcome]:
        self._unanswered += 1
        concerns_one = _concerns_one(error) and len(work.rows) == 1 and self._unanswered < _GIVE_UP
        if not concerns_one:
            self.failure = self.failure or error
            self.stop()
        # What may be repeated and did not get through, through no fault of its own, is as good as not begun.
        open_ones = [row for row in work.rows if concerns_one or (row.kind in TOLD and _may_be_done(error))]
        return [unanswered(row) for row in open_ones]


def _may_be_done(error: RetailSyncError) -> bool:
    return isinstance(error, UnreachableError) and error.sent


def _concerns_one(error: RetailSyncError) -> bool:
    """Whether the next row may fare better: Mailchimp answered, with a fault of its own over this object."""
    return isinstance(error, UnreachableError) and error.fields.get("status") == 500
