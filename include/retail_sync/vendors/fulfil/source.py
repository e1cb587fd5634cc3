"""Fulfil as a source: customers, products, orders and returns, and opt-outs on their way back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from retail_sync.errors import ConfigurationError
from retail_sync.http.client import HttpClient
from retail_sync.http.failures import Action, FailureTable, Rule
from retail_sync.http.messages import Answer
from retail_sync.http.problems import problem
from retail_sync.http.transport import RequestsTransport
from retail_sync.model.delivery import Delivery, Outcome, Wanted
from retail_sync.model.ports import Connection, Finding, Services
from retail_sync.model.reading import Page, StreamFacts, Window
from retail_sync.model.records import Record, Stream
from retail_sync.vendors.carriers import Carriers
from retail_sync.vendors.fulfil import consent, facts, paging, probe
from retail_sync.vendors.fulfil.allowance import HeedingTransport
from retail_sync.vendors.fulfil.channels import Channels
from retail_sync.vendors.fulfil.children import Children
from retail_sync.vendors.fulfil.client import FulfilClient, Question
from retail_sync.vendors.fulfil.customers import Customers
from retail_sync.vendors.fulfil.domains import EVERYTHING, within
from retail_sync.vendors.fulfil.kinship import Kinship
from retail_sync.vendors.fulfil.newsletter import newsletter
from retail_sync.vendors.fulfil.orders import Orders, is_order
from retail_sync.vendors.fulfil.parties import Parties, Party
from retail_sync.vendors.fulfil.payloads import PartyRow, SaleRow
from retail_sync.vendors.fulfil.products import Products
from retail_sync.vendors.fulfil.reading import Reader, Refused, each
from retail_sync.vendors.fulfil.returns import Returns
from retail_sync.vendors.fulfil.sale import Sale
from retail_sync.vendors.fulfil.sales import Sales
from retail_sync.vendors.fulfil.settings import Settings
from retail_sync.vendors.fulfil.shapes import shapes

#: Streams of which records can be asked for by their keys.
_BY_KEY: frozenset[Stream] = frozenset({"customers", "products"})


class FulfilSource:
    """One merchant's account. See `model.ports.Source`.

    Args:
        client: The account.
        settings: The pair file's settings.
        carriers: Where parcels can be followed.
    """

    writes_consent = True

    def __init__(self, client: FulfilClient, settings: Settings, carriers: Carriers) -> None:
        self.streams: Mapping[Stream, StreamFacts] = facts.STREAMS
        self._client = client
        self._settings = settings
        self._shapes = shapes(settings)
        self._newsletter = newsletter(client, self._shapes, settings)
        self._channels = Channels(client, self._shapes.channels, settings)
        children = Children(client, settings)
        self._kinship = Kinship(client, children, self._newsletter, settings)
        self._parties = Parties(children, self._shapes)
        self._sales = Sales(children, self._channels, self._shapes, settings)
        self._customers = Customers(self._newsletter, self._channels, settings)
        self._orders = Orders(settings, carriers)
        self._returns = Returns(settings)
        products = Products(client, children, self._channels, self._shapes, settings)
        self._readers: Mapping[Stream, Reader[Any]] = {
            "customers": Reader(self._shapes.parties, self._customer_records),
            "orders": Reader(self._shapes.sales, self._order_records),
            "returns": Reader(self._shapes.returned_sales, self._return_records, of="sale"),
            "products": Reader(self._shapes.templates, products.records),
        }

    def extract(self, stream: Stream, window: Window | None, parents: Sequence[str] = ()) -> Iterator[Page]:
        """Read a stream: what changed in the window itself, then what of it only a child changed, then `parents`.

        Without a window and without parents, everything is read. Carts are no orders; what is wholesale or sold through
        a marketplace is for the pair's rules to say.

        Raises:
            IncompleteReadError: Pages were missing or repeated.
            WaitError: Try again later.
            ConfigurationError: The token, a permission, a model or a field needs a person.
        """
        by_key = stream in _BY_KEY and bool(parents)
        if window is not None or not by_key:
            yield from self._windowed(stream, window)
        if by_key:
            yield from self._named(stream, [int(key) for key in parents if key.isdecimal()], "parents")

    def opt_out(self, customer_key: str) -> Wanted:
        """The row that takes a customer off the newsletter."""
        return consent.wanted(customer_key)

    def deliver(self, rows: Sequence[Delivery]) -> Iterator[Outcome]:
        """Send opt-outs; one outcome for each row."""
        ending = consent.OptOuts(self._client, self._parties, self._newsletter, self._shapes, self._settings)
        return ending.deliver(rows)

    def check(self) -> Iterator[Finding]:
        """Compare the live account with what the package expects."""
        return probe.findings(self._client, self._shapes, self._channels, self._settings)

    def _windowed(self, stream: Stream, window: Window | None) -> Iterator[Page]:
        if stream == "returns":
            sales, asked_at = self._kinship.returned(window)
            yield Page(records=(), requested_at=asked_at, query="window")
            yield from self._named(stream, sales, "window")
            return
        reader = self._readers[stream]
        question = Question(reader.shape.model, reader.shape.fields, within(window))
        seen: set[int] = set()
        for answer in paging.pages(self._client, question, self._settings.page_size):
            seen.update(answer.ids)
            yield reader.page(answer, "window")
        moved = [number for number in self._kinship.moved(stream, window) if number not in seen]
        yield from self._named(stream, moved, "children")

    def _named(self, stream: Stream, ids: Sequence[int], name: str) -> Iterator[Page]:
        reader, at_once = self._readers[stream], self._settings.ids_at_once
        question = Question(reader.shape.model, reader.shape.fields, EVERYTHING)
        for start in range(0, len(ids), at_once):
            chunk = ids[start : start + at_once]
            for answer in paging.by_ids(self._client, question, chunk, at_once, self._settings.page_size):
                yield reader.page(answer, f"{name} {start}")

    def _customer_records(self, rows: Sequence[PartyRow]) -> Iterator[Record | Refused]:
        def records(party: Party) -> tuple[Record | None]:
            return (self._customers.record(party),)

        return each(self._parties.whole(rows), lambda party: str(party.row.id), records)

    def _order_records(self, rows: Sequence[SaleRow]) -> Iterator[Record | Refused]:
        def records(sale: Sale) -> tuple[Record | None]:
            return (None if sale.is_return_alone else self._orders.record(sale),)

        return each(self._whole_sales(rows), lambda sale: str(sale.row.id), records)

    def _return_records(self, rows: Sequence[SaleRow]) -> Iterator[Record | Refused]:
        return each(self._whole_sales(rows), lambda sale: str(sale.row.id), self._returns.records)

    def _whole_sales(self, rows: Sequence[SaleRow]) -> list[Sale | Refused]:
        return self._sales.whole([row for row in rows if is_order(row)])


def build(settings: Mapping[str, Any], connection: Connection, services: Services) -> FulfilSource:
    """The source of a connection.

    Raises:
        ConfigurationError: A setting is unknown, or the connection has no host or token.
    """
    own, base_url, token = facts.settings(settings), endpoint(connection), connection.password or ""
    budget = services.budget(f"fulfil {urlsplit(base_url).netloc}", own.rate, None, own.slots)
    transport = HeedingTransport(RequestsTransport(base_url), budget)
    proof = {"X-API-KEY": token} if own.auth == "key" else {"Authorization": f"Bearer {token}"}
    http = HttpClient(
        base_url,
        failures=_FAILURES,
        budget=budget,
        authorise=lambda headers: headers.update(proof),
        secrets=[token],
        transport=transport,
        clock=services.clock,
        plain_http=bool(connection.extra.get("plain_http")),
    )
    client = FulfilClient(http, transport, object_body=own.body == "object")
    return FulfilSource(client, own, Carriers(services.carriers))


def endpoint(connection: Connection) -> str:
    """The address of a merchant: the connection's host, which may be the merchant's name alone.

    Raises:
        ConfigurationError: The connection has no host, or no token.
    """
    host = connection.host.strip().removesuffix("/").removesuffix(facts.PATH)
    if not host:
        raise ConfigurationError(
            "has no host", record=f"connection {connection.name}", fix=f"Set it to https://<merchant>.{facts.DOMAIN}."
        )
    if not connection.password:
        raise ConfigurationError(
            "has no token", record=f"connection {connection.name}", fix="Put Fulfil's API key in its password field."
        )
    if "://" in host:
        return host
    return f"https://{host}" if "." in host else f"https://{host}.{facts.DOMAIN}"


def _is_refusal(answer: Answer) -> bool:
    """Whether a 429 is about what was asked (SEEN): then it will be refused for ever."""
    words = problem(answer).lower()
    return any(refusal in words for refusal in facts.REFUSALS)


_FAILURES = FailureTable((Rule((429,), Action.REJECT, when=_is_refusal),))
