"""Centra's orders and returns as GraphQL answers them, and what other answers share with them.

Numbers become `Decimal` from their text, so that no binary fraction is met. Fields are those of `queries`; a field
that the live schema may not have carries a default.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation

from msgspec import Struct, field

from retail_sync.vendors.centra.facts import FINEST


class Node(Struct, rename="camel", gc=False, kw_only=True):
    """An object of an answer: camelCase there, snake_case here."""


class Money(Node):
    """`MonetaryValue` without its currency, which is the order's."""

    value: Decimal

    def __post_init__(self) -> None:
        try:
            rounded = self.value.quantize(FINEST)
        except InvalidOperation:
            raise ValueError("the amount is beyond reason") from None
        if rounded != self.value:
            self.value = rounded


class Currency(Node):
    """`Currency`: its ISO 4217 code."""

    code: str


class CurrencyMoney(Money):
    """`MonetaryValue` with its currency."""

    currency: Currency


class Named(Node):
    """Anything that is referred to by its name."""

    name: str | None = None


class Identified(Node):
    """Anything that is referred to by its id."""

    id: int


class Store(Node):
    """`Store`."""

    type: str
    name: str | None = None


class Country(Node):
    """`Country`: its ISO 3166 alpha-2 code."""

    code: str | None = None


class State(Node):
    """`CountryState`."""

    name: str | None = None


class AddressNode(Node):
    """`Address`."""

    first_name: str | None = None
    last_name: str | None = None
    company_name: str | None = None
    address1: str | None = None
    address2: str | None = None
    zip_code: str | None = None
    city: str | None = None
    state_or_province: str | None = None
    email: str | None = None
    phone_number: str | None = None
    cell_phone_number: str | None = None
    country: Country | None = None
    state: State | None = None


class AttributeType(Node):
    """`AttributeType`: mapped attributes are values that the shop shares between objects."""

    name: str
    is_mapped: bool = False


class AttributeElement(Node):
    """A value of an attribute: text, or a choice with its name."""

    key: str
    value: str | None = None
    selected_value: str | None = None
    selected_value_name: str | None = None


class AttributeNode(Node):
    """`Attribute`."""

    type: AttributeType
    elements: list[AttributeElement] = []


class Voucher(Node):
    """`Voucher`."""

    code: str | None = None
    name: str | None = None


class DiscountNode(Node):
    """`OrderDiscount`; only an applied voucher has a code."""

    value: Money
    typename: str = field(name="__typename", default="")
    voucher: Voucher | None = None


class Totals(Node):
    """`OrderTotals`."""

    shipping: Money | None = None
    handling: Money | None = None
    tax_added: Money | None = None
    tax_included: Money | None = None
    shipping_tax_included: Money | None = None


class SizeRef(Node):
    """`ProductSize`, as far as an order line needs it."""

    id: int
    sku: str | None = field(name="SKU", default=None)


class ProductRef(Node):
    """`Product`, as far as an order line needs it."""

    id: int
    collection: Named | None = None


class LineNode(Node):
    """`OrderLine` of any sort."""

    id: int
    quantity: int
    unit_price: Money
    line_value: Money
    typename: str = field(name="__typename", default="")
    unit_original_price: Money | None = None
    cancelled_quantity: int = 0
    product_name: str | None = None
    product_variant_name: str | None = None
    product_number: str | None = None
    size: str | None = None
    product: ProductRef | None = None
    product_size: SizeRef | None = None
    collection: Named | None = None


class PaymentNode(Node):
    """`PaymentHistoryEntry`; its value may be negative."""

    id: int
    created_at: datetime
    status: str
    entry_type: str
    value: Money


class Carriage(Node):
    """`CarrierInformation`, null before the shipment is completed."""

    carrier_name: str | None = None
    service_name: str | None = None


class ParcelLine(Node):
    """`ShipmentLine`."""

    quantity: int
    order_line: Identified | None = None


class ShipmentNode(Node):
    """`Shipment`."""

    id: int
    number: str
    is_shipped: bool = False
    shipped_at: datetime | None = None
    tracking_number: str | None = None
    carrier_information: Carriage | None = None
    lines: list[ParcelLine] = []


class CustomerRef(Node):
    """`Customer`, as far as an order needs it."""

    id: int
    email: str | None = None


class OrderNode(Node):
    """`DirectToConsumerOrder` or `WholesaleOrder`."""

    id: str
    number: int
    status: str
    created_at: datetime
    updated_at: datetime
    currency_base_rate: Decimal
    store: Store
    grand_total: CurrencyMoney
    lines: list[LineNode]
    order_date: datetime | None = None
    is_on_hold: bool = False
    internal_comment: str | None = None
    totals: Totals | None = None
    market: Named | None = None
    affiliate: Named | None = None
    payment_method: Named | None = None
    customer: CustomerRef | None = None
    discounts_applied: list[DiscountNode] = []
    shipping_address: AddressNode | None = None
    billing_address: AddressNode | None = None
    payment_history: list[PaymentNode] = []
    shipments: list[ShipmentNode] = []
    attributes: list[AttributeNode] = []


class OrderRef(Node):
    """`Order`, as far as a return needs it."""

    id: str
    number: int


class ReturnLineNode(Node):
    """`ReturnLine`."""

    id: int
    quantity: int
    line_value: Money
    order_line: Identified | None = None


class ReturnNode(Node):
    """`DirectToConsumerReturn`, or a wholesale one without order and customer."""

    id: int
    return_status: str
    created_at: datetime
    grand_total: CurrencyMoney
    lines: list[ReturnLineNode] = []
    refund_payment_history: list[PaymentNode] = []
    customer: Identified | None = None
    order: OrderRef | None = None
