"""What a rule is: one object from which the SQL pass, the Great Expectations suite and the manual are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from retail_sync.model.records import Stream
from retail_sync.pairs.config import RuleOverride
from retail_sync.pairs.part import Effect, Owner

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation

Severity = Literal["critical", "warning", "info"]
#: What rules judge: the records of a stream, or the names of the attributes that customers carry.
Sheet = Stream | Literal["attributes"]

_SEVERITY: dict[Effect, Severity] = {
    "exclude": "info",
    "warn": "warning",
    "hold_event": "warning",
    "hold_field": "warning",
    "hold_record": "critical",
    "stop": "critical",
}
#: What each effect means to whoever reads of it.
EFFECTS: dict[Effect, str] = {
    "exclude": "stays out of the destination, and is no failure",
    "hold_record": "is held back; what was accepted of it last stays",
    "hold_event": "counts, and its shipping news wait",
    "hold_field": "goes, and the field in question stays empty",
    "warn": "goes as it is",
    "stop": "stops the run before anything is sent",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule over the sealed rows of one stream.

    `fails` and `expectation` say the same in two languages. They must count alike for every row, NULLs included: an
    expectation over a column passes NULL by itself, so either the predicate does too, or the view that Great
    Expectations reads (`quality.sealed_<stream>`) shows something else in its place.

    Attributes:
        id: The rule's name in pair files, verdicts and pages; it begins with the singular of the stream.
        stream: Whose rows it judges, or `attributes`: the names of those that customers carry, each name once.
        owner: Whose turn it is when a row fails.
        effect: What becomes of a row that fails.
        description: What a good row looks like, in plain words.
        next_step: What the owner should do.
        fails: SQL predicate over the columns of `quality.batch_<stream>`; true is a failure, NULL is none.
        expectation: Name of a Great Expectations class.
        arguments: Its arguments, over the columns of `quality.sealed_<stream>`.
        detail: SQL text expression that tells the owner more; free of addresses.
        threshold: Share of failing rows above which the run stops (0 to 1), or None.
    """

    id: str
    stream: Sheet
    owner: Owner
    effect: Effect
    description: str
    next_step: str
    fails: str
    expectation: str
    arguments: Mapping[str, Any]
    detail: str = "null"
    threshold: float | None = None

    @property
    def severity(self) -> Severity:
        """How bad a failure is, which follows from what it leads to."""
        return _SEVERITY[self.effect]

    @property
    def sets_aside(self) -> bool:
        """Whether a row that fails is kept back, wholly or in part."""
        return self.effect in ("exclude", "hold_record", "hold_event", "hold_field")

    @property
    def source(self) -> Stream:
        """The stream without which there is nothing to judge."""
        return "customers" if self.stream == "attributes" else self.stream

    @property
    def possible(self) -> frozenset[Effect]:
        """The effects that a pair may give it: names of attributes can't be held, nor can what happened to no order."""
        always: frozenset[Effect] = frozenset({"warn", "stop"})
        if self.stream == "attributes":
            return always
        return always | {"exclude", "hold_record", self.effect} | ({"hold_event"} if self.stream == "orders" else set())

    def changed_by(self, override: RuleOverride | None) -> Rule:
        """This rule as a pair wants it."""
        if override is None:
            return self
        return replace(
            self,
            effect=override.effect or self.effect,
            owner=override.owner or self.owner,
            threshold=self.threshold if override.threshold is None else override.threshold,
        )

    def to_expectation(self) -> Expectation:
        """The rule as Great Expectations judges it. Imports Great Expectations.

        The id stands in the description because Data Docs show neither `meta` nor severity. Severity is given to the
        instance: a class's own default is lost when a suite is stored.
        """
        from great_expectations import expectations

        build = getattr(expectations, self.expectation)
        expectation: Expectation = build(
            **self.arguments,
            severity=self.severity,
            description=f"[{self.id} · {self.effect}] {self.description}",
            meta={"rule": self.id},
        )
        return expectation
