"""Taking outbox rows to Ometria: prepared, pushed by the hundred, and watched until they have been validated."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence

from retail_sync.errors import RetailSyncError, UnreachableError
from retail_sync.model.delivery import Delivery, LateRefusal, Outcome
from retail_sync.model.texts import shown
from retail_sync.vendors.ometria.client import OmetriaClient
from retail_sync.vendors.ometria.collection import Collection
from retail_sync.vendors.ometria.contacts import Contacts
from retail_sync.vendors.ometria.facts import (
    OPTED_OUT,
    RECORD_BYTES,
    RECORDS_PER_PUSH,
    UNREADABLE,
    OmetriaSettings,
)
from retail_sync.vendors.ometria.merging import Merging
from retail_sync.vendors.ometria.noes import Noes
from retail_sync.vendors.ometria.payloads import encoded
from retail_sync.vendors.ometria.people import profile_of
from retail_sync.vendors.ometria.push_errors import ErrorWatch
from retail_sync.vendors.ometria.readback import Readback
from retail_sync.vendors.ometria.records import Prepared, Records
from retail_sync.vendors.ometria.refusals import code_of, delivered, refused, seen
from retail_sync.vendors.ometria.settling import Pushed, Settling, not_seen


class OmetriaDelivery:
    """Delivers rows of one kind and one operation; safe to call from several threads at once.

    Args:
        client: The way to Ometria.
        records: Makes records of rows.
        collection: The contacts of ours.
        contacts: The profiles.
        readback: What stands.
        merging: Merges profiles.
        settings: The pair's settings.
    """

    def __init__(
        self,
        client: OmetriaClient,
        records: Records,
        *,
        collection: Collection,
        contacts: Contacts,
        readback: Readback,
        merging: Merging,
        settings: OmetriaSettings,
    ) -> None:
        self._client = client
        self._records = records
        self._collection = collection
        self._contacts = contacts
        self._readback = readback
        self._noes = Noes(records, contacts, readback)
        self._merging = merging
        self._settings = settings
        self._watch = ErrorWatch(client, settings.errors_kept)
        self._settling = Settling(client, self._watch, self._is_stored, settings)

    def deliver(self, rows: Sequence[Delivery]) -> Iterator[Outcome]:
        """Send rows and yield an outcome for every one of them, in any order.

        Raises:
            WaitError: Ometria is not to be had; rows without an outcome may be sent again.
            ConfigurationError: No row can be sent until a person acts.
        """
        ready: list[Prepared] = []
        rest = yield from self._merging.merge(rows)
        for one in self._prepared(rest):
            if isinstance(one, Outcome):
                yield one
            else:
                ready.append(one)
        if not ready:
            return
        self._watch.begin()
        yield from self._send((yield from self._behind_noes(ready)))

    def _behind_noes(self, ready: Sequence[Prepared]) -> Generator[Outcome, None, list[Prepared]]:
        """Send what must stand before these, and return those for which it does."""
        failed = {
            outcome.row_id: outcome
            for outcome in self._send([no for sent in ready for no in sent.first])
            if outcome.verdict != "delivered"
        }
        yield from failed.values()
        return [sent for sent in ready if sent.row.row_id not in failed]

    def _send(self, ready: Sequence[Prepared]) -> Iterator[Outcome]:
        """Push, and watch what was pushed until it has been validated."""
        if not ready:
            return
        pushed: list[Pushed] = []
        failure: RetailSyncError | None = None
        try:
            for begun in self._push_all(ready):
                if isinstance(begun, Outcome):
                    yield begun
                else:
                    pushed.append(begun)
        except RetailSyncError as error:
            failure = error
        again: list[Prepared] = []
        for ended in self._settling.outcomes(pushed):
            if isinstance(ended, Outcome):
                yield ended
            else:
                again.append(ended)
        if failure is not None:
            raise failure
        yield from self._send_again(again)

    def refused_late(self) -> Iterator[LateRefusal]:
        """The errors that Ometria remembers, whoever's they are: some may be of events that counted as stored.

        Raises:
            WaitError: They could not be read.
        """
        self._watch.look()
        for one in self._watch.known():
            yield LateRefusal(
                receipt=one.request_id, vendor_key=one.record_id, code=code_of(one.words), words=shown(one.words)
            )

    def _prepared(self, rows: Sequence[Delivery]) -> Iterator[Prepared | Outcome]:
        """What is to be sent for each row, or how it ends without being sent."""
        there = self._collection.there(row.vendor_key for row in rows if _brings_consent(row))
        gone = self._collection.gone(row.vendor_key for row in rows if _is_known(row))
        for row in rows:
            ended = _exists(row) if row.vendor_key in there else _gone(row) if row.vendor_key in gone else None
            found = ended or self._record(row)
            if found is None:
                yield seen(row, "impossible", f"Ometria can't {row.operation} a {row.kind}.")
            elif isinstance(found, Prepared) and len(encoded(found.record)) > RECORD_BYTES:
                yield refused(row, "Record is too large.")
            else:
                yield found

    def _record(self, row: Delivery) -> Prepared | Outcome | None:
        """What is sent of a row, with the noes that must stand before it."""
        if row.operation == "opt_out":
            return self._opt_out(row)
        found = self._records.of(row)
        if found is None or row.kind != "contact" or row.operation == "create":
            return found
        return self._noes.given_up(found)

    def _opt_out(self, row: Delivery) -> Prepared | Outcome | None:
        """The one word of consent that is said of somebody who is there.

        Of whom no contact is ours one is made that says no and nothing else: one such word keeps the profile out.
        """
        profile_id = profile_of(row.vendor_key)
        if profile_id is None:
            found = self._records.of(row)
            return found and self._noes.opt_out(found)
        return self._noes.of_profile(row, self._contacts.profile(profile_id) or {}) or delivered(row)

    def _send_again(self, sent: Sequence[Prepared]) -> Iterator[Outcome]:
        """Push what errors may have named that nobody saw, a hundred at a time: so many errors Ometria remembers."""
        for place in range(0, len(sent), RECORDS_PER_PUSH):
            for begun in self._push(sent[place : place + RECORDS_PER_PUSH]):
                if isinstance(begun, Outcome):
                    yield begun
                    continue
                for ended in self._settling.outcomes([begun]):
                    yield ended if isinstance(ended, Outcome) else not_seen(begun, ended)

    def _push_all(self, ready: Sequence[Prepared]) -> Iterator[Pushed | Outcome]:
        """Push in portions. Events go one by one: of an unanswered push of many nobody could say which arrived."""
        size = 1 if ready[0].row.kind in UNREADABLE else RECORDS_PER_PUSH
        for place in range(0, len(ready), size):
            yield from self._push(ready[place : place + size])

    def _push(self, portion: Sequence[Prepared]) -> Iterator[Pushed | Outcome]:
        """Push a portion; one that is refused whole is cut in halves until what is wrong with it stands alone."""
        losses = self._watch.losses
        repeatable = portion[0].row.kind not in UNREADABLE or self._settings.repeat_events
        try:
            answer = self._client.push([sent.record for sent in portion], repeatable=repeatable)
        except UnreachableError as error:
            if error.sent and not repeatable:
                yield from (seen(sent.row, "unanswered", "Ometria did not answer.") for sent in portion)
            raise
        if not answer.refused:
            self._collection.born(sent.key for sent in portion if sent.row.kind == "contact")
            yield Pushed(answer.request_id, portion, answer.rejected, losses, time.monotonic())
        elif len(portion) == 1:
            yield refused(portion[0].row, answer.refused)
        else:
            middle = len(portion) // 2
            yield from self._push(portion[:middle])
            yield from self._push(portion[middle:])

    def _is_stored(self, sent: Prepared) -> bool:
        row = sent.row
        if row.operation == "opt_out":
            found = self._readback.raw(row.kind, sent.key)
            return found is not None and found.get("marketing_optin") == OPTED_OUT
        held = self._readback.held(row.kind, sent.key)
        return held is None if row.operation == "delete" else held == row.payload


def _brings_consent(row: Delivery) -> bool:
    return row.kind == "contact" and row.operation == "create" and bool(row.birth)


def _is_known(row: Delivery) -> bool:
    """Whether a row is about a contact of ours that should be there: a push would make one that is not."""
    return row.kind == "contact" and row.operation != "create" and profile_of(row.vendor_key) is None


def _exists(row: Delivery) -> Outcome:
    """Its consent is Ometria's own by now: it is updated, and nothing of that is said."""
    return Outcome(row_id=row.row_id, verdict="exists", code="contact_exists")


def _gone(row: Delivery) -> Outcome:
    """Somebody had it erased: to send it would bring a person back who is not to be there."""
    if row.operation != "update":
        return delivered(row)
    return Outcome(row_id=row.row_id, verdict="gone", code="gone", words="The contact is not there.")
