"""What travels between plan, outbox and vendor: what is wanted, what is sent, how it ended."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from msgspec import Struct

from .proof import Proof

Row = Literal["state", "step"]
Operation = Literal["create", "update", "delete", "opt_out"]
Verdict = Literal["delivered", "rejected", "exists", "gone", "lacking", "unknown", "retry"]
ContactStatus = Literal[
    "subscribed",
    "unsubscribed",
    "cleaned",
    "pending",
    "transactional",
    "archived",
    "removed",
    "forgotten",
    "compliance",
]

#: The lower, the sooner. Consent waits for nothing, and what somebody must not be chased for any more goes before
#: anything is told; history goes behind everything else that comes to stand, and what is taken back behind that.
PRIORITY: dict[str, int] = {
    "consent": 0, "structure": 10, "withdraw": 15, "step": 20, "state": 30, "history": 90, "retire": 95,
}  # fmt: skip


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
        step: Of a step, its name within the object: `financial.pending`, or empty where the object is itself the
            step, as an event is. A step (object and name) is sent once in the life of the ledger; until it has left it
            is rendered from the newest state, like anything else.
        useful_until: Of a step that mails somebody: after that it is logged and not sent (ORD-8). Aware UTC.
        quiet: Fields whose present value sets something off at the destination when it comes to stand there, each with
            the value that stands in its place where nothing may be set off. Only a step brings such a value; see
            `delivery.sequences`.

    A step of an object that has states too carries the object's whole payload, with what that step sets off: so what
    was delivered last is always what stands, and is compared as such. All rows of an object are wanted one after the
    other: its steps in the order in which they happened, those long told included, and its state at the end.
    """

    kind: str
    object_id: str
    vendor_key: str
    payload: dict[str, Any]
    birth: dict[str, Any] = {}
    needs: tuple[str, ...] = ()
    row: Row = "state"
    step: str = ""
    useful_until: datetime | None = None
    quiet: dict[str, Any] = {}


class Delivery(Struct, frozen=True, kw_only=True):
    """One claimed outbox row, as a vendor is given it.

    Attributes:
        row_id: The outbox row's id; a vendor's batch may use it as the operation's id.
        previous: The payload that the ledger says the destination holds, or None for a create.
        attempt: 1 for the first try. Above 1, an earlier try may have reached the vendor.
        errand: What the vendor may still be doing for an earlier try, by its name, or empty.
        heir: Of a delete, the vendor key of the one object to which all that hung on this one has gone; None where
            there is no such object, or several.
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
    errand: str = ""
    heir: str | None = None


class Errand(Struct, frozen=True, kw_only=True):
    """What a vendor now does by itself for some rows, such as a batch, before anybody has seen how it ends.

    `name` is the vendor's. It is kept with the rows: whoever is given them next sees to it that it is over.
    """

    name: str
    rows: tuple[int, ...]


class Outcome(Struct, frozen=True, kw_only=True):
    """How one row ended.

    `delivered` and `rejected` are final. `exists`: a create met an object that is already there. `gone`: an update met
    none. `lacking`: not done, since something that the row needs is not there, whatever the ledger says of it; it goes
    again once that stands. `unknown`: the answer never came and the write can't be repeated safely. `retry`: not done,
    safe to do again.
    `words` are the vendor's own, short and free of addresses; `vendor_key` is set where the vendor chose the key.

    Attributes:
        moved_from: The key under which the object stood until now, where it stands under another one since.
        left_behind: Whether there is still something under that key, which is to be taken back.
        receipt: Of a row that was delivered, the vendor's name for the call that brought it, where the vendor may still
            say that it refuses it.
    """

    row_id: int
    verdict: Verdict
    code: str = ""
    words: str = ""
    vendor_key: str | None = None
    retry_at: datetime | None = None
    moved_from: str | None = None
    left_behind: bool = False
    receipt: str = ""


class LateRefusal(Struct, frozen=True, kw_only=True):
    """That a vendor has refused something which it had taken: by its receipt and key, with a code and words of it."""

    receipt: str
    vendor_key: str
    code: str
    words: str


class OptIn(Struct, frozen=True, kw_only=True):
    """What a destination says of how a contact came to be subscribed.

    Attributes:
        at: When, by the destination's clock (aware UTC).
        ip: From which network address.
        via: By which form, import or program, in the destination's words.
        own: Whether the contact did it with its own hand, as far as the destination can show.
    """

    at: datetime | None = None
    ip: str | None = None
    via: str | None = None
    own: bool = False


class Contact(Struct, frozen=True, kw_only=True):
    """A contact as the destination holds it: what the mirror keeps.

    Attributes:
        still_in: Whether something else that the destination keeps under the address may still be written to, though
            `status` says that it has left.
        told_at: By the destination's own clock, up to when it had told of all changes as it gave this one; None where
            it does not say.
    """

    vendor_key: str
    email: str
    status: ContactStatus
    changed_at: datetime | None
    fields: dict[str, Any] = {}
    reason: str | None = None
    opt_in: OptIn = OptIn()
    still_in: bool = False
    told_at: datetime | None = None


class Sale(Struct, frozen=True, kw_only=True):
    """What an order counts for at the destination: its total in its own currency, and when it was placed (UTC)."""

    total: Decimal
    currency: str
    sold_at: datetime | None = None


class Held(Struct, frozen=True, kw_only=True):
    """An object as read back: its owned fields, in the shape of `Wanted.payload`; None where it is not there.

    Attributes:
        sale: What it counts for, where it is an order.
    """

    kind: str
    vendor_key: str
    payload: dict[str, Any] | None
    sale: Sale | None = None


class Total(Struct, frozen=True, kw_only=True):
    """A figure of what the destination holds, such as how many orders and their sum.

    Attributes:
        proof: Whether it states that figure itself, or it was summed up from objects that were read.
    """

    name: str
    value: str
    proof: Proof = "counted"
