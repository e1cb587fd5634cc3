"""What a buyer is told of their parcel, and when."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from retail_sync.sandbox.world.events import CustomerKnown, ParcelLine
from retail_sync.vendors import carriers
from tests.oracle.terms import Terms

from .beginnings import Beginnings
from .mailchimp_shop import MailchimpShop
from .tales import customer, order, product, sent

pytestmark = pytest.mark.usefixtures("sql_alone")


@pytest.fixture
def buyer(shop: MailchimpShop, beginnings: Beginnings) -> CustomerKnown:
    return beginnings.begin(shop, with_a_buyer)


def with_a_buyer(shop: MailchimpShop) -> CustomerKnown:
    buyer = customer(shop.clock(), 1, "buyer@mail.test")
    shop.tell(product(shop.clock()), buyer)
    # The first sync is silent: nobody is told of what is long over.
    shop.sync()
    return buyer


@pytest.mark.req("SHP-1", "ORD-6")
def test_a_parcel_that_can_be_followed_is_told_with_its_address(shop: MailchimpShop, buyer: CustomerKnown) -> None:
    placed = order(shop.clock(), 501, buyer)
    shop.tell(placed)
    shop.sync()
    shop.tell(sent(shop.clock(), placed))
    shop.sync()
    shop.night()
    assert shop.order(501)["tracking_url"].endswith("0057313243986501")
    assert shop.mails(501) == ["order_confirmation", "order_invoice", "shipping_confirmation"]


@pytest.mark.req("SHP-1", "QUA-1", "QUA-3")
def test_a_parcel_of_an_unknown_carrier_waits_until_the_carrier_is_known(
    shop: MailchimpShop, buyer: CustomerKnown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = order(shop.clock(), 501, buyer)
    shop.tell(placed, sent(shop.clock(), placed, carrier="Cykelbudet", service="Same day", tracking_number="CB-1"))
    report = shop.sync()
    held = shop.order(501)
    assert report["verdicts"]["orders.order_tracking_url"] == {"effect": "hold_event", "count": 1}
    assert (held["fulfillment_status"], held["tracking_number"]) == ("", "")
    assert shop.mails(501) == ["order_confirmation", "order_invoice"]
    assert shop.member("buyer@mail.test")["merge_fields"]["LTV"] == "149", "the revenue counts meanwhile"
    assert shop.differences() == []

    shop.terms = Terms(carriers={"cykelbudet": "cykelbudet"})
    learn_carrier(tmp_path, monkeypatch)
    shop.change_pair()
    shop.night()
    assert shop.order(501)["tracking_url"] == "https://cykelbudet.test/CB-1"
    assert shop.mails(501) == ["order_confirmation", "order_invoice", "shipping_confirmation"]


def learn_carrier(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody adds the carrier's template to the carriers' file."""
    content = carriers.read()
    content["carriers"]["cykelbudet"] = {"names": ["Cykelbudet"], "url": "https://cykelbudet.test/{number}"}
    edited = folder / "carriers.yaml"
    edited.write_text(yaml.safe_dump(content), encoding="utf-8")
    read = carriers.read
    monkeypatch.setattr(carriers, "read", lambda: read(edited))


@pytest.mark.req("SHP-1")
def test_a_letter_that_nobody_can_follow_is_told_without_an_address(shop: MailchimpShop, buyer: CustomerKnown) -> None:
    placed = order(shop.clock(), 501, buyer)
    shop.tell(placed, sent(shop.clock(), placed, service="Varubrev", tracking_number=None))
    shop.sync()
    assert shop.order(501)["fulfillment_status"] == "shipped"
    assert "shipping_confirmation" in shop.mails(501)


@pytest.mark.req("SHP-2")
def test_two_parcels_are_one_mail_however_often_they_are_read(shop: MailchimpShop, buyer: CustomerKnown) -> None:
    placed = order(shop.clock(), 501, buyer, [(7, 1), (7, 1)])
    first = sent(shop.clock(), placed, lines=_units(placed.lines[0].line_id), last=False)
    shop.tell(placed, first)
    shop.sync()
    assert shop.order(501)["fulfillment_status"] == "partially_shipped"
    shop.pass_time(days=1)
    shop.tell(sent(shop.clock(), placed, parcel=2, tracking_number="2", lines=_units(placed.lines[1].line_id)))
    shop.sync()
    shop.night()
    shop.run(full_refresh=True)
    assert shop.mails(501).count("shipping_confirmation") == 1
    assert shop.order(501)["tracking_number"] == "2"


def _units(line_id: int) -> tuple[ParcelLine, ...]:
    return (ParcelLine(line_id=line_id, quantity=1),)
