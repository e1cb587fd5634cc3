"""What an order came from: a campaign, or another order whose goods it replaces. Both are the merchant's own habit."""

from __future__ import annotations

import re

from retail_sync.vendors.centra.canonical import attributes
from retail_sync.vendors.centra.facts import Settings
from retail_sync.vendors.centra.payloads import OrderNode


class Origin:
    """Finds where an order came from, as far as the settings say where that stands.

    Args:
        settings: The pair file's settings.
    """

    def __init__(self, settings: Settings) -> None:
        self._campaign = settings.campaign_attribute
        self._exchange = settings.exchange_attribute
        self._comment = re.compile(settings.exchange_comment) if settings.exchange_comment else None

    def campaign(self, node: OrderNode) -> str | None:
        """The campaign's name."""
        return _attribute(node, self._campaign)

    def exchange_of(self, node: OrderNode) -> str | None:
        """The number of the order that this one replaces."""
        said = _attribute(node, self._exchange)
        if said is None and self._comment is not None:
            found = self._comment.search(node.internal_comment or "")
            said = found[1] if found else None
        return said


def _attribute(node: OrderNode, wanted: str | None) -> str | None:
    if wanted is None:
        return None
    return next((value for name, _, value in attributes(node.attributes) if name == wanted and value), None)
