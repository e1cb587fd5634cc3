"""What a destination is told of the pair that it serves, and what it says of its contact fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Literal

from .happenings import HappeningName
from .people import OrderState


@dataclass(frozen=True, slots=True)
class DestinationView:
    """What a destination may know of the pair that it serves.

    Attributes:
        pair: The pair's name.
        source_account: The account whose objects it is given; part of object ids.
        mapping: Contact fields of the destination, by their own name: `{"LTV": FieldMapping(...)}`.
        tags: Names of the facts that become tags.
        currency: The pair's currency for facts.
        statuses: The pair's own words for order states at this destination, by canonical state.
        triggers: By canonical state, the words that are said as steps when an order comes to it, since they set
            something off there.
        useful_for: For how long after it happened a step is of use.
        events: By what happened, the pair's name for it at this destination; of what is not here nothing is told.
        withheld: Names of the facts that are not told as yet. What would hold them is none of the pair's until then.
        without_consent: What becomes of people who never opted in: a contact that gets no marketing, or none.
        double_opt_in: Whether a new subscriber must confirm by mail first.
    """

    pair: str
    source_account: str
    mapping: Mapping[str, FieldMapping]
    tags: Sequence[str]
    currency: str
    statuses: Mapping[str, str] = field(default_factory=dict)
    triggers: Mapping[OrderState, Sequence[str]] = field(default_factory=dict)
    useful_for: timedelta = timedelta(hours=48)
    events: Mapping[HappeningName, str] = field(default_factory=dict)
    withheld: frozenset[str] = frozenset()
    without_consent: Literal["transactional", "skip"] = "transactional"
    double_opt_in: bool = False

    @property
    def told(self) -> DestinationView:
        """The pair without the fields and tags of facts that are withheld."""
        fields = {name: field for name, field in self.mapping.items() if field.value not in self._withheld_paths}
        return replace(self, mapping=fields, tags=[name for name in self.tags if name not in self.withheld])

    @property
    def _withheld_paths(self) -> frozenset[str]:
        return frozenset(f"facts.{name}" for name in self.withheld)


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """Which canonical value fills a contact field, and as which type the destination should hold it.

    `value` is a path into `Person`: `first_name`, `address.city`, `facts.lifetime_value`, `attributes.loyalty`.
    """

    value: str
    type: str = "text"
    label: str = ""
    length: int | None = None
    choices: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class FieldLimit:
    r"""What one contact field of a destination takes.

    Patterns are regular expressions that Python and Postgres read alike: no class escapes but `\uXXXX`.

    Attributes:
        field: The destination's name of it.
        value: The path into `Person` that fills it.
        type: What must be there: any text, a number, a day (a text that begins as `2026-05-01`), a whole address.
        length: Characters; what is longer is cut when it is rendered, or left out where it has a form.
        form: What the whole text must look like, or None.
        choices: What it may be; empty where anything may.
        cleaned: What rendering takes out of a text, or None.
        refused: What makes the destination refuse the whole contact, wherever it stands in the text; or None.
    """

    field: str
    value: str
    type: Literal["text", "number", "day", "address"] = "text"
    length: int | None = None
    form: str | None = None
    choices: Sequence[str] = ()
    cleaned: str | None = None
    refused: str | None = None
