"""What goes wrong between us and an OrderWise installation, and what `check` says of one that differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from retail_sync.errors import (
    ConfigurationError,
    CredentialsError,
    IncompleteReadError,
    PermissionMissingError,
    SchemaDriftError,
    UnreachableError,
)
from retail_sync.model.delivery import Outcome
from retail_sync.model.ports import Connection, Services, Source
from retail_sync.sandbox.world.events import Refunded, ShopEvent
from retail_sync.vendors.orderwise import VENDOR

from .centra_shop import customer, placed, product
from .orderwise_source_stage import (
    DEFINITIONS,
    EVERYTHING,
    NOW,
    SETTINGS,
    STATUSES,
    Stage,
    keys,
    months,
    opened,
    opt_out,
    records,
)


@pytest.fixture(scope="module")
def past() -> list[ShopEvent]:
    return months(3, customers=40, orders=60)


@pytest.fixture(scope="module")
def standing(past: list[ShopEvent]) -> Iterator[Stage]:
    with opened(past) as stage:
        yield stage


@pytest.fixture
def shop(standing: Stage) -> Iterator[Stage]:
    """A sandbox without faults; tests change nothing in its books."""
    yield standing
    standing.control.clear_faults()
    standing.control.reset_log()
    standing.now = NOW


def expected(stage: Stage, stream: str) -> set[str]:
    return {str(one["id"]) for one in stage.books()[stream]}


# Who we are.


@pytest.mark.req("OPS-3", "SEC-1")
def test_a_wrong_password_is_said_to_be_one(shop: Stage) -> None:
    with pytest.raises(CredentialsError) as raised:
        keys(shop.source(password="no-such-password").extract("orders", EVERYTHING))
    assert "API user group" in raised.value.fix
    assert "no-such-password" not in str(raised.value)
    assert shop.control.log()["requests"] == 1
    (finding,) = shop.source(password="no-such-password").check()
    assert (finding.subject, finding.ok, finding.fix) == ("token", False, raised.value.fix)


@pytest.mark.req("OPS-3")
def test_a_token_that_is_refused_is_got_anew_once(shop: Stage) -> None:
    shop.control.fault("token_expired", endpoint="export orders", skip=1)
    assert set(keys(shop.source(page_size=20).extract("orders", EVERYTHING))) == expected(shop, "orders")
    assert shop.control.log()["by_endpoint"]["token"]["requests"] == 2
    shop.control.fault("token_expired", times=None)
    with pytest.raises(CredentialsError, match="just given"):
        keys(shop.source().extract("orders", EVERYTHING))


@pytest.mark.req("OPS-3")
def test_a_token_is_kept_for_less_than_an_hour(shop: Stage) -> None:
    source = shop.source()
    for minutes, tokens in ((0, 1), (54, 1), (56, 2), (57, 2)):
        shop.now = NOW + timedelta(minutes=minutes)
        keys(source.extract("returns", EVERYTHING))
        assert shop.control.log()["by_endpoint"]["token"]["requests"] == tokens


@pytest.mark.req("OPS-3")
def test_a_missing_right_names_the_endpoint_and_where_it_is_given(shop: Stage) -> None:
    shop.control.fault("permission_lost", endpoint="export orders", times=None)
    with pytest.raises(PermissionMissingError, match="export-definition orders") as raised:
        keys(shop.source().extract("orders", EVERYTHING))
    assert "API user group" in raised.value.fix
    assert not shop.findings()["definition orders"].ok


@pytest.mark.req("OPS-3")
@pytest.mark.parametrize("path", ["/OWAPISB", "/tenant/owapi"])
def test_the_address_holds_the_path_in_any_letters(path: str) -> None:
    with opened([customer(1)], base=path.lower() if path.isupper() else path) as stage:
        stage.base = f"{path}/"
        assert len(records(stage.source().extract("customers", EVERYTHING))) == 1


@pytest.mark.req("OPS-3", "SEC-1")
@pytest.mark.parametrize(
    ("connection", "said"),
    [
        (Connection("erp", "", login="api", password="x"), "has no host"),
        (Connection("erp", "https://erp.shop.test/owapi", password="x"), "has no login"),
        (Connection("erp", "http://erp.shop.test/owapi", login="api", password="x"), "unencrypted"),
    ],
)
def test_a_connection_that_lacks_something_says_what(connection: Connection, said: str, shop: Stage) -> None:
    services = Services(lambda: NOW, shop._budget)
    with pytest.raises(ConfigurationError, match=said):
        VENDOR.source(SETTINGS, connection, services)
    if said == "unencrypted":
        VENDOR.source({**SETTINGS, "plain_http": True}, connection, services)


# What an installation does on a bad day.


@pytest.mark.req("DAG-2")
@pytest.mark.parametrize("fault", ["empty_page", "repeated_rows"])
@pytest.mark.parametrize("endpoint", ["export orders", "export order_lines", "export despatches"])
def test_a_page_that_lies_is_no_short_success(shop: Stage, endpoint: str, fault: str) -> None:
    shop.control.fault(fault, endpoint=endpoint, skip=1)
    with pytest.raises(IncompleteReadError):
        keys(shop.source(page_size=20).extract("orders", EVERYTHING))


@pytest.mark.req("DAG-2")
@pytest.mark.parametrize("fault", ["drop_connection", "truncate", "html_200", "server_busy"])
def test_a_bad_moment_is_tried_again(shop: Stage, fault: str) -> None:
    shop.control.fault(fault, endpoint="export orders")
    assert set(keys(shop.source().extract("orders", EVERYTHING))) == expected(shop, "orders")


@pytest.mark.req("DAG-2", "DAG-6")
def test_a_bad_day_is_no_empty_read_and_no_storm(shop: Stage) -> None:
    shop.control.fault("server_busy", endpoint="export orders", times=None, options={"status": 500})
    with pytest.raises(UnreachableError):
        keys(shop.source().extract("orders", EVERYTHING))
    assert shop.control.log()["by_endpoint"]["export orders"]["requests"] <= 3


@pytest.mark.req("DAG-6")
def test_a_slow_export_is_waited_for_as_long_as_the_pair_says() -> None:
    # A sandbox of its own: what nobody waits for any more is still being answered when the test is over.
    with opened([customer(1)]) as stage:
        stage.control.fault("slow", endpoint="export customers", seconds=0.5, times=4)
        assert len(keys(stage.source(timeout=20).extract("customers", EVERYTHING))) == 1
        with pytest.raises(UnreachableError, match="in time"):
            keys(stage.source(timeout=0.1).extract("customers", EVERYTHING))


# An installation that differs.


@pytest.mark.req("OPS-3")
def test_a_renamed_parameter_is_drift_that_names_the_definition(shop: Stage) -> None:
    options = {"parameter": "since", "to": "date_from"}
    shop.control.fault("renamed_parameter", endpoint="export orders", times=None, options=options)
    with pytest.raises(SchemaDriftError, match="@since") as raised:
        keys(shop.source().extract("orders", EVERYTHING))
    assert "export definition orders (105)" in str(raised.value)
    finding = shop.findings()["definition orders"]
    assert not finding.ok
    assert "definitions/orders.sql" in finding.fix


@pytest.mark.req("OPS-3")
@pytest.mark.parametrize("to", ["ordered_on", None])
def test_a_column_that_is_called_otherwise_is_named_before_anything_is_read(shop: Stage, to: str | None) -> None:
    options = {"column": "ordered_at", "to": to}
    shop.control.fault("changed_column", endpoint="export orders", times=None, options=options)
    with pytest.raises(SchemaDriftError, match="ordered_at"):
        keys(shop.source().extract("orders", EVERYTHING))
    findings = shop.findings()
    assert [subject for subject, finding in findings.items() if not finding.ok] == ["definition orders"]
    assert "ordered_at" in findings["definition orders"].detail


@pytest.mark.req("OPS-3")
def test_a_definition_that_is_not_installed_is_said_to_be_missing(shop: Stage) -> None:
    finding = shop.findings(definitions={**DEFINITIONS, "stock": 7})["definition stock"]
    assert (finding.ok, "source.settings.definitions.stock" in finding.fix) == (False, True)
    with pytest.raises(ConfigurationError, match="order_lines, stock"):
        shop.source(definitions={name: 1 for name in DEFINITIONS if name not in {"stock", "order_lines"}})


@pytest.mark.req("OPS-3")
def test_the_check_finds_everything_in_order(shop: Stage) -> None:
    findings = shop.findings()
    assert [finding for finding in findings.values() if not finding.ok] == []
    assert {f"definition {name}" for name in DEFINITIONS} <= set(findings)
    assert {"timezone", "statuses", "order types", "web accounts", "write_back"} <= set(findings)


@pytest.mark.req("OPS-3", "ORD-6", "ID-6")
def test_the_check_names_what_the_settings_do_not_know() -> None:
    fewer = {text: word for text, word in STATUSES.items() if text != "Awaiting approval"}
    at = NOW - timedelta(days=1)
    guests = [placed(number, at=at, customer_id=number, email=f"p{number}@mail.test") for number in range(20, 32)]
    with opened([product(), *guests, Refunded(at=NOW, number=25, amount=Decimal(5))], goodwill_type=9) as stage:
        findings = stage.findings(statuses=fewer, web_accounts=[])
        wrong = {subject: finding.detail for subject, finding in findings.items() if not finding.ok}
    assert "Awaiting approval (12)" in wrong["statuses"]
    assert "9 (1)" in wrong["order types"]
    assert "customer 1" in wrong["web accounts"]
    assert all(findings[subject].fix for subject in wrong)


@pytest.mark.req("OPS-3")
def test_the_check_compares_the_servers_clock_with_ours(shop: Stage) -> None:
    finding = shop.findings(timezone="America/New_York")["timezone"]
    assert not finding.ok
    assert "300 minutes" in finding.detail
    with pytest.raises(ConfigurationError, match="Europe/Londn"):
        shop.source(timezone="Europe/Londn")


# Customers by REST.


@pytest.mark.req("DAG-2", "ID-6")
@pytest.mark.parametrize("size", [7, 1000])
def test_all_customers_can_be_read_by_rest(shop: Stage, size: int) -> None:
    source = shop.source(customers="rest", rest_page=size)
    assert set(keys(source.extract("customers", EVERYTHING))) == expected(shop, "customers")
    assert {one.opted_in for one in records(source.extract("customers", None))} == {None}
    facts = source.streams["customers"]
    assert (facts.by_change, facts.heavy, facts.named_by) == (False, True, None)


@pytest.mark.req("CUS-1")
def test_contacts_are_asked_for_where_the_pair_wants_them(shop: Stage) -> None:
    without = records(shop.source(customers="rest", rest_contacts="none").extract("customers", None))
    assert "contacts" not in shop.control.log()["by_endpoint"]
    asked = records(shop.source(customers="rest", rest_contacts="all").extract("customers", None))
    assert {one.key: one.email for one in asked} == {one.key: one.email for one in without}
    assert shop.control.log()["by_endpoint"]["contacts"]["requests"] == len(asked)


@pytest.mark.req("DAG-2")
def test_an_empty_page_in_the_middle_does_not_end_the_list_of_customers(shop: Stage) -> None:
    shop.control.fault("status", endpoint="customers", skip=1, status=204)
    with pytest.raises(IncompleteReadError):
        keys(shop.source(customers="rest", rest_page=7).extract("customers", None))


# Opt-outs on their way back.


def delivered(source: Source, *customer_keys: str) -> Mapping[int, Outcome]:
    rows = [opt_out(source, place, key) for place, key in enumerate(customer_keys)]
    return {outcome.row_id: outcome for outcome in source.deliver(rows) if isinstance(outcome, Outcome)}


@pytest.mark.req("CON-3")
@pytest.mark.parametrize("holder", ["contact", "customer"])
def test_an_opt_out_is_written_once_where_the_installation_takes_it(past: list[ShopEvent], holder: str) -> None:
    with opened(past, consent_on=holder, takes_analysis=True) as stage:
        source = stage.source(write_back=True, consent={"holder": holder})
        assert source.writes_consent
        takers = [one.key for one in records(source.extract("customers", None)) if one.opted_in][:3]
        outcomes = delivered(source, *takers, "999999")
        assert [outcomes[place].verdict for place in range(4)] == ["delivered"] * 3 + ["rejected"]
        assert stage.control.log()["writes"] == 3
        assert {one.opted_in for one in records(source.extract("customers", None, takers))} == {False}
        assert {one.verdict for one in delivered(source, *takers).values()} == {"delivered"}
        assert stage.control.log()["writes"] == 3, "what reads opted-out is not written"


@pytest.mark.req("CON-1", "CON-3")
def test_nothing_is_written_unless_the_pair_says_so(shop: Stage) -> None:
    source = shop.source()
    assert not source.writes_consent
    outcome = delivered(source, "2")[0]
    assert (outcome.verdict, outcome.code) == ("rejected", "not_written")
    assert shop.control.log()["requests"] == 0


@pytest.mark.req("CON-3")
def test_an_installation_that_shows_no_flag_is_not_written_blindly(shop: Stage) -> None:
    outcome = delivered(shop.source(write_back=True), "2")[0]
    assert (outcome.verdict, outcome.code) == ("rejected", "not_shown")
    assert shop.control.log()["writes"] == 0


@pytest.mark.req("CON-1")
def test_nothing_but_an_opt_out_is_ever_sent(past: list[ShopEvent]) -> None:
    with opened(past, takes_analysis=True) as stage:
        source = stage.source(write_back=True)
        row = opt_out(source, 1, "2")
        changed: Any = type(row)(
            row_id=1, kind=row.kind, object_id=row.object_id, vendor_key="2", operation="update",
            payload={"opted_in": True},
        )  # fmt: skip
        (outcome,) = source.deliver([changed])
        assert isinstance(outcome, Outcome)
        assert outcome.verdict == "rejected"
        assert stage.control.log()["writes"] == 0
