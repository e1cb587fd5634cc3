"""What a query costs: a point for each field, once for every object that a list may give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLObjectType,
    get_argument_values,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
)

from retail_sync.vendors.centra.sandbox.documents import Collector

#: How long a list without a limit is taken to be. The vendor's figure is unknown.
LIST_LENGTH = 5
_DEFAULT_PAGE = 20


class Price:
    """Counts the points of one document.

    Args:
        collector: Knows its fragments and variables.
    """

    def __init__(self, collector: Collector) -> None:
        self._collector = collector

    def of(self, field: GraphQLField, nodes: Sequence[FieldNode]) -> int:
        """The points of a field with all that is below it."""
        arguments = get_argument_values(field, nodes[0], self._collector.variables)
        return 1 + times(field, arguments) * self.below(field, nodes)

    def below(self, field: GraphQLField, nodes: Sequence[FieldNode]) -> int:
        """The points of what is selected of one object; of the dearest one where there are several types."""
        named = get_named_type(field.type)
        if is_leaf_type(named):
            return 0
        if is_abstract_type(named):
            return max(self._selection(one, nodes) for one in self._collector.schema.get_possible_types(named))
        return self._selection(named, nodes) if isinstance(named, GraphQLObjectType) else 0

    def _selection(self, of: GraphQLObjectType, nodes: Sequence[FieldNode]) -> int:
        selected = self._collector.fields(of, [node.selection_set for node in nodes if node.selection_set])
        points = 0
        for parts in selected.values():
            field = of.fields.get(parts[0].name.value)
            points += 1 if field is None else self.of(field, parts)
        return points


def times(field: GraphQLField, arguments: Mapping[str, Any]) -> int:
    """How many objects a field may give; the edges of a connection were counted with it."""
    if get_named_type(field.type).name.endswith("Connection"):
        return arguments.get("first") or arguments.get("last") or _DEFAULT_PAGE
    if not is_list_type(get_nullable_type(field.type)) or get_named_type(field.type).name.endswith("Edge"):
        return 1
    if "limit" in field.args:
        return arguments.get("limit") or _DEFAULT_PAGE
    return LIST_LENGTH
