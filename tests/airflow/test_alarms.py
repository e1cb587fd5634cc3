"""The mail of a failed run: it names the cause, comes once, and comes even where the cause can't be known."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from retail_sync.db.database import Database
from retail_sync.operate.mail_catcher import MailCatcher, text_of

from .airflow_process import AirflowProcess
from .pair_files import OPERATIONS, PAIR, write_pair

NOW = datetime(2026, 3, 2, tzinfo=UTC)
RUN = """
    insert into road.run (run_id, pair, dag, lane, trigger, streams, fingerprint, opened_at)
    values (%s, %s, 'live', 'live', 'manual', '{orders}', '', %s)
"""
STEP = "insert into road.step (run_id, step, state, started_at, report) values (%s, %s, %s, %s, %s)"


@pytest.mark.req("DAG-7")
def test_a_step_that_was_killed_is_named(airflow: AirflowProcess, database: Database, catcher: MailCatcher) -> None:
    with database.connection() as connection:
        connection.execute(RUN, [f"{PAIR}/r1", PAIR, NOW])
        connection.execute(STEP, [f"{PAIR}/r1", "plan", "done", NOW, "{}"])
        connection.execute(STEP, [f"{PAIR}/r1", "load", "running", NOW, "{}"])
    airflow.ask("failure_mail", dag_id=PAIR, run_id="r1")
    (mail,) = catcher.mails()
    assert mail["Subject"] == f"[{PAIR}] failed: live run"
    assert "Step load was killed" in text_of(mail)
    assert "plan" not in text_of(mail)
    assert f"The run is {PAIR}/r1." in text_of(mail)

    airflow.ask("failure_mail", dag_id=PAIR, run_id="r2")
    assert len(catcher.mails()) == 1, "one mail for all runs of a sort that fail until one ends well"


@pytest.mark.req("DAG-7")
def test_a_step_whose_worker_was_killed_before_it_began_is_named(
    airflow: AirflowProcess, database: Database, catcher: MailCatcher
) -> None:
    with database.connection() as connection:
        connection.execute(RUN, [f"{PAIR}/r1", PAIR, NOW])
        connection.execute(STEP, [f"{PAIR}/r1", "plan", "done", NOW, "{}"])
        connection.execute('update road.run set state = \'failed\', report = \'{"undone": ["load", "reconcile"]}\'')
    airflow.ask("failure_mail", dag_id=PAIR, run_id="r1")
    (mail,) = catcher.mails()
    assert "Step load did not begin" in text_of(mail)


@pytest.mark.req("DAG-7")
def test_a_cause_is_said_in_its_own_words_and_no_markup(
    airflow: AirflowProcess, database: Database, catcher: MailCatcher
) -> None:
    why = '{"error": "CredentialsError", "why": "the token <b>expired</b>. Make a new one."}'
    with database.connection() as connection:
        connection.execute(RUN, [f"{PAIR}/r1", PAIR, NOW])
        connection.execute(STEP, [f"{PAIR}/r1", "extract:orders", "failed", NOW, why])
    airflow.ask("failure_mail", dag_id=PAIR, run_id="r1")
    (mail,) = catcher.mails()
    assert "Step extract:orders failed: the token &lt;b&gt;expired&lt;/b&gt;. Make a new one." in text_of(mail)


@pytest.mark.req("DAG-7")
def test_a_mail_that_was_lost_is_sent_by_upkeep_and_a_broken_pair_file_is_told_there(
    airflow: AirflowProcess, catcher: MailCatcher, tmp_path: Path
) -> None:
    reachable = airflow.settings["AIRFLOW_CONN_SMTP_DEFAULT"]
    airflow.settings["AIRFLOW_CONN_SMTP_DEFAULT"] = (
        "smtp://127.0.0.1:1/?disable_ssl=true&disable_tls=true&retry_limit=1"
    )
    airflow.ask("failure_mail", dag_id=PAIR, run_id="r1")
    assert catcher.mails() == []

    airflow.settings["AIRFLOW_CONN_SMTP_DEFAULT"] = reachable
    write_pair(tmp_path / "pairs", "broken_shop", schedule={"live": "now and then"})
    done = airflow.ask("watch")
    assert done["broken_shop"] == {"mails": 1}
    assert done[PAIR]["mails"] == 1
    said = {mail["Subject"]: mail for mail in catcher.mails()}
    assert set(said) == {f"[{PAIR}] failed: live run", "[broken_shop] stopped: broken_shop.yaml"}
    assert "schedule.live" in text_of(said["[broken_shop] stopped: broken_shop.yaml"])
    assert {mail["To"] for mail in said.values()} == {OPERATIONS}


@pytest.mark.req("DAG-7")
def test_the_mail_comes_even_if_the_books_are_out_of_reach(airflow: AirflowProcess, catcher: MailCatcher) -> None:
    airflow.settings["RETAIL_SYNC_DSN"] = "postgresql://nobody:secret@127.0.0.1:1/nowhere"
    airflow.ask("failure_mail", dag_id=PAIR, run_id="r1")
    (mail,) = catcher.mails()
    assert "database does not answer" in text_of(mail)
    assert "secret" not in text_of(mail)
