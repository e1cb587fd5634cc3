"""What the live account's schema has, as far as the notes leave it open; asked once, by introspection (CONFIRMED)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from msgspec import Struct

from retail_sync.vendors.centra.facts import NEWSLETTER_FIELDS, REGISTERED_FIELDS, Settings

#: The types that are looked at, each under its own name as alias.
TYPES = (
    "Query",
    "Mutation",
    "Order",
    "OrderTotals",
    "ProductOrderLine",
    "Customer",
    "CustomerUpdatePayload",
    "Product",
    "OrderSort",
    "CustomerSort",
    "ReturnSort",
    "ProductSort",
    "OrderStatus",
    "ReturnStatus",
    "PaymentHistoryFilter",
    "ProductFilter",
    "ProductSize",
    "StockChange",
    "StockChangeFilter",
    "NewsletterSubscriptionSort",
)
_BOOLEAN = "Boolean"


class TypeRef(Struct, rename="camel"):
    """A type as introspection names it; a required or list type wraps another one."""

    kind: str
    name: str | None = None
    of_type: TypeRef | None = None

    def is_required_boolean(self) -> bool:
        """Whether it is `Boolean!`."""
        return self.kind == "NON_NULL" and self.of_type is not None and self.of_type.name == _BOOLEAN


class ArgumentNode(Struct):
    """An argument of a field."""

    name: str


class FieldNode(Struct):
    """A field of a type."""

    name: str
    type: TypeRef
    args: list[ArgumentNode] = []


class EnumValue(Struct):
    """A value of an enum."""

    name: str


class TypeNode(Struct, rename="camel"):
    """A type with its fields, or with its values."""

    fields: list[FieldNode] | None = None
    input_fields: list[ArgumentNode] | None = None
    enum_values: list[EnumValue] | None = None


def document() -> str:
    """The introspection document for `TYPES`."""
    types = "\n".join(f'  {name}: __type(name: "{name}") {{ ...Parts }}' for name in TYPES)
    parts = (
        "fields { name type { kind name ofType { kind name } } args { name } } inputFields { name } enumValues { name }"
    )
    return f"query Schema {{\n{types}\n}}\nfragment Parts on __Type {{ {parts} }}"


@dataclass(frozen=True, slots=True)
class Schema:
    """The looked-at part of the live schema: types by name; a type that is not there is None."""

    types: Mapping[str, TypeNode | None]

    def has(self, of: str, field: str) -> bool:
        """Whether that type has that field."""
        return field in self._fields(of)

    def asks(self, root: str, argument: str) -> bool:
        """Whether a root field takes that argument."""
        query = self.types.get("Query")
        fields = (query.fields if query else None) or ()
        return any(field.name == root and argument in {one.name for one in field.args} for field in fields)

    def takes(self, of: str, field: str) -> bool:
        """Whether that input type has that field."""
        node = self.types.get(of)
        return field in {one.name for one in (node.input_fields if node else None) or ()}

    def values(self, of: str) -> Sequence[str]:
        """The values of an enum; none where it is not there."""
        node = self.types.get(of)
        return [value.name for value in (node.enum_values if node else None) or ()]

    def newsletter(self, settings: Settings) -> str | None:
        """The field of `Customer` that says whether a customer takes the newsletter; its name is ASSUMED."""
        return settings.newsletter_field or self._flag(NEWSLETTER_FIELDS)

    def registered(self, settings: Settings) -> str | None:
        """The field of `Customer` that says whether a customer has an account; its name is ASSUMED."""
        return settings.registered_field or self._flag(REGISTERED_FIELDS)

    def flags(self) -> list[str]:
        """Every `Boolean!` field of `Customer`, for the reader who has to choose."""
        return sorted(name for name, kind in self._fields("Customer").items() if kind.is_required_boolean())

    def _flag(self, likely: Iterable[str]) -> str | None:
        flags = self.flags()
        return next((name for name in likely if name in flags), None)

    def _fields(self, of: str) -> dict[str, TypeRef]:
        node = self.types.get(of)
        return {field.name: field.type for field in (node.fields if node else None) or ()}
