"""What Mailchimp says, and how a row ends by it. The texts are those that were seen in the field."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from retail_sync.model.delivery import Delivery
from retail_sync.vendors.mailchimp.refusals import REFUSALS, turn_of
from retail_sync.vendors.mailchimp.verdicts import outcome
from retail_sync.vendors.mailchimp.wire import Reply

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ROW = Delivery(row_id=5, kind="order", object_id="order:a:1", vendor_key="1", operation="create", payload={})


def problem(title: str, detail: str, status: int = 400, errors: list[dict[str, str]] | None = None) -> Reply:
    body: dict[str, Any] = {"type": "x", "title": title, "status": status, "detail": detail, "instance": ""}
    return Reply(status, body | ({"errors": errors} if errors else {}))


UNABLE = "We were unable to process the request. "


@pytest.mark.req("OPS-1")
@pytest.mark.parametrize(
    ("reply", "verdict", "code"),
    [
        (problem("Member Exists", "a@mail.test is already a list member."), "exists", "member_exists"),
        (problem("Member In Compliance State", "a@mail.test is in a compliance state"), "rejected", "compliance"),
        (problem("Forgotten Email Not Subscribed", "a@mail.test was permanently deleted"), "rejected", "forgotten"),
        (problem("Invalid Resource", "a@mail.test looks fake or invalid, please"), "rejected", "fake_address"),
        (problem("Invalid Resource", "a@mail.test has signed up to a lot of lists very"), "retry", "throttled"),
        (problem("Invalid Resource", 'Recipient "a" has too many recent signup requests'), "retry", "throttled"),
        (problem("Invalid Resource", "Your merge fields were invalid."), "rejected", "merge_fields"),
        (problem("Bad Request", "An email address may not be changed once a customer"), "rejected", "address_fixed"),
        (problem("Bad Request", "This customer email already exists"), "rejected", "customer_taken"),
        (problem("Bad Request", UNABLE + "An order with the provided ID already exists"), "exists", "order_exists"),
        (problem("Bad Request", UNABLE + "A product with the provided ID already exists"), "exists", "product_exists"),
        (problem("Bad Request", UNABLE + "A store with the domain x already exists"), "rejected", "store_domain"),
        (problem("Bad Request", "A product with the provided ID does not exist"), "lacking", "product_missing"),
        (
            problem("Bad Request", "A product with the provided variant ID does not exist"),
            "lacking",
            "variant_missing",
        ),
        (problem("Bad Request", "A customer with the provided ID does not exist"), "lacking", "customer_missing"),
        (problem("Bad Request", "A campaign with the provided ID does not exist"), "rejected", "campaign_missing"),
        (problem("Parent Product Does Not Exist", "The parent product must exist"), "lacking", "product_missing"),
        (problem("Invalid Resource", "The resource submitted could not be validated."), "rejected", "invalid"),
        (problem("Bad Request", "Something new"), "rejected", "refused_400"),
        (problem("Resource Not Found", "The requested resource", 404), "gone", "not_found"),
        (problem("Internal Server Error", "A deep, internal error", 500), "retry", "500"),
        (Reply(429), "retry", "429"),
        (Reply(502), "retry", "502"),
        (Reply(204), "delivered", ""),
    ],
)
def test_every_known_answer_has_its_verdict(reply: Reply, verdict: str, code: str) -> None:
    ended = outcome(ROW, reply, NOW)

    assert (ended.row_id, ended.verdict, ended.code) == (5, verdict, code)
    assert "a@mail.test" not in ended.words


def test_the_complaint_about_a_field_is_told() -> None:
    errors = [{"field": "merge_fields.BORN", "message": "Please enter a birthday as MM/DD"}]
    ended = outcome(ROW, problem("Invalid Resource", "See the 'errors' array.", errors=errors), NOW)

    assert "merge_fields.BORN Please enter a birthday" in ended.words


def test_an_address_that_signed_up_too_often_is_left_alone_for_a_day() -> None:
    ended = outcome(ROW, problem("Invalid Resource", "signed up to a lot of lists"), NOW)
    assert ended.retry_at == NOW + timedelta(days=1)


@pytest.mark.req("OPS-1")
def test_every_refusal_has_an_owner_and_a_next_step() -> None:
    for refusal in REFUSALS:
        assert turn_of(refusal.code) == (refusal.turn, refusal.next_step)
        assert refusal.next_step.endswith(".")
    assert turn_of("refused_400")[0] == "operations"
