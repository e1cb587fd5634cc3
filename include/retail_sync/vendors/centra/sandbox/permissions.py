"""Which permissions a document needs, and where it needs them first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    Node,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    visit,
)

from retail_sync.vendors.centra.sandbox.documents import Document

#: Type to the name of its permission; types that are not here need none.
_OF_TYPE: dict[str, str] = {
    **dict.fromkeys(("Order", "DirectToConsumerOrder", "WholesaleOrder", "OrderConnection"), "Order"),
    **dict.fromkeys(("Customer", "CustomerConnection"), "Customer"),
    **dict.fromkeys(("Shipment", "DirectToConsumerShipment", "WholesaleShipment"), "Shipment"),
    **dict.fromkeys(("Return", "DirectToConsumerReturn", "WholesaleReturn"), "Return"),
    **dict.fromkeys(("Display", "DisplayConnection"), "Display"),
    "StockChangeConnection": "StockChange",
    "PaymentHistoryEntry": "PaymentHistory",
    "Event": "Event",
    "EventListener": "Event",
    **{
        name: name
        for name in (
            "Affiliate",
            "Attribute",
            "Brand",
            "Buyer",
            "Campaign",
            "Category",
            "Collection",
            "Market",
            "NewsletterSubscription",
            "Pricelist",
            "Product",
            "ProductSize",
            "ProductVariant",
            "StockChange",
            "Store",
            "StorePlugin",
        )
    },
}
#: Fields that need a permission of their own besides that of their type.
_OF_FIELD = frozenset(
    {
        "Order.shippingAddress",
        "Order.billingAddress",
        "Order.attributes",
        "Order.userIP",
        "Order.internalComment",
        "Customer.totalOrders",
        "Customer.billingAddress",
        "Customer.attributes",
        "Shipment.shippingAddress",
        "Return.comment",
    }
)
_OF_MUTATION = {
    "updateCustomer": "Customer:write",
    "setEventListeners": "Event:write",
    "unsetEventListeners": "Event:write",
    "confirmEvents": "Event:write",
}
#: Named by the owner's permission. A payment leads to its order without a permission of the order's own: so says a
#: comment in the vendor's reference.
_FREE = frozenset({"PaymentHistory.order"})


class _Survey(Visitor):
    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self._types = types
        self.needed: dict[str, FieldNode] = {}

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        """Note what a field needs."""
        field, parent = self._types.get_field_def(), self._types.get_parent_type()
        if field is None or parent is None:
            return
        name = node.name.value
        if parent.name == "Mutation":
            self.needed.setdefault(_OF_MUTATION[name], node)
            return
        place = f"{_OF_TYPE.get(parent.name, parent.name)}.{name}"
        if place in _OF_FIELD:
            self.needed.setdefault(f"{place}:read", node)
        owner = _OF_TYPE.get(get_named_type(field.type).name)
        if owner and place not in _FREE:
            self.needed.setdefault(f"{owner}:read", node)


class Permissions:
    """Knows what documents need.

    Args:
        schema: The schema of the documents.
    """

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._known: dict[tuple[str, int], dict[str, FieldNode]] = {}

    def needed(self, document: Document, operation: OperationDefinitionNode) -> Mapping[str, FieldNode]:
        """Permission to the first field that needs it, for an operation and the fragments that it uses."""
        key = (document.source, operation.loc.start if operation.loc else 0)
        if key not in self._known:
            types = TypeInfo(self._schema)
            survey = _Survey(types)
            parts: list[Node] = [operation, *document.reachable(operation)]
            for part in parts:
                visit(part, TypeInfoVisitor(types, survey))
            self._known[key] = survey.needed
        return self._known[key]


def refusal(permission: str, node: FieldNode) -> GraphQLError:
    """What is said to a token that lacks a permission."""
    return GraphQLError(
        f"The access token lacks the permission {permission}.",
        nodes=node,
        path=[node.alias.value if node.alias else node.name.value],
        extensions={"category": "authorization"},
    )
