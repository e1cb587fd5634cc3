"""Centra as a source: orders, returns, customers, products and sign-ups, and opt-outs on their way back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from msgspec import Raw

from retail_sync.http.client import HttpClient
from retail_sync.http.failures import Action, FailureTable, Rule
from retail_sync.http.limits import Limits
from retail_sync.http.messages import Answer
from retail_sync.model.delivery import Delivery, Outcome, Wanted
from retail_sync.model.ports import Connection, Finding, Services
from retail_sync.model.reading import Page, StreamFacts, Window
from retail_sync.model.records import Order, Signup, Stream
from retail_sync.vendors.carriers import Carriers
from retail_sync.vendors.centra import consent, envelope, facts, paging, probe, queries
from retail_sync.vendors.centra.client import GraphClient, endpoint
from retail_sync.vendors.centra.customers import Customers
from retail_sync.vendors.centra.order_api import OrderApi
from retail_sync.vendors.centra.order_api import connect as connect_order_api
from retail_sync.vendors.centra.orders import Orders
from retail_sync.vendors.centra.payloads import OrderNode, ReturnNode
from retail_sync.vendors.centra.payments import Payments
from retail_sync.vendors.centra.products import Products
from retail_sync.vendors.centra.quotas import Quotas
from retail_sync.vendors.centra.reading import Reader
from retail_sync.vendors.centra.returns import Returns
from retail_sync.vendors.centra.shop_payloads import CustomerNode, ProductNode, SubscriptionNode
from retail_sync.vendors.centra.signups import Signups
from retail_sync.vendors.centra.stock import StockChanges

#: By which filter `parents` select records of a stream.
_SELECTED_BY: Mapping[Stream, str] = {"returns": "orderNumber", "customers": "id", "products": "id", "signups": "id"}
_decode_ids = envelope.decoder(envelope.Data[list[Raw]])


class CentraSource:
    """One environment of Centra. See `model.ports.Source`.

    Args:
        client: The environment.
        settings: The pair file's settings.
        carriers: Where parcels can be followed.
        order_api: Whom to ask where those don't tell, if there is somebody.
    """

    writes_consent = True

    def __init__(
        self, client: GraphClient, settings: facts.Settings, carriers: Carriers, order_api: OrderApi | None = None
    ) -> None:
        self._client = client
        self._order_api = order_api
        self._settings = settings
        self.streams: Mapping[Stream, StreamFacts] = facts.STREAMS | (
            {"signups": facts.SIGNUPS} if settings.stock_signups else {}
        )
        self._payments = Payments(client, settings)
        self._stock = StockChanges(client, settings)
        self._orders: Reader[OrderNode] = Reader(OrderNode, Orders(settings, carriers))
        self._lists: dict[Stream, Reader[Any]] = {
            "customers": Reader(CustomerNode, Customers(settings)),
            "returns": Reader(ReturnNode, Returns(settings)),
            "products": Reader(ProductNode, Products(settings)),
            "signups": Reader(SubscriptionNode, Signups(settings)),
        }

    def extract(self, stream: Stream, window: Window | None, parents: Sequence[str] = ()) -> Iterator[Page]:
        """Read a stream: what changed in the window, then the returns of orders by number, or customers by id.

        Without a window and without parents, everything is read. Both sorts of store are read: which orders are
        wholesale is for the pair's rules to say.

        Raises:
            IncompleteReadError: Pages were missing or repeated.
            WaitError: Try again later.
            ConfigurationError: The token, a permission or a field name needs a person.
        """
        selected_by = _SELECTED_BY.get(stream) if parents else None
        if window is not None or selected_by is None:
            yield from self._windowed(stream, window)
        if selected_by is not None and self._can_select(stream):
            for start in range(0, len(parents), self._settings.parents_at_once):
                numbers = [int(number) for number in parents[start : start + self._settings.parents_at_once]]
                yield from self._list(stream, {selected_by: numbers}, f"parents {start}")

    def opt_out(self, customer_key: str) -> Wanted:
        """The row that takes a customer off the newsletter."""
        return consent.wanted(customer_key)

    def deliver(self, rows: Sequence[Delivery]) -> Iterator[Outcome]:
        """Send opt-outs; one outcome for each row."""
        return consent.deliver(self._client, self._settings, rows)

    def check(self) -> Iterator[Finding]:
        """Compare the live account with what the package expects."""
        return probe.findings(self._client, self._settings)

    def _can_select(self, stream: Stream) -> bool:
        """Whether records can be asked for by key. ASSUMED of products: their filter knows ids, as others do."""
        return stream != "products" or self._client.schema.takes("ProductFilter", "id")

    def _windowed(self, stream: Stream, window: Window | None) -> Iterator[Page]:
        where = _where(stream, window)
        if stream == "products":
            yield from self._products(window, where)
            return
        if stream != "orders":
            yield from self._list(stream, where, "window")
            return
        seen: set[str] = set()
        for page in self._connection(where, "window"):
            seen.update(record.number for record in page.records if isinstance(record, Order))
            yield page
        moved = [number for number in self._payments.orders(window) if str(number) not in seen]
        for start in range(0, len(moved), self._settings.parents_at_once):
            numbers = moved[start : start + self._settings.parents_at_once]
            yield from self._connection({"number": numbers}, f"payments {start}")

    def _products(self, window: Window | None, where: dict[str, Any]) -> Iterator[Page]:
        """Products that changed, then those of which only the stock did."""
        seen: set[str] = set()
        for page in self._list("products", where, "window"):
            seen.update(record.key for record in page.records)
            yield page
        if not self._can_select("products"):
            return
        moved = [product for product in self._stock.products(window) if str(product) not in seen]
        for start in range(0, len(moved), self._settings.product_size):
            ids = moved[start : start + self._settings.product_size]
            yield from self._list("products", {"id": ids}, f"stock {start}")

    def _connection(self, where: dict[str, Any], name: str) -> Iterator[Page]:
        query = queries.whole("orders", self._client.schema, self._settings)
        pages = paging.by_cursor(
            partial(self._after, query, where), partial(self._count, where), self._settings.prefetch
        )
        read = (self._orders.page(page, name) for page in pages)
        return map(self._order_api.follow, read) if self._order_api else read

    def _after(
        self, query: queries.Query, where: dict[str, Any], cursor: str | None
    ) -> paging.Answered[envelope.Connection[OrderNode | Raw]]:
        variables = {"where": where, "first": self._settings.page_size, "after": cursor}
        answer = self._client.ask(query, variables, self._orders.connection)
        return paging.Answered(answer.data.page, answer.requested_at)

    def _count(self, where: dict[str, Any]) -> int:
        decode = envelope.decoder(envelope.Data[envelope.Count])
        return self._client.ask(queries.ORDER_COUNT, {"where": where}, decode).data.page.total_count

    def _list(self, stream: Stream, where: dict[str, Any], name: str) -> Iterator[Page]:
        reader = self._lists[stream]
        size = self._settings.product_size if stream == "products" else self._settings.list_size
        whole = queries.whole(stream, self._client.schema, self._settings)
        ids = queries.ids(stream, self._settings)
        pages = paging.by_offset(
            fetch=lambda page: self._page(whole, reader.list, where, size, page),
            probe=lambda page: [reader.key(row) for row in self._page(ids, _decode_ids, where, size, page).data],
            size=size,
            key=reader.key,
            prefetch=self._settings.prefetch,
        )
        read = (reader.page(page, name) for page in pages)
        return map(_of_goods, read) if stream == "signups" else read

    def _page(
        self, query: queries.Query, decode: envelope.Decode[Any], where: dict[str, Any], size: int, page: int
    ) -> paging.Answered[Sequence[Any]]:
        answer = self._client.ask(query, {"where": where, "limit": size, "page": page}, decode)
        return paging.Answered(answer.data.page, answer.requested_at)


def build(settings: Mapping[str, Any], connection: Connection, services: Services) -> CentraSource:
    """The source of a connection: its host is the environment, its password the API token.

    Raises:
        ConfigurationError: A setting is unknown, or the connection has no host or token.
    """
    own = facts.settings(settings)
    base_url = endpoint(connection)
    token = connection.password or ""
    quotas = Quotas(services, base_url.partition("://")[2])
    http = HttpClient(
        base_url,
        failures=_FAILURES,
        limits=Limits(),
        budget=quotas,
        authorise=lambda headers: headers.update(Authorization=f"Bearer {token}"),
        secrets=[token],
        clock=services.clock,
        plain_http=bool(connection.extra.get("plain_http")),
    )
    order_api = connect_order_api(own.order_api, services) if own.order_api else None
    return CentraSource(GraphClient(http, quotas), own, Carriers(services.carriers), order_api)


def _is_refusal(answer: Answer) -> bool:
    """Whether a refusal is GraphQL's own: what it says is in the envelope, whatever the status."""
    return not _is_page(answer) and b'"errors"' in answer.body


def _is_page(answer: Answer) -> bool:
    """Whether the body is no envelope, but a page for people that something on the way has put up."""
    return not answer.body.lstrip(envelope.BEFORE_JSON).startswith(b"{")


_FAILURES = FailureTable(
    (
        Rule(range(200, 300), Action.RETRY, when=_is_page),
        Rule((400, 403, 404, 422, 500), Action.ANSWER, when=_is_refusal),
    )
)


def _where(stream: Stream, window: Window | None) -> dict[str, Any]:
    """The filter of a window."""
    if stream == "signups":
        return {"isActive": True}
    if window is None:
        return {}
    changed = window.by == "changed" and facts.STREAMS[stream].by_change
    return {"updatedAt" if changed else "createdAt": queries.span(window)}


def _of_goods(page: Page) -> Page:
    """A page without subscriptions to the newsletter itself."""
    kept = [record for record in page.records if not isinstance(record, Signup) or record.variant_keys]
    return replace(page, records=kept)
