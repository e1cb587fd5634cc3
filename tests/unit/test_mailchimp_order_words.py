"""The words of an order's states: what `check` says of them."""

from __future__ import annotations

from typing import Any

import pytest

from retail_sync.errors import ConfigurationError
from retail_sync.model.people import OrderState
from retail_sync.vendors.mailchimp.facts import MailchimpSettings
from retail_sync.vendors.mailchimp.order_check import order_words
from retail_sync.vendors.mailchimp.orders import Orders

from .mailchimp_renderings import view


@pytest.mark.req("ORD-6")
@pytest.mark.parametrize(
    ("changes", "subject", "words"),
    [
        ({"statuses": {"financial.lost": "lost"}}, "order statuses", "no order is ever financial.lost"),
        ({"statuses": {"financial.refunded": "refunded"}, "triggers": {}}, "order status financial.refunded", "quiet"),
        ({"triggers": {"fulfillment.shipped": ["on_its_way"]}}, "trigger fulfillment.shipped", "nothing is ever sent"),
        (
            {"statuses": {"financial.captured": "done"}, "triggers": {"financial.captured": ["paid"]}},
            "order status financial.captured",
            "is never said",
        ),
    ],
)
def test_a_word_that_is_unmapped_or_unheard_is_found(changes: dict[str, Any], subject: str, words: str) -> None:
    (finding,) = (finding for finding in order_words(view(**changes)) if not finding.ok)
    assert (finding.subject, words in finding.detail) == (subject, True)


@pytest.mark.req("ORD-6")
def test_the_check_says_what_sets_each_mail_off() -> None:
    triggers: dict[OrderState, list[str]] = {"financial.captured": ["pending", "paid"]}
    said = {finding.subject: finding.detail for finding in order_words(view(triggers=triggers))}
    assert said["order confirmation"].startswith("set off by financial.captured")
    assert said["shipping confirmation"] == "never set off"


@pytest.mark.req("ORD-8")
def test_a_quiet_word_that_writes_to_people_is_refused() -> None:
    loud = MailchimpSettings(audience="a1", store="main", quiet_statuses={"paid": "refunded"})
    with pytest.raises(ConfigurationError, match="refunded"):
        Orders(view(), loud)
