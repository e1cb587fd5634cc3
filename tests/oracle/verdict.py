"""The judgement: everything that is wrong between a shop and its audience, in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from . import consent, contacts, goods, mails, news, sales
from .addresses import Addresses
from .audience import read_audience
from .shop import orders, people
from .terms import Json, Terms


def differences(books: Json, mailchimp: Json, terms: Terms | None = None, *, others: Iterable[str] = ()) -> list[str]:
    """Compare the two sandboxes' own books.

    Args:
        books: The books of the shop, in the plain shape of `tests.oracle.books`.
        mailchimp: `/_sandbox/state` of the audience.
        terms: What the pair has promised.
        others: Addresses in the audience that are none of the shop's business.

    Returns:
        One line for each thing that is wrong; empty where nothing is.
    """
    return list(_differences(books, mailchimp, terms or Terms(), tuple(others)))


def _differences(books: Json, mailchimp: Json, terms: Terms, others: tuple[str, ...]) -> Iterator[str]:
    audience = read_audience(mailchimp)
    known, sold, members = people(books, terms), orders(books, terms), audience.by_address()
    addresses = Addresses(books["customers"], books["orders"])
    erased = () if "erased people are gone" in terms.promised else addresses.erased
    yield from contacts.compare(known, audience, terms, {*others, *erased})
    yield from consent.compare(books, known, members, terms)
    yield from sales.compare(known, sold, audience, terms)
    yield from goods.compare(books, audience.store, terms)
    yield from mails.compare(sold, audience.mails, addresses, terms)
    yield from news.compare(sold, members, terms)
