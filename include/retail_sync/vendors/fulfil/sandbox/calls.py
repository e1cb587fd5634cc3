"""What a model can be asked to do: each method with its positional arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from retail_sync.vendors.fulfil.sandbox.fields import Context, Model
from retail_sync.vendors.fulfil.sandbox.refusals import page_too_large, problem, user_error
from retail_sync.vendors.fulfil.sandbox.schema import Schema
from retail_sync.vendors.fulfil.sandbox.search import Asked, Finder
from retail_sync.vendors.fulfil.sandbox.selection import Selections
from retail_sync.vendors.fulfil.sandbox.shop import Shop
from retail_sync.vendors.fulfil.sandbox.traps import Traps
from retail_sync.vendors.fulfil.sandbox.values import encoders
from retail_sync.vendors.fulfil.sandbox.writing import Writer

#: The most rows of a page.
MOST_ROWS = 500
#: Methods that change nothing; every other one does or tries to.
READS = frozenset({"search", "search_read", "read", "search_count", "get_preferences", "today", "execute"})
#: The keys of a search that is sent as an object, in the order in which a list has them.
_KEYS = ("filters", "offset", "limit", "order", "fields")
_Arguments = list[Any]
Answer = Callable[[Model, _Arguments, Context, str], Any]


class Calls:
    """Answers method calls.

    Args:
        shop: The books.
        schema: The models.
        finder: Finds rows.
        selections: Turns them into answers.
        writer: Changes them.
        traps: What goes wrong on purpose.
    """

    def __init__(
        self, shop: Shop, schema: Schema, *, finder: Finder, selections: Selections, writer: Writer, traps: Traps
    ) -> None:
        self._shop, self._schema, self._finder = shop, schema, finder
        self._selections, self._writer, self._traps = selections, writer, traps
        self._methods: Mapping[str, Answer] = {
            "search": self._search,
            "search_read": self._search_read,
            "read": self._read,
            "search_count": self._count,
            "create": self._create,
            "write": self._write,
            "delete": self._delete,
        }

    def answer(self, model: str, method: str, body: Any, context: Context, endpoint: str) -> Any:
        """The answer to a call.

        Args:
            model: The name of the model.
            method: The name of the method.
            body: The arguments, as a list or as an object.
            context: How to read.
            endpoint: Under which name faults know the call.

        Raises:
            RefusedError: There is no such model, method or argument.
        """
        special = _SPECIAL.get((model, method))
        if special is not None:
            return special(self._shop, body)
        found = self._schema.model(model)
        answer = self._methods.get(method)
        if answer is None:
            raise problem(404, f"Method {method} not found on {model}")
        return answer(found, _arguments(body), context, endpoint)

    def _search(self, model: Model, arguments: _Arguments, context: Context, _: str) -> list[int]:
        return [row.id for row in self._finder.page(model, _asked(arguments), context)]

    def _search_read(self, model: Model, arguments: _Arguments, context: Context, endpoint: str) -> Any:
        """A page of rows with their fields; without a limit it is cut at the cap, which is ASSUMED."""
        asked = _asked(arguments)
        if asked.limit is None:
            asked = replace(asked, limit=MOST_ROWS)
        elif asked.limit > MOST_ROWS:
            raise page_too_large()
        rows = self._finder.page(model, asked, context)
        if self._traps.before_page(endpoint, model, rows):
            rows = self._finder.page(model, asked, context)
        rows = self._traps.page(endpoint, model, rows, asked.limit)
        return self._selections.read(model, rows, _padded(arguments, 5)[4], context)

    def _read(self, model: Model, arguments: _Arguments, context: Context, _: str) -> Any:
        numbers, fields = _padded(arguments, 2)
        if isinstance(numbers, list) and len(numbers) > MOST_ROWS:
            raise page_too_large()
        return self._selections.read(model, self._writer.existing(model, numbers), fields, context)

    def _count(self, model: Model, arguments: _Arguments, context: Context, _: str) -> int:
        return self._finder.count(model, _padded(arguments, 1)[0], context)

    def _create(self, model: Model, arguments: _Arguments, _: Context, __: str) -> list[int]:
        return [row.id for row in self._writer.create(model, _padded(arguments, 1)[0])]

    def _write(self, model: Model, arguments: _Arguments, _: Context, __: str) -> None:
        """The answer of a write is ASSUMED to be empty."""
        numbers, values = _padded(arguments, 2)
        self._writer.write(model, numbers, values)

    def _delete(self, model: Model, arguments: _Arguments, _: Context, __: str) -> None:
        self._writer.delete(model, _padded(arguments, 1)[0])


def _arguments(body: Any) -> _Arguments:
    """Positional arguments, from a list or from a search's object."""
    if isinstance(body, dict):
        unknown = sorted(body.keys() - set(_KEYS))
        if unknown:
            raise user_error(f"There are no arguments {unknown}")
        return [body.get(name) for name in _KEYS]
    if not isinstance(body, list):
        raise user_error("The arguments are no list")
    return body


def _asked(arguments: _Arguments) -> Asked:
    domain, offset, limit, order = _padded(arguments, 4)
    for number in (offset, limit):
        if number is not None and (not isinstance(number, int) or number < 0):
            raise user_error(f"{number!r} is no number of rows")
    return Asked(domain, offset or 0, limit, order)


def _padded(arguments: _Arguments, number: int) -> _Arguments:
    return [*arguments[:number], *[None] * (number - len(arguments))]


def _preferences(shop: Shop, _: Any) -> dict[str, Any]:
    return {"language": "en_US", "company": 1, "timezone": "UTC", "warehouse": next(iter(shop.db.locations)).id}


def _today(shop: Shop, _: Any) -> Any:
    return encoders(shop.settings.date_form)["date"](shop.time().date())


def _stock_report(shop: Shop, body: Any) -> dict[str, Any]:
    """What lies where. Its layout is ASSUMED."""
    parameters = body[0] if isinstance(body, list) and body and isinstance(body[0], dict) else {}
    wanted = parameters.get("warehouse")
    rows = [
        {
            "product_id": product.id,
            "product_code": product.code,
            "warehouse": place,
            "quantity_available": float(count),
        }
        for product in shop.db.products
        if product.active
        for place, count in product.stock.items()
        if wanted in (None, place)
    ]
    return {"data": rows}


_SPECIAL: Mapping[tuple[str, str], Callable[[Shop, Any], Any]] = {
    ("res.user", "get_preferences"): _preferences,
    ("ir.date", "today"): _today,
    ("inventory.quantity.ireport", "execute"): _stock_report,
}
