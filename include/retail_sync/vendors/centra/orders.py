"""Centra's orders as canonical orders.

Written for speed where an order is taken apart: a first read brings millions.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from retail_sync.model.records import Discount, LineKind, Order, OrderLine, Shipment, ShipmentLine
from retail_sync.vendors.carriers import Carriers, tracking_url
from retail_sync.vendors.centra.canonical import address, attributes, payments, to_utc
from retail_sync.vendors.centra.facts import BUNDLE, BUNDLE_ITEM, GIFT_CARD, ORDER_STATUS, Settings
from retail_sync.vendors.centra.origins import Origin
from retail_sync.vendors.centra.payloads import (
    AddressNode,
    DiscountNode,
    LineNode,
    Money,
    OrderNode,
    ShipmentNode,
    Totals,
)

_NOTHING = Decimal(0)
_ONE = Decimal(1)
_NO_TOTALS = Totals()
_LINE_KIND: dict[str, LineKind] = {BUNDLE: "bundle", BUNDLE_ITEM: "bundle_item", GIFT_CARD: "gift_card"}


class Orders:
    """Turns order nodes into canonical orders.

    Args:
        settings: The pair file's settings.
        carriers: Where parcels can be followed; Centra's GraphQL has no tracking URL (CONFIRMED).
    """

    def __init__(self, settings: Settings, carriers: Carriers) -> None:
        self._carriers = carriers
        self._utc = to_utc(settings.timezone)
        self._from_base = settings.rate == "from_base"
        self._moneyless: LineKind = "bundle_item" if settings.bundle_money == "parent" else "bundle"
        self._channel_attributes = frozenset(settings.channel_attributes)
        self._origin = Origin(settings)

    def key(self, node: OrderNode) -> str:
        """The order's id, by which it is known."""
        return node.id

    def record(self, node: OrderNode) -> Order:
        """The canonical order. Its own address's e-mail goes before its customer's."""
        utc = self._utc
        totals = node.totals or _NO_TOTALS
        customer = node.customer
        rate = node.currency_base_rate
        discounts = self._discounts(node.discounts_applied)
        return Order(
            key=node.id,
            number=str(node.number),
            status=ORDER_STATUS.get(node.status, "unknown"),
            status_source=node.status,
            placed_at=utc(node.order_date or node.created_at),
            updated_at=utc(node.updated_at),
            currency=node.grand_total.currency.code,
            rate=_ONE / rate if self._from_base else rate,
            total=node.grand_total.value,
            tax=_amount(totals.tax_included) + _amount(totals.tax_added),
            shipping=_amount(totals.shipping),
            shipping_tax=_amount(totals.shipping_tax_included),
            other_charges=_amount(totals.handling),
            discount=sum([discount.amount for discount in discounts], _NOTHING),
            discounts=discounts,
            lines=tuple([self._line(line) for line in node.lines]),
            channel=self._channel(node),
            email=_email(node),
            customer_key=str(customer.id) if customer else None,
            market=node.market.name if node.market else None,
            on_hold=node.is_on_hold,
            affiliate=node.affiliate.name if node.affiliate else None,
            campaign=self._origin.campaign(node),
            exchange_of=self._origin.exchange_of(node),
            shipping_address=address(node.shipping_address),
            billing_address=address(node.billing_address),
            payments=payments(node.payment_history, utc),
            shipments=tuple([self._shipment(parcel, node.shipping_address) for parcel in node.shipments]),
        )

    def _line(self, node: LineNode) -> OrderLine:
        kind = _LINE_KIND.get(node.typename, "goods")
        size = node.product_size
        product = node.product
        collection = node.collection or (product.collection if product else None)
        return OrderLine(
            key=str(node.id),
            name=node.product_name or node.product_number or kind,
            quantity=node.quantity,
            unit_price=node.unit_price.value,
            # A bundle and its items would count twice; a line that is wholly cancelled is worth nothing.
            total=node.line_value.value if node.quantity and kind != self._moneyless else _NOTHING,
            kind=kind,
            cancelled=node.cancelled_quantity,
            list_price=node.unit_original_price.value if node.unit_original_price else None,
            sku=(size.sku if size else None) or node.product_number or None,
            product_key=str(product.id) if product else None,
            variant_key=str(size.id) if size else None,
            variant_name=" ".join(filter(None, (node.product_variant_name, node.size))) or None,
            collection=collection.name if collection else None,
        )

    def _shipment(self, node: ShipmentNode, to: AddressNode | None) -> Shipment:
        carriage = node.carrier_information
        carrier, service = (carriage.carrier_name, carriage.service_name) if carriage else (None, None)
        tracking = tracking_url(
            self._carriers,
            carrier,
            service,
            node.tracking_number,
            country=to.country.code if to and to.country else None,
            postcode=to.zip_code if to else None,
        )
        return Shipment(
            key=str(node.id),
            number=node.number,
            shipped=node.is_shipped,
            shipped_at=self._utc(node.shipped_at) if node.shipped_at else None,
            carrier=carrier,
            service=service,
            tracking_number=node.tracking_number or None,
            tracking_url=tracking.url,
            untracked=tracking.untracked,
            lines=tuple(
                [
                    ShipmentLine(line_key=str(line.order_line.id), quantity=line.quantity)
                    for line in node.lines
                    if line.order_line
                ]
            ),
        )

    def _discounts(self, nodes: Sequence[DiscountNode]) -> tuple[Discount, ...]:
        return tuple([Discount(code=_code(node), amount=abs(node.value.value)) for node in nodes])

    def _channel(self, node: OrderNode) -> dict[str, str]:
        """What channel rules may look at; attributes stand under `attribute.<type>`, so that no name is taken twice."""
        channel = {"store_type": node.store.type}
        for name, what in (
            ("store", node.store),
            ("market", node.market),
            ("affiliate", node.affiliate),
            ("payment_method", node.payment_method),
        ):
            if what is not None and what.name:
                channel[name] = what.name
        for name, mapped, value in attributes(node.attributes):
            if mapped or name in self._channel_attributes:
                channel[f"attribute.{name}"] = value
        return channel


def _amount(money: Money | None) -> Decimal:
    return _NOTHING if money is None else money.value


def _email(node: OrderNode) -> str | None:
    for where in (node.billing_address, node.shipping_address, node.customer):
        if where is not None and where.email:
            return where.email
    return None


def _code(node: DiscountNode) -> str:
    if node.voucher is None:
        return node.typename
    return node.voucher.code or node.voucher.name or node.typename
