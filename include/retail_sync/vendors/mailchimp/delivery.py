"""Taking outbox rows to Mailchimp: members by bulk calls, few rows by direct calls, many by batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from functools import partial

from retail_sync.model.delivery import Delivery, Errand, Outcome
from retail_sync.model.ports import Clock
from retail_sync.vendors.mailchimp.batches import Api, Asked, Batches, Begun
from retail_sync.vendors.mailchimp.bulk import MemberCalls
from retail_sync.vendors.mailchimp.direct import Work, at_once, unanswered
from retail_sync.vendors.mailchimp.facts import MailchimpSettings
from retail_sync.vendors.mailchimp.payloads import contact_key
from retail_sync.vendors.mailchimp.talks import Talks, held_under
from retail_sync.vendors.mailchimp.wire import Paths, Reply, Talk, Write


class Conversation:
    """A talk on its way: the row, what is to be sent next, and at last how it ended."""

    def __init__(self, row: Delivery, talk: Talk) -> None:
        self.row = row
        self.write: Write | None = None
        self.outcome: Outcome | None = None
        self._talk = talk
        self._go_on(None)

    def hear(self, reply: Reply) -> None:
        """Take the reply to what was sent."""
        self._go_on(reply)

    def _go_on(self, reply: Reply | None) -> None:
        try:
            self.write = self._talk.send(reply)  # type: ignore[arg-type]  # a generator is started with None
        except StopIteration as end:
            self.write, self.outcome = None, end.value

    def finish(self, send: Callable[[Write], Reply]) -> list[Outcome]:
        """Say the rest by direct calls."""
        while self.write is not None:
            self.hear(send(self.write))
        return [self.outcome] if self.outcome else []


class MailchimpDelivery:
    """Delivers rows of one kind and one operation; safe to call from several threads at once.

    Args:
        api: The way to Mailchimp.
        pool: Runs calls at once.
        settings: The pair's settings.
        paths: The audience and its store.
        clock: The time.
    """

    def __init__(self, api: Api, pool: Executor, settings: MailchimpSettings, paths: Paths, clock: Clock) -> None:
        self._api = api
        self._pool = pool
        self._settings = settings
        self._talks = Talks(settings, paths, clock)
        self._members = MemberCalls(api.send, paths, self._talks.validation, clock)
        self._batches = Batches(api, settings)

    def deliver(self, rows: Sequence[Delivery]) -> Iterator[Outcome | Errand]:
        """Send rows and yield an outcome for every one of them, in any order, and each batch as it is begun.

        Raises:
            WaitError: Mailchimp is not to be had; rows without an outcome may be sent again.
            ConfigurationError: No row can be sent until a person acts.
        """
        for batch in sorted({row.errand for row in rows if row.errand}):
            self._batches.end(batch)
        by_call: list[Delivery] = []
        by_talk: list[Delivery] = []
        for row in rows:
            (by_call if _goes_by_bulk(row) else by_talk).append(row)
        if by_call:
            portions = self._members.calls(by_call)
            yield from at_once(
                self._pool, [Work(portion, partial(self._members.write, portion)) for portion in portions]
            )
        yield from self._converse([Conversation(row, self._talks.of(row)) for row in by_talk])

    def _converse(self, open_ones: list[Conversation]) -> Iterator[Outcome | Errand]:
        """Say all talks: batch after batch while many are open, the rest one by one."""
        yield from _ended(open_ones)
        open_ones = [one for one in open_ones if one.write]
        while len(open_ones) > self._settings.direct_up_to and all(map(_can_be_batched, open_ones)):
            yield from self._by_batches(open_ones)
            open_ones = [one for one in open_ones if one.write]
        yield from at_once(self._pool, [Work([one.row], partial(one.finish, self._api.send)) for one in open_ones])

    def _by_batches(self, open_ones: Sequence[Conversation]) -> Iterator[Outcome | Errand]:
        """One round: what each talk says next goes out together."""
        silent = {str(one.row.row_id): one for one in open_ones}
        asked = [Asked(name, one.write) for name, one in silent.items() if one.write]
        begun: list[Begun] = []
        for batch in self._batches.begin(asked):
            begun.append(batch)
            if batch.id is not None:
                yield Errand(name=batch.id, rows=tuple(map(int, batch.names)))
        for name, reply in self._batches.finish(begun):
            one = silent.pop(name, None)
            if one is None:
                continue
            one.hear(reply)
            yield from _ended([one])
        for one in silent.values():
            one.write = None
            yield unanswered(one.row)


def _goes_by_bulk(row: Delivery) -> bool:
    if row.kind != "member" or row.operation not in {"create", "update"}:
        return False
    if row.operation == "create":
        return True
    address = row.payload["email_address"]
    return address == (row.previous or {}).get("email_address") or held_under(row) == contact_key(address)


def _can_be_batched(one: Conversation) -> bool:
    """An operation of a batch has parameters only where it reads; and what a batch may do later can't be read back."""
    return one.write is not None and not one.write.params and not one.write.once


def _ended(conversations: Sequence[Conversation]) -> Iterator[Outcome]:
    return (one.outcome for one in conversations if one.outcome)
