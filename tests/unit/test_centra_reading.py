"""Poisoned pages and refusals: what is bad is named, what is good goes on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from retail_sync.errors import (
    ConfigurationError,
    IncompleteReadError,
    PermissionMissingError,
    SchemaDriftError,
    StopError,
)
from retail_sync.model.reading import Window
from retail_sync.model.records import Order
from retail_sync.vendors.centra.envelope import GraphError, cleaned, decoder, opened, refusal
from retail_sync.vendors.centra.facts import settings
from retail_sync.vendors.centra.paging import Answered
from retail_sync.vendors.centra.payments import Payments
from retail_sync.vendors.centra.queries import Query
from tests.unit.centra_nodes import customer, money, order, read_list, read_orders, refund_of_return

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.mark.req("QUA-1")
@pytest.mark.parametrize(
    "broken",
    [
        order(7, grandTotal=None),
        order(7, lines=[{"id": 1}]),
        order(7, updatedAt="yesterday"),
        order(7, currencyBaseRate=money(1)),
        order(7, grandTotal={"value": 10**40, "currency": {"code": "SEK"}}),
    ],
)
def test_one_bad_order_is_set_aside_and_the_others_go_on(broken: dict[str, Any]) -> None:
    page = read_orders([order(6), broken, order(8)])
    assert [record.number for record in page.records if isinstance(record, Order)] == ["6", "8"]
    assert [key for key, _ in page.refused] == [f"{7:032x}"]
    assert page.refused[0][1]


@pytest.mark.req("QUA-1")
def test_one_order_in_another_encoding_is_set_aside_and_the_others_go_on() -> None:
    page = read_orders([order(6), order(7, status="\udce9"), order(8)])
    assert [record.number for record in page.records if isinstance(record, Order)] == ["6", "8"]
    assert [key for key, _ in page.refused] == [f"{7:032x}"]


@pytest.mark.req("QUA-1")
def test_a_reason_names_the_place_and_no_value() -> None:
    page = read_list("customers", [customer(updatedAt="secret@mail.test")])
    (key, reason) = page.refused[0]
    assert key == "5"
    assert "updatedAt" in reason
    assert "secret" not in reason


@pytest.mark.req("QUA-1")
def test_a_node_without_an_id_is_counted() -> None:
    assert [key for key, _ in read_list("returns", [None, refund_of_return(id=None)]).refused] == ["without an id"] * 2


@pytest.mark.req("QUA-1")
def test_fields_that_nobody_knows_are_no_harm() -> None:
    assert len(read_orders([order(brandNew={"a": 1})]).records) == 1


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (rb'"a\u0000b"', b'"ab"'),
        (rb'"a\\u0000b"', rb'"a\\u0000b"'),
        (rb'"\ud83d\ude00"', rb'"\ud83d\ude00"'),
        (rb'"\ud83d!"', rb'"\ufffd!"'),
        (rb'"!\ude00"', rb'"!\ufffd"'),
        (rb'"\ud83d\ud83d\ude00"', rb'"\ufffd\ud83d\ude00"'),
    ],
)
@pytest.mark.req("QUA-1")
def test_text_that_no_database_holds_is_cleaned(text: bytes, clean: bytes) -> None:
    assert cleaned(text) == clean


@pytest.mark.req("QUA-1")
def test_a_page_with_half_a_surrogate_is_read() -> None:
    body = rb'{"data": {"name": "\ud83dx\u0000"}}'
    assert opened(body, decoder(dict[str, str]), "orders").data == {"name": "�x"}


@pytest.mark.req("OPS-3")
@pytest.mark.parametrize("body", [b'{"data": {"na', b"", b'{"data": NaN}', b'{"data": {"a": "\xe9"}}'])
def test_a_cut_answer_is_no_answer(body: bytes) -> None:
    with pytest.raises(IncompleteReadError):
        opened(body, decoder(dict[str, str]), "orders")


@pytest.mark.req("OPS-3")
def test_data_of_another_shape_is_drift() -> None:
    with pytest.raises(SchemaDriftError):
        opened(b'{"data": [1]}', decoder(dict[str, str]), "orders")


@pytest.mark.req("OPS-3")
def test_a_missing_permission_is_named_with_what_to_do() -> None:
    by_words = GraphError("Missing Order.billingAddress:read.", ["page"], {"category": "authorization"})
    by_path = GraphError("Forbidden.", ["page", "edges", 0, "node", "shippingAddress"], {"category": "authorization"})
    by_root = GraphError("Forbidden.", [], {"category": "authorization"})
    for error, permission in (
        (by_words, "Order.billingAddress:read"),
        (by_path, "Order.shippingAddress:read"),
        (by_root, "Order:read"),
    ):
        raised = refusal(error, "orderConnection")
        assert isinstance(raised, PermissionMissingError)
        assert permission in str(raised)
        assert "API Tokens" in raised.fix


@pytest.mark.req("OPS-3")
@pytest.mark.parametrize(
    ("category", "kind"),
    [("graphql", SchemaDriftError), ("authentication", ConfigurationError), ("internal", StopError)],
)
def test_other_errors_say_who_should_act(category: str, kind: type[Exception]) -> None:
    assert isinstance(refusal(GraphError("No.", [], {"category": category}), "orders"), kind)


class Payer:
    """Stands in for the client: knows every argument, and answers this."""

    def __init__(self, body: bytes) -> None:
        self.schema = self
        self._body = body

    def asks(self, *_: str) -> bool:
        return True

    def takes(self, *_: str) -> bool:
        return True

    def ask(self, query: Query, _: Any, decode: Any) -> Answered[Any]:
        return Answered(opened(self._body, decode, query.root).data, NOON)


@pytest.mark.req("DAG-2")
def test_a_payment_whose_order_the_token_may_not_see_hides_no_other() -> None:
    body = b'{"data": {"page": [{"id": 1, "order": null}, {"id": 2, "order": {"number": 7}}]}}'
    payments = Payments(Payer(body), settings({}))  # type: ignore[arg-type]

    assert payments.orders(Window(NOON - timedelta(hours=1), NOON)) == [7]
