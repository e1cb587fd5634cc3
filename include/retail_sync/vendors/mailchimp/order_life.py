"""What is said at Mailchimp of each state that an order comes to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from retail_sync.errors import ConfigurationError
from retail_sync.model.moments import Moment
from retail_sync.model.people import OrderState
from retail_sync.model.views import DestinationView
from retail_sync.vendors.mailchimp.facts import ORDER_MAILS, ORDER_STATUSES, MailchimpSettings


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
