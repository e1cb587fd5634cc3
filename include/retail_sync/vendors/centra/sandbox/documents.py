"""GraphQL documents: parsed and validated once, and what can be told of them before they run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLIncludeDirective,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSkipDirective,
    GraphQLUnionType,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    Visitor,
    get_directive_values,
    is_abstract_type,
    parse,
    validate,
    visit,
)
from graphql.execution.values import VariableValues

Composite: TypeAlias = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType
#: Response key to the field nodes that are merged under it.
Fields: TypeAlias = dict[str, list[FieldNode]]

_REMEMBERED = 512


@dataclass(frozen=True, slots=True)
class Document:
    """A valid document.

    Attributes:
        source: Its text.
        ast: Its syntax tree.
        operations: By name; an operation without one has the empty name.
        fragments: By name.
    """

    source: str
    ast: DocumentNode
    operations: Mapping[str, OperationDefinitionNode]
    fragments: Mapping[str, FragmentDefinitionNode]

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation to run.

        Raises:
            GraphQLError: There is none of that name, or several and no name.
        """
        if name:
            if name not in self.operations:
                raise GraphQLError(f'Unknown operation named "{name}".')
            return self.operations[name]
        if len(self.operations) != 1:
            raise GraphQLError("Must provide operation name if query contains multiple operations.")
        return next(iter(self.operations.values()))

    def reachable(self, operation: OperationDefinitionNode) -> list[FragmentDefinitionNode]:
        """The fragments that an operation uses, directly or through others."""
        found: dict[str, FragmentDefinitionNode] = {}
        waiting: list[Node] = [operation]
        while waiting:
            for name in _spreads(waiting.pop()) - found.keys():
                found[name] = self.fragments[name]
                waiting.append(found[name])
        return list(found.values())


class _Spreads(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: Any) -> None:
        """Note a fragment."""
        self.names.add(node.name.value)


def _spreads(node: Node) -> set[str]:
    spreads = _Spreads()
    visit(node, spreads)
    return spreads.names


class Library:
    """Documents that were asked before.

    Args:
        schema: What they are validated against.
    """

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._known: dict[str, Document | list[GraphQLError]] = {}

    def read(self, source: str) -> Document | list[GraphQLError]:
        """A document by its text, or what is wrong with it."""
        found = self._known.get(source)
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            found = self._known[source] = self._read(source)
        return found

    def _read(self, source: str) -> Document | list[GraphQLError]:
        try:
            ast = parse(source)
        except GraphQLError as error:
            return [error]
        errors = validate(self._schema, ast)
        if errors:
            return errors
        definitions = ast.definitions
        operations = {
            node.name.value if node.name else "": node
            for node in definitions
            if isinstance(node, OperationDefinitionNode)
        }
        fragments = {node.name.value: node for node in definitions if isinstance(node, FragmentDefinitionNode)}
        return Document(source, ast, operations, fragments)


def is_mutation(operation: OperationDefinitionNode) -> bool:
    """Whether an operation is a mutation."""
    return operation.operation is OperationType.MUTATION


def root_names(operation: OperationDefinitionNode) -> list[str]:
    """The names of an operation's root fields, without those that stand in fragments."""
    return [node.name.value for node in operation.selection_set.selections if isinstance(node, FieldNode)]


class Collector:
    """Collects what is selected of a type, fragments and conditions resolved.

    Args:
        schema: The schema.
        fragments: The document's.
        variables: Coerced; conditions may depend on them.
    """

    def __init__(
        self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode], variables: VariableValues
    ) -> None:
        self.schema, self.variables = schema, variables
        self._fragments = fragments

    def fields(self, of: Composite, selections: Sequence[SelectionSetNode]) -> Fields:
        """The fields of a concrete type, in the order of the text."""
        found: Fields = {}
        for selection_set in selections:
            for field in self._walk(of, selection_set):
                found.setdefault(field.alias.value if field.alias else field.name.value, []).append(field)
        return found

    def _walk(self, of: Composite, selection_set: SelectionSetNode) -> Iterator[FieldNode]:
        for node in selection_set.selections:
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                yield node
                continue
            fragment = self._fragment(node)
            if self._applies(fragment, of):
                yield from self._walk(of, fragment.selection_set)

    def _fragment(self, node: SelectionNode) -> InlineFragmentNode | FragmentDefinitionNode:
        if isinstance(node, FragmentSpreadNode):
            return self._fragments[node.name.value]
        assert isinstance(node, InlineFragmentNode)  # noqa: S101
        return node

    def _included(self, node: SelectionNode) -> bool:
        if not node.directives:
            return True
        skip = get_directive_values(GraphQLSkipDirective, node, self.variables)
        include = get_directive_values(GraphQLIncludeDirective, node, self.variables)
        return not (skip and skip["if"]) and not (include and not include["if"])

    def _applies(self, fragment: InlineFragmentNode | FragmentDefinitionNode, of: Composite) -> bool:
        condition: Any = fragment.type_condition
        if condition is None or condition.name.value == of.name:
            return True
        wanted = self.schema.type_map[condition.name.value]
        return (
            is_abstract_type(wanted)
            and isinstance(of, GraphQLObjectType | GraphQLInterfaceType)
            and bool(self.schema.is_sub_type(wanted, of))
        )
