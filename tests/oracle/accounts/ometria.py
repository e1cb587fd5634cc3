"""Ometria: profiles that gather contacts, orders that are always whole, products, and custom events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tests.oracle.account import Account, Piece, Sale
from tests.oracle.terms import Json, amount, cents, normal

LACKS = frozenset({"bounces", "carts", "store customers"})
_STATUSES: Mapping[bool | None, str] = {True: "subscribed", False: "unsubscribed", None: "transactional"}
_OUT = "EXPLICITLY_OPTEDOUT"
_SAID = {"EXPLICITLY_OPTEDIN": "subscribed", _OUT: "unsubscribed"}
_FIELDS = {"firstname": "first name", "lastname": "last name", "country_id": "country", "phone_number": "phone"}
_PROPERTIES = {
    "lifetime_value": "lifetime value",
    "order_count": "order count",
    "average_order": "average order",
    "first_order_at": "first order",
    "last_order_at": "last order",
    "buyer_state": "buyer state",
    "always_full_price": "full price",
    "markets": "markets",
    "city": "city",
    "repeat_skus": "bought again",
    "replenishment_due": "replenishment due",
}
_TAGS = {"awaiting_return": "Awaiting return", "awaiting_refund": "Awaiting refund"}
_LISTS = {
    "collections": "Collection: ",
    "just_bought": "Just bought: ",
    "recently_returned": "Recently returned: ",
}
#: The account's word for what an order has come to, and the oracle's.
_WORDS = {"complete": "paid", "partial_refund": "partially_refunded"}
#: Events about an order, by what a mail about the same is called.
_MAILS = {
    "order_confirmed": "order_confirmation",
    "order_captured": "order_invoice",
    "payment_captured": "order_invoice",
    "order_refunded": "refund_confirmation",
    "order_cancelled": "cancellation_confirmation",
}


def read(state: Json) -> Account:
    """The whole account."""
    told: defaultdict[str, list[Json]] = defaultdict(list)
    for event in state["custom_events"].values():
        told[event["resolved_profile_id"]] += _told(event)
    listings = {(one["collection"], one["id"]): one for one in state["contacts"]}
    profiles = state["profiles"]
    emails = {number: one["email"] for number, one in profiles.items()}
    return Account(
        members=[one for profile in profiles.values() for one in _members(profile, listings, told[profile["id"]])],
        sales={number: _sale(order, emails) for number, order in state["orders"].items() if _is_held(order)},
        mails=list(_mails(state["custom_events"].values(), emails)),
        forgotten=frozenset(),
        store={"products": _products(state["products"])},
        stray=[f"event {event['id']} concerns nobody" for event in told_to_nobody(state)],
    )


def told_to_nobody(state: Json) -> list[Json]:
    """Events for which no profile was found."""
    return [event for event in state["custom_events"].values() if not event["resolved_profile_id"]]


def _members(profile: Json, listings: Mapping[tuple[str, str], Json], events: list[Json]) -> Iterator[Json]:
    """The profile under each contact that systems wrote of it and that can still be written to, or once without any."""
    written = [listings[collection, number] for collection, number in profile["listings"]]
    ours = [one for one in written if one["origin"] == "api" and one["email"]]
    for listing in ours or [one for one in written if one["email"]][:1]:
        history = _history(profile, listing)
        yield {
            "email_address": listing["email"],
            "status": history[-1]["status"],
            "created_as": history[0]["status"],
            "left": any(one["value"] == _OUT for one in profile["said"]),
            "history": history,
            **_facts(listing["fields"]),
            "events": events,
        }


def _history(profile: Json, listing: Json) -> list[Json]:
    """What the profile became, from the contact's birth on: one of which nothing was said is nobody's subscriber."""
    said = listing["history"][0]["value"] if listing["history"] else ""
    born = {"at": listing["created_at"], "status": _SAID.get(said, "transactional"), "cause": "api"}
    became = [
        {"at": one["at"], "status": _STATUSES[one["marketing_optin"]], "cause": one["cause"]}
        for one in profile["history"]
    ]
    return became if became and became[0]["status"] == born["status"] else [born, *became]


def _facts(fields: Json) -> Json:
    properties = fields.get("properties") or {}
    facts = {name: _text(fields.get(field)) for field, name in _FIELDS.items()}
    facts |= {name: _text(properties.get(field)) for field, name in _PROPERTIES.items()}
    buyer = facts["buyer state"] or "none"
    tags = [f"Buyer: {buyer}"] * (buyer != "none") + [tag for name, tag in _TAGS.items() if properties.get(name)]
    tags += [f"{tag}{part}" for name, tag in _LISTS.items() for part in _text(properties.get(name)).split(", ") if part]
    return {"facts": facts, "tags": tags}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _told(event: Json) -> list[Json]:
    """An event as often as it came: nobody says that a known id sets nothing off."""
    plain = {"name": event["event_type"], "properties": event["properties"], "occurred_at": event["timestamp"]}
    return [plain] * event["times"]


def _is_held(order: Json) -> bool:
    """Whether an order counts for the shop: one that was taken back bears no mark of it."""
    return bool((order.get("properties") or {}).get("source"))


def _sale(order: Json, emails: Mapping[str, str]) -> Sale:
    properties: dict[str, str] = order["properties"]
    word: str = order["status"]
    return Sale(
        worth=amount(order["net_value"]),
        currency=order["currency"],
        whose=normal(emails.get(order["profile_id"])),
        pieces=[piece for line in order["lineitems"] if (piece := _piece(line))[2]],
        cancelled=word == "cancelled",
        states={"status": _WORDS.get(word, word)},
        amounts={name: amount(order[name]) for name in ("shipping", "discount")},
        tracking={
            "tracking_number": properties.get("tracking_number", ""),
            "tracking_carrier": properties.get("carrier", ""),
            "tracking_url": properties.get("tracking_url", ""),
        },
    )


def _piece(line: Json) -> Piece:
    left = int(line["quantity"]) - int(line.get("quantity_refunded") or 0)
    return line.get("sku") or "", cents(amount(line["unit_price"])), left


def _mails(events: Iterable[Json], emails: Mapping[str, str]) -> Iterator[Json]:
    for event in events:
        if event["event_type"] in _MAILS and event["resolved_profile_id"] in emails:
            mail = {
                "kind": _MAILS[event["event_type"]],
                "order_id": event["properties"]["order"],
                "email": emails[event["resolved_profile_id"]],
                "at": event["first_at"],
            }
            yield from [mail] * event["times"]


def _products(products: Mapping[str, Json]) -> Json:
    """Pages with their variants, which are products of their own that name their page."""
    pages: Json = {}
    for number, one in products.items():
        if not one["is_variant"] and _is_held(one):
            pages[number] = {"title": one["title"], "image_url": one.get("image_url") or "", "variants": []}
    for one in products.values():
        if one["is_variant"] and one.get("parent_id") in pages:
            pages[one["parent_id"]]["variants"].append(_variant(one))
    return pages


def _variant(one: Json) -> Json:
    stock = int((one.get("properties") or {}).get("stock") or 0)
    return {
        "sku": one.get("sku") or "",
        "price": one.get("price", ""),
        "inventory_quantity": stock if one["is_in_stock"] else 0,
        "visibility": "visible" if one["is_active"] else "hidden",
    }
