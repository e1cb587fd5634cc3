"""The life of an order: what happened to its money and to its goods, when, and what is said of each at Mailchimp."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import NamedTuple

from retail_sync.errors import ConfigurationError
from retail_sync.model.people import OrderState, SoldOrder
from retail_sync.model.records import Order, Shipment
from retail_sync.model.views import DestinationView
from retail_sync.vendors.mailchimp.facts import ORDER_MAILS, ORDER_STATUSES, MailchimpSettings


class Moment(NamedTuple):
    """An order came to a state."""

    state: OrderState
    at: datetime


class Said(NamedTuple):
    """One word said of an order.

    Attributes:
        field: The field of an order that takes it.
        word: What the field then holds, empty where it holds nothing.
        step: The step by which it is said, or empty where it sets nothing off.
        at: When what it tells of happened.
    """

    field: str
    word: str
    step: str
    at: datetime


class Words:
    """What a pair says of each state of an order.

    Args:
        view: The pair.
        settings: Its Mailchimp settings.

    Raises:
        ConfigurationError: A quiet word is none.
    """

    def __init__(self, view: DestinationView, settings: MailchimpSettings) -> None:
        self._statuses = ORDER_STATUSES | dict(view.statuses)
        self._triggers = view.triggers
        self._quiet = settings.quiet_statuses
        self.loud = loud_words(view)
        for field, words in self.loud.items():
            for word in words:
                if self.quiet(word) in words:
                    raise ConfigurationError(
                        f"{self.quiet(word)!r} stands for {word!r} where nobody may be written to, and sets a mail off",
                        record="destination.settings.quiet_statuses",
                        fix=f"Choose a word that nothing listens to in {field}.",
                    )

    def of(self, moments: Sequence[Moment]) -> Iterator[Said]:
        """What is said of an order, in the order in which it is said."""
        said = dict.fromkeys(self.loud, "")
        for moment in moments:
            field = field_of(moment.state)
            told = self._triggers.get(moment.state, ())
            for place, word in enumerate(told):
                step = moment.state if place == 0 else f"{moment.state}.{place + 1}"
                yield Said(field, word, step, moment.at)
            word = told[-1] if told else self._untold(moment.state, said[field])
            said[field] = word
            if not told:
                yield Said(field, word, "", moment.at)

    def _untold(self, state: OrderState, said: str) -> str:
        """What stands for a state that is not told: a word that is said already may stay, and no new one be loud."""
        word = self._statuses.get(state, said)
        return self.quiet(word) if word != said and word in self.loud[field_of(state)] else word

    def quiet(self, word: str) -> str:
        """What stands for a word where nobody may be written to."""
        return self._quiet.get(word, f"{word}_before")


def loud_words(view: DestinationView) -> dict[str, frozenset[str]]:
    """By field, the words that set something off: those of Mailchimp's own mails, and what the pair tells."""
    loud = {field: set(mails) for field, mails in ORDER_MAILS.items()}
    for state, words in view.triggers.items():
        loud[field_of(state)].update(words)
    return {field: frozenset(words) for field, words in loud.items()}


def field_of(state: str) -> str:
    """The field of an order that holds a state of this sort."""
    return "financial_status" if state.startswith("financial.") else "fulfillment_status"


def moments(sold: SoldOrder) -> list[Moment]:
    """What an order came to, in the order in which it happened, from its being placed on.

    A cancelled order is nothing else any more: whoever was not told of it before is not told what it once was.
    """
    order = sold.order
    start = Moment("fulfillment.none", order.placed_at)
    if order.status == "cancelled":
        return [start, Moment("financial.cancelled", _cancelled_at(order))]
    money, goods = list(_money(sold)), [start, *_goods(sold)]
    # Within each of the two nothing goes back in time, whatever the source's times say.
    for one in (money, goods):
        for place in range(1, len(one)):
            one[place] = one[place]._replace(at=max(one[place].at, one[place - 1].at))
    return sorted(chain(money, goods), key=lambda moment: moment.at)


def _money(sold: SoldOrder) -> Iterator[Moment]:
    order = sold.order
    yield Moment("financial.pending", order.placed_at)
    if order.status not in {"pending", "unknown"}:
        # No source says when an order was confirmed.
        yield Moment("financial.confirmed", order.placed_at)
    captured = [payment.at for payment in order.payments if payment.kind == "captured" and payment.succeeded]
    # Nothing is captured of an order that a voucher paid whole.
    free = order.total == 0 and order.status not in {"pending", "unknown"}
    if captured or free:
        yield Moment("financial.captured", max(captured, default=order.placed_at))
    if sold.refunded > 0 and sold.refunded_at is not None:
        # Goods that came back reduce an order at once; that money went back is only said once it has.
        whole = sold.net_total <= 0
        yield Moment("financial.refunded" if whole else "financial.partially_refunded", sold.refunded_at)


def _goods(sold: SoldOrder) -> Iterator[Moment]:
    """What has left, without the parcels that a rule holds back."""
    if sold.hold_shipping:
        return
    order, left = sold.order, sold.told_parcels
    # A parcel that does not say when it left is not younger than its order.
    times = [parcel.shipped_at or order.placed_at for parcel in left]
    whole = not sold.untold and (order.status == "shipped" or _all_left(order, left))
    if left and (len(left) > 1 or not whole):
        yield Moment("fulfillment.partly_shipped", min(times))
    if whole:
        yield Moment("fulfillment.shipped", max(times, default=order.placed_at))


def _all_left(order: Order, left: Sequence[Shipment]) -> bool:
    sent: dict[str, int] = {}
    for line in (line for parcel in left for line in parcel.lines):
        sent[line.line_key] = sent.get(line.line_key, 0) + line.quantity
    return bool(sent) and all(sent.get(line.key, 0) >= line.quantity for line in order.lines if line.kind == "goods")


def _cancelled_at(order: Order) -> datetime:
    """When money that was set aside was let go, else when the order last changed."""
    released = [payment.at for payment in order.payments if payment.kind == "released" and payment.succeeded]
    return max(released, default=order.updated_at)
