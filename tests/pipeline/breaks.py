"""Ways to break a good sync behind the pair's back, at the marketing platform, and what the oracle must say of each."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

from retail_sync.sandbox.world.events import ContactLeft

from .mailchimp_shop import MailchimpShop

#: An address that can be written in two forms.
RENE = "rené@mail.test"


def member(shop: MailchimpShop, name: str) -> str:
    return f"{{list}}/members/{shop.member(f'{name}@mail.test')['id']}"


def change_member(name: str, **fields: Any) -> Callable[[MailchimpShop], object]:
    return lambda shop: shop.say("PATCH", member(shop, name), {"merge_fields": fields})


def change_tag(name: str, tag: str, status: str) -> Callable[[MailchimpShop], object]:
    body = {"tags": [{"name": tag, "status": status}]}
    return lambda shop: shop.say("POST", f"{member(shop, name)}/tags", body)


def change_order(number: int, **fields: Any) -> Callable[[MailchimpShop], object]:
    return lambda shop: shop.say("PATCH", f"{{store}}/orders/{number}", fields)


def delete(path: str) -> Callable[[MailchimpShop], object]:
    return lambda shop: shop.say("DELETE", path)


def all_of(*breaks: Callable[[MailchimpShop], object]) -> Callable[[MailchimpShop], object]:
    return lambda shop: [one(shop) for one in breaks]


def set_status(name: str, status: str) -> Callable[[MailchimpShop], object]:
    return lambda shop: shop.say("PATCH", member(shop, name), {"status": status})


def add_contact(email: str) -> Callable[[MailchimpShop], object]:
    return lambda shop: shop.say("POST", "{list}/members", {"email_address": email, "status": "transactional"})


def add_reseller_order(shop: MailchimpShop) -> None:
    held = shop.order(503)
    line = {name: held["lines"][0][name] for name in ("id", "product_id", "product_variant_id", "quantity", "price")}
    body = {"id": "505", "customer": {"id": held["customer"]["id"]}, "currency_code": "SEK", "lines": [line]}
    shop.say("POST", "{store}/orders", {**body, "order_total": 149})


def move_order(shop: MailchimpShop) -> None:
    shop.say("PATCH", "{store}/orders/501", {"customer": {"id": shop.order(503)["customer"]["id"]}})


def tell_parcel(name: str, number: str, times: int = 1) -> Callable[[MailchimpShop], object]:
    event = {"name": "order_shipped", "properties": {"shipment": number}}
    return lambda shop: [shop.say("POST", f"{member(shop, name)}/events", event) for _ in range(times)]


def leave_cart(shop: MailchimpShop) -> None:
    held = shop.order(503)
    line = {name: held["lines"][0][name] for name in ("id", "product_id", "product_variant_id", "quantity", "price")}
    body = {"id": "cart 503", "customer": {"id": held["customer"]["id"]}, "currency_code": "SEK", "lines": [line]}
    shop.say("POST", "{store}/carts", {**body, "order_total": 100})


BROKEN: dict[str, tuple[Callable[[MailchimpShop], object], list[str]]] = {
    "a refund is lost": (
        change_order(502, order_total=349),
        ["order 502: it counts for 349, not 249.00"],
    ),
    "a stale total": (
        change_member("bea", LTV=1, ORDERS=2, AVGORDER=3, LASTORD="2025-01-01", FIRSTORD="2025-01-01"),
        [
            "lifetime value of bea@mail.test is 1, not 149.00",
            "order count of bea@mail.test is 2, not 1",
            "average order of bea@mail.test is 3, not 149.00",
            "first order of bea@mail.test is '2025-01-01', not '2026-03-02'",
            "last order of bea@mail.test is '2025-01-01', not '2026-03-02'",
        ],
    ),
    "a wrong buyer": (
        change_member("anna", BUYER="vip"),
        ["buyer state of anna@mail.test is 'vip', not 'repeat'"],
    ),
    "a wrong list of what was bought again": (
        change_member("anna", REPEATSKU="P7-S, P8-S"),
        ["bought again of anna@mail.test is 'P7-S, P8-S', not 'P7-S'"],
    ),
    "an empty list of what was bought again": (
        change_member("anna", REPEATSKU=""),
        ["bought again of anna@mail.test is '', not 'P7-S'"],
    ),
    "a wrong day of replenishment": (
        change_member("bea", REFILL="2026-05-02"),
        ["replenishment due of bea@mail.test is '2026-05-02', not '2026-05-01'"],
    ),
    "a wrong city": (
        change_member("bea", CITY="Göteborg"),
        ["city of bea@mail.test is 'Göteborg', not 'Stockholm'"],
    ),
    "a wrong country": (
        change_member("bea", COUNTRY="NO"),
        ["country of bea@mail.test is 'NO', not 'SE'"],
    ),
    "a wrong telephone number": (
        change_member("bea", PHONE="+46700000001"),
        ["phone of bea@mail.test is '+46700000001', not '+46700000000'"],
    ),
    "a collection is lost": (
        change_tag("bea", "Collection: Core", "inactive"),
        ["tag 'Collection: Core' of bea@mail.test is missing"],
    ),
    "a collection of which nothing was bought": (
        change_tag("bea", "Collection: Party", "active"),
        ["tag 'Collection: Party' of bea@mail.test is too many"],
    ),
    "what was just bought is lost": (
        change_tag("bea", "Just bought: P7-S", "inactive"),
        ["tag 'Just bought: P7-S' of bea@mail.test is missing"],
    ),
    "what was not bought is just bought": (
        change_tag("bea", "Just bought: P8-S", "active"),
        ["tag 'Just bought: P8-S' of bea@mail.test is too many"],
    ),
    "what has come back is lost": (
        change_tag("anna", "Recently returned: P7-S", "inactive"),
        ["tag 'Recently returned: P7-S' of anna@mail.test is missing"],
    ),
    "what did not come back is recently returned": (
        change_tag("anna", "Recently returned: P8-S", "active"),
        ["tag 'Recently returned: P8-S' of anna@mail.test is too many"],
    ),
    "a contact doubled": (
        add_contact(unicodedata.normalize("NFD", RENE)),
        [f"contact doubled: {RENE} is there 2 times", "of rené@mail.test is"],
    ),
    "a reseller becomes a contact": (
        add_contact("buyer@reseller.test"),
        ["contact too many: buyer@reseller.test has only orders of resellers or marketplaces"],
    ),
    "a stranger becomes a contact": (
        add_contact("stranger@mail.test"),
        ["contact too many: stranger@mail.test is nobody the shop knows"],
    ),
    "subscribed without a yes": (
        set_status("bea", "subscribed"),
        ["consent: bea@mail.test is subscribed and never said yes"],
    ),
    "an opt-out that the shop does not learn of": (
        lambda shop: shop.tell(ContactLeft(at=shop.clock(), email="cleo@mail.test")),
        ["consent: cleo@mail.test has left and record 3 of the shop still says yes"],
    ),
    "an opt-out is ignored": (
        all_of(set_status("anna", "unsubscribed"), set_status("anna", "subscribed")),
        ["consent: anna@mail.test has left and is subscribed again"],
    ),
    "an order of a reseller": (
        add_reseller_order,
        [
            "order too many: 505 was sold by a reseller or a marketplace",
            "customer bea@mail.test has 2 orders in the store, not 1",
        ],
    ),
    "tracking is lost": (
        change_order(501, tracking_number="", tracking_url="", tracking_carrier=""),
        [
            "order 501: tracking number is '', not '0057313243986501'",
            "order 501: carrier is '', not 'PostNord'",
            "order 501: '' does not lead to parcel 0057313243986501",
        ],
    ),
    "a parcel that nobody can follow is told": (
        change_order(504, fulfillment_status="shipped", tracking_number="CB-1"),
        [
            "order 504: fulfillment_status is 'shipped', not ''",
            "order 504: tracking_number is 'CB-1', not empty",
            "mail shipping_confirmation about order 504: a parcel of it can't be followed",
            "mail shipping_confirmation about order 504: it shows parcel 'CB-1'",
        ],
    ),
    "a refund is told that never was": (
        change_order(503, financial_status="refunded"),
        [
            "order 503: financial_status is 'refunded', not 'paid'",
            "mail refund_confirmation about order 503: nothing was paid back",
        ],
    ),
    "a mail goes out twice": (
        all_of(change_order(502, fulfillment_status=""), change_order(502, fulfillment_status="shipped")),
        ["mail shipping_confirmation about order 502 went out 2 times"],
    ),
    "a wrong quantity": (
        change_order(503, lines=[{"id": "50300", "quantity": 2}]),
        ["order 503: lines are 2 x P7-S at 100.00, not 1 x P7-S at 100.00"],
    ),
    "a line is lost": (
        delete("{store}/orders/501/lines/50101"),
        ["order 501: lines are 2 x P7-S at 100.00, not 2 x P7-S at 100.00, 1 x P8-S at 100.00"],
    ),
    "an order stands with somebody else": (
        move_order,
        [
            "order 501 stands with another customer than anna@mail.test",
            "customer anna@mail.test has 1 orders in the store, not 2",
            "customer bea@mail.test has 3 orders in the store, not 1",
        ],
    ),
    "an order is missing": (
        delete("{store}/orders/506"),
        ["order missing: 506", f"customer {RENE} has 0 orders in the store, not 1"],
    ),
    "stale stock and price": (
        lambda shop: shop.say("PATCH", "{store}/products/7/variants/71", {"inventory_quantity": 9, "price": 1}),
        ["price of P7-M is 1, not 100.00", "stock of P7-M is 9, not 5"],
    ),
    "a variant is missing": (
        delete("{store}/products/8/variants/81"),
        ["variant missing: P8-M"],
    ),
    "a contact stays behind where its person has moved": (
        add_contact("doris@mail.test"),
        ["contact too many: doris@mail.test is nobody the shop knows"],
    ),
    "a mail about what is long past": (
        change_order(500, financial_status="pending"),
        [
            "mail order_confirmation about order 500: it was placed too long ago to be told",
            "order 500: financial_status is 'pending', not 'paid'",
        ],
    ),
    "a shipping mail without a link": (
        all_of(
            change_order(503, fulfillment_status="", tracking_url=""), change_order(503, fulfillment_status="shipped")
        ),
        [
            "mail shipping_confirmation about order 503: nobody can follow parcel",
            "mail shipping_confirmation about order 503 went out 2 times",
            "order 503: '' does not lead to parcel",
        ],
    ),
    "a parcel is told twice": (
        tell_parcel("anna", "501-1", times=2),
        ["parcel 501-1 was told to anna@mail.test"],
    ),
    "a parcel is told to somebody else": (
        tell_parcel("cleo", "502-1"),
        ["parcel 502-1 was told to cleo@mail.test, whose it is not"],
    ),
    "a cart stays though it was bought": (
        leave_cart,
        ["cart too many: cart 503 was bought as order 503"],
    ),
}
