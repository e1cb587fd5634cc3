"""What can go wrong on a bad day at this vendor in particular: faults that are switched on, each a line of `KNOWN`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from retail_sync.sandbox.kit import Fault, Faults
from retail_sync.vendors.orderwise.sandbox.edits import edit

if TYPE_CHECKING:
    from retail_sync.vendors.orderwise.sandbox.database import Row
    from retail_sync.vendors.orderwise.sandbox.shop import Shop

KNOWN: Mapping[str, str] = {
    "token_expired": "answers 401 with nothing, as for a token that has just run out; it is of no use any more",
    "permission_lost": "answers 403 as to a user group that lacks the permission `permission`, or whatever is needed",
    "server_busy": "answers `status`, 503 unless given as 500, as a server does that is too busy",
    "edited_while_paging": "amends something just before an export of its kind is run: `key` is the number of an order,"
    " credit or account or a SKU, or else it is the first there is; an order may get a `status`, in any words",
    "repeated_rows": "begins the rows of an export with the last `rows` of the one before, 1 unless given",
    "empty_page": "leaves an export empty that has rows, as if nothing more came",
    "renamed_parameter": "runs an export in which somebody has renamed the parameter `parameter` to `to`",
    "changed_column": "runs an export in which somebody has renamed the column `column` to `to`, or taken it out",
}
_BUSY = "The server is busy. Please try again later."


class Traps:
    """Asked at the places where a trap may lie.

    Args:
        faults: What is switched on.
        shop: The books.
    """

    def __init__(self, faults: Faults, shop: Shop) -> None:
        self._faults, self._shop = faults, shop
        self._last: dict[str, list[Row]] = {}

    def take(self, name: str, endpoint: str) -> Fault | None:
        """A fault that strikes now, or None."""
        return self._faults.take(name, endpoint)

    def busy(self, endpoint: str) -> tuple[int, str] | None:
        """The status and the text of a server that is too busy, or None."""
        fault = self.take("server_busy", endpoint)
        return None if fault is None else (int(fault.options.get("status", 503)), _BUSY)

    def loses(self, endpoint: str, area: str) -> bool:
        """Whether the user's group has just lost the permission that a request needs."""
        return (
            self._faults.take("permission_lost", endpoint, lambda one: one.options.get("permission", area) == area)
            is not None
        )

    def before_export(self, endpoint: str) -> None:
        """Let a row be amended before an export is run."""
        fault = self.take("edited_while_paging", endpoint)
        if fault is not None:
            edit(self._shop, endpoint, fault.options.get("key"), fault.options.get("status"))

    def renamed(self, endpoint: str) -> dict[str, str]:
        """What parameters of a definition are called since somebody has edited it."""
        fault = self.take("renamed_parameter", endpoint)
        if fault is None:
            return {}
        name, other = (str(fault.options[one]).lstrip("@").lower() for one in ("parameter", "to"))
        return {name: other}

    def after_export(self, endpoint: str, rows: list[Row]) -> list[Row]:
        """The rows of an export as they go out."""
        if fault := self.take("changed_column", endpoint):
            rows = [_edited(row, fault.options["column"], fault.options.get("to")) for row in rows]
        last, self._last[endpoint] = self._last.get(endpoint, []), rows
        if last and rows and (fault := self.take("repeated_rows", endpoint)):
            return last[-int(fault.options.get("rows", 1)) :] + rows
        if rows and self.take("empty_page", endpoint):
            return []
        return rows


def _edited(row: Row, column: str, other: str | None) -> Row:
    return {
        other if name == column and other else name: value for name, value in row.items() if name != column or other
    }
