"""Checking what a pair says of its orders: states without a word, words that nobody hears, mails that nobody gets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from retail_sync.model.people import OrderState
from retail_sync.model.ports import Finding
from retail_sync.model.views import DestinationView
from retail_sync.vendors.mailchimp.facts import ORDER_MAILS, ORDER_STATUSES
from retail_sync.vendors.mailchimp.order_life import field_of

_STATES: frozenset[str] = frozenset(get_args(OrderState))
#: States of which nothing has to be said: no order mail tells of them, and what stood before may stay.
_SILENT = {"financial.confirmed", "fulfillment.none"}


def order_words(view: DestinationView) -> Iterator[Finding]:
    """One finding for each thing that is odd, one for each mail, and one where nothing is odd."""
    odd = [*_unknown(view), *_unmapped(view), *_unheard(view), *_untold(view), *_unused(view)]
    yield from odd or [Finding("order statuses", ok=True, detail="every state has its word")]
    yield from _mails(view)


def _unknown(view: DestinationView) -> Iterator[Finding]:
    if unknown := sorted(set(view.statuses) - _STATES):
        detail = f"no order is ever {', '.join(unknown)}"
        yield Finding("order statuses", ok=False, detail=detail, fix="Correct mapping.order_statuses.")


def _unmapped(view: DestinationView) -> Iterator[Finding]:
    without = _STATES - _SILENT - set(ORDER_STATUSES) - set(view.statuses) - set(view.triggers)
    if without:
        detail = f"nothing is said of {', '.join(sorted(without))}"
        yield Finding("order statuses", ok=False, detail=detail, fix="Add them to mapping.order_statuses.")


def _unheard(view: DestinationView) -> Iterator[Finding]:
    """Words that are told, and that none of Mailchimp's mails listens to."""
    for state, words in view.triggers.items():
        mails = ORDER_MAILS[field_of(state)]
        for word in words:
            if word not in mails:
                yield Finding(
                    f"trigger {state}",
                    ok=False,
                    detail=f"no order mail of Mailchimp's listens to {word!r}, so that nothing is ever sent",
                    fix=f"Say one of {', '.join(sorted(mails))}, or name the word in mapping.order_statuses instead.",
                )


def _untold(view: DestinationView) -> Iterator[Finding]:
    """Words that a mail listens to, of states that are not told: another word stands in their place."""
    for state, word in view.statuses.items():
        if state in _STATES and state not in view.triggers and word in ORDER_MAILS[field_of(state)]:
            yield Finding(
                f"order status {state}",
                ok=False,
                detail=f"{word!r} writes to people, and {state} is not among triggers.orders: a quiet word is sent",
                fix="Add it to triggers.orders, or choose a word that no mail listens to.",
            )


def _unused(view: DestinationView) -> Iterator[Finding]:
    for state, words in view.triggers.items():
        if words and view.statuses.get(state, words[-1]) != words[-1]:
            yield Finding(
                f"order status {state}",
                ok=False,
                detail=f"{view.statuses[state]!r} is never said: what triggers.orders says last is what stands",
                fix="Remove it from mapping.order_statuses.",
            )


def _mails(view: DestinationView) -> Iterator[Finding]:
    """What sets each mail off. Whether it is turned on, Mailchimp's API does not show."""
    for field, mails in ORDER_MAILS.items():
        for word, mail in mails.items():
            states = sorted(
                state for state, words in view.triggers.items() if word in words and field_of(state) == field
            )
            told = f"set off by {', '.join(states)}, if it is turned on at Mailchimp" if states else "never set off"
            yield Finding(mail, ok=True, detail=told)
