"""Opt-outs on their way back to Fulfil's parties."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from retail_sync.errors import RejectedError, UnreachableError
from retail_sync.model.delivery import Delivery, Outcome, Wanted
from retail_sync.vendors.fulfil import paging
from retail_sync.vendors.fulfil.client import FulfilClient, Question
from retail_sync.vendors.fulfil.domains import EVERYTHING
from retail_sync.vendors.fulfil.newsletter import Newsletter
from retail_sync.vendors.fulfil.parties import Parties, Party
from retail_sync.vendors.fulfil.settings import Settings
from retail_sync.vendors.fulfil.shapes import Shapes, UnfitError

KIND = "party_consent"
_OPT_OUT = {"newsletter": False}


def wanted(customer_key: str) -> Wanted:
    """The row that takes a party off the newsletter. Only ever off: nothing here can opt anybody in."""
    return Wanted(kind=KIND, object_id=f"{KIND}:{customer_key}", vendor_key=customer_key, payload=dict(_OPT_OUT))


class OptOuts:
    """Takes opt-outs to Fulfil: reads what stands, writes where it must, and reads again what stands then.

    Args:
        client: The account.
        parties: Brings what hangs on parties.
        newsletter: Where consent is kept.
        shapes: What is asked for.
        settings: The pair file's settings.
    """

    def __init__(
        self, client: FulfilClient, parties: Parties, newsletter: Newsletter, shapes: Shapes, settings: Settings
    ) -> None:
        self._client = client
        self._parties = parties
        self._newsletter = newsletter
        self._shape = shapes.parties
        self._settings = settings

    def deliver(self, rows: Sequence[Delivery]) -> Iterator[Outcome]:
        """Send opt-outs; an outcome for each row.

        Raises:
            PermissionMissingError: The token's user may not change parties.
            WaitError: Rows without an outcome are to be sent again; what was done of them is seen then.
        """
        sendable = [row for row in rows if _is_opt_out(row)]
        for row in rows:
            if not _is_opt_out(row):
                yield _rejected(row, "not_an_opt_out", "only opt-outs are sent")
        step = self._settings.consent.parties_at_once
        for start in range(0, len(sendable), step):
            yield from self._send(sendable[start : start + step])

    def _send(self, rows: Sequence[Delivery]) -> Iterator[Outcome]:
        found = self._read([row.vendor_key for row in rows])
        subscribed: list[tuple[Delivery, Party]] = []
        for row in rows:
            party = found.get(row.vendor_key)
            if party is None:
                yield _rejected(row, "not_found", "there is no such party, or the token's user may not see it")
            elif self._newsletter.wanted_by(party):
                subscribed.append((row, party))
            else:
                yield Outcome(row_id=row.row_id, verdict="delivered")
        if subscribed:
            yield from self._end(subscribed)

    def _end(self, subscribed: Sequence[tuple[Delivery, Party]]) -> Iterator[Outcome]:
        try:
            self._newsletter.end([party for _, party in subscribed])
        except RejectedError as error:
            yield from self._refused(subscribed, error)
            return
        except UnreachableError:
            # It may have been done. To write again without looking is what may not be.
            if self._still([row for row, _ in subscribed]):
                raise
        still = self._still([row for row, _ in subscribed])
        for row, _ in subscribed:
            if row.vendor_key in still:
                yield _rejected(row, "not_done", "The change was taken, and the party is still on the newsletter.")
            else:
                yield Outcome(row_id=row.row_id, verdict="delivered")

    def _refused(self, subscribed: Sequence[tuple[Delivery, Party]], error: RejectedError) -> Iterator[Outcome]:
        """Fulfil takes all rows of a write or none: alone, each shows whether it is the one that can't be changed."""
        if len(subscribed) == 1:
            yield _rejected(subscribed[0][0], "user_error", error.what)
            return
        for one in subscribed:
            yield from self._end([one])

    def _still(self, rows: Sequence[Delivery]) -> set[str]:
        """The keys of those who are on the newsletter now."""
        found = self._read([row.vendor_key for row in rows])
        return {key for key, party in found.items() if self._newsletter.wanted_by(party)}

    def _read(self, keys: Sequence[str]) -> dict[str, Party]:
        question = Question(self._shape.model, self._shape.fields, EVERYTHING)
        at_once, size = self._settings.ids_at_once, self._settings.page_size
        pages = paging.by_ids(self._client, question, [int(key) for key in keys], at_once, size)
        rows = []
        for page in pages:
            for row in page.rows:
                try:
                    rows.append(self._shape.fit(row))
                except UnfitError:
                    continue
        whole = self._parties.whole(rows, addresses=False)
        return {str(one.row.id): one for one in whole if isinstance(one, Party)}


def _is_opt_out(row: Delivery) -> bool:
    return row.kind == KIND and row.payload == _OPT_OUT and row.vendor_key.isdecimal()


def _rejected(row: Delivery, code: str, words: str) -> Outcome:
    return Outcome(row_id=row.row_id, verdict="rejected", code=code, words=words)
