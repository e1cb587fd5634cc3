"""Consent: only who said yes is subscribed, nobody who left is, and the shop knows who left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from .shop import Known
from .terms import Json, Terms, moment, normal

_OUT = {"unsubscribed", "cleaned"}
#: A record that changed so shortly before the contact was born may not have been read yet.
_MARGIN = timedelta(minutes=15)


def compare(books: Json, people: dict[str, Known], members: dict[str, list[Json]], terms: Terms) -> Iterator[str]:
    """What is wrong with who is subscribed."""
    subscriptions = {normal(one["email"]): bool(one["active"]) for one in books["newsletter_subscriptions"]}
    for email, found in sorted(members.items()):
        for member in found:
            yield from _status(email, member, subscriptions, terms)
            if email in people:
                yield from _birth(people[email], member, active=subscriptions.get(email, False))
                yield from _way_back(people[email], member) if terms.writes_back else ()


def _status(email: str, member: Json, subscriptions: Mapping[str | None, bool], terms: Terms) -> Iterator[str]:
    if member["status"] not in {"subscribed", "pending"} or _was_done_by_hand(member, terms):
        return
    # A subscription stays on the books once it was ever active, so that a later no at the shop is still a former yes.
    if email not in subscriptions:
        yield f"consent: {email} is {member['status']} and never said yes"
    left = [change for change in member["history"] if change["status"] in _OUT | {"archived"}]
    if left or member["left"]:
        yield f"consent: {email} has left and is {member['status']} again"


def _was_done_by_hand(member: Json, terms: Terms) -> bool:
    """Whether the newest status is the contact's own wish, or that of an admin who answers for it."""
    cause = member["history"][-1]["cause"]
    return cause == "signed_up" or (cause == "imported" and "imports are reverted" not in terms.promised)


def _birth(person: Known, member: Json, *, active: bool) -> Iterator[str]:
    """Whoever had said yes before the contact was made, and never left, was made a subscriber."""
    born = moment(member["history"][0]["at"])
    said_yes = [one for one in person.records if one["newsletter"] and moment(one["updated_at"]) < born - _MARGIN]
    if active and said_yes and member["created_as"] not in {"subscribed", "pending"}:
        yield f"consent: {person.email} had said yes and was made {member['created_as']}"


def _way_back(person: Known, member: Json) -> Iterator[str]:
    """Who left is unticked on every record of the address; a record that changed since may hold a newer yes."""
    if member["status"] not in _OUT:
        return
    left = moment(next(one for one in reversed(member["history"]) if one["status"] in _OUT)["at"])
    for record in person.records:
        if record["newsletter"] and moment(record["updated_at"]) <= left:
            yield f"consent: {person.email} has left and record {record['id']} of the shop still says yes"
