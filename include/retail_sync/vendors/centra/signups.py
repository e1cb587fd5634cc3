"""Centra's back-in-stock sign-ups: newsletter subscriptions that name something to buy (CONFIRMED)."""

from __future__ import annotations

from retail_sync.model.records import Signup
from retail_sync.vendors.centra.canonical import to_utc
from retail_sync.vendors.centra.facts import Settings
from retail_sync.vendors.centra.shop_payloads import SubscriptionNode


class Signups:
    """Turns newsletter subscriptions into canonical sign-ups. One has no time of change but that of its birth."""

    def __init__(self, settings: Settings) -> None:
        self._utc = to_utc(settings.timezone)

    def key(self, node: SubscriptionNode) -> str:
        """The subscription's id."""
        return str(node.id)

    def record(self, node: SubscriptionNode) -> Signup:
        """The canonical sign-up: for a size, or for every size of a colour."""
        colour = node.product_variant.product_sizes if node.product_variant else ()
        wanted = tuple(str(size.id) for size in ([node.product_size] if node.product_size else colour))
        created_at = self._utc(node.created_at)
        return Signup(
            key=str(node.id),
            email=node.email,
            created_at=created_at,
            updated_at=created_at,
            variant_keys=wanted,
            active=node.is_active and bool(wanted),
        )
