"""The judgement: everything that is wrong between a shop and its audience, in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from . import consent, contacts, goods, mails, news, sales
from .addresses import Addresses
from .audience import read_audience
from .shop import orders, people
from .terms import Json, Terms


def differences(centra: Json, mailchimp: Json, terms: Terms | None = None, *, others: Iterable[str] = ()) -> list[str]:
    """Compare the two sandboxes' own books.

    Args:
        centra: `/_sandbox/state` of the shop.
        mailchimp: `/_sandbox/state` of the audience.
        terms: What the pair has promised.
        others: Addresses in the audience that are none of the shop's business.

    Returns:
        One line for each thing that is wrong; empty where nothing is.
    """
    return list(_differences(centra, mailchimp, terms or Terms(), tuple(others)))


def _differences(centra: Json, mailchimp: Json, terms: Terms, others: tuple[str, ...]) -> Iterator[str]:
    audience = read_audience(mailchimp)
    known, sold, members = people(centra, terms), orders(centra, terms), audience.by_address()
    addresses = Addresses(centra["customers"], centra["orders"])
    erased = () if "erased people are gone" in terms.promised else addresses.erased
    yield from contacts.compare(known, audience, terms, {*others, *erased})
    yield from consent.compare(centra, known, members, terms)
    yield from sales.compare(known, sold, audience, terms)
    yield from goods.compare(centra, audience.store, terms)
    yield from mails.compare(sold, audience.mails, addresses, terms)
    yield from news.compare(sold, members, terms)
