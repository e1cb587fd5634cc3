"""Where an order came from (ORD-9), carried by the one field of an order that takes words of ours.

Mailchimp refuses an order whose campaign is none of this account's, and attributes orders to its own campaigns by
itself: `campaign_id` is never sent. Coupons are promos of the order. What else the source says of affiliate and
campaign stands in `landing_site`, the page by which the buyer came, as the parameters that analytics know.
"""

from __future__ import annotations

from urllib.parse import urlencode

from retail_sync.model.records import Order
from retail_sync.vendors.mailchimp.facts import MailchimpSettings


class Landing:
    """Renders the page by which a buyer came.

    Args:
        settings: The pair's settings: the store's domain is the page's host.
    """

    def __init__(self, settings: MailchimpSettings) -> None:
        self._page = f"https://{settings.store_domain}/" if settings.store_domain else ""

    def of(self, order: Order) -> dict[str, str]:
        """The field, or none where the source says nothing."""
        said = {"utm_source": order.affiliate, "utm_campaign": order.campaign}
        if order.affiliate:
            said["utm_medium"] = "affiliate"
        known = {name: value for name, value in said.items() if value}
        return {"landing_site": f"{self._page}?{urlencode(known)}"} if known else {}
