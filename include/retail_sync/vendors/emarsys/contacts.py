"""Contacts as the account holds them, and who of them has left.

What Emarsys tells of consent is little: what field 31 holds now, and in exports who unsubscribed or complained and
when. It tells nothing of how and when somebody came to be subscribed, and forgets whom it deleted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import NamedTuple
from zoneinfo import ZoneInfo

from retail_sync.model.delivery import Contact, ContactStatus
from retail_sync.vendors.emarsys.access import Access
from retail_sync.vendors.emarsys.directory import Directory, Record
from retail_sync.vendors.emarsys.exports import Exports
from retail_sync.vendors.emarsys.facts import EMAIL, OPT_IN, OPTED_IN, OPTED_OUT, PER_CALL
from retail_sync.vendors.emarsys.payloads import internal_key
from retail_sync.vendors.emarsys.shapes import OwnFields

#: The field that says whether an address takes mail.
_VALID = "47"
_SOURCES = ("unsubscribe", "complaint")
_AWAY = frozenset({"unsubscribed", "cleaned"})
#: The analysis field that holds the time of a response.
_TIME = 8
#: By how much clocks are put back in autumn: for so long, local times are those of the hour before.
_TWICE = timedelta(hours=1)


class Left(NamedTuple):
    """How somebody left, and when (aware UTC)."""

    source: str
    at: datetime | None


class Leavings(NamedTuple):
    """Who left.

    Attributes:
        by_contact: By Emarsys' id, how a contact left last.
        told_at: Up to when all leavings are among these (aware UTC); None where Emarsys does not say.
    """

    by_contact: Mapping[str, Left]
    told_at: datetime | None


class Contacts:
    """Reads the contacts of one account.

    Args:
        access: The way to it.
        fields: The contact fields that we own.
    """

    def __init__(self, access: Access, fields: OwnFields) -> None:
        self._access = access
        self._fields = fields
        self._directory = Directory(access)
        self._exports = Exports(access)
        self._zone = ZoneInfo(access.settings.timezone)

    def lookup(self, emails: Sequence[str]) -> Iterator[Contact]:
        """The contacts of these addresses as they stand; those that are not there, or were deleted, are absent.

        So are addresses that several contacts have: Emarsys names none of them, and a creation finds that out.
        """
        own = self._fields.ids(self._access.ids)
        for record in self._directory.by_email(emails, [_VALID, *own.values()]).records:
            yield self._contact(record, Leavings({}, None), own)

    def changed(self, since: datetime | None) -> Iterator[Contact]:
        """All contacts, or those whose address or consent changed since a time; a little more than that.

        Who left by a link or a complaint is dated. Changes by forms, by hand and by programs are told by the day, and
        are not dated. Changes by imports are not told at all: only reading all contacts finds them. Each contact says
        when the first of the exports was made: until then nothing is missing. Of several contacts that have one address
        whoever has left comes last, and none that has not comes after it.

        Raises:
            UnreachableError: An export was not done in time.
        """
        own = self._fields.ids(self._access.ids)
        left = self._left(since)
        if since is None:
            ids: Iterator[str] = (contact for contact, _ in self._directory.holding(str(EMAIL)))
        else:
            ids = iter({**dict.fromkeys(left.by_contact), **dict.fromkeys(self._changes(since))})
        away: set[str] = set()
        while keys := [internal_key(contact) for contact in islice(ids, PER_CALL)]:
            for record in self._directory.by_vendor_key(keys, [_VALID, *own.values()]).records:
                contact = self._contact(record, left, own)
                if contact.status in _AWAY:
                    away.add(contact.email)
                if contact.status in _AWAY or contact.email not in away:
                    yield contact

    def _left(self, since: datetime | None) -> Leavings:
        now = self._access.clock()
        begin = since or now - timedelta(days=self._access.settings.first_read_days)
        body = {
            "sources": list(_SOURCES),
            # An hour too early is none too late, whichever of two equal hours Emarsys takes the begin for.
            "time_range": [self._local(begin - _TWICE), self._local(now)],
            "contact_fields": [EMAIL],
            "analysis_fields": [_TIME],
        }
        left: dict[str, Left] = {}
        export = self._exports.read("/email/getresponses", "export.responses", body)
        for contact, *_, at, source in export.rows:
            known, one = left.get(contact), Left(source.strip().lower(), self._time(at, later=True))
            if known is None or known.at is None or (one.at is not None and one.at >= known.at):
                left[contact] = one
        # Who left after the end of what was asked for is not among them, should our clock be behind.
        created = self._time(export.created)
        return Leavings(left, min(created, now) if created else None)

    def _changes(self, since: datetime) -> Iterator[str]:
        """Emarsys' ids of contacts that changed, from the day before on: days are told in the vendor's own time."""
        last = self._access.clock() + timedelta(days=self._access.settings.changes_until)
        days = [f"{at.astimezone(self._zone):%Y-%m-%d}" for at in (since - timedelta(days=1), last)]
        body = {
            "origin": "all",
            "origin_id": "0",
            "time_range": days,
            "contact_fields": [EMAIL, OPT_IN],
            "add_field_names_header": 1,
        }
        return (row[0] for row in self._exports.read("/contact/getchanges", "export.changes", body).rows)

    def _contact(self, record: Record, leavings: Leavings, own: Mapping[str, str]) -> Contact:
        left = leavings.by_contact.get(record.id)
        status = self._status(record, left)
        out = left if left and status in _AWAY else None
        return Contact(
            vendor_key=record.vendor_key,
            email=record.email,
            status=status,
            changed_at=out.at if out else None,
            fields=self._fields.values(record.values, own),
            reason=out.source if out else None,
            told_at=leavings.told_at,
        )

    def _status(self, record: Record, left: Left | None) -> ContactStatus:
        if record.values.get(_VALID, "") in self._access.settings.invalid_email:
            return "cleaned"
        if record.opt_in == OPTED_IN:
            return "subscribed"
        if record.opt_in == OPTED_OUT:
            return "cleaned" if left and left.source == "complaint" else "unsubscribed"
        return "transactional"

    def _local(self, at: datetime) -> str:
        return f"{at.astimezone(self._zone):%Y-%m-%d %H:%M:%S}"

    def _time(self, text: str, *, later: bool = False) -> datetime | None:
        """A time of an export, which is in the vendor's zone where it names none.

        A time that came twice, since clocks were put back, is taken for the earlier one unless the `later` is wanted:
        for a leaving, so that no yes from before it looks newer.
        """
        try:
            at = datetime.fromisoformat(text.strip())
        except ValueError:
            return None
        return (at if at.tzinfo else at.replace(tzinfo=self._zone, fold=later)).astimezone(UTC)
