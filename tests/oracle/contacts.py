"""Contacts: one for each person who is one, and the facts on it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from decimal import Decimal

from . import bought
from .account import Account
from .shop import Known
from .terms import Json, Terms, amount, cents, moment

#: Fields that tell what a customer's record says; not every shop's books show all of these.
_COLUMNS = {
    "first name": "first_name",
    "last name": "last_name",
    "city": "city",
    "country": "country",
    "phone": "phone",
}
#: How a merge tag begins, which a template would fill in.
_MERGE_TAG = "*|"
#: The last sign of the basic plane.
_BASIC = 0xFFFF
#: So many characters fit into a field anywhere.
_SURE = 255


def compare(people: dict[str, Known], account: Account, terms: Terms, others: Iterable[str]) -> Iterator[str]:
    """What is wrong with the contacts and their facts; `others` are contacts that are none of the shop's business."""
    members = account.by_address()
    wanted = {email for email, person in people.items() if person.is_contact and account.may_hold(email, terms)}
    yield from (f"contact missing: {email}" for email in sorted(wanted - members.keys()))
    for email in sorted(members.keys() - wanted - set(others)):
        yield from _extra(email, people.get(email), members[email])
    for email, found in sorted(members.items()):
        if len(found) > 1:
            yield f"contact doubled: {email} is there {len(found)} times"
        if email in wanted:
            for member in found:
                yield from _facts(people[email], member, terms)


def _extra(email: str, person: Known | None, found: list[Json]) -> Iterator[str]:
    """A contact that is none; one that was put away, or made before its first order elsewhere, stays."""
    if all(member["status"] == "archived" for member in found):
        return
    if person is None:
        yield f"contact too many: {email} is nobody the shop knows"
    elif person.elsewhere and any(moment(one["history"][0]["at"]) >= min(person.elsewhere) for one in found):
        yield f"contact too many: {email} has only orders of resellers or marketplaces"


def _facts(person: Known, member: Json, terms: Terms) -> Iterator[str]:
    held, value, number = member["facts"], person.value(terms), len(person.counted)
    numbers = {
        "lifetime value": value,
        "order count": Decimal(number),
        "average order": cents(_exact(person, terms) / number) if number else Decimal(0),
    }
    for name, wanted in numbers.items():
        if amount(held[name]) != wanted:
            yield f"{name} of {person.email} is {held[name]}, not {wanted}"
    for name, whole in _texts(person, value, terms).items():
        text = _basic(whole) if "emoji" in terms.lacks else whole
        if not _tells(held[name], text):
            yield f"{name} of {person.email} is {held[name]!r}, not {text!r}"
        if _MERGE_TAG in held[name]:
            yield f"{name} of {person.email} holds a merge tag: {held[name]!r}"
    yield from _tags(person, member, buyer_state(person, value, terms))
    yield from bought.tags(person, set(member["tags"]), terms, lambda tag: _plain(_basic(tag)))


def _tells(held: str, text: str) -> bool:
    """Whether a field tells a text: the beginning of a long one, of which no more may fit."""
    told, whole = _plain(held), _plain(text)
    return told == whole or (len(text) > _SURE and len(told) >= _SURE // 2 and whole.startswith(told))


def _basic(text: str) -> str:
    return "".join(sign for sign in text if ord(sign) <= _BASIC)


def _plain(text: str) -> str:
    """Text without blanks and without marks that nobody sees: a sync may put the ones in and take the others out."""
    return "".join(sign for sign in text if not sign.isspace() and unicodedata.category(sign) not in {"Cf", "Cc"})


def _exact(person: Known, terms: Terms) -> Decimal:
    """The lifetime value before it is rounded."""
    parts = (one.net * (1 if one.currency == terms.currency else one.rate) for one in person.counted)
    return sum(parts, Decimal(0))


def _texts(person: Known, value: Decimal, terms: Terms) -> dict[str, str]:
    counted = person.counted
    told = [one.full_price for one in counted if one.full_price is not None]
    full_price = bool(told) and all(told)
    return {
        "first order": counted[0].at.date().isoformat() if counted else "",
        "last order": counted[-1].at.date().isoformat() if counted else "",
        "buyer state": buyer_state(person, value, terms),
        "full price": "yes" if full_price else "no",
        "markets": ", ".join(sorted({one.market for one in counted})),
        **bought.texts(person, terms),
        **_profile(person),
    }


def buyer_state(person: Known, value: Decimal, terms: Terms) -> str:
    """How good a buyer somebody is."""
    if not person.counted:
        return "none"
    if value >= terms.vip_from:
        return "vip"
    return "new" if len(person.counted) == 1 else "repeat"


def _profile(person: Known) -> dict[str, str]:
    """What the record says that speaks for the person: an account before a guest, then the one changed last."""
    if not person.records:
        return {}
    speaker = max(person.records, key=lambda record: (record["registered"], moment(record["updated_at"])))
    return {name: speaker[column] or "" for name, column in _COLUMNS.items() if column in speaker}


def _tags(person: Known, member: Json, state: str) -> Iterator[str]:
    held = set(member["tags"])
    wanted = {
        f"Buyer: {state}": state != "none",
        "Awaiting return": any(one.awaiting_return for one in person.counted),
        "Awaiting refund": any(one.awaiting_refund for one in person.counted),
    }
    for tag, is_wanted in wanted.items():
        if is_wanted != (tag in held):
            yield f"tag {tag!r} of {person.email} is {'missing' if is_wanted else 'too many'}"
    for tag in sorted(held - wanted.keys()):
        if tag.startswith("Buyer: "):
            yield f"tag {tag!r} of {person.email} is too many"
