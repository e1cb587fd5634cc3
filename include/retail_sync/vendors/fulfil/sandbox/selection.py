"""Rows as answers: the fields that were asked for, under flat names, as JSON carries them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from retail_sync.vendors.fulfil.sandbox.fields import Context, Model
from retail_sync.vendors.fulfil.sandbox.refusals import user_error
from retail_sync.vendors.fulfil.sandbox.schema import Get, Schema
from retail_sync.vendors.fulfil.sandbox.settings import DateForm
from retail_sync.vendors.fulfil.sandbox.values import Encode, encoders

_Column = tuple[str, Get, Encode | None]


class Selections:
    """Turns rows into answers, and remembers how for fields that were asked for before.

    Args:
        schema: The models.
        form: How dates go out.
    """

    def __init__(self, schema: Schema, form: DateForm) -> None:
        self._schema, self._encoders = schema, encoders(form)
        self._known: dict[tuple[str, tuple[str, ...]], list[_Column]] = {}

    def read(
        self, model: Model, rows: Iterable[Any], fields: Sequence[str] | None, context: Context
    ) -> list[dict[str, Any]]:
        """The rows with their id and these fields, or with all of their model.

        Raises:
            RefusedError: A field does not exist.
        """
        columns = self._columns(model, fields)
        return [_row(row, columns, context) for row in rows]

    def _columns(self, model: Model, fields: Sequence[str] | None) -> list[_Column]:
        names = tuple(fields) if fields is not None else tuple(model.fields)
        key = (model.name, names)
        if key not in self._known:
            if not all(isinstance(name, str) for name in names):
                raise user_error("Names of fields are text")
            self._known[key] = [self._column(model, name) for name in dict.fromkeys(("id", *names))]
        return self._known[key]

    def _column(self, model: Model, name: str) -> _Column:
        field, get = self._schema.getter(model, name)
        return name, get, self._encoders.get(field.kind)


def _row(row: Any, columns: Sequence[_Column], context: Context) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    for name, get, encode in columns:
        value = get(row, context)
        answer[name] = value if encode is None or value is None else encode(value)
    return answer
