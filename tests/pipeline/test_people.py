"""Who becomes a contact, and which records are one person."""

from __future__ import annotations

import pytest

from .mailchimp_shop import MailchimpShop
from .tales import corrected, customer, order, product

pytestmark = pytest.mark.usefixtures("sql_alone")


@pytest.mark.req("ID-1", "ID-2", "ID-3")
def test_guest_and_account_of_one_address_are_one_contact(shop: MailchimpShop) -> None:
    account = customer(shop.clock(), 1, "anna@mail.test")
    guest = customer(shop.clock(), 2, "Anna@Mail.test", registered=False, last_name="Berg as guest")
    shop.tell(product(shop.clock()), account, guest)
    shop.tell(order(shop.clock(), 501, account), order(shop.clock(), 502, guest))
    shop.sync()
    fields = shop.member("anna@mail.test")["merge_fields"]
    assert (fields["ORDERS"], fields["LTV"], fields["LNAME"]) == ("2", "298", "Berg 1")

    later = customer(shop.clock(), 3, "ANNA@mail.test", registered=False)
    shop.tell(later, order(shop.clock(), 503, later))
    shop.sync()
    assert shop.member("anna@mail.test")["merge_fields"]["ORDERS"] == "3"
    assert len(shop.emails()) == 1


@pytest.mark.req("ORD-2", "QUA-1")
def test_who_buys_only_elsewhere_is_no_contact_and_is_counted(shop: MailchimpShop) -> None:
    reseller = customer(shop.clock(), 1, "buyer@reseller.test")
    through = customer(shop.clock(), 2, "anna@mail.test", registered=False)
    both = customer(shop.clock(), 3, "both@mail.test")
    shop.tell(product(shop.clock()), reseller, through, both)
    shop.tell(
        order(shop.clock(), 501, reseller, store_type="WHOLESALE"),
        order(shop.clock(), 502, through, affiliate="zalando"),
        order(shop.clock(), 503, both, affiliate="amazon"),
        order(shop.clock(), 504, both),
    )
    report = shop.sync()
    assert shop.emails() == {"both@mail.test"}
    assert shop.store()["orders"].keys() == {"504"}
    counts = {rule: found["count"] for rule, found in report["verdicts"].items()}
    assert (counts["orders.order_wholesale"], counts["orders.order_marketplace"]) == (1, 2)


@pytest.mark.req("QUA-1", "QUA-3")
def test_a_record_that_was_set_aside_goes_through_once_it_is_corrected(shop: MailchimpShop) -> None:
    mistyped = customer(shop.clock(), 1, "anna@@mail.test", registered=False)
    placed = order(shop.clock(), 501, mistyped)
    shop.tell(product(shop.clock()), mistyped, placed, customer(shop.clock(), 2, "other@mail.test"))
    shop.tell(*(customer(shop.clock(), number, f"c{number}@mail.test") for number in range(3, 12)))
    shop.tell(*(order(shop.clock(), 510 + n, customer(shop.clock(), n, f"c{n}@mail.test")) for n in range(3, 12)))
    report = shop.sync()
    assert (report["verdicts"]["customers.customer_email"]["count"], "501" in shop.store()["orders"]) == (1, False)

    right = corrected(mistyped, shop.clock(), email="anna@mail.test")
    shop.tell(right, order(shop.clock(), 501, right))
    shop.sync()
    assert shop.member("anna@mail.test")["merge_fields"]["ORDERS"] == "1"
    assert "501" in shop.store()["orders"]


@pytest.mark.req("CUS-1")
def test_a_profile_follows_the_shop_through_its_life(shop: MailchimpShop) -> None:
    known = customer(shop.clock(), 1, "anna@mail.test")
    shop.tell(product(shop.clock()), known)
    shop.sync()
    moved = corrected(known, shop.clock(), last_name="Dahl")
    shop.tell(moved)
    shop.sync()
    assert shop.member("anna@mail.test")["merge_fields"]["LNAME"] == "Dahl"
