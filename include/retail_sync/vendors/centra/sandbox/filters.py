"""Filter arguments as predicates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from graphql import GraphQLError

from retail_sync.vendors.centra.sandbox.tables import Get, Table

Predicate = Callable[[Any], bool]


def predicates(table: Table, where: Mapping[str, Any] | None) -> list[Predicate]:
    """One predicate for each filter argument; all of them have to hold.

    Raises:
        GraphQLError: An argument contradicts itself.
    """
    if not where:
        return []
    negated = set(where.get("negate") or ())
    found = [_present(_getter(table, name)) for name in where.get("notNull") or ()]
    for name, wanted in where.items():
        if name in ("negate", "notNull") or wanted is None:
            continue
        holds = _search(table, wanted) if name == "search" else _holds(_getter(table, name), wanted)
        found.append(_not(holds) if name in negated else holds)
    return found


def _getter(table: Table, name: str) -> Get:
    return table.fields.get(name, lambda _: None)


def _holds(get: Get, wanted: Any) -> Predicate:
    if isinstance(wanted, list):
        allowed = frozenset(wanted)
        return lambda one: get(one) in allowed
    if isinstance(wanted, dict):
        return _matches(get, wanted) if wanted.keys() & {"equals", "contains"} else _within(get, wanted)
    return lambda one: bool(get(one) == wanted)


def _matches(get: Get, wanted: Mapping[str, str]) -> Predicate:
    if len(wanted) != 1:
        raise GraphQLError("StringMatch takes exactly one key.")
    ((how, text),) = wanted.items()
    text = (text or "").lower()
    if how == "equals":
        return lambda one: (get(one) or "").lower() == text
    return lambda one: text in (get(one) or "").lower()


def _within(get: Get, wanted: Mapping[str, Any]) -> Predicate:
    """Both bounds are part of the range; an end that is not given is open."""
    low, high = wanted.get("from"), wanted.get("to")

    def holds(one: Any) -> bool:
        value = get(one)
        if value is None:
            return False
        if isinstance(value, datetime) and value.microsecond:
            value = value.replace(microsecond=0)
        return (low is None or value >= low) and (high is None or value <= high)

    return holds


def _search(table: Table, text: str) -> Predicate:
    wanted = text.lower()
    return lambda one: wanted in table.text(one).lower()


def _present(get: Get) -> Predicate:
    return lambda one: get(one) is not None


def _not(holds: Predicate) -> Predicate:
    return lambda one: not holds(one)
