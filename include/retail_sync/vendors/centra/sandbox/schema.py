"""The GraphQL schema, from the SDL files beside this one."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

from graphql import (
    DefinitionNode,
    DocumentNode,
    FieldDefinitionNode,
    GraphQLScalarType,
    GraphQLSchema,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    build_ast_schema,
    parse,
)

from retail_sync.vendors.centra.sandbox.dates import Calendar
from retail_sync.vendors.centra.sandbox.settings import Settings

_FOLDER = Path(__file__).parent / "sdl"


def build_schema(settings: Settings, calendar: Calendar) -> GraphQLSchema:
    """The schema, with the customer's flags under the names that the settings give them, and what else they decide."""
    schema = build_ast_schema(_with_inherited_fields(parse(_sdl() + _unknowns(settings))))
    moment = schema.type_map["DateTimeTz"]
    if isinstance(moment, GraphQLScalarType):
        moment.parse_value = moment.coerce_input_value = calendar.read  # type: ignore[method-assign, assignment]
    return schema


def _unknowns(settings: Settings) -> str:
    """What no source shows for certain, as the settings settle it."""
    flags = [settings.newsletter_field, settings.registered_field]
    if settings.shows_anonymised:
        flags.append("isAnonymized")
    told = f"extend type Customer {{ {' '.join(f'{name}: Boolean!' for name in flags)} }}"
    if settings.payments_by_date:
        told += " extend input PaymentHistoryFilter { createdAt: DateRange }"
    if settings.stock_by_date:
        told += " extend input StockChangeFilter { createdAt: DateRange }"
    return told


@cache
def _sdl() -> str:
    return "\n".join(file.read_text() for file in sorted(_FOLDER.glob("*.graphql")))


def _with_inherited_fields(document: DocumentNode) -> DocumentNode:
    """Give every object type the fields of its interfaces, which the SDL files state only once."""
    interfaces = {
        node.name.value: node.fields or ()
        for node in document.definitions
        if isinstance(node, InterfaceTypeDefinitionNode)
    }

    def whole(node: DefinitionNode) -> DefinitionNode:
        if not isinstance(node, ObjectTypeDefinitionNode):
            return node
        fields: dict[str, FieldDefinitionNode] = {}
        for interface in node.interfaces or ():
            fields.update({field.name.value: field for field in interfaces[interface.name.value]})
        fields.update({field.name.value: field for field in node.fields or ()})
        return replace(node, fields=tuple(fields.values()))

    return replace(document, definitions=tuple(whole(node) for node in document.definitions))
