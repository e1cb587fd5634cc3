"""The judgement: everything that is wrong between a shop and a marketing platform, in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from . import consent, contacts, goods, mails, news, sales, store
from .account import Account
from .addresses import Addresses
from .shop import orders, people
from .terms import Json, Terms


def differences(books: Json, account: Account, terms: Terms | None = None, *, others: Iterable[str] = ()) -> list[str]:
    """Compare the two sandboxes' own books.

    Args:
        books: The books of the shop, in the plain shape of `tests.oracle.books`.
        account: The marketing platform's, in the plain shape of `tests.oracle.accounts`.
        terms: What the pair has promised, and what the platform has no place for.
        others: Addresses of contacts that are none of the shop's business.

    Returns:
        One line for each thing that is wrong; empty where nothing is.
    """
    return list(_differences(books, account, terms or Terms(), tuple(others)))


def _differences(books: Json, account: Account, terms: Terms, others: tuple[str, ...]) -> Iterator[str]:
    known, sold, members = people(books, terms), orders(books, terms), account.by_address()
    addresses = Addresses(books["customers"], books["orders"])
    erased = () if "erased people are gone" in terms.promised else addresses.erased
    yield from contacts.compare(known, account, terms, {*others, *erased})
    yield from consent.compare(books, known, members, terms)
    yield from sales.compare(sold, account, terms)
    yield from store.compare(known, sold, account, terms)
    if "catalogue" not in terms.lacks:
        yield from goods.compare(books, account.store, terms)
    yield from mails.compare(sold, account.mails, addresses, terms)
    yield from news.compare(sold, members, terms)
    yield from account.stray
