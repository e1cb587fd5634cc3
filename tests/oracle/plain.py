"""The books of both ends, whichever systems they are, in the plain shapes that the oracle judges."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from .account import Account
from .terms import Json


def plain_books(system: str, state: Json) -> Json:
    """The books of a shop's system: customers, newsletter_subscriptions, products, orders, returns.

    A system whose books have another shape has a module of its name in `books`, which computes the shape from them;
    Centra's have it themselves.

    Args:
        system: The system's name, such as `fulfil`.
        state: What its sandbox shows of its books.
    """
    module = f"{__package__}.books.{system}"
    if find_spec(module) is None:
        return state
    plain: Json = import_module(module).read(state)
    return plain


def plain_account(platform: str, state: Json) -> Account:
    """The account of a marketing platform.

    Args:
        platform: The platform's name, such as `mailchimp`.
        state: What its sandbox shows of its books.
    """
    account: Account = import_module(f"{__package__}.accounts.{platform}").read(state)
    return account


def lacks(platform: str) -> frozenset[str]:
    """What a marketing platform has no place for, in the words of `terms.LACKING`."""
    found: frozenset[str] = import_module(f"{__package__}.accounts.{platform}").LACKS
    return found
