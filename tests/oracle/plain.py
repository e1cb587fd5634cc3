"""The books of a shop's system, whichever it is, in the one plain shape that the oracle judges by."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from .terms import Json


def plain_books(system: str, state: Json) -> Json:
    """The books of a system in the plain shape: customers, newsletter_subscriptions, products, orders, returns.

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
