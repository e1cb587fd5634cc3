"""The ports: what a source and a destination must be able to do. The core asks for a capability, never for a name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from .delivery import Contact, Delivery, Held, Outcome, Total, Wanted
from .people import Listing, Person, SoldOrder
from .records import Record, Stream

Lane = Literal["live", "history"]
By = Literal["changed", "created"]


@dataclass(frozen=True, slots=True)
class Window:
    """A closed span of time to read: `(since, until]`, by time of change or of creation. Aware UTC."""

    since: datetime
    until: datetime
    by: By = "changed"


@dataclass(frozen=True, slots=True)
class Page:
    """What one request brought.

    Attributes:
        records: Canonical records in the order of the page.
        requested_at: When the request left; it orders versions whose source time is equal.
        refused: Vendor objects that could not become canonical, as (key, reason). They are counted and named.
        query: Names the question that the page answers. A record that comes twice within one query is a duplicate; the
            same record in the window's pages and in those of `parents` is not. A source that puts several questions
            for one stream gives each its own name, and asks one to its end before the next.
    """

    records: Sequence[Record]
    requested_at: datetime
    refused: Sequence[tuple[str, str]] = ()
    query: str = ""


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """What is true of one stream of a source.

    Attributes:
        follows: The stream whose records' numbers select further records of this one, or None. Centra's returns
            follow orders, since no filter finds a return that was changed.
        by_change: Whether the source can select by time of change.
        whole: Whether every read takes all of it, because not every change moves the time of change.
        overlap: How far a window reaches back behind the watermark.
        lag: How far a window stays behind the clock.
    """

    follows: Stream | None = None
    by_change: bool = True
    whole: bool = False
    overlap: timedelta = timedelta(minutes=10)
    lag: timedelta = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Connection:
    """What an Airflow connection holds, without Airflow. `password` and `extra` may hold secrets: never log them."""

    name: str
    host: str
    login: str | None = None
    password: str | None = field(default=None, repr=False)
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)


#: Gives the connection of that name, or raises `ConfigurationError`.
Connections = Callable[[str], Connection]
#: The time, aware and in UTC. A seam: the demo lives a day in minutes.
Clock = Callable[[], datetime]


class Deliverer(Protocol):
    """Somebody who takes outbox rows to a vendor."""

    def deliver(self, rows: Sequence[Delivery]) -> Iterator[Outcome]:
        """Send rows of one kind and one operation; yield an outcome for every one of them, in any order.

        Raises:
            WaitError: Nothing of what was not yet answered has been done; try again later.
            ConfigurationError: No row can be sent until a person acts.
        """
        ...


class Source(Deliverer, Protocol):
    """One account of a commerce system or ERP."""

    streams: Mapping[Stream, StreamFacts]

    def extract(self, stream: Stream, window: Window | None, parents: Sequence[str] = ()) -> Iterator[Page]:
        """Read what changed in the window, then what belongs to `parents` (their numbers). Complete or an error.

        Raises:
            IncompleteReadError: Pages were missing or repeated so that the read can't be trusted.
            WaitError: Try again later; what was yielded so far may be kept.
            ConfigurationError: A token, permission or field name needs a person.
        """
        ...

    def opt_out(self, customer_key: str) -> Wanted:
        """The row that tells this source that a customer has left the mailing list."""
        ...

    def check(self) -> Iterator[Finding]:
        """Compare the live account with what the package expects."""
        ...


class Destination(Deliverer, Protocol):
    """One account (audience, list) of a marketing platform."""

    capabilities: Capabilities

    def structure(self, *, live: bool) -> Sequence[Wanted]:
        """What must stand before anything else: merge fields, a store.

        Args:
            live: Whether the pair's history has been loaded. Until then nothing at the destination may mail people.
        """
        ...

    def person(self, person: Person) -> Sequence[Wanted]:
        """The contact and whatever hangs on it."""
        ...

    def order(self, sold: SoldOrder) -> Sequence[Wanted]:
        """An order as the destination takes it."""
        ...

    def listing(self, listing: Listing) -> Sequence[Wanted]:
        """A product as the destination takes it."""
        ...

    def lookup(self, emails: Sequence[str]) -> Iterator[Contact]:
        """The contacts of these addresses as they stand now, archived ones included; those not there are absent."""
        ...

    def contacts(self, changed_since: datetime | None = None) -> Iterator[Contact]:
        """All contacts, or those changed since a time, whatever their status."""
        ...

    def read(self, kind: str, vendor_keys: Sequence[str]) -> Iterator[Held]:
        """Read objects back in the shape of `Wanted.payload`; one answer for each key asked for."""
        ...

    def keys(self, kind: str) -> Iterator[str]:
        """Every vendor key of that kind which the destination holds and this pair may own."""
        ...

    def totals(self) -> Sequence[Total]:
        """Figures that the destination states about itself."""
        ...

    def check(self) -> Iterator[Finding]:
        """Compare the live account with what the package expects."""
        ...


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
        exclusive: Kinds of which the destination holds none but ours, as in a store and not in an audience.
        advice: By the code of an outcome that a person must act on: whose turn it is (a role of the pair file), and
            what to do.
    """

    contact_kind: str
    bulk: Mapping[str, int]
    connections: int
    kinds: Sequence[str]
    safe_to_repeat: frozenset[str]
    readable: frozenset[str]
    exclusive: frozenset[str] = frozenset()
    advice: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `retail-sync check`: what was looked at, whether it is right, and what to do if not."""

    subject: str
    ok: bool
    detail: str
    fix: str = ""


class Vendor(Protocol):
    """What the folder of a vendor exports as `VENDOR`: settings types and builders."""

    name: str
    connection_type: str

    def source(self, settings: Mapping[str, Any], connection: Connection, services: Services) -> Source:
        """Build the source, or raise `ConfigurationError` where this vendor is none."""
        ...

    def destination(
        self, settings: Mapping[str, Any], connection: Connection, services: Services, pair: DestinationView
    ) -> Destination:
        """Build the destination, or raise `ConfigurationError` where this vendor is none."""
        ...


class Budget(Protocol):
    """A share of an account's allowance, shared by all workers (see `db.budgets`)."""

    def acquire(self, *, cost: float = 1.0, deadline: float | None = None) -> float:
        """Wait until a call of this cost may go and return the seconds waited."""
        ...

    def pause(self, seconds: float) -> None:
        """The vendor asked everybody to wait."""
        ...

    def slot(self) -> Any:
        """A context manager that holds one of the account's simultaneous connections."""
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """What a vendor may use of the house.

    Attributes:
        clock: The time.
        budget: Gives the shared budget called `name` of an account: `rate` calls per second, bursts of `burst`,
            `slots` at once. None stands for no limit of that sort.
        carriers: The file of tracking URL templates, as parsed YAML.
        share: Which part of an account's limits this installation may use; budgets are cut to it already.
    """

    clock: Clock
    budget: Callable[[str, float | None, float | None, int | None], Budget]
    carriers: Mapping[str, Any] = field(default_factory=dict)
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class DestinationView:
    """What a destination may know of the pair that it serves.

    Attributes:
        pair: The pair's name.
        source_account: The account whose objects it is given; part of object ids.
        mapping: Contact fields of the destination, by their own name: `{"LTV": FieldMapping(...)}`.
        tags: Names of the facts that become tags.
        currency: The pair's currency for facts.
        statuses: The pair's own words for order states at this destination, by canonical state.
        without_consent: What becomes of people who never opted in: a contact that gets no marketing, or none.
        double_opt_in: Whether a new subscriber must confirm by mail first.
    """

    pair: str
    source_account: str
    mapping: Mapping[str, FieldMapping]
    tags: Sequence[str]
    currency: str
    statuses: Mapping[str, str] = field(default_factory=dict)
    without_consent: Literal["transactional", "skip"] = "transactional"
    double_opt_in: bool = False


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """Which canonical value fills a contact field, and as which type the destination should hold it.

    `value` is a path into `Person`: `first_name`, `address.city`, `facts.lifetime_value`, `attributes.loyalty`.
    """

    value: str
    type: str = "text"
    label: str = ""
    length: int | None = None
