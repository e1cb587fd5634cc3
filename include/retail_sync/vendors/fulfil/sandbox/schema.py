"""All models of the merchant, and the ways from one to the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from operator import attrgetter
from typing import Any

from retail_sync.vendors.fulfil.sandbox.database import Database
from retail_sync.vendors.fulfil.sandbox.fields import Context, Field, Model, model, needed, plain
from retail_sync.vendors.fulfil.sandbox.models.fulfilment import fulfilment_models
from retail_sync.vendors.fulfil.sandbox.models.goods import goods_models
from retail_sync.vendors.fulfil.sandbox.models.money import money_models
from retail_sync.vendors.fulfil.sandbox.models.parties import party_models
from retail_sync.vendors.fulfil.sandbox.models.sales import sale_models
from retail_sync.vendors.fulfil.sandbox.refusals import problem, user_error
from retail_sync.vendors.fulfil.sandbox.settings import Settings

#: Names under which some models are known as well.
_ALIASES: Mapping[str, str] = {"customer_shipment": "stock.shipment.out"}
Get = Callable[[Any, Context], Any]


class Schema:
    """The models by name.

    Args:
        db: The tables.
        settings: The merchant.
    """

    def __init__(self, db: Database, settings: Settings) -> None:
        found = [
            *party_models(db),
            *sale_models(db),
            *fulfilment_models(db, settings),
            *goods_models(db),
            *money_models(db),
            model("ir.webhook", db.webhooks, _webhook_fields(), rec_name=attrgetter("event"), creatable=True),
            model("company.employee", db.employees, plain("char", "name")),
            model("ir.model", db.employees, plain("char", "name")),
        ]
        self._models = {one.name: one for one in found}

    @property
    def names(self) -> list[str]:
        """The names of all models."""
        return list(self._models)

    def model(self, name: str) -> Model:
        """A model by its name or its alias.

        Raises:
            RefusedError: There is none.
        """
        found = self._models.get(_ALIASES.get(name, name))
        if found is None:
            raise problem(404, f"Model {name} not found")
        return found

    def fields(self, of: Model, path: str) -> list[Field]:
        """The fields that a dotted name passes.

        Raises:
            RefusedError: A part of it is no field, or leads nowhere.
        """
        passed: list[Field] = []
        model: Model | None = of
        for name in path.split("."):
            field = model.fields.get(name) if model is not None else None
            if field is None:
                raise user_error(f"Field {path} does not exist on {of.name}")
            passed.append(field)
            model = self._models.get(field.target) if field.target else None
        return passed

    def getter(self, of: Model, path: str) -> tuple[Field, Get]:
        """The last field of a dotted name, and what gives its value of a row; a list on the way can't be read through.

        Raises:
            RefusedError: It is no field, or passes a list.
        """
        *way, last = self.fields(of, path)
        get = _own(last)
        for field in reversed(way):
            if field.kind != "many2one" or field.target is None:
                raise user_error(f"Field {path} of {of.name} can't be read through {field.name}")
            get = _through(field, self._models[field.target], get)
        return last, get

    def values(self, of: Model, path: str) -> tuple[Field, Callable[[Any], Iterator[Any]]]:
        """The last field of a dotted name, and what gives all values that a row leads to, through lists too."""
        *way, last = self.fields(of, path)

        def read(row: Any) -> Iterator[Any]:
            value = last.get(row)
            if last.kind == "list":
                yield from value
            else:
                yield value

        found: Callable[[Any], Iterator[Any]] = read
        for field in reversed(way):
            found = _each(field, self._models[field.target or ""], found)
        return last, found


def _webhook_fields() -> list[Field]:
    return [needed("char", "event"), needed("char", "url"), *plain("char", "secret"), *plain("boolean", "active")]


def _own(field: Field) -> Get:
    if field.in_context is not None:
        return field.in_context
    get = field.get
    return lambda row, _: get(row)


def _through(field: Field, target: Model, get: Get) -> Get:
    rows, link = target.table.rows, field.get

    def read(row: Any, context: Context) -> Any:
        linked = rows.get(link(row))
        return None if linked is None else get(linked, context)

    return read


def _each(field: Field, target: Model, read: Callable[[Any], Iterator[Any]]) -> Callable[[Any], Iterator[Any]]:
    rows, link = target.table.rows, field.get

    def each(row: Any) -> Iterator[Any]:
        linked = link(row)
        for number in linked if isinstance(linked, list) else [linked]:
            if number in rows:
                yield from read(rows[number])

    return each
