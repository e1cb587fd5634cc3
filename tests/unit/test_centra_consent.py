"""Opt-outs on their way back: what Centra's answer shows decides, not that there was one."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from retail_sync.model.delivery import Delivery, Outcome
from retail_sync.vendors.centra import consent
from retail_sync.vendors.centra.facts import Settings
from retail_sync.vendors.centra.queries import Query
from retail_sync.vendors.centra.schema import FieldNode, Schema, TypeNode, TypeRef

FLAG = TypeRef("NON_NULL", of_type=TypeRef("SCALAR", "Boolean"))
CUSTOMER = TypeNode([FieldNode("receiveNewsletters", FLAG)])
PAYLOAD = TypeNode([FieldNode("customer", TypeRef("OBJECT", "Customer"))])


class Client:
    """Answers every mutation alike, and keeps what it was asked."""

    def __init__(self, shown: Any, payload: TypeNode | None = PAYLOAD) -> None:
        self.schema = Schema({"Customer": CUSTOMER, "CustomerUpdatePayload": payload})
        self.asked = ""
        self._shown = shown

    def change(self, query: Query, count: int, decode: Any) -> Any:
        self.asked = query.text
        rows = {f"row{place}": {"userErrors": [], **self._shown} for place in range(count)}
        return decode(msgspec.json.encode({"data": rows}))


def opted_out(client: Client) -> Outcome:
    row = consent.wanted("77")
    sent = Delivery(
        row_id=1,
        kind=row.kind,
        object_id=row.object_id,
        vendor_key=row.vendor_key,
        operation="opt_out",
        payload=row.payload,
    )
    (outcome,) = consent.deliver(client, Settings(), [sent])  # type: ignore[arg-type]
    return outcome


@pytest.mark.req("CON-3")
def test_an_opt_out_is_done_when_the_customer_reads_opted_out() -> None:
    client = Client({"customer": {"newsletter": False}})
    assert opted_out(client).verdict == "delivered"
    assert "customer { newsletter: receiveNewsletters }" in client.asked


@pytest.mark.req("CON-3")
def test_an_opt_out_that_changes_nothing_is_refused() -> None:
    outcome = opted_out(Client({"customer": {"newsletter": True}}))
    assert (outcome.verdict, outcome.code) == ("rejected", "not_done")


@pytest.mark.req("CON-3", "SEC-2")
def test_what_centra_says_against_an_opt_out_is_kept_without_addresses() -> None:
    said = {"message": "Customer anna.berg@mail.test\nis anonymized"}
    outcome = opted_out(Client({"userErrors": [said]}))
    assert (outcome.verdict, outcome.code) == ("rejected", "user_error")
    assert "anonymized" in outcome.words
    assert "anna" not in outcome.words


@pytest.mark.req("CON-3")
def test_an_answer_that_can_t_show_the_customer_is_taken_at_its_word() -> None:
    client = Client({}, payload=TypeNode([]))
    assert opted_out(client).verdict == "delivered"
    assert "customer {" not in client.asked
