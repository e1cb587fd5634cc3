"""What really happened to each person, in the one true time that none of the clocks shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

#: At the shop: a box is ticked or unticked by the customer, or unticked by us (`told`).
SHOP = ("yes", "no", "told")
#: At the platform: ways of leaving, of being put away, and of coming back.
LEFT = ("left", "bounced", "unsubscribed")
PUT_AWAY = ("archived", "deleted")


class Word(NamedTuple):
    """One thing that was said or done.

    Attributes:
        what: One of the above; or at the platform `created` (by us, as a subscriber), `imported` (by an admin, without
            evidence), `form` (by the person's own hand).
        record: The shop's record that it is about, if any.
        row: Our outbox row, where it was us.
    """

    at: datetime
    what: str
    record: str = ""
    row: int = 0


@dataclass
class Life:
    """A person: one address, with one or more records at the shop.

    Attributes:
        seen_out: Whether the pair was ever shown that the contact had left, and not that it came back since.
        seen_back: Whether the pair was ever shown that it was imported after that.
    """

    email: str
    records: list[str]
    words: list[Word] = field(default_factory=list)
    seen_out: bool = False
    seen_back: bool = False

    def last(self, *what: str, record: str | None = None, before: Word | None = None) -> Word | None:
        """The newest word of these, of one record, before another; None where there is none."""
        words = self.words if before is None else self.words[: self.words.index(before)]
        found = (word for word in reversed(words) if word.what in what and record in {None, word.record})
        return next(found, None)

    def says_yes(self, record: str) -> bool:
        """Whether a record's box is ticked."""
        word = self.last(*SHOP, record=record)
        return word is not None and word.what == "yes"


def after(one: Word | None, other: Word | None) -> bool:
    """Whether the first word was said, and after the second if that was said at all."""
    return one is not None and (other is None or one.at > other.at)


def by_record(lives: Iterable[Life]) -> dict[str, Life]:
    """Lives by the shop's records."""
    return {record: life for life in lives for record in life.records}
