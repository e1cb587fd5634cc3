"""What travels between plan, outbox and vendor: what is wanted, what is sent, how it ended."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

Row = Literal["state", "step"]
Operation = Literal["create", "update", "delete", "opt_out"]
Verdict = Literal["delivered", "rejected", "exists", "gone", "unknown", "retry"]
ContactStatus = Literal["subscribed", "unsubscribed", "cleaned", "pending", "transactional", "archived", "removed"]

#: The lower, the sooner. Consent waits for nothing; history goes behind everything else.
PRIORITY: dict[str, int] = {"consent": 0, "structure": 10, "step": 20, "state": 30, "history": 90}


class Wanted(Struct, frozen=True, kw_only=True):
    """An object as it should be at the destination: the fields we own, and no others.

    Attributes:
        kind: The destination's own word for it, such as `member`, `order`, `product`.
        object_id: Stable for the object's life under one pair, such as `member:17` or `order:main:10231`; the
            vendor's key may change under it. What stands for a source's record ends with that record's key.
        vendor_key: How the destination addresses it.
        payload: The owned fields. Keys are compared as JSON: use strings for money, sorted lists for sets.
        birth: Fields that are sent when the object is created and never again, such as a member's status.
        needs: Object ids that must stand at the destination first.
        row: `state` (the newest wins) or `step` (ordered, never collapsed, a deterministic id).
    """

    kind: str
    object_id: str
    vendor_key: str
    payload: dict[str, Any]
    birth: dict[str, Any] = {}
    needs: tuple[str, ...] = ()
    row: Row = "state"


class Delivery(Struct, frozen=True, kw_only=True):
    """One claimed outbox row, as a vendor is given it.

    Attributes:
        row_id: The outbox row's id; a vendor's batch may use it as the operation's id.
        previous: The payload that the ledger says the destination holds, or None for a create.
        attempt: 1 for the first try. Above 1, an earlier try may have reached the vendor.
    """

    row_id: int
    kind: str
    object_id: str
    vendor_key: str
    operation: Operation
    payload: dict[str, Any]
    birth: dict[str, Any] = {}
    previous: dict[str, Any] | None = None
    attempt: int = 1


class Outcome(Struct, frozen=True, kw_only=True):
    """How one row ended.

    `delivered` and `rejected` are final. `exists`: a create met an object that is already there. `gone`: an update met
    none. `unknown`: the answer never came and the write can't be repeated safely. `retry`: not done, safe to do again.
    `words` are the vendor's own, short and free of addresses; `vendor_key` is set where the vendor chose the key.
    """

    row_id: int
    verdict: Verdict
    code: str = ""
    words: str = ""
    vendor_key: str | None = None
    retry_at: datetime | None = None


class Contact(Struct, frozen=True, kw_only=True):
    """A contact as the destination holds it: what the mirror keeps."""

    vendor_key: str
    email: str
    status: ContactStatus
    changed_at: datetime | None
    fields: dict[str, Any] = {}
    reason: str | None = None


class Held(Struct, frozen=True, kw_only=True):
    """An object as read back: its owned fields, in the shape of `Wanted.payload`; None where it is not there."""

    kind: str
    vendor_key: str
    payload: dict[str, Any] | None


class Total(Struct, frozen=True, kw_only=True):
    """A figure that the destination states about itself, such as how many orders it holds and their sum."""

    name: str
    value: str
