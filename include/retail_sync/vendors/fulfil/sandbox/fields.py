"""What a model is: its fields, of which kind each is and where its value comes from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Literal

from retail_sync.vendors.fulfil.sandbox.tables import Table

Kind = Literal[
    "integer", "char", "boolean", "float", "numeric", "date", "datetime", "many2one", "list", "reference", "dict"
]
Get = Callable[[Any], Any]
#: What a request says of how to read, such as `active_test` and `locations`.
Context = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a model.

    Attributes:
        get: Gives its value of a row.
        target: The model that it leads to.
        inverse: The field of the target that lists the rows which lead to it; a reference's target is what it names.
        stored: Whether it is kept as it is, so that it may be written.
        searchable: Whether a domain may use it.
        needed: Whether a new row must have it.
        choices: The only values that may be written, where there are such.
        in_context: Gives its value of a row where the request's context matters.
    """

    name: str
    kind: Kind
    get: Get
    target: str | None = None
    inverse: str | None = None
    stored: bool = True
    searchable: bool = True
    needed: bool = False
    choices: frozenset[str] = frozenset()
    in_context: Callable[[Any, Context], Any] | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """A model and its table.

    Attributes:
        order: How rows are sorted where the request says nothing.
        creatable: Whether rows may be made through the API.
    """

    name: str
    table: Table[Any]
    fields: Mapping[str, Field]
    order: Sequence[tuple[str, str]] = (("id", "ASC"),)
    creatable: bool = False

    @property
    def archives(self) -> bool:
        """Whether rows can be archived."""
        return "active" in self.fields


def plain(kind: Kind, *names: str) -> list[Field]:
    """Fields that are kept under their own name."""
    return [Field(name, kind, attrgetter(name)) for name in names]


def needed(
    kind: Kind,
    name: str,
    target: str | None = None,
    inverse: str | None = None,
    *,
    choices: frozenset[str] = frozenset(),
) -> Field:
    """A field that every new row must have."""
    return Field(name, kind, attrgetter(name), target, inverse, needed=True, choices=choices)


def link(name: str, target: str, inverse: str | None = None) -> Field:
    """A field with the id of another row, or none."""
    return Field(name, "many2one", attrgetter(name), target, inverse)


def links(name: str, target: str, inverse: str | None = None) -> Field:
    """A field with the ids of other rows."""
    return Field(name, "list", attrgetter(name), target, inverse)


def computed(kind: Kind, name: str, get: Get, target: str | None = None, inverse: str | None = None) -> Field:
    """A field that is worked out when it is read."""
    return Field(name, kind, get, target, inverse, stored=False)


def absent(kind: Kind, *names: str) -> list[Field]:
    """Fields that the vendor has and this merchant has no use for."""
    return [computed(kind, name, lambda _: None) for name in names]


def model(
    name: str,
    table: Table[Any],
    fields: Sequence[Field],
    *,
    rec_name: Get = attrgetter("name"),
    order: Sequence[tuple[str, str]] = (("id", "ASC"),),
    creatable: bool = False,
) -> Model:
    """A model with the fields that all have and its own."""
    shared = [
        *plain("integer", "id", "create_uid", "write_uid"),
        *plain("datetime", "create_date", "write_date"),
        computed("char", "rec_name", rec_name),
    ]
    return Model(name, table, {one.name: one for one in [*shared, *fields]}, order, creatable)
