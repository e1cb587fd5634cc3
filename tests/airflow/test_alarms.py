"""The mail of a failed run: it names the cause, and comes even where the cause can't be known."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from retail_sync.db.database import Database
from retail_sync.operate.mail_catcher import MailCatcher, text_of

from .airflow_process import AirflowProcess
from .pair_files import PAIR

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
    assert "<b>load</b>: it was killed" in text_of(mail)
    assert "<b>plan</b>" not in text_of(mail)


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
    assert "<b>load</b>: it did not begin." in text_of(mail)


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
    assert "<b>extract:orders</b>: the token &lt;b&gt;expired&lt;/b&gt;. Make a new one." in text_of(mail)


@pytest.mark.req("DAG-7")
def test_the_mail_comes_even_if_the_books_are_out_of_reach(airflow: AirflowProcess, catcher: MailCatcher) -> None:
    airflow.settings["RETAIL_SYNC_DSN"] = "postgresql://nobody:secret@127.0.0.1:1/nowhere"
    airflow.ask("failure_mail", dag_id=PAIR, run_id="r1")
    (mail,) = catcher.mails()
    assert "database does not answer" in text_of(mail)
    assert "secret" not in text_of(mail)
