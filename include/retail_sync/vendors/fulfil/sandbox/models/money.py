"""Invoices, credit notes, payments, currencies and taxes."""

from __future__ import annotations

from decimal import Decimal
from operator import attrgetter

from retail_sync.vendors.fulfil.sandbox.database import Database
from retail_sync.vendors.fulfil.sandbox.fields import Field, Model, computed, link, links, model, plain
from retail_sync.vendors.fulfil.sandbox.records import Invoice


def money_models(db: Database) -> list[Model]:
    """The models of what is owed and paid.

    ASSUMED: `lines` and `reference` of invoices, and the models of payments and of taxes, by their open ancestors.
    """
    return [
        model("account.invoice", db.invoices, _invoice_fields(), rec_name=attrgetter("number")),
        model(
            "account.invoice.line",
            db.invoice_lines,
            [
                link("invoice", "account.invoice", "lines"),
                *plain("char", "description"),
                computed("float", "quantity", lambda line: float(line.quantity)),
                *plain("numeric", "unit_price"),
                computed("numeric", "amount", lambda line: line.unit_price * line.quantity),
                *plain("reference", "origin"),
            ],
            rec_name=attrgetter("description"),
        ),
        model(
            "sale.payment",
            db.payments,
            [link("sale", "sale.sale", "payments"), *plain("numeric", "amount"), *plain("char", "gateway")],
            rec_name=attrgetter("gateway"),
        ),
        model(
            "payment_gateway.transaction",
            db.transactions,
            [
                *plain("reference", "origin"),
                *plain("char", "type", "state"),
                *plain("numeric", "amount"),
                link("currency", "currency.currency"),
                *plain("date", "date"),
            ],
            rec_name=attrgetter("type"),
        ),
        model(
            "currency.currency",
            db.currencies,
            [*plain("char", "name", "code", "symbol"), *plain("integer", "digits"), *plain("boolean", "active")],
        ),
        model(
            "account.tax",
            db.taxes,
            [*plain("char", "name", "type"), *plain("numeric", "rate"), *plain("boolean", "active")],
        ),
    ]


def _invoice_fields() -> list[Field]:
    return [
        *plain("char", "number", "type", "state", "reference"),
        *plain("numeric", "total_amount"),
        computed("numeric", "balance", _balance),
        *plain("date", "invoice_date"),
        computed("date", "earliest_due_date", attrgetter("invoice_date")),
        *plain("integer", "payment_term"),
        link("party", "party.party"),
        link("currency", "currency.currency"),
        links("sales", "sale.sale", "invoices"),
        links("lines", "account.invoice.line", "invoice"),
    ]


def _balance(invoice: Invoice) -> Decimal:
    """What is still to be paid."""
    return Decimal(0) if invoice.state == "paid" else invoice.total_amount
