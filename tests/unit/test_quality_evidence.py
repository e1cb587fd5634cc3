"""Great Expectations on the same rows: the same counts, nothing personal kept, its faults told from the data's."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from retail_sync.db.database import Database
from retail_sync.db.embedded import EmbeddedServer
from retail_sync.errors import RulesDisagreeError, StopError
from retail_sync.quality import results
from retail_sync.quality.catalogue import CATALOGUE, rules_by_stream, rules_of
from retail_sync.quality.evidence import Batch, compare, judge
from retail_sync.quality.gx import quality_context, sqlalchemy_url
from retail_sync.quality.results import Place
from retail_sync.quality.rule import Rule, Sheet
from retail_sync.quality.verdicts import Count, count_verdicts, sealed_rows, write_verdicts
from retail_sync.steps.validate import validate

from .quality_rows import NOON, PAIR, POISONED, RUN, road, seal, with_rules

RULES = rules_by_stream(rules_of(PAIR))
SCRIPT = """
import os, sys
from retail_sync.db.database import Database
from retail_sync.steps.validate import validate
from tests.unit.quality_rows import RUN, road
found = validate(road(Database(os.environ["DSN"])), RUN)
print(found, "great_expectations" in sys.modules)
"""


def evidence(database: Database, rules: Mapping[Sheet, Sequence[Rule]] = RULES) -> dict[str, int]:
    with database.connection() as connection:
        rows = sealed_rows(connection, RUN)
    return judge(database, Batch(RUN, PAIR.pair, rules, rows, NOON))


@pytest.mark.req("QUA-1")
def test_every_rule_counts_alike_in_sql_and_in_great_expectations(database: Database) -> None:
    with database.connection() as connection:
        for stream, rows in POISONED.items():
            seal(connection, stream, rows)
            seal(connection, stream, rows, run_id="another run")
        write_verdicts(connection, RUN, RULES)
        ours = count_verdicts(connection, RUN)
    theirs = evidence(database)
    assert theirs == {rule: ours[rule].failing for rule in CATALOGUE}
    assert all(theirs.values()), "a rule that nothing fails is not tried"
    compare(ours, theirs)


@pytest.mark.req("QUA-1")
def test_a_rule_whose_halves_disagree_is_our_fault(database: Database) -> None:
    with pytest.raises(RulesDisagreeError, match="rule order_email: fails 2 rows by its SQL predicate and 3"):
        compare({"order_email": Count(2, 2)}, {"order_email": 3})


@pytest.mark.req("SEC-1", "QUA-1")
def test_results_hold_counts_and_neither_addresses_nor_the_password(database: Database) -> None:
    with database.connection() as connection:
        seal(connection, "orders", POISONED["orders"])
    evidence(database)
    with database.connection() as connection:
        rows = connection.execute("select key, run_id, body::text from quality.validation_result").fetchall()
    assert [(key[0], key[1], run) for key, run, _ in rows] == [
        ("centra_to_mailchimp-orders", "manual__2026-05-01T12-00-00-00-00", RUN)
    ]
    body = rows[0][2]
    assert "@post" not in body.lower()
    assert "unexpected_index_query" not in body
    assert str(conninfo_to_dict(database.dsn)["password"]) not in body


@pytest.mark.req("QUA-1")
def test_a_stored_result_comes_back_as_it_was(database: Database) -> None:
    with database.connection() as connection:
        seal(connection, "products", POISONED["products"])
    evidence(database)
    with quality_context(Place(database, RUN)) as context:
        store = context.validation_results_store
        (key,) = store.list_keys()
        result = store.get(key)
        store.set(key, result)
        assert store.get(key) == result
        assert store.has_key(key)
        with database.connection() as connection:
            results.remove(connection, key.to_tuple())
        assert not store.has_key(key)
        assert store.list_keys() == []


@pytest.mark.req("QUA-1")
def test_a_rule_that_cannot_be_evaluated_is_no_failing_row(database: Database) -> None:
    broken = replace(CATALOGUE["product_sku_missing"], arguments={"column": "no_such_column", "max_value": 0})
    with database.connection() as connection:
        seal(connection, "products", POISONED["products"])
    with pytest.raises(StopError, match="rule product_sku_missing: Great Expectations could not evaluate it"):
        evidence(database, {"products": [broken]})
    with database.connection() as connection:
        assert results.keys(connection) == []


@pytest.mark.req("QUA-1")
def test_rows_that_great_expectations_does_not_see_stop_the_run(database: Database) -> None:
    with database.connection() as connection:
        seal(connection, "products", POISONED["products"])
    with pytest.raises(StopError, match="sealed rows, and that is not all"):
        judge(database, Batch(RUN, PAIR.pair, RULES, {"products": len(POISONED["products"]) + 1}, NOON))


@pytest.mark.req("QUA-1")
def test_severity_and_rule_are_those_of_the_pair(database: Database) -> None:
    rules = rules_by_stream(rules_of(with_rules(product_sku_missing={"effect": "hold_record"})))
    with database.connection() as connection:
        seal(connection, "products", POISONED["products"])
    evidence(database, rules)
    with database.connection() as connection:
        found = connection.execute(
            """
            select config ->> 'severity', config ->> 'description'
              from quality.validation_result,
                   jsonb_path_query(body, '$.results[*].expectation_config') as config
             where config #>> '{meta,rule}' in ('product_sku_missing', 'product_repeated')
             order by 1
            """
        ).fetchall()
    assert [severity for severity, _ in found] == ["critical", "warning"]
    assert found[0][1].startswith("[product_sku_missing · hold_record] ")


@pytest.mark.req("SEC-1")
def test_any_password_and_any_run_id_survive_the_address(database: Database, server: EmbeddedServer) -> None:
    password, run_id = "p@s:s/w%r$d${HOME} '\\", "o'dd run \\ 100% %s"
    with database.connection() as connection:
        name = f"odd_{conninfo_to_dict(database.dsn)['dbname']}"
        connection.execute(
            sql.SQL("create role {} login superuser password {}").format(sql.Identifier(name), sql.Literal(password))
        )
        seal(connection, "products", POISONED["products"], run_id=run_id)
    try:
        odd = Database(make_conninfo(database.dsn, user=name, password=password))
        found = judge(odd, Batch(run_id, PAIR.pair, RULES, {"products": len(POISONED["products"])}, NOON))
        odd.close()
    finally:
        with database.connection() as connection:
            connection.execute(sql.SQL("drop role {}").format(sql.Identifier(name)))
    assert found["product_sku_missing"] == 1


@pytest.mark.req("SEC-1")
def test_a_wrong_password_is_told_without_the_address(database: Database) -> None:
    wrong = Database(make_conninfo(database.dsn, password="s3cret-and-wrong"))
    with pytest.raises(Exception, match=r"could not evaluate|can't be used") as caught:
        judge(wrong, Batch(RUN, PAIR.pair, RULES, {"products": 1}, NOON))
    assert "s3cret" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_socket_folder_is_an_address_too() -> None:
    url = sqlalchemy_url("host=/var/run/pg dbname=retail user=kim", {"a.b": "c d"})
    assert url == "postgresql+psycopg://kim:@localhost/retail?host=%2Fvar%2Frun%2Fpg&options=-c%20a.b%3Dc%5C%20d"


@pytest.mark.req("DAG-4")
def test_without_sealed_rows_great_expectations_is_not_even_imported(database: Database, dsn: str) -> None:
    with database.connection() as connection:
        seal(connection, "orders", [])
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        capture_output=True,
        text=True,
        check=False,
        cwd=root,
        env={**os.environ, "DSN": dsn},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "{} False"


@pytest.mark.req("QUA-1", "QUA-2", "DAG-2")
def test_validate_writes_verdicts_results_and_pages_and_may_be_done_again(
    database: Database, capfd: pytest.CaptureFixture[str]
) -> None:
    with database.connection() as connection:
        seal(connection, "orders", [{}, {"shipped_no_url": 1}, {"channel": "wholesale"}])
    first = validate(road(database), RUN)
    assert first == validate(road(database), RUN)
    assert (first["order_tracking_url"], first["order_wholesale"], first["order_email"]) == (1, 1, 0)
    assert "customer_email" not in first
    with database.connection() as connection:
        counted = connection.execute(
            "select (select count(*) from quality.verdict), (select count(*) from quality.validation_result),"
            " (select count(*) from quality.page where path = 'index.html')"
        ).fetchone()
    assert counted == (2, 1, 1)
    said = capfd.readouterr()
    assert "Calculating" not in said.out + said.err, "progress bars don't belong into a task's log"


@pytest.mark.req("QUA-1")
def test_a_batch_that_is_too_bad_stops_after_its_evidence_is_kept(database: Database) -> None:
    with database.connection() as connection:
        seal(connection, "orders", [{"amount_gap": 9} for _ in range(12)])
    with pytest.raises(StopError, match=r"12 of 12 orders fail the rule order_amounts \(owner: finance"):
        validate(road(database), RUN)
    with database.connection() as connection:
        counted = connection.execute(
            "select (select count(*) from quality.verdict where rule = 'order_amounts'),"
            " (select count(*) > 0 from quality.page)"
        ).fetchone()
    assert counted == (12, True)
