"""Finding rows: by domain, in an order, a page of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from retail_sync.vendors.fulfil.sandbox.domains import Clause, clauses, named, predicate
from retail_sync.vendors.fulfil.sandbox.fields import Context, Model
from retail_sync.vendors.fulfil.sandbox.refusals import user_error
from retail_sync.vendors.fulfil.sandbox.schema import Get, Schema

Order = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as it was sent: which rows, in which order, and which part of them; no limit is all."""

    domain: Any
    offset: int = 0
    limit: int | None = None
    order: Any = None


class Finder:
    """Finds rows.

    Args:
        schema: The models.
    """

    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    def rows(self, model: Model, domain: Any, order: Any, context: Context) -> Iterator[Any]:
        """All rows that fit, sorted. Archived ones only where the domain or the context speaks of them.

        Raises:
            RefusedError: The domain or the order names what does not exist.
        """
        fits = predicate(self._schema, model, domain)
        rows = (row for row in self._candidates(model, clauses(domain)) if fits(row))
        if model.archives and context.get("active_test", True) and "active" not in set(named(domain)):
            is_active = model.fields["active"].get
            rows = (row for row in rows if is_active(row))
        return self._sorted(model, rows, self._order(model, order))

    def page(self, model: Model, asked: Asked, context: Context) -> list[Any]:
        """A part of the rows that fit."""
        end = None if asked.limit is None else asked.offset + asked.limit
        return list(islice(self.rows(model, asked.domain, asked.order, context), asked.offset, end))

    def count(self, model: Model, domain: Any, context: Context) -> int:
        """How many rows fit."""
        return sum(1 for _ in self.rows(model, domain, [("id", "ASC")], context))

    def _candidates(self, model: Model, must_hold: Sequence[Clause]) -> Iterator[Any]:
        """The rows that may fit, by id: all of them, or fewer where the domain names ids."""
        table, least, found = model.table, 0, None
        for clause in must_hold:
            numbers = _numbers(clause)
            if clause.path == "id" and clause.operator == ">" and isinstance(clause.value, int):
                least = max(least, clause.value)
            elif numbers is not None and found is None:
                found = self._named(model, clause.path, numbers)
        if found is None:
            return table.after(least)
        return (table.rows[number] for number in sorted(set(found)) if number > least and number in table.rows)

    def _named(self, model: Model, path: str, numbers: Sequence[int]) -> list[int] | None:
        """The ids of the rows that lead to given rows, where those list them."""
        if path == "id":
            return list(numbers)
        field = model.fields.get(path)
        if field is None or field.inverse is None or field.target is None:
            return None
        target = self._schema.model(field.target)
        back = target.fields[field.inverse].get
        linked = (target.table.rows.get(number) for number in numbers)
        return [number for row in linked if row is not None for number in back(row)]

    def _order(self, model: Model, order: Any) -> Order:
        if not order:
            return model.order
        try:
            pairs = [(str(name), str(direction or "ASC").upper()) for name, direction in order]
        except (TypeError, ValueError) as error:
            raise user_error(f"{order!r} is no order", "E1002") from error
        for _, direction in pairs:
            if direction not in ("ASC", "DESC"):
                raise user_error(f"{direction!r} is no direction", "E1002")
        return pairs

    def _sorted(self, model: Model, rows: Iterable[Any], order: Order) -> Iterator[Any]:
        getters = [(self._getter(model, name), direction == "DESC") for name, direction in order]
        if order[0] == ("id", "ASC"):
            return iter(rows)
        found = list(rows)
        for get, descending in reversed(getters):
            found.sort(key=lambda row, get=get: _place(get(row, {})), reverse=descending)  # type: ignore[misc]
        return iter(found)

    def _getter(self, model: Model, name: str) -> Get:
        field, get = self._schema.getter(model, name)
        if field.kind in ("list", "dict"):
            raise user_error(f"Rows can't be ordered by {name}", "E1002")
        return get


def _place(value: Any) -> tuple[bool, Any]:
    """What has no value stands last, and first when the order is turned around, as in PostgreSQL."""
    return (True, 0) if value is None else (False, value)


def _numbers(clause: Clause) -> list[int] | None:
    """The ids that a clause names."""
    if clause.operator == "=" and isinstance(clause.value, int):
        return [clause.value]
    if clause.operator == "in" and isinstance(clause.value, list):
        return [number for number in clause.value if isinstance(number, int)]
    return None
