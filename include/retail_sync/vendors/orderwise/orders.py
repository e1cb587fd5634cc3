"""OrderWise's orders as canonical orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from retail_sync.model.records import Address, Discount, LineKind, Order, OrderLine, Payment, PaymentKind
from retail_sync.vendors.carriers import Carriers
from retail_sync.vendors.orderwise import canonical
from retail_sync.vendors.orderwise.canonical import NOTHING, UnfitError, amount, cents, email, whole
from retail_sync.vendors.orderwise.facts import Settings
from retail_sync.vendors.orderwise.local_time import LocalTime
from retail_sync.vendors.orderwise.payloads import DespatchRow, LineRow, OrderRow
from retail_sync.vendors.orderwise.shipments import Shipments

_CHANNEL = "channel_"


class Orders:
    """Turns an order's rows into a canonical order.

    Args:
        settings: The pair file's settings.
        carriers: Where parcels can be followed.
        clock: The server's.
    """

    def __init__(self, settings: Settings, carriers: Carriers, clock: LocalTime) -> None:
        self._settings = settings
        self._clock = clock
        self._shipments = Shipments(carriers, clock)

    def record(
        self,
        row: OrderRow,
        labels: Mapping[str, str],
        lines: Sequence[LineRow],
        despatches: Sequence[Sequence[DespatchRow]],
    ) -> Order:
        """The canonical order. The e-mail address of its delivery goes before that of the account.

        Raises:
            UnfitError: Its type is none that the settings name, or it lacks what an order must have.
        """
        number = canonical.order_number(self._settings, row.order_number, row.shop_number)
        if not number or not row.currency:
            raise UnfitError("it has no number" if not number else "it has no currency")
        state, on_hold = canonical.order_status(self._settings, row.status)
        placed_at = self._clock.utc(row.ordered_at)
        shared = row.customer_id in self._settings.web_accounts
        discount = amount(row.discount_gross)
        return Order(
            key=str(row.oh_id),
            number=number,
            status=state,
            status_source=row.status,
            placed_at=placed_at,
            updated_at=max(
                placed_at,
                canonical.changed(self._clock, row.ordered_at, row.amended_at, row.despatched_at, row.paid_at),
            ),
            currency=row.currency,
            rate=self._rate(row),
            total=amount(row.total_gross),
            tax=amount(row.total_vat),
            shipping=amount(row.delivery_gross),
            shipping_tax=amount(row.delivery_gross) - amount(row.delivery_net),
            other_charges=amount(row.surcharge_gross),
            discount=discount,
            discounts=(Discount(code=row.voucher or "discount", amount=discount),) if discount else (),
            lines=tuple([_line(line) for line in lines]),
            channel={name.removeprefix(_CHANNEL): said for name, said in labels.items() if name.startswith(_CHANNEL)},
            email=email(row.delivery_email) or (None if shared else email(row.customer_email)),
            customer_key=None if shared or row.customer_id is None else str(row.customer_id),
            market=row.delivery_country or row.delivery_code,
            on_hold=on_hold,
            affiliate=row.affiliate,
            exchange_of=row.exchange_of,
            shipping_address=_delivery(row),
            payments=self._payments(row),
            shipments=self._shipments.of(row, number, despatches),
        )

    def _rate(self, row: OrderRow) -> Decimal:
        if not row.exchange_rate:
            raise UnfitError("it has no exchange rate")
        return row.exchange_rate if self._settings.rate == "to_base" else 1 / row.exchange_rate

    def _payments(self, row: OrderRow) -> tuple[Payment, ...]:
        """What has come in, as one entry; a part of it is no capture, since nobody is told that a part was paid."""
        paid = amount(row.paid)
        if paid <= 0 or row.paid_at is None:
            return ()
        kind: PaymentKind = "captured" if cents(paid) >= cents(amount(row.total_gross)) else "other"
        at = self._clock.utc(row.paid_at)
        return (Payment(key=f"{row.oh_id}-paid", kind=kind, succeeded=True, amount=paid, at=at),)


def _line(row: LineRow) -> OrderLine:
    quantity = whole(row.quantity, "a line's quantity")
    price = amount(row.item_gross)
    return OrderLine(
        key=str(row.oli_id),
        name=row.name or row.sku or "line",
        quantity=quantity,
        unit_price=price,
        total=cents(price * quantity),
        kind=_kind(row),
        cancelled=whole(row.cancelled, "a line's cancelled quantity"),
        list_price=None if row.list_gross is None else amount(row.list_gross),
        sku=row.sku,
        product_key=None if row.product_id is None else str(row.product_id),
        variant_key=None if row.variant_id is None else str(row.variant_id),
        variant_name=canonical.look(row.colour, row.size),
        collection=row.collection,
    )


def _kind(row: LineRow) -> LineKind:
    """What a line is. A kit is goods like any other: parts of it that stand on lines of their own cost nothing."""
    if row.gift_card:
        return "gift_card"
    is_part = canonical.is_set(row.sold_alone) is False and amount(row.item_gross) == NOTHING
    return "bundle_item" if is_part else "goods"


def _delivery(row: OrderRow) -> Address | None:
    return canonical.address(
        name=row.delivery_contact or row.delivery_name,
        company=row.delivery_name,
        lines=(row.delivery_line_1, row.delivery_line_2, row.delivery_line_3),
        town=row.delivery_town,
        county=row.delivery_county,
        postcode=row.delivery_postcode,
        code=row.delivery_code,
        phone=row.delivery_phone,
    )
