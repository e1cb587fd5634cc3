"""Rows of the export definitions, column by column as their headers have them; and what REST gives of customers."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias

from msgspec import Struct, field

#: A BIT: true or false, or a figure where the installation computes it. None is neither.
Flag: TypeAlias = bool | int | None


class Row(Struct, frozen=True):
    """A row; columns that an installation has added are let through."""


class OrderRow(Row, frozen=True):
    """`orders.sql`."""

    oh_id: int
    order_number: str | None
    shop_number: str | None
    order_type: int
    ordered_at: datetime
    amended_at: datetime | None
    despatched_at: datetime | None
    status: str | None
    customer_id: int | None
    customer_email: str | None
    currency: str | None
    exchange_rate: Decimal | None
    total_gross: Decimal
    total_vat: Decimal | None
    delivery_gross: Decimal | None
    delivery_net: Decimal | None
    discount_gross: Decimal | None
    surcharge_gross: Decimal | None
    voucher: str | None
    paid: Decimal | None
    paid_at: datetime | None
    delivery_name: str | None
    delivery_contact: str | None
    delivery_line_1: str | None
    delivery_line_2: str | None
    delivery_line_3: str | None
    delivery_town: str | None
    delivery_county: str | None
    delivery_postcode: str | None
    delivery_country: str | None
    delivery_code: str | None
    delivery_phone: str | None
    delivery_email: str | None
    affiliate: str | None
    exchange_of: str | None


class LineRow(Row, frozen=True):
    """`order_lines.sql`: a line of an order or a credit."""

    oli_id: int
    oh_id: int
    variant_id: int | None
    product_id: int | None
    sku: str | None
    name: str | None
    colour: str | None
    size: str | None
    quantity: Decimal | None
    cancelled: Decimal | None
    item_gross: Decimal | None
    list_gross: Decimal | None
    collection: str | None
    gift_card: Flag
    sold_alone: Flag
    original_line_id: int | None


class DespatchRow(Row, frozen=True):
    """`despatches.sql`: one line of a despatch, or a despatch of which no line is noted."""

    dh_id: int
    oh_id: int
    number: str | None
    consignment: str | None
    despatched_at: datetime | None
    method: str | None
    courier: str | None
    tracking_prefix: str | None
    tracking_suffix: str | None
    line_id: int | None
    quantity: Decimal | None


class CreditRow(Row, frozen=True):
    """`credits.sql`."""

    oh_id: int
    order_type: int
    credited_at: datetime
    amended_at: datetime | None
    status: str | None
    customer_id: int | None
    currency: str | None
    total_gross: Decimal
    original_id: int | None
    original_number: str | None
    original_shop_number: str | None


class CustomerRow(Row, frozen=True):
    """`customers.sql`: a contact of a customer, or a customer who has none."""

    cd_id: int
    name: str | None
    email: str | None
    phone: str | None
    line_1: str | None
    line_2: str | None
    line_3: str | None
    town: str | None
    county: str | None
    postcode: str | None
    country: str | None
    code: str | None
    merged_into: int | None
    created_at: datetime | None
    amended_at: datetime | None
    flag: Flag
    flag_at: datetime | None
    birth_date: datetime | None
    contact_id: int | None
    contact_name: str | None
    contact_email: str | None
    contact_phone: str | None
    contact_created_at: datetime | None
    contact_amended_at: datetime | None
    contact_flag: Flag
    contact_flag_at: datetime | None


class ProductRow(Row, frozen=True):
    """`products.sql`: one price of one variant."""

    pd_id: int
    product_code: str | None
    product_name: str | None
    amended_at: datetime | None
    brand: str | None
    collection: str | None
    image: str | None
    variant_id: int | None
    sku: str | None
    variant_name: str | None
    colour: str | None
    size: str | None
    variant_created_at: datetime | None
    variant_amended_at: datetime | None
    sold_alone: Flag
    discontinued: Flag
    currency: str | None
    price_gross: Decimal | None
    price_amended_at: datetime | None


class StockRow(Row, frozen=True):
    """`stock.sql`: a variant, or one part of a kit."""

    pd_id: int
    variant_id: int | None
    kit: Flag
    free: Decimal | None
    calculated_at: datetime | None
    part_id: int | None
    part_quantity: Decimal | None
    part_free: Decimal | None
    part_calculated_at: datetime | None


class RestCustomer(Struct, frozen=True, rename="camel"):
    """A customer by REST (SEEN names). It says nothing of consent, category or change."""

    id: int
    statement_name: str | None = None
    statement_email: str | None = None
    statement_telephone: str | None = None
    # The figures of these names are joined to the word before them, which `camel` does not do.
    statement_address1: str | None = field(name="statementAddress1", default=None)
    statement_address2: str | None = field(name="statementAddress2", default=None)
    statement_address3: str | None = field(name="statementAddress3", default=None)
    statement_town: str | None = None
    statement_county: str | None = None
    statement_postcode: str | None = None
    statement_country: str | None = None
    statement_country_code: str | None = None
    account_customer: bool | None = None
    analysis: dict[str, Any] | None = None


class RestContact(Struct, frozen=True):
    """A contact by REST (SEEN names)."""

    id: int
    name: str | None = None
    email: str | None = None
    telephone: str | None = None
    mobile: str | None = None
    analysis: dict[str, Any] | None = None
