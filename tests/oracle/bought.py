"""What a contact tells of what its person has bought: goods bought again, collections, and what is still fresh."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta

from .shop import Known, Sold
from .terms import Terms

_COLLECTION, _BOUGHT, _RETURNED = "Collection: ", "Just bought: ", "Recently returned: "
#: What has grown stale is taken away by the next run, which may be so far off.
_SLACK = timedelta(hours=1)


def texts(person: Known, terms: Terms) -> dict[str, str]:
    """The texts of a contact about goods: those in more than one order, and when the last ones may be used up."""
    times = Counter(sku for one in person.counted for sku in one.skus)
    return {
        "bought again": ", ".join(sorted(sku for sku, number in times.items() if number > 1)),
        "replenishment due": (person.counted[-1].at + terms.lasts).date().isoformat() if person.counted else "",
    }


def tags(person: Known, held: set[str], terms: Terms, told: Callable[[str], str]) -> Iterator[str]:
    """What is wrong with the tags of a contact about goods.

    Args:
        person: Whose they are.
        held: All tags of the contact.
        terms: What the pair has promised.
        told: What is compared of a text.
    """
    must = {told(tag): tag for one in person.counted for tag in _due(one, terms)}
    may = {told(tag) for one in person.counted for tag in _possible(one, terms)}
    has = {told(tag): tag for tag in held if tag.startswith((_COLLECTION, _BOUGHT, _RETURNED))}
    yield from (f"tag {must[tag]!r} of {person.email} is missing" for tag in sorted(must.keys() - has.keys()))
    # What the catalogue has dropped leaves tags behind of collections that nobody can look up any more, and not every
    # shop says of a gift card that was sold to which it belongs.
    unsure = any(one.dropped or one.gift_cards for one in person.counted)
    for tag in sorted(has.keys() - must.keys() - may):
        if not (unsure and has[tag].startswith(_COLLECTION)):
            yield f"tag {has[tag]!r} of {person.email} is too many"


def _due(sold: Sold, terms: Terms) -> Iterator[str]:
    """Tags that an order gives its buyer for certain."""
    yield from (_COLLECTION + name for name in sold.collections)
    if terms.at is not None and sold.at > terms.at - terms.just_bought_for:
        yield from (_BOUGHT + sku for sku in sold.skus)
    for sku, at in sold.came_back.items():
        if terms.at is not None and at > terms.at - terms.recently_returned_for:
            yield _RETURNED + sku


def _possible(sold: Sold, terms: Terms) -> Iterator[str]:
    """Tags that it may still give: the books tell when goods were announced to come back, and not when they did."""
    if terms.at is None or sold.at > terms.at - terms.just_bought_for - _SLACK:
        yield from (_BOUGHT + sku for sku in sold.skus)
    yield from (_RETURNED + sku for sku in sold.came_back)
