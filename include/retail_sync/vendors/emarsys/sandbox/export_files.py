"""What the exports contain: contacts that changed, registered at a form, or did something with an e-mail."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from retail_sync.vendors.emarsys.sandbox.contact import Change, Contact
from retail_sync.vendors.emarsys.sandbox.field import EMAIL, OPT_IN, Field
from retail_sync.vendors.emarsys.sandbox.field_values import label
from retail_sync.vendors.emarsys.sandbox.responses import Reaction
from retail_sync.vendors.emarsys.sandbox.times import written

if TYPE_CHECKING:
    from retail_sync.vendors.emarsys.sandbox.account import Account

#: What can be told of a reaction, by its number. What the sandbox does not know is empty.
ANALYSIS = {
    1: "Campaign title", 2: "Section header", 3: "Section group", 4: "Link title", 5: "URL", 8: "Time",
    12: "Campaign ID", 13: "Version name", 14: "Campaign category", 15: "Link category",
}  # fmt: skip
_WATCHED = frozenset({EMAIL, OPT_IN})


class Range(NamedTuple):
    """A stretch of time; `until` is not in it."""

    since: datetime
    until: datetime

    def holds(self, at: datetime) -> bool:
        """Whether a time is in it."""
        return self.since <= at < self.until


class File(NamedTuple):
    """The file of an export: a header line, if one was asked for, and lines."""

    header: str
    lines: tuple[str, ...]


def made(header: Sequence[str] | None, rows: Iterable[Sequence[str]], delimiter: str) -> File:
    """A file of these rows."""
    lines = tuple(_line(row, delimiter) for row in rows)
    return File(_line(header, delimiter) if header else "", lines)


def _line(row: Sequence[str], delimiter: str) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter, lineterminator="\n").writerow(row)
    return buffer.getvalue()


def columns(fields: Sequence[Field]) -> list[str]:
    """The first columns of every export."""
    return ["user_id", *(field.name for field in fields)]


def _cells(contact: Contact, fields: Sequence[Field]) -> list[str]:
    return [str(contact.id), *(label(field, contact.values.get(field.id)) for field in fields)]


def changed(account: Account, fields: Sequence[Field], span: Range, origin: str) -> Iterator[list[str]]:
    """Contacts that changed in a time through a door, each once, as they are now."""
    for contact in account.contacts.by_id.values():
        if any(span.holds(one.at) and _is_shown(account, one, origin) for one in contact.changes):
            yield _cells(contact, fields)


def _is_shown(account: Account, change: Change, origin: str) -> bool:
    if change.origin in ("link", "admin"):
        return origin == "all" and account.settings.links_are_changes
    if change.origin not in ("api", "form") or origin not in ("all", change.origin):
        return False
    watched = change.origin == "form" or account.settings.any_change_is_exported
    return watched or bool(change.fields & _WATCHED)


def registered(account: Account, fields: Sequence[Field], span: Range) -> Iterator[list[str]]:
    """Contacts that a form has made in a time."""
    for contact in account.contacts.by_id.values():
        if contact.made_by == "form" and span.holds(contact.made_at):
            yield [*_cells(contact, fields), written(contact.made_at)]


def reacted(
    account: Account, fields: Sequence[Field], span: Range, sources: Sequence[str], analysis: Sequence[int]
) -> Iterator[list[str]]:
    """Reactions in a time; of contacts that are no more, nothing is left."""
    for one in account.reactions:
        contact = account.contacts.by_id.get(one.contact)
        if contact is not None and one.source in sources and span.holds(one.at):
            yield [*_cells(contact, fields), *(_told(one, number) for number in analysis), one.source]


def _told(one: Reaction, number: int) -> str:
    told = {1: f"Campaign {one.campaign}", 8: written(one.at), 12: str(one.campaign)}
    return told.get(number, "")
