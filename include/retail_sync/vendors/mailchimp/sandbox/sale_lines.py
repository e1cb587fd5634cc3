"""Single lines of orders and of carts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from retail_sync.vendors.mailchimp.sandbox.endpoints import DONE, PAGE, VIEW, Answer, Ask, Endpoint, Handler
from retail_sync.vendors.mailchimp.sandbox.orders import change_order
from retail_sync.vendors.mailchimp.sandbox.paging import collection, page_of, viewed
from retail_sync.vendors.mailchimp.sandbox.problems import already_exists, bad_request
from retail_sync.vendors.mailchimp.sandbox.sales import LINE, LINE_CHANGES, LINE_NEEDS, check_lines, write_lines
from retail_sync.vendors.mailchimp.sandbox.schema import Json, require, thing
from retail_sync.vendors.mailchimp.sandbox.store import Store, found

if TYPE_CHECKING:
    from retail_sync.vendors.mailchimp.sandbox.account import Account

Kind = Literal["orders", "carts"]
NEW = thing(LINE, required=LINE_NEEDS)
CHANGED = thing(LINE_CHANGES)


def _sale(account: Account, ask: Ask, kind: Kind) -> tuple[Store, Json]:
    store = account.store(ask.ids[0])
    return store, found(store.orders if kind == "orders" else store.carts, ask.ids[1])


def _put_line(account: Account, store: Store, sale: Json, kind: Kind, line: Json) -> Answer:
    if kind == "orders":
        change_order(account, store, sale, {"lines": [line]})
    else:
        check_lines(store, sale["lines"], [line])
        write_lines(store, sale, [line], account.now_text())
    return Answer(store.show_line(sale["lines"][line["id"]]))


def _index(kind: Kind) -> Handler:
    def index(account: Account, ask: Ask) -> Answer:
        store, sale = _sale(account, ask, kind)
        lines = [store.show_line(line) for line in sale["lines"].values()]
        about = {"store_id": store.id, f"{kind[:-1]}_id": sale["id"]}
        return collection(ask, "lines", page_of(ask, lines), len(lines), **about)

    return index


def _create(kind: Kind) -> Handler:
    def create(account: Account, ask: Ask) -> Answer:
        store, sale = _sale(account, ask, kind)
        line = require(NEW, ask.json())
        if line["id"] in sale["lines"]:
            raise already_exists("A line")
        return _put_line(account, store, sale, kind, line)

    return create


def _show(kind: Kind) -> Handler:
    def show(account: Account, ask: Ask) -> Answer:
        store, sale = _sale(account, ask, kind)
        return viewed(ask, store.show_line(found(sale["lines"], ask.ids[2])))

    return show


def _patch(kind: Kind) -> Handler:
    def patch(account: Account, ask: Ask) -> Answer:
        store, sale = _sale(account, ask, kind)
        found(sale["lines"], ask.ids[2])
        line = {**require(CHANGED, ask.json()), "id": ask.ids[2]}
        return _put_line(account, store, sale, kind, line)

    return patch


def _remove(kind: Kind) -> Handler:
    def remove(account: Account, ask: Ask) -> Answer:
        _, sale = _sale(account, ask, kind)
        found(sale["lines"], ask.ids[2])
        if len(sale["lines"]) == 1:
            raise bad_request("The last line must stay.")
        del sale["lines"][ask.ids[2]]
        return DONE

    return remove


def _endpoints(kind: Kind) -> tuple[Endpoint, ...]:
    lines = f"/ecommerce/stores/{{store_id}}/{kind}/{{{kind[:-1]}_id}}/lines"
    line = f"{lines}/{{line_id}}"
    return (
        Endpoint("GET", lines, _index(kind), PAGE),
        Endpoint("POST", lines, _create(kind)),
        Endpoint("GET", line, _show(kind), VIEW),
        Endpoint("PATCH", line, _patch(kind)),
        Endpoint("DELETE", line, _remove(kind)),
    )


ENDPOINTS = (*_endpoints("orders"), *_endpoints("carts"))
