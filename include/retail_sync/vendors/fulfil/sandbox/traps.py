"""What can go wrong on a bad day at this vendor in particular: faults that are switched on, each a line of `KNOWN`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from retail_sync.sandbox.kit import Fault, Faults, Response
from retail_sync.vendors.fulfil.sandbox.access import forbidden, unauthorised
from retail_sync.vendors.fulfil.sandbox.fields import Model
from retail_sync.vendors.fulfil.sandbox.refusals import problem

if TYPE_CHECKING:
    from retail_sync.vendors.fulfil.sandbox.limits import Limits
    from retail_sync.vendors.fulfil.sandbox.shop import Shop

KNOWN: Mapping[str, str] = {
    "quota_spent": "answers 429 as when this second's requests are used up; `retry_after` is what that header says",
    "validation_429": "answers 429 though the request itself is what is wrong, with `message`",
    "token_expired": "answers 401, as for a token that has just run out",
    "permission_lost": "answers 403, as when the token's user has lost the right to the model",
    "edited_while_paging": "edits a row just before a page is read: `key`, by id or number, or the page's first",
    "repeated_rows": "begins a page with the last `rows` rows of the model's page before it",
    "empty_page": "leaves a page empty that has rows, as if nothing more came",
    "async_result": "answers with a task whose result is asked for later",
    "unknown_state": "gives a row the state `state` before a page is read: `key`, or the page's first",
}


class Traps:
    """Asked at the places where a trap may lie.

    Args:
        faults: What is switched on.
        shop: The books.
        limits: The limit of requests.
    """

    def __init__(self, faults: Faults, shop: Shop, limits: Limits) -> None:
        self._faults, self._shop, self._limits = faults, shop, limits
        self._pages: dict[str, list[Any]] = {}

    def refusal(self, endpoint: str, model: str) -> Response | None:
        """An answer with which a valid request is refused, or None."""
        if fault := self._faults.take("quota_spent", endpoint):
            self._limits.drain()
            return self._limits.refusal(fault.options.get("retry_after"))
        if fault := self._faults.take("validation_429", endpoint):
            return problem(429, fault.options.get("message", "The value is invalid")).response()
        if self._faults.take("token_expired", endpoint):
            return unauthorised().response()
        if self._faults.take("permission_lost", endpoint):
            return forbidden(model).response()
        return None

    def defers(self, endpoint: str) -> bool:
        """Whether an answer is given as a task."""
        return self._faults.take("async_result", endpoint) is not None

    def before_page(self, endpoint: str, model: Model, found: list[Any]) -> bool:
        """Let a row change before a page is read; tells whether that happened.

        Args:
            endpoint: The model and the method.
            model: The model.
            found: The rows that would be on the page.
        """
        if not found:
            return False
        edited = self._faults.take("edited_while_paging", endpoint)
        if edited is not None:
            self._shop.touch(_row(model, edited, found), self._shop.time())
        odd = self._faults.take("unknown_state", endpoint)
        if odd is not None:
            row = _row(model, odd, found)
            row.state = odd.options.get("state", "awaiting_augury")
            self._shop.touch(row, self._shop.time())
        return bool(edited or odd)

    def page(self, endpoint: str, model: Model, found: list[Any], limit: int | None) -> list[Any]:
        """The rows that a page has after all."""
        if found and self._faults.take("empty_page", endpoint):
            return []
        before = self._pages.get(model.name, [])
        if before and (fault := self._faults.take("repeated_rows", endpoint)):
            found = [*before[-fault.options.get("rows", 1) :], *found][:limit]
        self._pages[model.name] = found
        return found


def _row(model: Model, fault: Fault, found: list[Any]) -> Any:
    """The row that a fault is about: by id or number, on whichever page it stands, or the first of this one."""
    key = fault.options.get("key")
    named = (row for row in model.table if key in (row.id, getattr(row, "number", None)))
    return found[0] if key is None else next(named, found[0])
