"""Sales, their lines and where they come from."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from operator import attrgetter

from retail_sync.vendors.fulfil.sandbox.amounts import Amounts
from retail_sync.vendors.fulfil.sandbox.database import Database
from retail_sync.vendors.fulfil.sandbox.fields import Field, Model, absent, computed, link, links, model, needed, plain
from retail_sync.vendors.fulfil.sandbox.records import Line, Sale


def sale_models(db: Database) -> list[Model]:
    """The models of what is sold.

    ASSUMED of lines: `taxes`, `gross_unit_price`, `discount`, `shipment_cost`, `is_gift_card` and
    `amount_cpny_ccy_cache`, by the names that the open ancestors and the sale's own fields suggest.
    """
    amounts = Amounts(db)
    return [
        model(
            "sale.sale",
            db.sales,
            [*_sale_links(db), *_sale_facts(db), *_sale_amounts(db, amounts)],
            rec_name=lambda sale: f"{sale.number} ({sale.reference})" if sale.reference else sale.number,
            order=(("sale_date", "DESC"), ("id", "DESC")),
            creatable=True,
        ),
        model("sale.line", db.lines, _line_fields(db, amounts), rec_name=_line_name(db), creatable=True),
        model("sale.channel", db.channels, _channel_fields()),
        model("product.price_list", db.price_lists, plain("char", "name", "code")),
        model(
            "channel.exception",
            db.exceptions,
            [
                *plain("reference", "origin"),
                link("channel", "sale.channel"),
                *plain("char", "log"),
                *plain("boolean", "is_resolved"),
            ],
            rec_name=attrgetter("log"),
        ),
    ]


def _sale_links(db: Database) -> list[Field]:
    return [
        needed("many2one", "party", "party.party"),
        needed("many2one", "currency", "currency.currency"),
        link("channel", "sale.channel"),
        link("warehouse", "stock.location"),
        link("shipment_address", "party.address"),
        link("invoice_address", "party.address"),
        link("price_list", "product.price_list"),
        links("lines", "sale.line", "sale"),
        links("shipments", "stock.shipment.out", "sales"),
        links("shipment_returns", "stock.shipment.out.return"),
        links("invoices", "account.invoice", "sales"),
        links("payments", "sale.payment", "sale"),
        links("gateway_transactions", "payment_gateway.transaction"),
        links("exceptions", "channel.exception"),
        computed("list", "moves", lambda sale: _moves(db, sale), "stock.move"),
        computed("many2one", "company", lambda _: 1, "company.company"),
        *absent("integer", "shipment_party"),
        computed("many2one", "carrier", lambda sale: _of_last(db, sale, "carrier"), "carrier"),
        computed("many2one", "carrier_service", lambda sale: _of_last(db, sale, "carrier_service"), "carrier.service"),
    ]


def _sale_facts(db: Database) -> list[Field]:
    return [
        *plain("char", "number", "reference", "channel_identifier", "state", "comment", "description"),
        *plain("char", "shipment_state"),
        *plain("date", "sale_date"),
        *plain("datetime", "confirmation_time"),
        *plain("reference", "origin"),
        *plain("dict", "metadata"),
        *plain("integer", "payment_term"),
        computed("char", "channel_type", lambda sale: db.channels[sale.channel].source if sale.channel else None),
        computed("char", "invoice_state", lambda sale: _invoice_state(db, sale)),
        computed("datetime", "last_modification", lambda sale: sale.write_date or sale.create_date),
        computed("boolean", "has_channel_exception", lambda sale: _waits(db, sale)),
        computed("boolean", "is_cart", lambda _: False),
        computed("char", "priority", lambda _: "2"),
        computed("integer", "currency_digits", attrgetter("digits")),
        *absent("char", "promotion", "gift_message", "external_url", "guest_access_code", "payment_processing_state"),
        *absent("date", "shipping_start_date", "shipping_end_date"),
        *absent("float", "weight"),
    ]


def _sale_amounts(db: Database, amounts: Amounts) -> list[Field]:
    fields: list[Field] = []
    for name, get in (
        ("total_amount", amounts.total),
        ("untaxed_amount", amounts.untaxed),
        ("tax_amount", amounts.tax),
    ):
        fields.append(computed("numeric", name, get))
        fields.append(computed("numeric", f"{name}_cache", get))
        fields.append(computed("numeric", f"{name}_cpny_ccy_cache", _in_company(get)))
    return [
        *fields,
        computed("numeric", "shipment_amount", amounts.shipping),
        computed("numeric", "payment_total", lambda sale: _payment_total(db, sale)),
        computed("numeric", "payment_captured", lambda sale: amounts.paid(sale, "completed")),
        computed("numeric", "payment_collected", lambda sale: amounts.paid(sale, "completed")),
        computed("numeric", "payment_available", lambda sale: amounts.paid(sale, "authorized")),
        computed("numeric", "payment_authorized", lambda sale: amounts.paid(sale, "authorized")),
        computed("numeric", "amount_invoiced", lambda sale: _invoiced(db, sale)),
        computed("float", "total_quantity", lambda sale: float(amounts.quantity(sale))),
        computed("boolean", "has_return", amounts.has_return),
    ]


def _in_company(get: Callable[[Sale], Decimal]) -> Callable[[Sale], Decimal]:
    """The same amount in the company's currency. ASSUMED: not rounded once more."""
    return lambda sale: get(sale) * sale.rate


def _moves(db: Database, sale: Sale) -> list[int]:
    return [move for number in sale.shipments for move in db.shipments[number].moves]


def _of_last(db: Database, sale: Sale, name: str) -> int | None:
    number: int | None = getattr(db.shipments[sale.shipments[-1]], name) if sale.shipments else None
    return number


def _invoice_state(db: Database, sale: Sale) -> str:
    states = {one.state for one in Amounts(db).invoices(sale)}
    if not states:
        return "none"
    return "paid" if states == {"paid"} else "waiting"


def _waits(db: Database, sale: Sale) -> bool:
    return any(not db.exceptions[number].is_resolved for number in sale.exceptions)


def _payment_total(db: Database, sale: Sale) -> Decimal:
    return sum((db.payments[number].amount for number in sale.payments), Decimal(0))


def _invoiced(db: Database, sale: Sale) -> Decimal:
    return sum((db.invoices[number].total_amount for number in sale.invoices), Decimal(0))


def _line_fields(db: Database, amounts: Amounts) -> list[Field]:
    return [
        needed("many2one", "sale", "sale.sale", "lines"),
        link("product", "product.product"),
        *plain("char", "description", "note"),
        Field("quantity", "float", lambda line: float(line.quantity)),
        *plain("numeric", "unit_price", "gross_unit_price"),
        computed("numeric", "amount", amounts.line),
        computed("numeric", "amount_cpny_ccy_cache", amounts.line_in_company),
        computed("numeric", "discount", _discount),
        computed("numeric", "shipment_cost", lambda line: line.unit_price if line.is_shipping else None),
        computed("many2one", "unit", lambda _: 1, "product.uom"),
        computed("date", "delivery_date", lambda line: db.sales[line.sale].sale_date),
        links("taxes", "account.tax"),
        *plain("reference", "origin"),
        *plain("boolean", "is_gift_card"),
        *plain("integer", "sequence"),
    ]


def _discount(line: Line) -> Decimal | None:
    """The share by which a line is marked down."""
    if not line.gross_unit_price:
        return None
    return (1 - line.unit_price / line.gross_unit_price).quantize(Decimal("0.0001"))


def _line_name(db: Database) -> Callable[[Line], str]:
    def name(line: Line) -> str:
        return f"[{db.products[line.product].code}] {line.description}" if line.product else line.description

    return name


def _channel_fields() -> list[Field]:
    return [
        *plain("char", "name", "code", "source", "timezone"),
        *plain("boolean", "active"),
        link("currency", "currency.currency"),
        link("price_list", "product.price_list"),
        link("warehouse", "stock.location"),
        link("anonymous_customer", "party.party"),
        computed("char", "invoice_method", lambda _: "shipment"),
        computed("char", "shipment_method", lambda _: "order"),
        computed("many2one", "company", lambda _: 1, "company.company"),
    ]
