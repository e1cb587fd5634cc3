"""The Ometria sandbox: access and allowances, the queue behind a push, orders, products, events and mails."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from .ometria_account import IN, KEY, NOW, Caller, account, contact, event, order, product

DENIED = "API key is not authorised to access this resource"


@pytest.fixture(scope="module")
def _running() -> Iterator[Caller]:
    with account() as caller:
        yield caller


@pytest.fixture
def api(_running: Caller) -> Caller:
    """The account as it is at the start, at a time that stands still."""
    _running.control.reset()
    _running.control.stand_at(NOW)
    return _running


def books(api: Caller) -> dict[str, Any]:
    return api.control.state()


class TestAccess:
    def test_only_the_key_in_its_header_opens(self, api: Caller) -> None:
        url = f"{api.url}/v2/profiles"
        assert requests.get(url, headers={"X-Ometria-Auth": KEY}, timeout=5).json() == []
        for headers in ({}, {"X-Ometria-Auth": "wrong"}, {"Authorization": f"Bearer {KEY}"}):
            answer = requests.get(url, headers=headers, timeout=5)
            assert (answer.status_code, answer.json()["error"]) == (403, DENIED)

    def test_a_client_that_sends_a_body_with_each_request_is_served(self, api: Caller) -> None:
        api.stored(contact())
        assert api.done("GET", "/push/_errors", {}) == []
        assert api.done("GET", "/unsubscribes/", {}, since="2026-01-01T00:00:00") == []

    def test_paths_and_parameters_that_are_not_there_are_refused(self, api: Caller) -> None:
        assert api.call("GET", "/carts").status == 404
        assert api.call("DELETE", "/orders/1").status == 405
        assert api.call("GET", "/profiles", updatedSince="2026-01-01").status == 400
        assert api.call("GET", "/orders", limit=251).status == 400

    @pytest.mark.req("DAG-6")
    def test_pushes_and_other_requests_have_allowances_of_their_own(self) -> None:
        with account(push_per_second=2, data_per_second=1) as small:
            small.control.stand_at(NOW)
            pushes = [small.call("POST", "/push", [contact()]) for _ in range(40)]
            assert [one.status for one in pushes[:2]] == [200, 200]
            refused = next(one for one in pushes if one.status == 429)
            assert "Retry-After" not in refused.headers
            assert small.call("GET", "/contacts").status == 200

    def test_an_allowance_fills_again_with_time(self) -> None:
        with account(merges_per_minute=1) as slow:
            body = {"survivor": {"type": "customer_id", "value": "1"}, "customers_to_merge": []}
            assert [slow.call("POST", "/merge-profile", body).status for _ in range(2)] == [400, 429]
            slow.control.shift_clock(61)
            assert slow.call("POST", "/merge-profile", body).status == 400

    def test_a_full_queue_refuses_and_says_what_room_there_is(self) -> None:
        with account(queue_limit=2, validate_seconds=3600) as full:
            first = full.call("POST", "/push", [contact()])
            assert (first.headers["X-QueueSize-Limit"], first.headers["X-QueueSize-Remaining"]) == ("2", "1")
            assert full.call("POST", "/push", [contact("2"), contact("3")]).status == 429
            full.control.shift_clock(3601)
            assert full.call("POST", "/push", [contact("2"), contact("3")]).status == 200


class TestPush:
    @pytest.mark.parametrize(
        "body",
        [
            contact(),
            [],
            [contact(str(number)) for number in range(101)],
            [contact(), order()],
            ["contact"],
            [{"id": "1"}],
        ],
    )
    def test_what_is_no_array_of_at_most_a_hundred_of_one_type_is_refused_whole(self, api: Caller, body: Any) -> None:
        assert api.call("POST", "/push", body).status == 400
        assert books(api)["counts"]["contacts"] == 0

    def test_a_record_over_the_limit_refuses_the_call(self, api: Caller) -> None:
        large = contact(properties={"text": "x" * 60_000})
        answer = api.call("POST", "/push", [contact("2"), large])
        assert (answer.status, answer.body["error"]) == (400, "Payload invalid: Record is too large.")

    @pytest.mark.req("REC-1")
    def test_accepted_is_not_stored_until_it_was_validated(self) -> None:
        with account(validate_seconds=3600) as slow:
            slow.push(contact(), contact("2", "nowhere"))
            assert slow.call("GET", "/contacts/shop/1").status == 404
            assert slow.errors() == []
            assert slow.control.state()["queue"]["waiting"] == 2
            slow.control.shift_clock(3601)
            assert slow.get("/contacts/shop/1")["email"] == "ann@mail.test"
            assert [one["record_id"] for one in slow.errors()] == ["2"]

    @pytest.mark.req("REC-1")
    def test_an_error_names_push_record_and_place(self, api: Caller) -> None:
        answer = api.push(contact(email="nowhere"))
        (error,) = api.errors()
        assert error == {
            "request_id": answer["request_id"],
            "record_type": "contact",
            "record_id": "1",
            "record": contact(email="nowhere"),
            "timestamp": "2026-03-02T12:00:00Z",
            "message": {"error_message": "Not a valid email address", "error_path": "email"},
        }

    @pytest.mark.parametrize(
        ("record", "path"),
        [
            (contact(nickname="Annie"), "nickname"),
            (contact(phone_number="070 123"), "phone_number"),
            (contact(marketing_optin=True), "marketing_optin"),
            (contact("ann@mail.test"), "id"),
            (contact(customer_id=None, email=None) | {"customer_id": None}, ""),
            (contact() | {"@force_optin": True}, "@force_optin"),
            (contact(properties={"home": {"city": "Umeå"}}), "properties.home"),
            (order(lineitems=[{"product_id": "p1", "quantity": 1}]), "lineitems.0.unit_price"),
            (order(timestamp="yesterday"), "timestamp"),
            (order(carrier="DHL"), "carrier"),
            (product(title=None), "title"),
            (product(listings=[{"price": 1}]), "listings.0.store"),
            (event(event_type="never_registered"), "event_type"),
            (event(identity_account_id="1"), ""),
            (event(properties={"text": "x" * 513}), "properties.text"),
        ],
    )
    def test_what_does_not_fit_fails_late(self, api: Caller, record: dict[str, Any], path: str) -> None:
        api.push(record)
        (error,) = api.errors()
        assert error["message"]["error_path"] == path
        assert not any(number for name, number in books(api)["counts"].items() if name != "mails")

    def test_a_record_without_identity_is_counted_as_rejected(self, api: Caller) -> None:
        answer = api.done("POST", "/push", [{"@type": "order", "grand_total": 1}, order()])
        assert (answer["status"], answer["accepted"], answer["rejected"]) == ("OK", 1, 1)

    def test_only_the_latest_hundred_errors_are_kept(self, api: Caller) -> None:
        for batch in range(2):
            api.push(*(contact(f"{batch}-{number}", "nowhere") for number in range(60)))
        kept = [one["record_id"] for one in api.errors()]
        assert len(kept) == 100
        assert (kept[0], kept[-1]) == ("1-59", "0-20")


class TestOrders:
    @pytest.mark.req("ORD-5")
    def test_an_order_sent_again_changes_what_it_names_and_replaces_its_lines(self, api: Caller) -> None:
        api.stored(order())
        api.stored({"@type": "order", "id": "100", "status": "shipped", "lineitems": order()["lineitems"][:1]})
        stands = books(api)["orders"]["100"]
        assert (stands["grand_total"], stands["statuses"], stands["times"]) == ("125.2", ["complete", "shipped"], 2)
        assert len(stands["lineitems"]) == 1

    def test_where_orders_are_replaced_a_part_is_not_enough(self) -> None:
        with account(order_update="replace") as strict:
            strict.stored(order())
            strict.push({"@type": "order", "id": "100", "status": "shipped"})
            assert strict.errors()[0]["message"]["error_path"] == "timestamp"
            assert strict.get("/orders/100")["status"] == "complete"

    @pytest.mark.req("ORD-3")
    def test_the_value_of_an_order_is_its_total_less_what_its_lines_say_was_refunded(self, api: Caller) -> None:
        api.stored(order(), order("101"), order("102"))
        part = order()["lineitems"]
        part[0] |= {"quantity_refunded": 1, "refunded": "50.10"}
        api.stored(order(status="partial_refund", lineitems=part))
        api.stored(order("101", status="refunded", is_valid="false"))
        values = {key: one["net_value"] for key, one in books(api)["orders"].items()}
        assert values == {"100": "75.10", "101": "0", "102": "125.2"}
        assert api.profile("ann@mail.test")["stats"]["revenue"] == 200.3

    def test_the_value_in_the_accounts_currency_follows_from_its_totals(self, api: Caller) -> None:
        lines = order()["lineitems"]
        lines[0] |= {"refunded": 50.10, "totals": {"base": {"refunded": 4.5}}}
        api.stored(order(lineitems=lines, totals={"base": {"grand_total": 11.25}}))
        assert books(api)["orders"]["100"]["net_value_base"] == "6.75"


class TestProducts:
    def test_variants_are_listed_only_where_they_are_asked_for(self, api: Caller) -> None:
        api.stored(product(), product("v1", is_variant=True, parent_id="p1"), product("p2", is_active=False))
        assert [one["id"] for one in api.get("/products")] == ["p1", "p2"]
        assert [one["id"] for one in api.get("/products", includeVariants="true")] == ["p1", "v1", "p2"]
        assert [one["id"] for one in api.get("/products", active="true")] == ["p1"]

    def test_stock_alone_is_merged_into_what_stands(self) -> None:
        with account(update="replace") as strict:
            strict.stored(product())
            strict.stored({"@type": "product", "id": "p1", "is_in_stock": False, "@merge": True})
            assert strict.get("/products/p1")["title"] == "Coat"
            strict.push({"@type": "product", "id": "p1", "is_in_stock": True})
            assert strict.errors()[0]["message"]["error_path"] == "title"


class TestEvents:
    @pytest.mark.req("SHP-2")
    def test_an_id_that_comes_again_is_counted_and_sets_nothing_off(self, api: Caller) -> None:
        api.stored(contact())
        for _ in range(3):
            api.stored(event())
        state = books(api)
        assert state["custom_events"]["e1"]["times"] == 3
        assert state["custom_events"]["e1"]["resolved_profile_id"] == api.profile("ann@mail.test")["id"]
        assert [one["event_id"] for one in state["automations"]] == ["e1"]

    def test_long_names_are_cut_before_they_are_looked_up(self) -> None:
        name = "a_very_long_name_of_a_custom_event"
        with account(event_types=(name,)) as named:
            named.stored(event(event_type=name))
            assert named.control.state()["custom_events"]["e1"]["event_type"] == name[:32]


class TestSingleRecords:
    def test_they_are_validated_at_once(self, api: Caller) -> None:
        api.done("POST", "/contacts/shop/1", {"email": "ann@mail.test", "marketing_optin": IN})
        api.done("POST", "/orders/100", order())
        api.done("POST", "/products/p1", product())
        api.done("POST", "/custom-events/", event())
        assert api.call("POST", "/contacts/shop/1", {"email": "nowhere"}).status == 400
        assert api.call("POST", "/orders/101", order()).status == 400
        assert api.get("/contacts") == [{"collection": "shop", "count": 1}]
        assert {books(api)["counts"][name] for name in ("orders", "products", "custom_events")} == {1}


class TestMails:
    def test_a_repeated_request_sends_a_second_mail(self, api: Caller) -> None:
        person = {"email": "ann@mail.test", "name": "Ann"}
        mail: dict[str, Any] = {"template_id": "t1", "subject": "Sent", "from": person, "to": person, "sandbox": True}
        for _ in range(2):
            api.done("POST", "/transactional-email/send", mail)
        assert len(books(api)["mails"]) == 2
        attached = [{"content": base64.b64encode(data).decode()} for data in (b"%PDF-1.7", b"no pdf")]
        assert api.call("POST", "/transactional-email/send", mail | {"attachments": attached[:1]}).status == 200
        assert api.call("POST", "/transactional-email/send", mail | {"attachments": attached}).status == 400
