"""What clients change: rows that they make, edit and delete, refused where the vendor would refuse."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from retail_sync.vendors.fulfil.sandbox import webhooks
from retail_sync.vendors.fulfil.sandbox.fields import Field, Model
from retail_sync.vendors.fulfil.sandbox.refusals import problem, user_error
from retail_sync.vendors.fulfil.sandbox.schema import Schema
from retail_sync.vendors.fulfil.sandbox.values import as_kind

#: The user of every token, as edits name it.
API_USER = 60
#: What the database itself keeps.
_KEPT = frozenset({"id", "rec_name", "create_date", "write_date", "create_uid", "write_uid"})
#: What nothing else leads to but the record that it belongs to.
_DELETABLE = frozenset({"party.contact_mechanism", "metafield.value", "ir.webhook"})
Values = Mapping[str, Any]


class Writer:
    """Changes rows.

    Args:
        schema: The models.
        now: The time, naive and in UTC.
    """

    def __init__(self, schema: Schema, now: Callable[[], datetime]) -> None:
        self._schema, self._now = schema, now

    def create(self, model: Model, rows: Any) -> list[Any]:
        """Make rows, and those that they bring along.

        Raises:
            RefusedError: Such rows can't be made, or not so.
        """
        if not isinstance(rows, list) or not all(isinstance(one, dict) for one in rows):
            raise user_error("A list of objects is needed")
        return [self._create(model, one) for one in rows]

    def _create(self, model: Model, given: Values) -> Any:
        if not model.creatable:
            raise problem(403, f"Not allowed to create {model.name}")
        if model.name == "sale.sale" and given.get("state", "draft") != "draft":
            raise user_error("Only draft sales can be created", "E1000")
        for field in model.fields.values():
            if field.needed and given.get(field.name) is None:
                raise user_error(f"The field {field.name} on {model.name} is required")
        values, commands = self._checked(model, given)
        row = model.table.add(create_date=self._now(), create_uid=API_USER, **_defaults(model, values))
        for name in values:
            self._join(model.fields[name], row)
        for field, command in commands:
            self._command(row, field, command)
        return row

    def write(self, model: Model, numbers: Any, given: Any) -> None:
        """Edit rows: all of them or none.

        Raises:
            RefusedError: A row or a field does not exist, or a value does not fit.
        """
        if not isinstance(given, dict):
            raise user_error("The values are no object")
        values, commands = self._checked(model, given)
        for row in self.existing(model, numbers):
            for name, value in values.items():
                self._leave(model.fields[name], row)
                setattr(row, name, value)
                self._join(model.fields[name], row)
            for field, command in commands:
                self._command(row, field, command)
            row.write_date, row.write_uid = self._now(), API_USER

    def delete(self, model: Model, numbers: Any) -> None:
        """Delete rows.

        Raises:
            RefusedError: They may not be deleted, or are not there.
        """
        if model.name not in _DELETABLE:
            raise user_error(f"Records of {model.name} can't be deleted")
        for row in self.existing(model, numbers):
            for field in model.fields.values():
                self._leave(field, row)
            model.table.delete(row.id)

    def existing(self, model: Model, numbers: Any) -> list[Any]:
        """The rows of ids, in their order.

        Raises:
            RefusedError: One of them is not there.
        """
        if not isinstance(numbers, list) or not all(isinstance(one, int) for one in numbers):
            raise user_error("A list of ids is needed")
        missing = [number for number in numbers if number not in model.table.rows]
        if missing:
            raise user_error(f"Records of {model.name} do not exist: {missing}")
        return [model.table.rows[number] for number in numbers]

    def _checked(self, model: Model, given: Values) -> tuple[dict[str, Any], list[tuple[Field, list[Any]]]]:
        """The plain values, and the commands for lists."""
        values: dict[str, Any] = {}
        commands: list[tuple[Field, list[Any]]] = []
        for name, value in given.items():
            field = model.fields.get(name)
            if field is None:
                raise user_error(f"Field {name} does not exist on {model.name}")
            if not field.stored or name in _KEPT:
                raise user_error(f"Field {name} of {model.name} is read only")
            if field.kind == "list":
                commands += [(field, command) for command in self._commands(field, value)]
            else:
                values[name] = self._value(field, value)
        return values, commands

    def _value(self, field: Field, value: Any) -> Any:
        if value is None and field.needed:
            raise user_error(f"The field {field.name} is required")
        try:
            kept = as_kind(field.kind, value)
        except ValueError as error:
            raise user_error(f"{field.name}: {error}") from error
        if (
            field.kind == "many2one"
            and kept is not None
            and kept not in self._schema.model(field.target or "").table.rows
        ):
            raise user_error(f"{field.name}: there is no {field.target} {kept}")
        if field.choices and kept not in field.choices:
            raise user_error(f"{field.name}: {kept!r} is none of the values to choose from")
        return kept

    def _commands(self, field: Field, value: Any) -> list[list[Any]]:
        """Lists are changed by commands, such as `["add", [3]]`; a bare list of ids is none."""
        if not isinstance(value, list) or not all(isinstance(one, list) and len(one) >= 2 for one in value):
            raise user_error(f"{field.name}: a list of commands is needed")
        for command in value:
            if command[0] not in ("add", "remove", "create", "delete"):
                raise user_error(f"{field.name}: there is no command {command[0]!r}")
            if command[0] != "create":
                self.existing(self._schema.model(field.target or ""), command[1])
        return value

    def _command(self, row: Any, field: Field, command: list[Any]) -> None:
        target, (word, what) = self._schema.model(field.target or ""), command[:2]
        listed: list[int] = getattr(row, field.name)
        if word == "create":
            if field.inverse:
                what = [{**one, field.inverse: row.id} for one in what]
            made = [one.id for one in self.create(target, what)]
            listed.extend(number for number in made if number not in listed)
        elif word == "delete":
            self.delete(target, what)
            listed[:] = [number for number in listed if number in target.table.rows]
        else:
            numbers = [one.id for one in self.existing(target, what)]
            kept = [number for number in listed if number not in numbers]
            listed[:] = [*kept, *numbers] if word == "add" else kept

    def _join(self, field: Field, row: Any) -> None:
        """List a row with what it leads to."""
        back = self._back(field, row)
        if back is not None and row.id not in back:
            back.append(row.id)

    def _leave(self, field: Field, row: Any) -> None:
        """Take a row from the list of what it leads to."""
        back = self._back(field, row)
        if back is not None and row.id in back:
            back.remove(row.id)

    def _back(self, field: Field, row: Any) -> list[int] | None:
        """The list in which a row stands because of a field."""
        value = getattr(row, field.name) if field.inverse and field.stored else None
        if field.kind == "list" or field.inverse is None or value is None:
            return None
        model, number = (field.target or "", value) if field.kind == "many2one" else _referred(value)
        linked = self._schema.model(model).table.rows.get(number)
        back: list[int] | None = getattr(linked, field.inverse, None)
        return back


def _referred(reference: str) -> tuple[str, int]:
    """What `model,id` names."""
    model, _, number = reference.partition(",")
    if not number.isdecimal():
        raise user_error(f"{reference!r} names no record")
    return model, int(number)


def _defaults(model: Model, values: dict[str, Any]) -> dict[str, Any]:
    """What a new row has besides what was given."""
    if model.name == "sale.sale" and values.get("number") is None:
        values["number"] = f"SO{model.table.next_id}"
    if model.name == "ir.webhook":
        return webhooks.complete(values)
    if model.name == "sale.line":
        values.setdefault("description", "")
        price = values.get("unit_price") or 0
        values = {**values, "unit_price": price, "gross_price": price, "quantity": int(values.get("quantity") or 1)}
    return values
