"""What can go wrong on a bad day at this vendor in particular: faults that are switched on, each a line of `KNOWN`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from graphql import FieldNode, GraphQLError, OperationDefinitionNode

from retail_sync.sandbox.kit import Fault, Faults
from retail_sync.vendors.centra.sandbox.permissions import refusal
from retail_sync.vendors.centra.sandbox.records import Customer, Order, Product

if TYPE_CHECKING:
    from retail_sync.vendors.centra.sandbox.quotas import Quotas
    from retail_sync.vendors.centra.sandbox.shop import Shop

KNOWN: Mapping[str, str] = {
    "quota_spent": "empties the buckets of `kind`, REQUEST_COUNT unless given; `retry_after` is the form of the header:"
    " epoch, http_date, seconds, past, rubbish or absent",
    "token_expired": "answers 401, as for a token that has just run out",
    "permission_lost": "refuses what needs the permission `permission`, or anything if none is named",
    "too_complex": "refuses a query as costing more than is allowed",
    "deprecated_fields": "says in the extensions that the `fields` are deprecated",
    "graphql_error": "answers 200 with `message` as an error and no data",
    "user_errors": "answers 200 with `message` as the user error of a mutation that changes the merchant's data",
    "edited_while_paging": "edits an object just before a page is read: `key`, or the first of those that are listed;"
    " an order may get a `status`, which need be none that the schema names",
    "repeated_rows": "begins a page `rows` rows too early, so that it repeats what the page before it had",
    "empty_page": "leaves a page empty that has rows, as if nothing more came",
    "stuck_cursor": "ends a page of a connection with the cursor that it was asked with",
}
_NEVER = "Something went wrong."


class Traps:
    """Asked at the places where a trap may lie.

    Args:
        faults: What is switched on.
        shop: The books.
        quotas: The limits.
    """

    def __init__(self, faults: Faults, shop: Shop, quotas: Quotas) -> None:
        self._faults, self._shop, self._quotas = faults, shop, quotas

    def take(self, name: str, endpoint: str) -> Fault | None:
        """A fault that strikes now, or None."""
        return self._faults.take(name, endpoint)

    def drain(self, endpoint: str, kinds: Sequence[str]) -> str | None:
        """Empty a limit that the request is about to need; gives the form that `Retry-After` is to have, if any."""
        fault = self._faults.take("quota_spent", endpoint, lambda one: _kind(one) in kinds)
        if fault is None:
            return None
        self._quotas.drain(_kind(fault))
        form: str | None = fault.options.get("retry_after")
        return form

    def refusal(
        self, endpoint: str, operation: OperationDefinitionNode, needed: Mapping[str, FieldNode]
    ) -> GraphQLError | None:
        """An error with which a valid request is refused, or None."""
        if fault := self.take("permission_lost", endpoint):
            name = fault.options.get("permission") or next(iter(needed), "Order:read")
            if name in needed:
                return refusal(name, needed[name])
        if self.take("too_complex", endpoint):
            return GraphQLError("Query complexity is above the maximum.", extensions={"category": "complexity"})
        if fault := self.take("graphql_error", endpoint):
            return GraphQLError(fault.options.get("message", _NEVER), nodes=operation)
        return None

    def deprecated(self, endpoint: str) -> Mapping[str, Any]:
        """What the extensions say of deprecated fields."""
        fault = self.take("deprecated_fields", endpoint)
        return {} if fault is None else {"deprecatedFieldsUsed": fault.options.get("fields", ["Order.status"])}

    def user_error(self, endpoint: str) -> str | None:
        """The text of a user error, or None."""
        fault = self.take("user_errors", endpoint)
        return None if fault is None else str(fault.options.get("message", _NEVER))

    def before_page(self, endpoint: str, found: Sequence[Any], key: Any) -> bool:
        """Let an object be edited before a page is read; tells whether that happened.

        Args:
            endpoint: The root field.
            found: The rows that are listed, in their order.
            key: Gives what tells one row from the other.
        """
        fault = self.take("edited_while_paging", endpoint) if found else None
        if fault is None:
            return False
        wanted = fault.options.get("key", key(found[0]))
        for row in found:
            if key(row) == wanted:
                self._edit(row, fault.options.get("status"))
        return True

    def _edit(self, row: Any, status: str | None) -> None:
        now = self._shop.now()
        self._shop.revision += 1
        if isinstance(row, Order):
            row.status = status or row.status
            self._shop.touch(row, now, "status")
        elif isinstance(row, Customer | Product):
            row.updated_at = now


def _kind(fault: Fault) -> str:
    kind: str = fault.options.get("kind", "REQUEST_COUNT")
    return kind
