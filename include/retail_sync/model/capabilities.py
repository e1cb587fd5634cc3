"""What the core must know of a destination to drive it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .delivery import ContactStatus
from .proof import Proof


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the core must know of a destination to drive it.

    Attributes:
        contact_kind: The kind whose creation the consent gate watches.
        bulk: How many rows of a kind one `deliver` call should be given at most.
        connections: How many calls may be in flight at once.
        kinds: Every kind, in the order in which a full load sends them.
        safe_to_repeat: Kinds that have a natural key or take our event id: an unanswered write is done again.
        readable: Kinds that `read` and `keys` understand.
        told: Kinds of what is told once, such as an event, and is nothing that stays. `read` finds out whether one has
            arrived, by what our payload tells of itself, and has no answer where nobody can say. Its key is that of the
            contact, a slash, and what tells it from others; a field that names the contact holds the contact's key.
        exclusive: Kinds of which the destination holds none but ours, as in a store and not in an audience.
        within: Kinds whose objects stand within an object of another kind, and go when that goes.
        lacking: Codes of outcomes that miss something which the row needs.
        catalogue: The kinds that products become, in the order in which they stand.
        barred: Codes of outcomes that bar an address for good, with the status that its permanent record then has.
        advice: By the code of an outcome that a person must act on: whose turn it is (a role of the pair file), and
            what to do.
        sale_kind: The kind that orders become, by which totals are compared; empty where the pair sends none.
        currency: The one currency that all amounts stand in; empty where each order keeps its own.
        delete_is_final: Whether a contact that was taken back is forgotten there, so that nothing tells of it again.
            Else it is put away, and goes on being shown.
        shows_own_opt_in: Whether it tells of a subscribed contact that it said so with its own hand. Where nothing
            tells, nobody who is subscribed again is ever unsubscribed for lack of that sign.
    """

    contact_kind: str
    bulk: Mapping[str, int]
    connections: int
    kinds: Sequence[str]
    safe_to_repeat: frozenset[str]
    readable: frozenset[str]
    told: frozenset[str] = frozenset()
    exclusive: frozenset[str] = frozenset()
    within: Mapping[str, str] = field(default_factory=dict)
    lacking: frozenset[str] = frozenset()
    catalogue: Sequence[str] = ()
    barred: Mapping[str, ContactStatus] = field(default_factory=dict)
    advice: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    sale_kind: str = "order"
    currency: str = ""
    delete_is_final: bool = False
    shows_own_opt_in: bool = False

    def proof_of(self, kind: str) -> Proof:
        """How it is known that objects of a kind stand as they were sent."""
        return "read_back" if kind in self.readable else "ledger"
