"""A shop and a platform at the ports, each with a clock of its own that goes wrong, and the lives of people between."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from retail_sync.model.capabilities import Capabilities
from retail_sync.model.delivery import Contact, ContactStatus, Delivery, Held, OptIn, Outcome, Wanted
from retail_sync.model.people import Person
from retail_sync.model.reading import Page, StreamFacts, Window
from retail_sync.model.records import Customer, Stream
from tests.unit.memory_shop import Hands, order

from .lives import LEFT, PUT_AWAY, Life, Word

OUT = {"unsubscribed", "cleaned"}


@dataclass(frozen=True)
class Sight:
    """What a marketing platform shows of consent, and whom it remembers.

    Attributes:
        shows_yes: Whether it tells how and when somebody came to be subscribed.
        dates_all: Whether every change has a time; else only that somebody left by a link.
        shows_imports: Whether an import is among the changes; else only reading everybody shows it.
        archives: Whether a contact can be put away.
        deletes: Whether a contact can be deleted.
        forgets: Whether an address that was deleted may come again as if it had never been there.
        bounces: Whether it shows that mail to an address comes back.
    """

    shows_yes: bool = True
    dates_all: bool = True
    shows_imports: bool = True
    archives: bool = True
    deletes: bool = True
    forgets: bool = False
    bounces: bool = True


#: By platform; as its notes and its sandbox have it.
SIGHTS = {
    "mailchimp": Sight(),
    "emarsys": Sight(shows_yes=False, dates_all=False, shows_imports=False, archives=False, forgets=True),
    "ometria": Sight(shows_yes=False, dates_all=False, archives=False, deletes=False, bounces=False),
}


@dataclass
class Till:
    """The shop: customers with a newsletter box. Now and then it gives an old page again."""

    clock: Hands
    skew: timedelta
    lives: dict[str, Life]
    chance: random.Random
    held: dict[str, Customer] = field(default_factory=dict)
    old: list[Customer] = field(default_factory=list)
    bought: dict[str, datetime] = field(default_factory=dict)
    streams: dict[Stream, StreamFacts] = field(
        default_factory=lambda: {"customers": StreamFacts(overlap=timedelta(hours=6)), "orders": StreamFacts()}
    )
    writes_consent: bool = True

    def say(self, record: str, what: str, row: int = 0) -> None:
        """A box is ticked or unticked; a record that was not there is now."""
        life, at = self.lives[record], self.clock() + self.skew
        life.words.append(Word(self.clock(), what, record, row))
        known = self.held.get(record) or Customer(key=record, email=life.email, created_at=at, updated_at=at)
        self.held[record] = replace(known, opted_in=what == "yes", updated_at=at)

    def rename(self, record: str) -> None:
        """Something else of a record changes."""
        if known := self.held.get(record):
            self.held[record] = replace(
                known, first_name=f"N{self.chance.random()}", updated_at=self.clock() + self.skew
            )

    def extract(self, stream: Stream, window: Window | None, parents: Sequence[str] = ()) -> Iterator[Page]:
        if stream == "orders":
            orders = [order(email, at, email=email) for email, at in self.bought.items()]
            yield Page(orders, self.clock())
            return
        assert window is not None
        found = [one for one in self.held.values() if window.since < one.updated_at <= window.until]
        yield Page(found, self.clock())
        yield Page(self.chance.sample(self.old, min(len(self.old), 40)), self.clock(), query="old")
        self.old += found

    def opt_out(self, customer_key: str) -> Wanted:
        return Wanted(
            kind="box", object_id=f"box:{customer_key}", vendor_key=customer_key, payload={"newsletter": False}
        )

    def deliver(self, rows: Sequence[Delivery]) -> Iterator[Outcome]:
        for row in rows:
            assert row.payload == {"newsletter": False}
            self.say(row.vendor_key, "told", row.row_id)
            yield Outcome(row_id=row.row_id, verdict="delivered")

    def check(self) -> Iterator[Any]:
        return iter(())


@dataclass
class Platform:
    """The audience. It is as careless as a real one may be: making a contact that is archived brings it back.

    Attributes:
        meanwhile: What happens after rows were claimed and looked at, and before they are written.
    """

    clock: Hands
    skew: timedelta
    lives: dict[str, Life]
    newcomer: str
    meanwhile: Callable[[], None]
    sight: Sight = SIGHTS["mailchimp"]
    held: dict[str, Contact] = field(default_factory=dict)
    forgotten: set[str] = field(default_factory=set)
    capabilities: Capabilities = field(init=False)

    def __post_init__(self) -> None:
        self.capabilities = Capabilities(
            contact_kind="member",
            bulk={"member": 500},
            connections=1,
            kinds=("member",),
            safe_to_repeat=frozenset({"member"}),
            readable=frozenset(),
            barred={"forgotten": "forgotten"},
            delete_is_final=self.sight.forgets,
            shows_own_opt_in=self.sight.shows_yes,
        )

    def become(self, email: str, what: str, status: ContactStatus, opt_in: OptIn | None = None, row: int = 0) -> None:
        """A contact takes a status."""
        self.lives[email].words.append(Word(self.clock(), what, row=row))
        before = self.held.get(email)
        at = self.clock() + self.skew
        kept = opt_in or (before.opt_in if before else OptIn())
        self.held[email] = Contact(vendor_key=f"#{email}", email=email, status=status, changed_at=at, opt_in=kept)

    def signs_up(self, email: str) -> None:
        """A person fills in the platform's own form."""
        self.forgotten.discard(email)
        evidence = OptIn(at=self.clock() + self.skew, ip="192.0.2.7", via="form", own=True)
        self.become(email, "form", "subscribed", evidence)

    def delete(self, email: str) -> None:
        """A contact is deleted for good."""
        self.lives[email].words.append(Word(self.clock(), "deleted"))
        if not self.sight.forgets:
            self.forgotten.add(email)
        del self.held[email]

    def structure(self, *, live: bool) -> Sequence[Wanted]:
        return ()

    def person(self, person: Person) -> Sequence[Wanted]:
        born = self.newcomer if person.wish == "opted_in" and not person.known_out else "transactional"
        payload = {"email": person.email, "name": person.first_name}
        key, object_id = f"#{person.email}", f"member:{person.person_id}"
        return (Wanted(kind="member", object_id=object_id, vendor_key=key, payload=payload, birth={"status": born}),)

    def nothing(self, *_: Any) -> Sequence[Wanted]:
        return ()

    order = listing = happening = limits = nothing

    def opt_out(self, contact_key: str) -> Wanted:
        payload = {"status": "unsubscribed"}
        return Wanted(kind="member", object_id=f"opt_out:{contact_key}", vendor_key=contact_key, payload=payload)

    def lookup(self, emails: Sequence[str]) -> Iterator[Contact]:
        yield from (self._shown(self.held[email]) for email in emails if email in self.held)

    def contacts(self, changed_since: datetime | None = None) -> Iterator[Contact]:
        for one in list(self.held.values()):
            if changed_since is None or (self._is_told(one) and one.changed_at and one.changed_at > changed_since):
                yield self._shown(one)

    def _is_told(self, one: Contact) -> bool:
        """Whether what last became of a contact is among the changes."""
        newest = self.lives[one.email].last("form", "imported", *LEFT, *PUT_AWAY)
        return self.sight.shows_imports or newest is None or newest.what != "imported"

    def _shown(self, one: Contact) -> Contact:
        life = self.lives[one.email]
        if one.status in OUT:
            life.seen_out = True
        elif one.status == "subscribed" and life.last("form", "imported", "left") == life.last("form"):
            life.seen_out = False
        elif one.status == "subscribed":
            life.seen_back = True
        left = life.last(*LEFT)
        dated = self.sight.dates_all or (one.status in OUT and left is not None and left.what == "left")
        return replace(
            one,
            changed_at=one.changed_at if dated else None,
            opt_in=one.opt_in if self.sight.shows_yes else OptIn(),
            told_at=None if self.sight.dates_all else self.clock() + self.skew,
        )

    def deliver(self, rows: Sequence[Delivery]) -> Iterator[Outcome]:
        self.meanwhile()
        for row in rows:
            yield Outcome(row_id=row.row_id, **self._write(row, row.vendor_key.removeprefix("#")))

    def _write(self, row: Delivery, email: str) -> dict[str, Any]:
        standing = self.held.get(email)
        if row.operation == "opt_out":
            assert row.payload == {"status": "unsubscribed"}
            if standing and standing.status != "unsubscribed":
                self.become(email, "unsubscribed", "unsubscribed", row=row.row_id)
        elif row.operation == "update":
            assert "status" not in row.payload
            if standing is None:
                return {"verdict": "gone"}
            self.held[email] = replace(standing, changed_at=self.clock() + self.skew)
        elif email in self.forgotten:
            return {"verdict": "rejected", "code": "forgotten"}
        elif standing and standing.status != "archived":
            return {"verdict": "exists"}
        else:
            status = row.birth["status"]
            self.become(email, "made" if status == "transactional" else "created", status)
        return {"verdict": "delivered"}

    def read(self, kind: str, vendor_keys: Sequence[str]) -> Iterator[Held]:
        return iter(())

    def check(self) -> Iterator[Any]:
        return iter(())
