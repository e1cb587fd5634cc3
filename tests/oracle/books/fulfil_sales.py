"""What is ordered, what has come back, and the money for it."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from functools import cached_property
from typing import Any

from tests.oracle.terms import Json, amount

from .fulfil_people import People
from .fulfil_tables import Tables, changed, referred, utc

#: Sources of channels that are marketplaces, with what the judge calls them.
_MARKETPLACES = {"amazon_mws": "amazon", "zalando": "zalando", "boozt": "boozt"}
_WHOLESALE = "manual"


class Sales:
    """The sales and the returns.

    Args:
        tables: The books.
        people: Who has bought.
    """

    def __init__(self, tables: Tables, people: People) -> None:
        self._tables, self._people = tables, people

    def order(self, sale: Json) -> Json:
        """A sale as it was ordered less what was cancelled; lines below zero are its returns."""
        lines = [line for line in self._tables.rows("sale.line", sale["lines"]) if line["quantity"] >= 0]
        channel = self._tables.row("sale.channel", sale["channel"])
        metadata = sale["metadata"] or {}
        discounts = [line for line in lines if amount(line["unit_price"]) < 0]
        return {
            "id": sale["id"],
            "number": sale["number"],
            "store_type": "WHOLESALE" if channel["source"] == _WHOLESALE else "DIRECT_TO_CONSUMER",
            "status": self._status(sale),
            "customer_id": sale["party"],
            "email": self._buyer(sale, channel),
            "market": self._people.country(self._tables.row("party.address", sale["shipment_address"])),
            "currency": self._tables.row("currency.currency", sale["currency"])["code"],
            "rate": sale["rate"],
            "grand_total": sum((self._gross(line) * line["quantity"] for line in lines), Decimal(0)),
            "shipping": sum((self._gross(line) for line in lines if line["is_shipping"]), Decimal(0)),
            "discount": -sum((self._gross(line) for line in discounts), Decimal(0)),
            "voucher": discounts[0]["description"] if discounts else None,
            "affiliate": _MARKETPLACES.get(channel["source"], metadata.get("affiliate")),
            "exchange_of": self._number(sale["origin"]),
            "cart_id": metadata.get("cart"),
            "cancelled_at": utc(sale["write_date"]) if self._is_cancelled(sale) else None,
            "hold_reason": self._hold(sale),
            "created_at": utc(sale["create_date"]),
            "updated_at": changed(sale),
            "lines": [self._line(line) for line in lines if _is_goods(line)],
            "payments": [*self._payments(sale), *self._refunds(sale)],
            "shipments": [self._shipment(one) for one in self._tables.rows("stock.shipment.out", sale["shipments"])],
        }

    def _is_cancelled(self, sale: Json) -> bool:
        return bool(sale["state"] == self._tables.settings["cancelled_word"])

    def _status(self, sale: Json) -> str:
        if self._is_cancelled(sale):
            return "CANCELLED"
        if sale["shipments"]:
            return "SHIPPED" if sale["shipment_state"] == "sent" else "PROCESSING"
        return "CONFIRMED" if sale["confirmation_time"] else "PENDING"

    def _buyer(self, sale: Json, channel: Json) -> str:
        """Who bought: the address of the sale itself where it is booked on a party that many share."""
        if sale["party"] == channel["anonymous_customer"]:
            return self._tables.row("party.address", sale["shipment_address"])["email"] or ""
        return self._people.email(self._tables.row("party.party", sale["party"]))

    def _number(self, origin: str | None) -> str | None:
        return None if origin is None else str(self._tables.row("sale.sale", referred(origin))["number"])

    def _hold(self, sale: Json) -> str | None:
        waiting = [row for row in self._tables.rows("channel.exception", sale["exceptions"]) if not row["is_resolved"]]
        return waiting[-1]["log"] if waiting else None

    def _line(self, line: Json) -> Json:
        product = self._tables.row("product.product", line["product"])
        return {
            "id": line["id"],
            "sku": product.get("code"),
            "product_id": product.get("template"),
            "variant_id": product.get("id"),
            "name": line["description"],
            "gift_card": line["is_gift_card"],
            "ordered": line["quantity"],
            "cancelled": 0,
            "returned": self._came_back.get(line["id"], 0),
            "campaign": None,
            "unit_price": self._gross(line),
            "list_price": self._gross(line, "gross_unit_price"),
        }

    @cached_property
    def _came_back(self) -> dict[int, int]:
        """Units of each line that have come back or are on their way."""
        found: defaultdict[int, int] = defaultdict(int)
        for line in self._tables.state["sale.line"]:
            if line["quantity"] < 0:
                found[referred(line["origin"])] -= line["quantity"]
        return found

    def _payments(self, sale: Json) -> list[Json]:
        kinds = {"authorized": "AUTH", "completed": "CAPTURE", "cancel": "CANCEL"}
        found = self._tables.rows("payment_gateway.transaction", sale["gateway_transactions"])
        return [
            {"id": row["id"], "kind": kinds[row["state"]], "amount": row["amount"], "at": changed(row)} for row in found
        ]

    def _refunds(self, sale: Json) -> list[Json]:
        notes = [row for row in self._tables.rows("account.invoice", sale["invoices"]) if _is_credit(row)]
        return [
            {
                "id": row["id"],
                "kind": "REFUND",
                "amount": abs(amount(row["total_amount"])),
                "at": utc(row["create_date"]),
            }
            for row in notes
        ]

    def _shipment(self, shipment: Json) -> Json:
        tracking = shipment["tracking_number"]
        if isinstance(tracking, int):
            tracking = self._tables.row("shipment.tracking", tracking)["tracking_number"]
        moves = self._tables.rows("stock.move", shipment["moves"])
        return {
            "id": shipment["id"],
            "number": shipment["number"],
            "shipped_at": utc(shipment["shipped_at"]),
            "carrier": self._tables.row("carrier", shipment["carrier"]).get("name"),
            "service": self._tables.row("carrier.service", shipment["carrier_service"]).get("name"),
            "tracking_number": tracking,
            "lines": [{"line_id": referred(move["origin"]), "quantity": move["quantity"]} for move in moves],
        }

    def made_return(self, shipment: Json) -> Json:
        """Goods on their way back, with the money that went back for them."""
        moves = self._tables.rows("stock.move", shipment["moves"])
        lines = [self._tables.row("sale.line", referred(move["origin"])) for move in moves]
        sale = self._tables.row("sale.sale", shipment["sale"])
        return {
            "id": shipment["id"],
            "order_number": sale["number"],
            "completed": shipment["state"] == "done",
            "created_at": utc(shipment["create_date"]),
            "value": -sum((self._gross(line) * line["quantity"] for line in lines), Decimal(0)),
            "refunded": sum((abs(amount(row["total_amount"])) for row in self._credits_of(shipment, sale)), Decimal(0)),
            "lines": [
                {"line_id": referred(line["origin"]), "quantity": -line["quantity"], "unit_price": self._gross(line)}
                for line in lines
            ],
        }

    def _credits_of(self, shipment: Json, sale: Json) -> list[Json]:
        """The credit notes of a return: those that name its lines, and of a sale's only return those that name none."""
        own = {referred(move["origin"]) for move in self._tables.rows("stock.move", shipment["moves"])}
        found = []
        for credit in self._tables.rows("account.invoice", sale["invoices"]):
            named = {referred(line["origin"]) for line in self._credited(credit) if line["origin"]}
            alone = (
                not named and len(sale["shipment_returns"]) == 1 and credit["create_date"] >= shipment["create_date"]
            )
            if _is_credit(credit) and (named & own or alone):
                found.append(credit)
        return found

    def _credited(self, credit: Json) -> list[Json]:
        return self._tables.rows("account.invoice.line", credit["lines"])

    def _gross(self, line: Json, price: str = "unit_price") -> Decimal:
        """A line's price of one with tax, to the decimals of the sale's currency."""
        rates = [amount(tax["rate"]) for tax in self._tables.rows("account.tax", line["taxes"])]
        step = Decimal(1).scaleb(-self._tables.row("sale.sale", line["sale"])["digits"])
        return (amount(line[price]) * (1 + sum(rates, Decimal(0)))).quantize(step)


def _is_goods(line: Json) -> bool:
    """Whether a line is something that was bought, rather than sending or a discount."""
    return not line["is_shipping"] and amount(line["unit_price"]) >= 0 and line["key"] is not None


def _is_credit(invoice: dict[str, Any]) -> bool:
    return "credit" in invoice["type"] or amount(invoice["total_amount"]) < 0
