"""OrderWise as a source: customers, products, orders and credits, and opt-outs on their way back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from retail_sync.model.delivery import Delivery, Outcome, Wanted
from retail_sync.model.ports import Clock, Connection, Finding, Services
from retail_sync.model.reading import Page, StreamFacts, Window
from retail_sync.model.records import Stream
from retail_sync.vendors.carriers import Carriers
from retail_sync.vendors.orderwise import consent, facts
from retail_sync.vendors.orderwise.canonical import BEGINNING
from retail_sync.vendors.orderwise.client import OrderWiseClient, connect
from retail_sync.vendors.orderwise.customers import Customers
from retail_sync.vendors.orderwise.facts import Settings
from retail_sync.vendors.orderwise.local_time import LocalTime
from retail_sync.vendors.orderwise.pages import CreditPages, CustomerPages, OrderPages, ProductPages
from retail_sync.vendors.orderwise.probe import Probe
from retail_sync.vendors.orderwise.questions import Questions
from retail_sync.vendors.orderwise.rest import RestCustomers

#: The server's clock may be ahead of ours.
_AHEAD = timedelta(days=1)


class OrderWiseSource:
    """One OrderWise installation. See `model.ports.Source`.

    Args:
        client: The installation.
        settings: The pair file's settings.
        carriers: Where parcels can be followed whose courier has no address in OrderWise.
        clock: The time.
    """

    def __init__(self, client: OrderWiseClient, settings: Settings, carriers: Carriers, clock: Clock) -> None:
        local = LocalTime(settings.timezone)
        self.streams: Mapping[Stream, StreamFacts] = settings.streams
        self.writes_consent = settings.write_back
        self._clock = clock
        self._settings = settings
        self._questions = Questions(settings, local)
        self._orders = OrderPages(client, settings, carriers, local)
        self._credits = CreditPages(client, settings, local)
        self._customers = CustomerPages(client, settings, local)
        self._products = ProductPages(client, settings, local)
        self._rest = RestCustomers(client, settings, Customers(settings, local))
        self._opt_outs = consent.OptOuts(client, settings)
        self._probe = Probe(client, settings, local, clock)

    def extract(self, stream: Stream, window: Window | None, parents: Sequence[str] = ()) -> Iterator[Page]:
        """Read a stream: what changed in the window, then customers or products by their keys.

        Without a window and without parents, everything is read. By REST, everything is whatever the window.

        Raises:
            IncompleteReadError: An answer was missing, cut or of something else.
            WaitError: Try again later.
            ConfigurationError: The login, a right, or an export definition needs a person.
        """
        if window is not None or not parents:
            yield from self._read(stream, window)
        if parents:
            yield from self._listed(stream, parents)

    def opt_out(self, customer_key: str) -> Wanted:
        """The row that takes a customer off the mailing list."""
        return consent.wanted(customer_key)

    def deliver(self, rows: Sequence[Delivery]) -> Iterator[Outcome]:
        """Write opt-outs; one outcome for each row."""
        return self._opt_outs.deliver(rows)

    def check(self) -> Iterator[Finding]:
        """Compare the installation with what the package expects."""
        return self._probe.findings()

    def _read(self, stream: Stream, window: Window | None) -> Iterator[Page]:
        if stream == "products":
            return self._products.read(window)
        if stream == "customers":
            if self._settings.customers == "rest":
                return self._rest.pages()
            return self._customers.read(self._questions.within(window), "window")
        span = window or Window(BEGINNING - _AHEAD, self._clock() + _AHEAD, by="created")
        pages = self._orders if stream == "orders" else self._credits
        return pages.read(self._questions.during(span), "window")

    def _listed(self, stream: Stream, parents: Sequence[str]) -> Iterator[Page]:
        keys = sorted({int(key.partition("/")[0]) for key in parents})
        if stream == "products":
            yield from self._products.listed(keys, "listed")
        if stream == "customers" and self._settings.customers == "definition":
            for start in range(0, len(keys), self._settings.page_size):
                question = self._questions.listed(keys[start : start + self._settings.page_size])
                yield from self._customers.read(question, f"listed {start}")


def build(settings: Mapping[str, Any], connection: Connection, services: Services) -> OrderWiseSource:
    """The source of a connection: its host is the API's whole address, its login and password those of an API user.

    Raises:
        ConfigurationError: A setting is unknown or missing, or the connection lacks something.
    """
    own = facts.settings(settings)
    client = connect(own, connection, services)
    return OrderWiseSource(client, own, Carriers(services.carriers), services.clock)
