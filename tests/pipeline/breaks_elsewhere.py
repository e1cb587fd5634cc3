"""Ways to break a good sync behind the pair's back, where it is not Mailchimp, and what the oracle must say of each."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable
from typing import Any

from retail_sync.sandbox.world.events import (
    ContactEdited,
    ContactImported,
    ContactLeft,
    ShopEvent,
    StoreOrderDeleted,
    StoreOrderEdited,
    StoreProductEdited,
)

from .breaks import RENE
from .other_programs import emarsys_event, emarsys_rows, ometria_push
from .shop import Shop

Break = tuple[Callable[[Shop], object], list[str]]


def happens(kind: Callable[..., ShopEvent], **fields: Any) -> Callable[[Shop], object]:
    return lambda shop: shop.tell(kind(at=shop.clock(), **fields))


def all_of(*breaks: Callable[[Shop], object]) -> Callable[[Shop], object]:
    return lambda shop: [one(shop) for one in breaks]


def leave_long_ago(email: str) -> Callable[[Shop], object]:
    def leave(shop: Shop) -> None:
        shop.tell(ContactLeft(at=shop.clock(), email=email))
        shop.pass_time(hours=2)

    return leave


def opt_in(email: str, *values: str) -> Callable[[Shop], object]:
    return lambda shop: shop.tell(
        *(ContactEdited(at=shop.clock(), email=email, fields={"optin": value}) for value in values)
    )


def rows(order: str, email: str, *appended: tuple[str, int, str]) -> Callable[[Shop], object]:
    return lambda shop: emarsys_rows(shop, order, email, *appended)


def event(email: str, name: str, **told: str) -> Callable[[Shop], object]:
    return lambda shop: emarsys_event(shop, email, name, **told)


def custom_event(email: str, name: str, key: str, **told: str) -> Callable[[Shop], object]:
    def push(shop: Shop) -> None:
        at = shop.clock().isoformat(timespec="seconds")
        ometria_push(
            shop, type="custom_event", id=key, event_type=name, timestamp=at, identity_email=email, properties=told
        )
        while shop.destination.state()["queue"]["waiting"]:
            time.sleep(0.01)

    return push


EVERYWHERE: dict[str, Break] = {
    "a stranger becomes a contact": (
        happens(ContactImported, email="stranger@mail.test", status="transactional"),
        ["contact too many: stranger@mail.test is nobody the shop knows"],
    ),
    "a reseller becomes a contact": (
        happens(ContactImported, email="buyer@reseller.test", status="transactional"),
        ["contact too many: buyer@reseller.test has only orders of resellers or marketplaces"],
    ),
    "a contact doubled": (
        happens(ContactImported, email=unicodedata.normalize("NFD", RENE), status="transactional"),
        [f"contact doubled: {RENE} is there 2 times", "of rené@mail.test is"],
    ),
    "an opt-out that the shop does not learn of": (
        happens(ContactLeft, email="cleo@mail.test"),
        ["consent: cleo@mail.test has left and record 3 of the shop still says yes"],
    ),
}

#: What is found where Anna's facts of goods and her address were all edited, wherever their fields are.
_WRONG_FACTS = [
    "bought again of anna@mail.test is 'P8-S', not 'P7-S'",
    "replenishment due of anna@mail.test is '2026-05-02', not '2026-05-01'",
    "city of anna@mail.test is 'Oslo', not 'Stockholm'",
    "country of anna@mail.test is 'NO', not 'SE'",
    "phone of anna@mail.test is '+46700000001', not '+46700000000'",
    "tag 'Collection: Core' of anna@mail.test is missing",
    "tag 'Collection: Party' of anna@mail.test is too many",
    "tag 'Just bought: P7-S' of anna@mail.test is missing",
    "tag 'Just bought: P9-S' of anna@mail.test is too many",
    "tag 'Recently returned: P7-S' of anna@mail.test is missing",
    "tag 'Recently returned: P8-S' of anna@mail.test is too many",
]

EMARSYS: dict[str, Break] = {
    "wrong facts of what was bought, and of where somebody lives": (
        happens(
            ContactEdited,
            email="anna@mail.test",
            fields={
                "shop_repeat_skus": "P8-S",
                "shop_refill": "2026-05-02",
                "city": "Oslo",
                "shop_country": "NO",
                "phone": "+46700000001",
                "shop_collections": "Party",
                "shop_just_bought": "P8-S, P9-S",
                "shop_recently_returned": "P8-S",
            },
        ),
        _WRONG_FACTS,
    ),
    "a stale total": (
        happens(ContactEdited, email="bea@mail.test", fields={"shop_ltv": "1", "shop_orders": "2"}),
        ["lifetime value of bea@mail.test is 1, not 149.00", "order count of bea@mail.test is 2, not 1"],
    ),
    "subscribed without a yes": (
        opt_in("bea@mail.test", "1"),
        ["consent: bea@mail.test is subscribed and never said yes"],
    ),
    "an opt-out is ignored": (
        opt_in("anna@mail.test", "2", "1"),
        ["consent: anna@mail.test has left and is subscribed again"],
    ),
    "rows are sent twice": (
        rows("503", "bea@mail.test", ("P7-S", 1, "100.00"), ("shipping", 1, "49.00")),
        [
            "order 503: it counts for 298.00, not 149.00",
            "order 503: lines are 2 x P7-S at 0, not 1 x P7-S at 0",
        ],
    ),
    "a refund is lost": (
        rows("502", "anna@mail.test", ("P7-S", 1, "100.00")),
        ["order 502: it counts for 349.00, not 249.00", "order 502: lines are 3 x P7-S at 0, not 2 x P7-S at 0"],
    ),
    "an order of a reseller": (
        rows("505", "bea@mail.test", ("P7-S", 1, "149.00")),
        ["order too many: 505 was sold by a reseller or a marketplace"],
    ),
    "an order stands with two people": (
        rows("501", "bea@mail.test", ("P9-S", 1, "0.00")),
        [
            "order 501 stands with another customer than anna@mail.test",
            "order 501: lines are 2 x P7-S at 0, 1 x P8-S at 0, 1 x P9-S at 0, not",
        ],
    ),
    "rows are nobody's": (
        rows("504", "nobody@mail.test", ("P7-S", 1, "100.00")),
        [
            "order 504: it counts for 249.00, not 149.00",
            "order 504 stands with another customer than cleo@mail.test",
            "order 504: lines are 2 x P7-S at 0, not 1 x P7-S at 0",
            "order 504: a row of it is tied to nobody for good",
        ],
    ),
    "a row vanishes": (
        rows("506", RENE, ("P7-S", 1, "a hundred")),
        ["order 506: a row of it vanished, for a time or a number that is none"],
    ),
    "a parcel is told twice": (
        all_of(*[event("anna@mail.test", "order_shipped", shipment="501-1")] * 2),
        ["parcel 501-1 was told to anna@mail.test"],
    ),
    "a parcel is told to somebody else": (
        event("cleo@mail.test", "order_shipped", shipment="502-1"),
        ["parcel 502-1 was told to cleo@mail.test, whose it is not"],
    ),
    "an order is confirmed twice": (
        event("anna@mail.test", "order_confirmed", order="502"),
        ["mail order_confirmation about order 502 went out 2 times"],
    ),
    "a refund is told that never was": (
        event("bea@mail.test", "order_refunded", order="503"),
        ["mail refund_confirmation about order 503: nothing was paid back"],
    ),
    "somebody who has left is chased": (
        all_of(leave_long_ago("bea@mail.test"), event("bea@mail.test", "back_in_stock", sku="P7-S")),
        ["bea@mail.test has left and was told back_in_stock"],
    ),
}

OMETRIA: dict[str, Break] = {
    "wrong facts of what was bought, and of where somebody lives": (
        happens(
            ContactEdited,
            email="anna@mail.test",
            fields={
                "repeat_skus": "P8-S",
                "replenishment_due": "2026-05-02",
                "city": "Oslo",
                "country_id": "NO",
                "phone_number": "+46700000001",
                "collections": "Party",
                "just_bought": "P8-S, P9-S",
                "recently_returned": "P8-S",
            },
        ),
        _WRONG_FACTS,
    ),
    "a stale total": (
        happens(ContactEdited, email="bea@mail.test", fields={"lifetime_value": "1", "order_count": "2"}),
        ["lifetime value of bea@mail.test is 1, not 149.00", "order count of bea@mail.test is 2, not 1"],
    ),
    "an order is missing": (happens(StoreOrderDeleted, order_id="506"), ["order missing: 506"]),
    "a refund is lost": (
        happens(StoreOrderEdited, order_id="502", fields={"grand_total": "449.00"}),
        ["order 502: it counts for 349.00, not 249.00"],
    ),
    "a refund is told that never was": (
        happens(StoreOrderEdited, order_id="503", fields={"status": "refunded"}),
        ["order 503: status is 'refunded', not 'shipped'"],
    ),
    "an order that counts for nothing": (
        happens(StoreOrderEdited, order_id="501", fields={"is_valid": "false"}),
        ["order 501: it counts for 0, not 349.00"],
    ),
    "stale stock and price": (
        happens(StoreProductEdited, product_id="variant-71", fields={"price": "1", "is_in_stock": ""}),
        ["price of P7-M is 1, not 100.00", "stock of P7-M is 0, not 5"],
    ),
    "a parcel is told twice": (
        all_of(*[custom_event("anna@mail.test", "order_shipped", "another", shipment="501-1")] * 2),
        ["parcel 501-1 was told to anna@mail.test"],
    ),
    "a parcel is told to somebody else": (
        custom_event("cleo@mail.test", "order_shipped", "a third", shipment="502-1"),
        ["parcel 502-1 was told to cleo@mail.test, whose it is not"],
    ),
    "an event is for nobody": (
        custom_event("who@mail.test", "order_shipped", "a fourth", shipment="503-1"),
        ["event a fourth concerns nobody"],
    ),
    "an order is confirmed twice": (
        custom_event("anna@mail.test", "order_confirmed", "a fifth", order="502"),
        ["mail order_confirmation about order 502 went out 2 times"],
    ),
    "somebody who has left is chased": (
        all_of(leave_long_ago("bea@mail.test"), custom_event("bea@mail.test", "back_in_stock", "a sixth", sku="P7-S")),
        ["bea@mail.test has left and was told back_in_stock"],
    ),
}
