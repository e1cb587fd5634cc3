"""What the invented instance keeps. Amounts are in the order's currency and with tax, times aware and in UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from retail_sync.sandbox.world.events import CustomerKnown, LineSpec, OrderPlaced, ProductListed, VariantSpec

RETAIL_STORE = 1
WHOLESALE_STORE = 2
WAITING_FOR_PAYMENT = "WAITING_FOR_PAYMENT"


@dataclass(slots=True)
class Named:
    """A small object that is known by its name: a market, a brand, a currency."""

    id: int
    name: str


class Names(dict[str, Named]):
    """Small objects of one kind, numbered as they are first heard of."""

    def __missing__(self, name: str) -> Named:
        self[name] = Named(len(self) + 1, name)
        return self[name]


#: Filter arguments such as `marketId` to the number of the small object that a record refers to.
Refs: TypeAlias = dict[str, int | None]


@dataclass(slots=True)
class Subscription:
    """A newsletter subscription: of an address, not of a customer. With a variant it is one to hear of its return."""

    id: int
    email: str
    created_at: datetime
    active: bool
    country: str
    variant_id: int | None = None


@dataclass(slots=True)
class StockChange:
    """That the stock of a size has changed."""

    id: int
    at: datetime
    variant_id: int


@dataclass(slots=True)
class Customer:
    """A customer record; several may share an e-mail address."""

    id: int
    known: CustomerKnown
    created_at: datetime
    updated_at: datetime
    newsletter: bool
    refs: Refs
    status: str = "ACTIVE"
    gender: str | None = None
    birthdate: str | None = None
    external_id: str | None = None
    anonymised: bool = False
    former_emails: dict[str, datetime] = field(default_factory=dict)


@dataclass(slots=True)
class Line:
    """An order line and what has become of it."""

    spec: LineSpec
    cancelled: int = 0
    returned: int = 0

    @property
    def quantity(self) -> int:
        """What was ordered less what was cancelled."""
        return self.spec.quantity - self.cancelled

    @property
    def value(self) -> Decimal:
        """What the quantity is worth."""
        return self.quantity * self.spec.unit_price


@dataclass(slots=True)
class Payment:
    """An entry of an order's payment history."""

    id: int
    at: datetime
    entry_type: str
    amount: Decimal
    order: Order
    made_for: Return | None = None


@dataclass(slots=True)
class ShipmentLine:
    """How many of an order line a shipment carries."""

    id: int
    line: Line
    quantity: int


@dataclass(slots=True)
class Shipment:
    """A parcel; without `shipped_at` it is not completed."""

    id: int
    number: str
    order: Order
    created_at: datetime
    updated_at: datetime
    lines: list[ShipmentLine]
    shipped_at: datetime | None = None
    carrier: str | None = None
    service: str | None = None
    tracking_number: str | None = None

    @property
    def value(self) -> Decimal:
        """What it carries is worth."""
        return sum((one.quantity * one.line.spec.unit_price for one in self.lines), Decimal(0))


@dataclass(slots=True)
class ReturnLine:
    """How many of an order line came back, at which price."""

    id: int
    line: Line
    quantity: int
    unit_price: Decimal
    shipment_line: ShipmentLine | None


@dataclass(slots=True)
class Return:
    """Goods that come back."""

    id: int
    order: Order
    created_at: datetime
    completed: bool
    lines: list[ReturnLine]
    shipment: Shipment | None
    refunds: list[Payment] = field(default_factory=list)

    @property
    def value(self) -> Decimal:
        """What the returned goods are worth."""
        return sum((one.quantity * one.unit_price for one in self.lines), Decimal(0))


@dataclass(slots=True)
class Order:
    """An order of either store."""

    id: str
    placed: OrderPlaced
    status: str
    updated_at: datetime
    lines: dict[int, Line]
    refs: Refs
    payments: list[Payment] = field(default_factory=list)
    shipments: dict[int, Shipment] = field(default_factory=dict)
    returns: list[Return] = field(default_factory=list)
    captured_at: datetime | None = None
    cancelled_at: datetime | None = None
    hold_reason: str | None = None

    @property
    def number(self) -> int:
        """The number that people know."""
        return self.placed.number

    @property
    def store_id(self) -> int:
        """The store it was made in."""
        return RETAIL_STORE if self.placed.store_type == "DIRECT_TO_CONSUMER" else WHOLESALE_STORE

    @property
    def lines_value(self) -> Decimal:
        """The lines, net of what was cancelled."""
        return sum((line.value for line in self.lines.values()), Decimal(0))

    @property
    def total(self) -> Decimal:
        """The grand total: net of cancelled lines, not of returns and refunds."""
        return self.lines_value + self.placed.shipping - self.placed.discount


@dataclass(slots=True)
class Size:
    """What can be bought, with its stock."""

    spec: VariantSpec
    number: str
    stock: int
    updated_at: datetime
    variant: Variant


@dataclass(slots=True)
class Variant:
    """A colour of a product, and the display on which it is sold."""

    id: int
    display_id: int
    name: str
    rank: int
    product: Product
    number: str = ""
    sizes: list[Size] = field(default_factory=list)

    @property
    def prices(self) -> dict[str, Decimal]:
        """What each of its sizes costs, by currency."""
        return self.sizes[0].spec.prices


@dataclass(slots=True)
class Product:
    """A product with its colours."""

    listed: ProductListed
    created_at: datetime
    updated_at: datetime
    refs: Refs = field(default_factory=dict)
    variants: list[Variant] = field(default_factory=list)

    @property
    def id(self) -> int:
        """The shop's own number of it."""
        return self.listed.product_id
