"""Rules in SQL: which rows fail, what pairs may change, when a batch is too bad."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from psycopg import sql
from psycopg.types.json import Jsonb

from retail_sync.db.database import Database
from retail_sync.errors import ConfigurationError, StopError
from retail_sync.pairs.config import ChannelRule
from retail_sync.quality.catalogue import CATALOGUE, rules_by_stream, rules_of
from retail_sync.quality.channels import channel_case
from retail_sync.quality.report import require_fit
from retail_sync.quality.rule import Sheet
from retail_sync.quality.verdicts import Count, count_verdicts, relevant_rows, sealed_rows, write_verdicts

from .quality_rows import PAIR, POISONED, RUN, Row, seal, with_rules

RULES = rules_by_stream(rules_of(PAIR))


def judged(database: Database, stream: Sheet, rows: Sequence[Row]) -> dict[str, set[str]]:
    """The keys that fail each rule."""
    with database.connection() as connection:
        seal(connection, stream, rows)
        write_verdicts(connection, RUN, {stream: RULES[stream]})
        found: dict[str, set[str]] = {}
        for rule, key in connection.execute("select rule, key from quality.verdict").fetchall():
            found.setdefault(rule, set()).add(key)
    return found


def ordered(facts: dict[str, str], rules: list[dict[str, Any]], database: Database) -> str | None:
    expression, parameters = channel_case(
        [ChannelRule.model_validate(rule) for rule in rules], sql.SQL("doc -> 'channel'")
    )
    with database.connection() as connection:
        statement = sql.SQL("select {} from (select %s::jsonb as doc) as row").format(expression)
        row = connection.execute(statement, [*parameters, Jsonb({"channel": facts})]).fetchone()
    assert row is not None
    return row[0] if row[0] is None else str(row[0])


@pytest.mark.req("ORD-2")
@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"store_type": "DIRECT_TO_CONSUMER"}, "dtc"),
        ({"store_type": "direct_to_consumer "}, "dtc"),
        ({"store_type": "WHOLESALE"}, "wholesale"),
        ({"store_type": "DIRECT_TO_CONSUMER", "affiliate": "Zalando"}, "marketplace"),
        ({"store_type": "KIOSK"}, None),
        ({}, None),
        ({"store_type": "a' or '1'='1"}, None),
    ],
)
def test_the_first_channel_rule_that_fits_decides(
    database: Database, facts: dict[str, str], expected: str | None
) -> None:
    rules = [rule.model_dump(by_alias=True) for rule in PAIR.channels]
    assert ordered(facts, rules, database) == expected


@pytest.mark.req("ORD-2")
def test_a_channel_rule_fits_only_when_each_of_its_facts_does(database: Database) -> None:
    rules = [{"when": {"store_type": ["B2B"], "market": ["Norden", "100%"]}, "is": "wholesale"}]
    assert ordered({"store_type": "B2B", "market": "100%"}, rules, database) == "wholesale"
    assert ordered({"store_type": "B2B"}, rules, database) is None
    assert ordered({"store_type": "B2B"}, [], database) is None


@pytest.mark.req("QUA-1", "ORD-2")
def test_orders_fail_the_rules_that_they_break(database: Database) -> None:
    rows: list[Row] = [
        {"key": "good"},
        {"key": "twice", "times_read": 2},
        {"key": "wholesale", "channel": "wholesale"},
        {"key": "marketplace", "channel": "marketplace"},
        {"key": "nobody knows", "channel": None},
        {"key": "no address", "email": None},
        {"key": "bad address", "email": "kim@post"},
        {"key": "no currency", "currency": None},
        {"key": "odd status", "status": "unknown"},
        {"key": "wrong total", "amount_gap": 5},
        {"key": "no url", "shipped_no_url": 1},
        {"key": "no number", "shipped_no_number": 1},
        {"key": "one number twice", "repeated_tracking": 1},
        {"key": "shared", "number_shared": True},
        {"key": "example", "address_refused": True},
        {"key": "tomorrow's", "days_off": 3},
        {"key": "no rate", "rate_unfit": "EUR at a rate of 1"},
        {"key": "below zero", "total": -1},
        {"key": "for nothing", "total": 0},
        {"key": "cancelled for nothing", "total": 0, "status": "cancelled"},
        {"key": "too much back", "refund_excess": 1},
        {"key": "no lines", "line_count": 0},
        {"key": "no pieces", "lines_unusable": 1},
        {"key": "no product", "lines_no_product": 1},
        {"key": "fine price", "fine_prices": 1, "amount_gap": "0.004"},
        {"key": "fine price that fits", "fine_prices": 1},
    ]
    assert judged(database, "orders", rows) == {
        "order_repeated": {"twice"},
        "order_wholesale": {"wholesale"},
        "order_marketplace": {"marketplace"},
        "order_channel_unknown": {"nobody knows"},
        "order_email_missing": {"no address"},
        "order_email": {"bad address"},
        "order_currency": {"no currency"},
        "order_status": {"odd status"},
        "order_amounts": {"wrong total"},
        "order_tracking_url": {"no url"},
        "order_tracking_number": {"no number"},
        "order_tracking_repeated": {"one number twice"},
        "order_number_shared": {"shared"},
        "order_address_refused": {"example"},
        "order_date": {"tomorrow's"},
        "order_rate": {"no rate"},
        "order_total_negative": {"below zero"},
        "order_total_zero": {"for nothing"},
        "order_refund_excess": {"too much back"},
        "order_lines_missing": {"no lines"},
        "order_line_unusable": {"no pieces"},
        "order_line_product": {"no product"},
        "order_price_digits": {"fine price"},
    }


@pytest.mark.req("QUA-1", "CON-2")
def test_a_silent_consent_is_named_and_a_refusal_is_not(database: Database) -> None:
    rows: list[Row] = [{"key": "yes"}, {"key": "no", "opted_in": False}, {"key": "silent", "opted_in": None}]
    assert judged(database, "customers", rows) == {"customer_consent": {"silent"}}


@pytest.mark.req("DAG-2")
def test_judging_again_gives_the_same_verdicts(database: Database) -> None:
    judged(database, "orders", POISONED["orders"])
    with database.connection() as connection:
        before = connection.execute("select * from quality.verdict order by key, rule").fetchall()
        write_verdicts(connection, RUN, {"orders": RULES["orders"]})
        assert connection.execute("select * from quality.verdict order by key, rule").fetchall() == before
    assert before


@pytest.mark.req("SEC-1")
def test_no_verdict_quotes_an_address(database: Database) -> None:
    judged(database, "orders", POISONED["orders"])
    with database.connection() as connection:
        row = connection.execute("select count(*) from quality.verdict where detail like '%@%'").fetchone()
    assert row == (0,)


@pytest.mark.req("QUA-1")
def test_rows_that_were_pruned_after_seal_stop_the_run(database: Database) -> None:
    with database.connection() as connection:
        seal(connection, "orders", [{}, {}, {}])
        connection.execute("delete from quality.batch_orders where key = 'k1'")
        with pytest.raises(StopError, match=r"of 3 sealed orders only 2 are left.*Start a new run"):
            sealed_rows(connection, RUN)


@pytest.mark.req("QUA-1")
def test_a_pair_changes_rules() -> None:
    changed = {
        rule.id: rule
        for rule in rules_of(
            with_rules(
                order_amounts={"effect": "warn", "owner": "cx", "threshold": 0.9}, customer_consent={"enabled": False}
            )
        )
    }
    amounts = changed["order_amounts"]
    assert (amounts.effect, amounts.owner, amounts.threshold, amounts.severity) == ("warn", "cx", 0.9, "warning")
    assert "customer_consent" not in changed
    assert changed.keys() == CATALOGUE.keys() - {"customer_consent"}


@pytest.mark.req("QUA-1", "DAG-1")
@pytest.mark.parametrize(
    ("rule", "effect"),
    [
        ("attribute_unused", "hold_record"),
        ("customer_email", "hold_field"),
        ("customer_email", "hold_event"),
        ("order_amounts", "hold_field"),
    ],
)
def test_an_effect_that_a_rule_cannot_have_is_refused(rule: str, effect: str) -> None:
    with pytest.raises(ConfigurationError, match=f"the rule {rule} can't have the effect {effect}"):
        rules_of(with_rules(**{rule: {"effect": effect}}))


@pytest.mark.req("DAG-1")
def test_an_unknown_rule_in_a_pair_file_is_named() -> None:
    with pytest.raises(ConfigurationError, match="unknown rule 'order_colour'"):
        rules_of(with_rules(order_colour={"enabled": False}))


@pytest.mark.req("QUA-1")
@pytest.mark.parametrize(
    ("failing", "rows", "stops"), [(21, 100, True), (20, 100, False), (9, 9, False), (10, 10, True), (0, 0, False)]
)
def test_a_batch_that_is_too_bad_stops(failing: int, rows: int, stops: bool) -> None:
    counts = {"order_amounts": Count(failing, failing)}
    if not stops:
        require_fit(counts, RULES, dict.fromkeys(RULES, rows))
        return
    with pytest.raises(StopError, match=rf"{failing} of {rows} orders fail the rule order_amounts \(owner: finance"):
        require_fit(counts, RULES, dict.fromkeys(RULES, rows))


@pytest.mark.req("QUA-1")
def test_one_row_is_enough_for_a_rule_that_stops() -> None:
    rules = rules_by_stream(rules_of(with_rules(order_currency={"effect": "stop"})))
    with pytest.raises(StopError, match="1 of 500 orders fail the rule order_currency"):
        require_fit({"order_currency": Count(1, 1)}, rules, dict.fromkeys(rules, 500))


@pytest.mark.req("ORD-2")
def test_excluded_orders_do_not_make_a_batch_bad(database: Database) -> None:
    wholesale: Row = {"channel": "wholesale", "email": None}
    rows = [wholesale] * 90 + [{}] * 10
    judged(database, "orders", rows)
    with database.connection() as connection:
        counts = count_verdicts(connection, RUN)
        relevant = relevant_rows(connection, RUN, {"orders": 100})
    assert counts["order_email_missing"] == Count(failing=90, relevant=0)
    assert relevant == {"orders": 10}
    require_fit(counts, {"orders": RULES["orders"]}, relevant)
