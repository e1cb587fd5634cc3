"""What the canonical forms of orders, returns and customers share: times, addresses, payments, attributes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from retail_sync.model.records import Address, Payment
from retail_sync.vendors.centra.facts import PAYMENT_KIND, PAYMENT_SUCCEEDED, UNFINISHED_PAYMENTS
from retail_sync.vendors.centra.payloads import AddressNode, AttributeNode, PaymentNode

#: Turns a time of an answer into aware UTC.
ToUtc = Callable[[datetime], datetime]


def to_utc(timezone: str) -> ToUtc:
    """A converter that takes times without an offset to be of `timezone`."""
    zone = ZoneInfo(timezone)

    def convert(moment: datetime) -> datetime:
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)

    return convert


def address(node: AddressNode | None) -> Address | None:
    """An address, or None where there is none; empty texts are no texts."""
    if node is None:
        return None
    return Address(
        first_name=node.first_name or None,
        last_name=node.last_name or None,
        company=node.company_name or None,
        line1=node.address1 or None,
        line2=node.address2 or None,
        city=node.city or None,
        postcode=node.zip_code or None,
        region=node.state_or_province or (node.state.name if node.state else None) or None,
        country=(node.country.code or None) if node.country else None,
        phone=node.phone_number or node.cell_phone_number or None,
    )


def payments(nodes: Sequence[PaymentNode], utc: ToUtc) -> tuple[Payment, ...]:
    """Payment entries with positive amounts; an entry of a kind that Centra may add later is `other`."""
    return tuple(
        [
            Payment(
                key=str(node.id),
                kind=PAYMENT_KIND.get(node.entry_type, "other"),
                succeeded=node.status == PAYMENT_SUCCEEDED and node.entry_type not in UNFINISHED_PAYMENTS,
                amount=abs(node.value.value),
                at=utc(node.created_at),
            )
            for node in nodes
        ]
    )


def attributes(nodes: Sequence[AttributeNode]) -> Iterator[tuple[str, bool, str]]:
    """Attribute values as (name, mapped, value): `loyalty`, or `loyalty.level` where a type has several elements."""
    for node in nodes:
        for element in node.elements:
            value = element.value or element.selected_value_name or element.selected_value
            if value:
                name = node.type.name if len(node.elements) == 1 else f"{node.type.name}.{element.key}"
                yield name, node.type.is_mapped, value
