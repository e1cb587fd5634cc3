"""From accepted to stored: waiting until what was pushed has been validated, and finding out what became of it.

Ometria has no call that tells whether a push was worked off. So its list of errors is watched, and what was pushed is
read back where that can be: all of a small push, of a large one the last record. What the list named has failed; what
was read back stands; what comes up on neither side is not called delivered.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from retail_sync.errors import RetailSyncError
from retail_sync.model.delivery import Outcome
from retail_sync.vendors.ometria.client import OmetriaClient
from retail_sync.vendors.ometria.facts import UNREADABLE, OmetriaSettings
from retail_sync.vendors.ometria.push_errors import ErrorWatch
from retail_sync.vendors.ometria.records import Prepared
from retail_sync.vendors.ometria.refusals import delivered, refused, seen


@dataclass(slots=True)
class Pushed:
    """A push on its way.

    Attributes:
        request_id: Ometria's id of it.
        sent: What it held, all of one kind.
        rejected: How many of that Ometria refused at once.
        losses: How often errors had been lost before it.
        at: When it was answered, by the monotonic clock.
        stored: The rows that were read back as they were sent.
    """

    request_id: str
    sent: Sequence[Prepared]
    rejected: int
    losses: int
    at: float
    stored: set[int] = field(default_factory=set)


class Settling:
    """Waits for pushes of one pair.

    Args:
        client: The way to Ometria.
        watch: The errors.
        is_stored: Tells whether what was sent stands at Ometria.
        settings: The pair's settings.
    """

    def __init__(
        self,
        client: OmetriaClient,
        watch: ErrorWatch,
        is_stored: Callable[[Prepared], bool],
        settings: OmetriaSettings,
    ) -> None:
        self._client = client
        self._watch = watch
        self._is_stored = is_stored
        self._settings = settings

    def outcomes(self, pushed: Sequence[Pushed]) -> Iterator[Outcome | Prepared]:
        """How every row of these pushes ended, or what is to be sent again since errors were lost that may name it.

        Raises:
            RetailSyncError: Ometria did not tell; rows without an outcome may be sent again.
        """
        waiting = list(pushed)
        deadline = time.monotonic() + self._settings.settle_deadline
        pause = self._settings.poll_from
        try:
            while waiting:
                time.sleep(pause)
                pause = min(pause * 2, self._settings.poll_to)
                late = time.monotonic() > deadline
                settled = self._round(waiting, late=late)
                for one in settled:
                    waiting.remove(one)
                    yield from self._conclude(one, late=late)
        except RetailSyncError:
            # What can't be repeated must not seem as if it had never been sent.
            yield from (outcome for one in waiting for outcome in self._never_told(one))
            raise

    def _round(self, waiting: Sequence[Pushed], *, late: bool) -> list[Pushed]:
        self._watch.look()
        settled = [one for one in waiting if self._is_settled(one) or late]
        if settled:
            # What failed had done so before what was seen to stand, yet perhaps after the look.
            self._watch.look()
        return settled

    def _is_settled(self, one: Pushed) -> bool:
        open_ones = self._open(one)
        # Of as many as were refused at once nothing will ever be seen to stand.
        if len(open_ones) <= self._unnamed(one):
            return True
        if one.sent[0].row.kind in UNREADABLE or self._settings.proof == "time":
            return self._client.emptied_at > one.at or time.monotonic() - one.at >= self._settings.settle_for
        if self._lost(one) and time.monotonic() - one.at >= self._settings.settle_for:
            return True
        each = len(one.sent) <= self._settings.read_each_up_to or self._unnamed(one) > 0
        samples = open_ones if each else [_last_change(open_ones)]
        found = {sent.row.row_id for sent in samples if self._is_stored(sent)}
        one.stored |= found
        return len(samples) - len(found) <= self._unnamed(one)

    def _conclude(self, one: Pushed, *, late: bool) -> Iterator[Outcome | Prepared]:
        open_ones = len(self._open(one))
        unnamed = self._unnamed(one)
        doubted = late or unnamed > 0 or self._lost(one)
        for sent in one.sent:
            words = self._words(one, sent)
            if words is not None:
                yield refused(sent.row, words)
            elif not doubted or sent.row.row_id in one.stored:
                # What nobody reads back counts as stored by time alone, and may be refused later than that.
                yield delivered(sent.row, one.request_id if sent.row.kind in UNREADABLE else "")
            elif open_ones <= unnamed:
                yield seen(sent.row, "unnamed", f"Ometria rejected it in request {one.request_id} without a reason.")
            else:
                yield self._doubted(one, sent, late=late)

    def _lost(self, one: Pushed) -> bool:
        """Whether errors went by unseen since it was pushed."""
        return self._watch.losses > one.losses

    def _open(self, one: Pushed) -> list[Prepared]:
        """What neither failed nor was seen to stand."""
        return [sent for sent in one.sent if self._words(one, sent) is None and sent.row.row_id not in one.stored]

    def _unnamed(self, one: Pushed) -> int:
        """How many were refused at once of which no error tells, at the most."""
        return max(0, one.rejected - sum(self._words(one, sent) is not None for sent in one.sent))

    def _doubted(self, one: Pushed, sent: Prepared, *, late: bool) -> Outcome | Prepared:
        """What becomes of a record of which too little was heard."""
        if sent.row.kind in UNREADABLE:
            return seen(sent.row, "unsettled", f"What became of it in request {one.request_id} was not told.")
        if self._lost(one):
            return sent
        return not_seen(one, sent) if late or not self._is_stored(sent) else delivered(sent.row)

    def _never_told(self, one: Pushed) -> Iterator[Outcome]:
        if one.sent[0].row.kind in UNREADABLE and not self._settings.repeat_events:
            for sent in one.sent:
                yield seen(sent.row, "unanswered", f"What became of request {one.request_id} was not told.")

    def _words(self, one: Pushed, sent: Prepared) -> str | None:
        return self._watch.of(one.request_id, sent.key)


def not_seen(one: Pushed, sent: Prepared) -> Outcome:
    """A record that was accepted, against which nothing was said, and which does not stand."""
    return seen(sent.row, "not_stored", f"Accepted in request {one.request_id}, and not seen to stand.")


def _last_change(open_ones: Sequence[Prepared]) -> Prepared:
    """The last record that changes anything: one that does not would seem to stand before it was looked at."""
    changing = (sent for sent in reversed(open_ones) if sent.row.previous != sent.row.payload)
    return next(changing, open_ones[-1])
