"""Runs operations: compiled where it can be, else by graphql-core's executor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from graphql import (
    ExecutionResult,
    FieldNode,
    GraphQLError,
    GraphQLField,
    GraphQLNonNull,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationDefinitionNode,
    VariableNode,
    Visitor,
    execute_sync,
    get_argument_values,
    get_variable_values,
    visit,
)
from graphql.execution.values import VariableValues

from retail_sync.vendors.centra.sandbox.cost import Price, times
from retail_sync.vendors.centra.sandbox.dates import Calendar
from retail_sync.vendors.centra.sandbox.documents import Collector, Document, is_mutation
from retail_sync.vendors.centra.sandbox.nodes import Node
from retail_sync.vendors.centra.sandbox.projection import Complete, GaveUpError, Projector
from retail_sync.vendors.centra.sandbox.shelf import Shelf

_REMEMBERED = 256


@dataclass(frozen=True, slots=True)
class _Root:
    """A compiled root field; `field` is None for `__typename` and introspection."""

    key: str
    node: FieldNode
    field: GraphQLField | None
    complete: Complete | None
    points: int


class _Deep(Visitor):
    """Finds the variables that an operation uses elsewhere than in the arguments of its root fields."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_variable(self, node: VariableNode, *_: Any) -> None:
        """Note a variable."""
        self.names.add(node.name.value)


class Engine:
    """Runs operations against the roots that it is given.

    Args:
        schema: The schema.
        calendar: Writes times.
        shelf: Keeps what was answered of orders, as JSON.
    """

    def __init__(self, schema: GraphQLSchema, calendar: Calendar, shelf: Shelf) -> None:
        self._schema, self._calendar, self._shelf = schema, calendar, shelf
        self._compiled: dict[bytes, list[_Root]] = {}
        self._deep: dict[tuple[str, int], list[str]] = {}

    def variables(self, operation: OperationDefinitionNode, given: Mapping[str, Any]) -> VariableValues:
        """The variables of an operation, coerced.

        Raises:
            GraphQLError: One of them is missing or of a wrong type; more stand in its `original_error`.
        """
        values = get_variable_values(self._schema, operation.variable_definitions or (), dict(given))
        if isinstance(values, list):
            raise values[0]
        return values

    def points(self, document: Document, operation: OperationDefinitionNode, variables: VariableValues) -> int:
        """What an operation costs."""
        points = 0
        for root in self._roots(document, operation, variables):
            points += 1
            if root.field is not None:
                arguments = get_argument_values(root.field, root.node, variables)
                points += times(root.field, arguments) * root.points
        return points

    def run(
        self,
        document: Document,
        operation: OperationDefinitionNode,
        given: Mapping[str, Any],
        variables: VariableValues,
        root: Node,
    ) -> ExecutionResult:
        """Run an operation whose variables are known to be right.

        Orders in the data may be JSON already (`msgspec.Raw`).
        """
        if not is_mutation(operation):
            try:
                return ExecutionResult(self._fast(document, operation, variables, root), None)
            except (GaveUpError, GraphQLError):
                pass
        return self.by_the_book(document, operation, given, root)

    def by_the_book(
        self, document: Document, operation: OperationDefinitionNode, given: Mapping[str, Any], root: Node
    ) -> ExecutionResult:
        """Run an operation by graphql-core's own executor."""
        return execute_sync(
            self._schema,
            document.ast,
            root_value=root,
            variable_values=dict(given),
            operation_name=operation.name.value if operation.name else None,
            field_resolver=self._resolve,
        )

    def _resolve(self, source: Node, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        value = source[info.field_name]
        if callable(value):
            value = value(**arguments)
        return self._calendar.write(value, arguments.get("format")) if isinstance(value, datetime) else value

    def _fast(
        self, document: Document, operation: OperationDefinitionNode, variables: VariableValues, root: Node
    ) -> dict[str, Any]:
        answer = {}
        for part in self._roots(document, operation, variables):
            if part.field is None:
                raise GaveUpError(part.key)
            value = root[part.node.name.value](**get_argument_values(part.field, part.node, variables))
            if value is None and isinstance(part.field.type, GraphQLNonNull):
                raise GaveUpError(part.key)
            answer[part.key] = value if value is None or part.complete is None else part.complete(value)
        return answer

    def _roots(self, document: Document, operation: OperationDefinitionNode, variables: VariableValues) -> list[_Root]:
        """The compiled root fields, remembered for the variables that they depend on below the root."""
        start = operation.loc.start if operation.loc else 0
        names = self._deep.get((document.source, start))
        if names is None:
            names = self._deep[document.source, start] = sorted(_deep_variables(document, operation))
        deep = {name: variables.coerced.get(name) for name in names}
        asked = msgspec.json.encode([document.source, start, deep])
        found = self._compiled.get(asked)
        if found is None:
            if len(self._compiled) >= _REMEMBERED:
                self._compiled.clear()
                self._deep.clear()
            found = self._compiled[asked] = self._compile(document, operation, variables)
        return found

    def _compile(
        self, document: Document, operation: OperationDefinitionNode, variables: VariableValues
    ) -> list[_Root]:
        collector = Collector(self._schema, document.fragments, variables)
        projector, price = Projector(collector, self._calendar, self._shelf), Price(collector)
        of = self._schema.mutation_type if is_mutation(operation) else self._schema.query_type
        assert of is not None  # noqa: S101
        roots = []
        for key, nodes in collector.fields(of, [operation.selection_set]).items():
            field = of.fields.get(nodes[0].name.value)
            if field is None:
                roots.append(_Root(key, nodes[0], None, None, 0))
            else:
                complete = projector.completer(field.type, nodes)
                roots.append(_Root(key, nodes[0], field, complete, price.below(field, nodes)))
        return roots


def _deep_variables(document: Document, operation: OperationDefinitionNode) -> set[str]:
    deep = _Deep()
    for fragment in document.reachable(operation):
        visit(fragment, deep)
    for node in operation.selection_set.selections:
        if isinstance(node, FieldNode):
            parts = [*(node.directives or ()), *([node.selection_set] if node.selection_set else [])]
            for part in parts:
                visit(part, deep)
        else:
            visit(node, deep)
    return deep.names
