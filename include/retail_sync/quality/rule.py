"""What a rule is: one object from which the SQL pass, the Great Expectations suite and the manual are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from retail_sync.model.records import Stream
from retail_sync.pairs.config import Effect, Owner, RuleOverride

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation

Severity = Literal["critical", "warning", "info"]

_SEVERITY: dict[Effect, Severity] = {
    "exclude": "info",
    "warn": "warning",
    "hold_event": "warning",
    "hold_record": "critical",
    "stop": "critical",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule over the sealed rows of one stream.

    `fails` and `expectation` say the same in two languages. They must count alike for every row, NULLs included: an
    expectation over a column passes NULL by itself, so either the predicate does too, or the view that Great
    Expectations reads (`quality.sealed_<stream>`) shows something else in its place.

    Attributes:
        id: The rule's name in pair files, verdicts and pages; it begins with the singular of the stream.
        stream: Whose rows it judges.
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
    stream: Stream
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
        return self.effect in ("exclude", "hold_record", "hold_event")

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
