"""Runs of a pair on Airflow, whole, over real HTTP and on real Postgres."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from retail_sync.db.database import Database
from retail_sync.operate.mail_catcher import MailCatcher, text_of
from tests.pipeline.mailchimp_shop import MailchimpShop

from .airflow_process import AirflowProcess
from .pair_files import OPERATIONS, PAIR, write_pair


@pytest.fixture(autouse=True)
def _both_sides_agree_at_the_end(shop: MailchimpShop) -> Iterator[None]:
    yield
    shop.judge()


def run(airflow: AirflowProcess, shop: MailchimpShop, dag_id: str = PAIR, **arguments: Any) -> dict[str, Any]:
    """Run a DAG a while later; the sandboxes count afresh."""
    shop.pass_time(minutes=5)
    shop.source.reset_log()
    shop.destination.reset_log()
    airflow.settings |= shop.environment()
    done: dict[str, Any] = airflow.ask("run", dag_id=dag_id, **arguments)
    return done


def states(done: dict[str, Any]) -> dict[str, str]:
    return {name: task["state"] for name, task in done["tasks"].items()}


def failures(catcher: MailCatcher) -> list[EmailMessage]:
    return [mail for mail in catcher.mails() if mail["Subject"] == f"[{PAIR}] failed: live run"]


@pytest.mark.req("DAG-2", "DAG-3", "SEC-1")
def test_a_run_by_hand_needs_no_logical_date_and_sends_everything_once(
    airflow: AirflowProcess, shop: MailchimpShop
) -> None:
    first = run(airflow, shop)
    assert first["state"] == "success"
    assert set(states(first).values()) == {"success"}
    assert shop.writes > 0

    second = run(airflow, shop)
    assert second["state"] == "success"
    assert shop.writes == 0

    kept = "".join(first["xcoms"])
    assert first["xcoms"]
    said = airflow.said()
    assert not [email for email in shop.emails() if email in kept or email in said]
    secrets = [shop.environment()["RETAIL_SYNC_DSN"], "centra-sandbox-access", "0123456789abcdef0123456789abcdef"]
    assert not [secret for secret in secrets if secret in kept or secret in said]


@pytest.mark.req("DAG-3", "DAG-5")
def test_after_days_of_outage_nothing_is_missing(airflow: AirflowProcess, shop: MailchimpShop) -> None:
    run(airflow, shop, at="2026-03-02T12:00:00+00:00")
    before = set(shop.store()["orders"])
    shop.live_day()
    shop.live_day()
    assert run(airflow, shop)["state"] == "success"
    assert len(set(shop.store()["orders"]) - before) > 0
    # Refunds without a return bump nothing at the source: they are the history's to find. Who has left is consent's.
    for sort in ("history", "consent"):
        assert run(airflow, shop, f"{PAIR}__{sort}")["state"] == "success"


@pytest.mark.req("DAG-3")
def test_the_form_chooses_streams_and_a_dry_run_sends_nothing(
    airflow: AirflowProcess, shop: MailchimpShop, database: Database
) -> None:
    done = run(airflow, shop, conf={"streams": ["products"], "dry_run": True})
    assert done["state"] == "success"
    assert shop.writes == 0
    with database.connection() as connection:
        asked = connection.execute("select streams, dry_run from road.run").fetchone()
        rows = connection.execute("select jsonb_array_length(report -> 'rows') from road.step where step = 'plan'")
        assert asked == (["products"], True)
        assert (rows.fetchone() or (0,))[0] > 0
    assert '"rows"' not in "".join(done["xcoms"])
    shop.spoilt = True


@pytest.mark.req("DAG-2", "DAG-7", "SEC-1")
def test_a_failed_load_turns_the_run_red_and_sends_one_mail(
    airflow: AirflowProcess, shop: MailchimpShop, catcher: MailCatcher
) -> None:
    healthy = airflow.settings["AIRFLOW_CONN_MAILCHIMP_DEFAULT"]
    shop.destination.fault("status", status=401, times=None, body={"status": 401, "title": "API Key Invalid"})
    done = run(airflow, shop)
    assert done["state"] == "failed"
    found = states(done)
    assert (found["plan"], found["load"]) == ("success", "failed")
    assert (found["reconcile"], found["close_run"]) == ("upstream_failed", "failed")
    assert done["tasks"]["load"]["tries"] == 1

    (mail,) = failures(catcher)
    assert mail["To"] == OPERATIONS
    text = text_of(mail)
    assert all(part in text for part in (PAIR, done["run_id"], "Step load failed", "Owner: operations"))
    assert "CredentialsError" not in text
    assert not [part for part in (healthy, "0123456789abcdef") if part in text]

    shop.destination.clear_faults()
    assert run(airflow, shop)["state"] == "success"
    assert len(failures(catcher)) == 1


@pytest.mark.req("DAG-2", "DAG-6")
def test_load_is_spread_over_workers(
    airflow: AirflowProcess, shop: MailchimpShop, database: Database, tmp_path: Path
) -> None:
    write_pair(tmp_path / "pairs", load={"shards": 3})
    done = run(airflow, shop)
    assert done["state"] == "success"
    assert {name for name in states(done) if name.startswith("load")} == {"load[0]", "load[1]", "load[2]"}
    with database.connection() as connection:
        rows = connection.execute("select step from road.step where step like 'load%' order by step").fetchall()
    assert rows == [("load",), ("load:1",), ("load:2",)]
