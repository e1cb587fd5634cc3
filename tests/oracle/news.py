"""What happens once and is told as an event of a contact: each parcel that has left, that a review of it is asked for,
and what only those hear who may get marketing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from .carriage import Parcel
from .shop import Sold
from .terms import Json, Terms, moment

#: What is told to nobody who has left, once there was time to learn of it.
_MARKETING = {"back_in_stock", "added_to_basket", "basket_left", "viewed_collection", "collection_viewed"}
_TIME_TO_LEARN = timedelta(hours=1)
#: No parcel comes sooner.
_SOONEST = timedelta(days=1)


def compare(orders: Sequence[Sold], members: Mapping[str, Sequence[Json]], terms: Terms) -> Iterator[str]:
    """What is wrong with what was told of parcels: none twice, none of somebody else's, each if that is promised."""
    # Whoever stands there from the first day on tells when that was.
    begun = min((moment(member["history"][0]["at"]) for found in members.values() for member in found), default=None)
    for email, found in sorted(members.items()):
        numbers = [_parcel_of(event, terms) for member in found for event in member["events"]]
        told = Counter(number for number in numbers if number is not None)
        parcels = {one.number: one for sold in orders if sold.own and sold.email == email for one in sold.parcels}
        yield from (f"parcel {number} was told to {email} {n} times" for number, n in sorted(told.items()) if n > 1)
        yield from (f"parcel {number} was told to {email}, whose it is not" for number in sorted(told.keys() - parcels))
        for number in sorted(told.keys() & parcels):
            if begun and parcels[number].at < begun:
                yield f"parcel {number} was told to {email}, though it had left before anything was told"
            if parcels[number].lacks_tracking:
                yield f"parcel {number} was told to {email}, though nobody can follow it"
        asked = [event for member in found for event in member["events"] if event["name"] == terms.review_event]
        yield from _reviews(email, asked, parcels)
        yield from (line for member in found for line in _chased(email, member))
        if "parcels are told once" in terms.promised:
            born = moment(found[0]["history"][0]["at"])
            for number, parcel in sorted(parcels.items()):
                if number not in told and parcel.at > born and not parcel.lacks_tracking:
                    yield f"parcel {number} was not told to {email}"


def _reviews(email: str, asked: Sequence[Json], parcels: Mapping[str, Parcel]) -> Iterator[str]:
    """A review is asked for once a parcel, not before it can have come."""
    times = Counter(event["properties"].get("shipment", "") for event in asked)
    yield from (f"a review of parcel {number} was asked for {n} times" for number, n in times.items() if n > 1)
    for event in asked:
        number = event["properties"].get("shipment", "")
        parcel = parcels.get(number)
        if parcel is None:
            yield f"{email} was asked for a review of parcel {number}, whose it is not"
        elif moment(event["occurred_at"]) - parcel.at < _SOONEST:
            yield f"{email} was asked for a review of parcel {number} before it can have come"


def _chased(email: str, member: Json) -> Iterator[str]:
    """Who has left is told nothing but what concerns what they have bought."""
    for event in member["events"]:
        at = moment(event["occurred_at"])
        known = [one["status"] for one in member["history"] if moment(one["at"]) <= at - _TIME_TO_LEARN]
        if event["name"] in _MARKETING and known and known[-1] in {"unsubscribed", "cleaned"}:
            yield f"{email} has left and was told {event['name']}"


def _parcel_of(event: Json, terms: Terms) -> str | None:
    """The parcel that an event tells of, by the number under which the shop knows it."""
    name, field = terms.parcel_event
    if event["name"] != name:
        return None
    number: str = event["properties"].get(field, "")
    return number
