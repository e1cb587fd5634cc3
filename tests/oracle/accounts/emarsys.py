"""Emarsys: contacts with their opt-in, sales data that only ever adds up, external events and what they set off."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from tests.oracle.account import Account, Sale
from tests.oracle.terms import Json, amount, normal

LACKS = frozenset(
    {
        "amounts beside the total",
        "carts",
        "catalogue",
        "currencies",
        "emoji",
        "gift cards as goods",
        "order states",
        "store customers",
        "tracking of orders",
        "unit prices",
    }
)
#: The account's one currency, and the item of what no line explains.
_CURRENCY, _CHARGES = "SEK", "shipping"
_KEY = "retail_sync_id"
_STATUSES = {"1": "subscribed", "2": "unsubscribed", "": "transactional"}
_CAUSES = {"signed up": "signed_up"}
_FACTS = {
    "shop_ltv": "lifetime value",
    "shop_orders": "order count",
    "shop_average_order": "average order",
    "shop_first_order": "first order",
    "shop_last_order": "last order",
    "shop_buyer": "buyer state",
    "shop_full_price": "full price",
    "shop_markets": "markets",
    "first_name": "first name",
    "last_name": "last name",
    "city": "city",
    "shop_country": "country",
    "phone": "phone",
    "shop_repeat_skus": "bought again",
    "shop_refill": "replenishment due",
}
_TAGS = {"shop_awaiting_return": "Awaiting return", "shop_awaiting_refund": "Awaiting refund"}
_LISTS = {
    "shop_collections": "Collection: ",
    "shop_just_bought": "Just bought: ",
    "shop_recently_returned": "Recently returned: ",
}
#: Events about an order, by what a mail about the same is called.
_MAILS = {
    "order_confirmed": "order_confirmation",
    "payment_captured": "order_invoice",
    "order_refunded": "refund_confirmation",
    "order_cancelled": "cancellation_confirmation",
}


def read(state: Json) -> Account:
    """The whole account. Whom it deleted it has forgotten, so that they may come again."""
    told: defaultdict[int, list[Json]] = defaultdict(list)
    for trigger in state["triggers"]:
        told[trigger["contact"]].append(_event(trigger))
    rows: defaultdict[str, list[Json]] = defaultdict(list)
    for row in state["sales"]["rows"]:
        rows[row["order"]].append(row)
    emails = {one["fields"].get(_KEY): one["email"] for one in state["contacts"]}
    return Account(
        members=[_member(contact, told[contact["id"]]) for contact in state["contacts"]],
        sales={number: _sale(found, emails) for number, found in rows.items()},
        mails=list(_mails(state["triggers"], state["contacts"])),
        forgotten=frozenset(),
        store={},
        stray=list(_stray(state)),
    )


def _member(contact: Json, events: list[Json]) -> Json:
    history = [
        {"at": one["at"], "status": _STATUSES[one["opt_in"]], "cause": _CAUSES.get(one["cause"], one["cause"])}
        for one in contact["history"]
    ]
    if contact["fields"].get("email_valid") == "2":
        history.append({"at": contact["changed_at"], "status": "cleaned", "cause": "bounced"})
    fields = contact["fields"]
    buyer = fields.get("shop_buyer", "none")
    return {
        "email_address": contact["email"],
        "status": history[-1]["status"],
        "created_as": history[0]["status"],
        "left": any(one["cause"] == "contact left" for one in contact["history"]),
        "history": history,
        "facts": {name: fields.get(field, "") for field, name in _FACTS.items()},
        "tags": [f"Buyer: {buyer}"] * (buyer != "none")
        + [tag for name, tag in _TAGS.items() if fields.get(name) == "yes"]
        + [f"{tag}{part}" for name, tag in _LISTS.items() if (told := fields.get(name)) for part in told.split(", ")],
        "events": events,
    }


def _event(trigger: Json) -> Json:
    """An event as often as it ran: under one trigger id it runs once, however often it came."""
    at = trigger["event_time"] or trigger["at"][0]
    return {"name": trigger["event"], "properties": trigger["data"]["global"], "occurred_at": at}


def _sale(rows: list[Json], emails: Mapping[str, str]) -> Sale:
    """What rows add up to. Whoever has pieces or money left of it owns it; several owners are nobody."""
    units: Counter[tuple[str, str]] = Counter()
    money: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        units[row["customer"], row["item"]] += int(amount(row["quantity"]))
        money[row["customer"]] += amount(row["price"])
    left = {whose for (whose, _), quantity in units.items() if quantity} | {who for who in money if money[who]}
    owners = left or {rows[-1]["customer"]}
    whose = normal(emails.get(*owners)) if len(owners) == 1 else None
    pieces = [(item, Decimal(0), quantity) for (_, item), quantity in units.items() if quantity and item != _CHARGES]
    return Sale(worth=sum(money.values(), Decimal(0)), currency=_CURRENCY, whose=whose, pieces=pieces)


def _mails(triggers: Iterable[Json], contacts: Iterable[Json]) -> Iterator[Json]:
    emails = {one["id"]: one["email"] for one in contacts}
    for trigger in triggers:
        # Of a contact that was deleted nobody can say any more whose it was.
        if trigger["event"] in _MAILS and trigger["contact"] in emails:
            yield {
                "kind": _MAILS[trigger["event"]],
                "order_id": trigger["data"]["global"]["order"],
                "email": emails[trigger["contact"]],
                "at": trigger["at"][0],
            }


def _stray(state: Json) -> Iterator[str]:
    for row in state["sales"]["rows"]:
        if row["contact"] is None:
            yield f"order {row['order']}: a row of it is tied to nobody for good"
    for one in state["sales"]["dropped"]:
        yield f"order {one['cells'].get('order')}: a row of it vanished, for {one['why']}"
