"""The ports: what a source and a destination must be able to do. The core asks for a capability, never for a name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from .capabilities import Capabilities
from .delivery import Contact, Delivery, Errand, Held, LateRefusal, Outcome, Sale, Total, Wanted
from .feed import Feed
from .happenings import Happening
from .people import LeftCart, Listing, Person, SoldOrder
from .reading import Page, StreamFacts, Window
from .records import Stream
from .views import DestinationView, FieldLimit


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

    def deliver(self, rows: Sequence[Delivery]) -> Iterator[Outcome | Errand]:
        """Send rows of one kind and one operation; yield an outcome for every one of them, in any order.

        What the vendor goes on doing without us is yielded as an errand as soon as it is known.

        Raises:
            WaitError: Nothing of what was not yet answered has been done; try again later.
            ConfigurationError: No row can be sent until a person acts.
        """
        ...


class Source(Deliverer, Protocol):
    """One account of a commerce system or ERP."""

    streams: Mapping[Stream, StreamFacts]
    #: Whether it takes opt-outs; else its own users have to write them there.
    writes_consent: bool

    def extract(self, stream: Stream, window: Window | None, parents: Sequence[str] = ()) -> Iterator[Page]:
        """Read what changed in the window, then what belongs to `parents`. Complete or an error.

        A window gives one page at least: where there is nothing, an empty one tells when that was asked.

        `parents` are numbers of records of the stream that this one follows, or, where it is named by one or is read
        whole, keys of its own.

        Raises:
            IncompleteReadError: Pages were missing or repeated so that the read can't be trusted.
            WaitError: Try again later; what was yielded so far may be kept.
            ConfigurationError: A token, permission or field name needs a person.
        """
        ...

    def opt_out(self, customer_key: str) -> Wanted:
        """The row that tells this source that a customer has left the mailing list; that key is its `vendor_key`."""
        ...

    def check(self) -> Iterator[Finding]:
        """Compare the live account with what the package expects."""
        ...


class Destination(Deliverer, Protocol):
    """One account (audience, list) of a marketing platform."""

    capabilities: Capabilities
    #: The catalogue as a file, where it is taken only whole; then `listing` gives nothing.
    feed: Feed | None

    def structure(self, *, live: bool) -> Sequence[Wanted]:
        """What must stand before anything else: merge fields, a store.

        Args:
            live: Whether the pair's history has been loaded. Until then nothing at the destination may mail people.
        """
        ...

    def person(self, person: Person) -> Sequence[Wanted]:
        """The contact and whatever hangs on it."""
        ...

    def objects_of(self, person: Person) -> Sequence[str]:
        """The ids of the contact and whatever hangs on it, what hangs on others first: so they are taken back."""
        ...

    def order(self, sold: SoldOrder) -> Sequence[Wanted]:
        """An order as the destination takes it."""
        ...

    def listing(self, listing: Listing) -> Sequence[Wanted]:
        """A product as the destination takes it."""
        ...

    def cart(self, left: LeftCart) -> Sequence[Wanted]:
        """A cart that somebody has left, as the destination takes it."""
        ...

    def happening(self, happening: Happening) -> Sequence[Wanted]:
        """What happened to a person, as a step of its own; nothing where the pair does not tell of such things."""
        ...

    def limits(self) -> Sequence[FieldLimit]:
        """What the pair's contact fields take, as far as that is known without asking; else it is `check`'s to see."""
        ...

    def opt_out(self, contact_key: str) -> Wanted:
        """The row that takes a contact off the mailing list; the destination's key of it is its `vendor_key`."""
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

    def read_all(self, kind: str) -> Iterator[Held]:
        """Read every object of a kind that the destination holds, archived ones included, page by page.

        Raises:
            IncompleteReadError: Not all of them came.
        """
        ...

    def keys(self, kind: str) -> Iterator[str]:
        """Every vendor key of that kind which the destination holds and this pair may own."""
        ...

    def refused_late(self) -> Iterator[LateRefusal]:
        """What was refused after it had been taken, as far as the destination still tells."""
        ...

    def sale(self, payload: Mapping[str, Any]) -> Sale:
        """What an order of this payload counts for there; asked where orders can't be read back."""
        ...

    def totals(self) -> Sequence[Total]:
        """Figures of what the destination holds, each with how it is known."""
        ...

    def check(self) -> Iterator[Finding]:
        """Compare the live account with what the package expects."""
        ...


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
    #: The settings that tell places behind one connection apart, each with contacts of its own.
    apart: tuple[str, ...]

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
        """Wait until a call of this cost may go and return the seconds waited.

        Raises:
            RateLimitedError: The vendor asked for a pause beyond `deadline`, a moment of `time.monotonic()`.
        """
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
        connections: Gives further connections, by the names that a pair's settings have for them.
    """

    clock: Clock
    budget: Callable[[str, float | None, float | None, int | None], Budget]
    carriers: Mapping[str, Any] = field(default_factory=dict)
    share: float = 1.0
    connections: Connections | None = None
