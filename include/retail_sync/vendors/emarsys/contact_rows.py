"""What rows of contacts are about, and how they end."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from retail_sync.model.delivery import Delivery, Outcome
from retail_sync.vendors.emarsys.directory import Found, Record
from retail_sync.vendors.emarsys.payloads import internal_id
from retail_sync.vendors.emarsys.verdicts import delivered


def email_of(row: Delivery) -> str:
    """The address of a contact to be, in small letters; empty where the row names none."""
    return str(row.payload.get("email", "")).lower()


def key_of(row: Delivery) -> str:
    """What the call names the contact by: our key, or the number of Emarsys' own."""
    return internal_id(row.vendor_key) or row.vendor_key


def keys_of(row: Delivery) -> tuple[str, str]:
    """By what two rows would be about one contact."""
    return row.vendor_key, email_of(row)


def has_moved(row: Delivery) -> bool:
    """Whether the contact gets another address than was delivered last."""
    before = (row.previous or {}).get("email")
    return before is not None and before.lower() != email_of(row)


def is_ours(record: Record, row: Delivery) -> bool:
    """Whether a contact has a key of the same source as this row: it is another person's of the pair, or its own."""
    return bool(record.key) and record.key.rpartition("-")[0] == row.vendor_key.rpartition("-")[0]


def is_siblings(row: Delivery, there: Found) -> bool:
    """Whether another contact of the pair has the row's address."""
    record = there.by_email.get(email_of(row))
    return record is not None and is_ours(record, row)


def is_known(row: Delivery, there: Found) -> bool:
    """Whether anybody has the row's address, or several have."""
    return email_of(row) in there.by_email or email_of(row) in there.refused


def exists(row: Delivery, key: str) -> Outcome:
    """The contact is there, under this key: the row is an update."""
    words = "The contact is there already."
    return Outcome(row_id=row.row_id, verdict="exists", code="contact_exists", words=words, vendor_key=key)


def gone(row: Delivery) -> Outcome:
    """There is no contact, neither by key nor by address."""
    words = "The contact is not there any more."
    return Outcome(row_id=row.row_id, verdict="gone", code="no_contact", words=words)


def paired(rows: Sequence[Delivery], outcomes: Sequence[Outcome]) -> list[tuple[Delivery, Outcome]]:
    """Outcomes, each with its row."""
    by_row = {row.row_id: row for row in rows}
    return [(by_row[ended.row_id], ended) for ended in outcomes]


def updated(row: Delivery, key: str) -> Outcome:
    """It is done; a contact that has another address now is known by that one from here on, wherever it stands."""
    if not has_moved(row):
        return delivered(row, key)
    return Outcome(row_id=row.row_id, verdict="delivered", vendor_key=key, moved_from=row.vendor_key)


def released(ended: Outcome) -> Outcome:
    """Of a contact that was taken back and has said no, that it is still there."""
    words = "It has said no, so that it only lost our key."
    return replace(ended, code="released", words=words) if ended.verdict == "delivered" else ended


def nobody_is_fine(rows: Sequence[Delivery], outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Outcomes of rows that want nobody to be there, or nobody to be written to: who is not there is done."""
    return [delivered(row) if ended.verdict == "gone" else ended for row, ended in paired(rows, outcomes)]
