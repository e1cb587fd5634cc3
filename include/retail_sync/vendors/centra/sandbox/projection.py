"""Selections compiled to functions: from a node to what is answered of it.

The executor of graphql-core takes tens of microseconds for each field, which makes a minute of a few thousand orders.
A compiled selection takes well below one. It knows no errors: where something is not as it should be it gives up, and
the executor is asked instead, which then says what is wrong in the words of the specification.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    get_argument_values,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
)

from retail_sync.vendors.centra.sandbox.dates import Calendar
from retail_sync.vendors.centra.sandbox.documents import Collector
from retail_sync.vendors.centra.sandbox.nodes import Node
from retail_sync.vendors.centra.sandbox.shelf import Shelf

Complete = Callable[[Any], Any]
MOMENT = "DateTimeTz"


class GaveUpError(Exception):
    """A value is not as the schema says, or a part of the query is beyond what is compiled."""


class _Step(NamedTuple):
    """How one field of a node is answered."""

    key: str
    name: str
    arguments: dict[str, Any]
    complete: Complete | None
    required: bool


class Projector:
    """Compiles the selections of one document.

    Args:
        collector: Knows its fragments and variables.
        calendar: Writes times.
        shelf: Keeps what was answered of orders.
    """

    def __init__(self, collector: Collector, calendar: Calendar, shelf: Shelf) -> None:
        self._collector, self._calendar, self._shelf = collector, calendar, shelf

    def completer(self, of: Any, fields: Sequence[FieldNode]) -> Complete | None:
        """What turns a value of a type into its answer; None where it is its own answer."""
        if isinstance(of, GraphQLNonNull):
            return self.completer(of.of_type, fields)
        if isinstance(of, GraphQLList):
            each = self.completer(of.of_type, fields)
            return None if each is None else lambda values: [each(value) for value in values]
        if is_leaf_type(of):
            return None
        if isinstance(of, GraphQLObjectType):
            return self._object(of, fields)
        complete = self._abstract(fields)
        return self._shelf.keeping(complete) if of.name == "Order" else complete

    def _object(self, of: GraphQLObjectType, fields: Sequence[FieldNode]) -> Complete:
        selected = self._collector.fields(of, [node.selection_set for node in fields if node.selection_set])
        names = [key for key, nodes in selected.items() if nodes[0].name.value == "__typename"]
        steps = [
            self._step(key, of.fields[nodes[0].name.value], nodes)
            for key, nodes in selected.items()
            if key not in names
        ]
        if not names:
            return partial(_project, steps)
        order, constants = list(selected), dict.fromkeys(names, of.name)
        return lambda node: _in_order(order, constants | _project(steps, node))

    def _step(self, key: str, field: GraphQLField, nodes: Sequence[FieldNode]) -> _Step:
        arguments = get_argument_values(field, nodes[0], self._collector.variables)
        required = isinstance(field.type, GraphQLNonNull)
        if get_named_type(field.type).name == MOMENT:
            write = partial(self._calendar.write, form=arguments.get("format"))
            return _Step(key, nodes[0].name.value, {}, write, required)
        return _Step(key, nodes[0].name.value, arguments, self.completer(field.type, nodes), required)

    def _abstract(self, fields: Sequence[FieldNode]) -> Complete:
        """Compiled for each concrete type when the first node of it is met."""
        compiled: dict[str, Complete] = {}

        def complete(node: Node) -> Any:
            typename = node["__typename"]
            project = compiled.get(typename)
            if project is None:
                concrete = self._collector.schema.type_map[typename]
                if not isinstance(concrete, GraphQLObjectType) or is_abstract_type(concrete):
                    raise GaveUpError(typename)
                project = compiled[typename] = self._object(concrete, fields)
            return project(node)

        return complete


def _project(steps: Sequence[_Step], node: Node) -> dict[str, Any]:
    answer = {}
    for key, name, arguments, complete, required in steps:
        value = node[name]
        if callable(value):
            value = value(**arguments)
        if value is None:
            if required:
                raise GaveUpError(name)
        elif complete is not None:
            value = complete(value)
        answer[key] = value
    return answer


def _in_order(order: Sequence[str], answer: dict[str, Any]) -> dict[str, Any]:
    return {key: answer[key] for key in order}
