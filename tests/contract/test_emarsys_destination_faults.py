"""The Emarsys destination over real HTTP: ways in, refusals inside a success, exports, and the check."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from retail_sync.errors import ConfigurationError, PermissionMissingError, UnreachableError
from retail_sync.model.views import FieldMapping
from retail_sync.sandbox.host import build, running
from retail_sync.sandbox.world.events import ContactBounced, ContactLeft

from .destination_goods import NOW, person
from .destination_shop import verdicts
from .emarsys_destination_shop import MAPPING, Shop, pair


@pytest.fixture
def shop() -> Iterator[Shop]:
    with running(build("emarsys")) as url:
        standing = Shop(url)
        standing.stand()
        yield standing


def contacts(shop: Shop, many: int) -> list[Any]:
    return [shop.destination.person(person(number))[0] for number in range(1, many + 1)]


@pytest.mark.req("SEC-1")
def test_a_token_that_has_run_out_is_renewed_once(shop: Shop) -> None:
    shop.control.fault("token_expired")

    assert verdicts(shop.send(*contacts(shop, 2))) == {"delivered": 2}


@pytest.mark.req("SEC-1")
def test_the_older_way_in_works_and_the_check_says_that_it_ends(shop: Shop) -> None:
    older = Shop(shop.url, auth="wsse")
    older.destination = destination = older.connect(login="shop001", password="s3cret")

    outcomes = older.send(*destination.person(person()))

    assert verdicts(outcomes) == {"delivered": 1}
    (finding,) = [one for one in destination.check() if one.subject == "way in"]
    assert "2026" in finding.detail or "ended" in finding.detail


@pytest.mark.req("OPS-3")
def test_an_endpoint_that_nobody_allowed_is_named_by_the_check(shop: Shop) -> None:
    shop.control.fault("permission_lost", endpoint="POST /email/getresponses", times=None)

    wrong = {one.subject: one.fix for one in shop.destination.check() if not one.ok}

    assert list(wrong) == ["permission export.responses"]
    assert "Allow this endpoint" in wrong["permission export.responses"]
    with pytest.raises(PermissionMissingError):
        list(shop.destination.contacts(datetime.now(UTC)))


@pytest.mark.req("OPS-3")
def test_a_key_that_is_refused_within_a_success_stops_the_load(shop: Shop) -> None:
    shop.control.fault("no_key_id")

    with pytest.raises(ConfigurationError, match="key field"):
        shop.send(*contacts(shop, 2))

    assert shop.state()["counts"]["contacts"] == 0


@pytest.mark.req("DAG-6")
def test_a_spent_minute_is_waited_for_until_its_reset(shop: Shop) -> None:
    (budget,) = [one for name, one in shop.budgets.items() if "sales" not in name]
    shop.control.fault("quota_spent", seconds=30)

    assert shop.attempt(*contacts(shop, 1)) == []

    assert 25 <= budget.pauses[0] <= 32


@pytest.mark.req("QUA-1")
@pytest.mark.parametrize("shape", ["list", "map", "nested"])
def test_a_refusal_within_a_success_is_found_in_every_shape(shop: Shop, shape: str) -> None:
    shop.send(*contacts(shop, 5))
    shop.control.fault("error_shapes", endpoint="PUT /contact", options={"shape": shape}, times=None)
    shop.control.fault("contact_refused", endpoint="centra_main-3", options={"code": 2007, "text": "Invalid value"})

    outcomes = shop.send(*(shop.destination.person(person(number, first_name="Eva"))[0] for number in range(1, 6)))

    assert verdicts(outcomes) == {"delivered": 4, "rejected": 1}
    assert [one.words for one in outcomes if one.verdict == "rejected"] == ["Invalid value"]


@pytest.mark.req("QUA-1")
def test_the_race_in_which_a_new_contact_exists_already_is_tried_again(shop: Shop) -> None:
    shop.control.fault("already_exists_race")

    (first,) = shop.send(*contacts(shop, 1))
    (second,) = shop.send(*contacts(shop, 1))

    assert (first.verdict, first.code, second.verdict) == ("retry", "contact_exists", "delivered")


@pytest.mark.req("OPS-3")
def test_a_key_field_without_an_index_stops_the_load_and_says_what_to_do() -> None:
    with running(build("emarsys", {"fields": []})) as url:
        shop = Shop(url)
        shop.send(*shop.destination.structure(live=True))

        with pytest.raises(ConfigurationError, match="key field"):
            shop.send(*contacts(shop, 2))

        wrong = [one for one in shop.destination.check() if not one.ok]
        assert [one.subject for one in wrong] == ["key field"]
        assert "index" in wrong[0].fix


@pytest.mark.req("REC-1")
def test_a_field_that_somebody_deleted_is_lacking_and_made_again(shop: Shop) -> None:
    shop.send(*contacts(shop, 1))
    number = shop.state()["fields"]["shop_ltv"]
    vendor = shop.destination
    token = _token(shop)
    assert _delete(shop, f"/api/v3/field/{number}", token) == 200

    (lacking,) = shop.send(*(vendor.person(person(first_name="Eva"))[0],))
    field = next(one for one in vendor.structure(live=True) if one.vendor_key == "shop_ltv")
    (made,) = shop.send(field, operation="create")
    (delivered,) = shop.send(*(vendor.person(person(first_name="Eva"))[0],))

    assert (lacking.verdict, lacking.code) == ("lacking", "field_missing")
    assert (made.verdict, delivered.verdict) == ("delivered", "delivered")


@pytest.mark.req("DAG-2")
@pytest.mark.parametrize("endpoint", ["POST /field", "POST /event"])
def test_structure_whose_answer_is_lost_is_found_made(endpoint: str) -> None:
    with running(build("emarsys")) as url:
        shop = Shop(url)
        shop.control.fault("after_write_drop", endpoint=endpoint)

        outcomes = shop.send(*shop.destination.structure(live=True))

        assert verdicts(outcomes) == {"delivered": len(outcomes) - 2, "exists": 2}
        assert verdicts(shop.send(*shop.destination.structure(live=True), operation="update")) == {
            "delivered": len(outcomes)
        }


@pytest.mark.req("OPS-3")
def test_a_field_of_another_type_is_refused_and_named_by_the_check(shop: Shop) -> None:
    other = pair(mapping=MAPPING | {"shop_ltv": FieldMapping("facts.lifetime_value", "date")})
    destination = shop.connect(other)
    (field,) = [one for one in destination.structure(live=True) if one.vendor_key == "shop_ltv"]

    (outcome,) = shop.send(field, operation="update")

    assert (outcome.verdict, outcome.code) == ("rejected", "field_type")
    assert [one.subject for one in destination.check() if not one.ok] == ["contact field shop_ltv"]


@pytest.mark.req("CON-3")
def test_slow_exports_are_waited_for_and_lost_files_asked_for_again(shop: Shop) -> None:
    shop.send(*contacts(shop, 1))
    shop.control.apply([ContactLeft(at=NOW, email="p1@mail.test")])
    since = datetime.now(UTC) - timedelta(minutes=5)
    shop.control.fault("export_slow", seconds=0.1)
    shop.control.fault("export_gone")

    found = {contact.email: contact.status for contact in shop.destination.contacts(since)}

    assert found == {"p1@mail.test": "unsubscribed"}


@pytest.mark.req("CON-3")
@pytest.mark.parametrize("fault", ["export_fails", "export_slow"])
def test_an_export_that_does_not_come_is_no_reading(shop: Shop, fault: str) -> None:
    hasty = Shop(shop.url, export_deadline=0.2)
    shop.control.fault(fault, seconds=30)

    with pytest.raises(UnreachableError):
        list(hasty.destination.contacts(datetime.now(UTC)))


@pytest.mark.req("CON-3")
def test_an_address_that_bounced_for_good_reads_as_cleaned(shop: Shop) -> None:
    shop.send(*contacts(shop, 1))

    shop.control.apply([ContactBounced(at=NOW, email="p1@mail.test")])

    assert shop.status("p1@mail.test") == "cleaned"


@pytest.mark.req("OPS-3")
@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"sales": "api", "merchant": ""}, "merchant"),
        ({"sales": "file"}, "sales_folder"),
        ({"sales_columns": ["order", "item"]}, "customer and email"),
        ({"sales_columns": ["order", "item", "email"]}, "lacks price, quantity, timestamp"),
        ({"sales_columns": ["order", "timestamp", "email", "item", "price", "quantity", "colour"]}, "colour"),
        ({"timezone": "Europe/Nowhere"}, "timezone"),
        ({"something": 1}, "something"),
    ],
)
def test_settings_that_can_not_be_are_named(settings: dict[str, Any], word: str) -> None:
    with running(build("emarsys")) as url, pytest.raises(ConfigurationError, match=word):
        Shop(url, **settings)


def _token(shop: Shop) -> str:
    given = shop.control.health()["connection"]
    answer = requests.post(
        given["extra"]["token_url"],
        {"grant_type": "client_credentials"},
        auth=(given["login"], given["password"]),
        timeout=10,
    )
    return str(answer.json()["access_token"])


def _delete(shop: Shop, path: str, token: str) -> int:
    return requests.delete(f"{shop.url}{path}", headers={"Authorization": f"Bearer {token}"}, timeout=10).status_code
