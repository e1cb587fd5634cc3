"""What can be bought."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from retail_sync.vendors.fulfil.sandbox.records.record import Ids, Record


@dataclass(slots=True, kw_only=True)
class Template(Record):
    """A product."""

    name: str
    code: str | None = None
    active: bool = True
    account_category: int | None = None
    brand: str | None = None
    is_gift_card: bool = False
    type: str = "goods"
    products: Ids = field(default_factory=list)
    media: Ids = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Product(Record):
    """What can be bought: a variant of a template.

    Attributes:
        stock: What can be sold, by warehouse; shown by computed fields only.
        reserved: Units that are sold and have not left; shown by computed fields only.
    """

    template: int
    code: str
    variant_name: str | None = None
    active: bool = True
    sellable: bool = True
    list_price: Decimal | None = None
    cost_price: Decimal = Decimal(0)
    weight: float | None = None
    attributes: Ids = field(default_factory=list)
    stock: dict[int, int] = field(default_factory=dict)
    reserved: int = 0


@dataclass(slots=True, kw_only=True)
class Attribute(Record):
    """A property of a variant, such as its colour."""

    product: int
    name: str
    value: str


@dataclass(slots=True, kw_only=True)
class Media(Record):
    """A picture of a product."""

    template: int
    url: str
