"""What Airflow calls when a run has failed. It hangs on the DAG, because a task that was killed calls nobody.

A failure becomes an exception of the pair: its owners are told once, however many runs fail after it, and whatever a
mail server does meanwhile. Only where the product's database does not answer is there no such memory.
"""

from __future__ import annotations

import logging
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow.sdk import Context

    from retail_sync.steps.requests import Dag

_log = logging.getLogger(__name__)
_NO_BOOKS = "The product's database does not answer, so that the cause stands only in the task's log."


class FailureMail:
    """Notes that a run has failed, and tells those whom the pair file names: pair, run, cause, owner, and what to do.

    A plain callable: Airflow's notifiers render templates, of which there are none here, and change the context that
    other callbacks are given too.

    Args:
        pair: The pair's name.
        dag: The sort of run.
    """

    def __init__(self, pair: str, dag: Dag) -> None:
        self.pair = pair
        self.dag = dag

    def __call__(self, context: Context) -> None:
        """Note it, and send what is due; a mail that can't be sent is sent by upkeep."""
        try:
            self._note(context["dag_run"])
        except Exception as error:  # noqa: BLE001 - whatever keeps it from the books, somebody is told
            _log.warning("The failed run could not be noted: %s", type(error).__name__)
            self._tell_without_books(context)

    def _note(self, run: Any) -> None:
        from retail_sync.db.database import Database
        from retail_sync.steps.announce import Desk
        from retail_sync.steps.clock import system_clock
        from retail_sync.steps.failed_runs import Failed, note_failed
        from retail_sync.steps.stopped import addressed

        from .hooks.database import RetailSyncDbHook

        database = Database(RetailSyncDbHook().dsn())
        failed = Failed(self.pair, self.dag, f"{run.dag_id}/{run.run_id}", self._unopened(run))
        note_failed(database, failed, system_clock())
        _announce(Desk(addressed(database, self.pair), database, system_clock))

    def _unopened(self, run: Any) -> str:
        """Why a run that has no books can't have been opened: its form and its pair's file are looked at once more."""
        from retail_sync.errors import ConfigurationError
        from retail_sync.pairs.files import find
        from retail_sync.steps.contradicted import refuse_contradicted
        from retail_sync_airflow.request import entered_in

        try:
            entered_in(run)
            refuse_contradicted(find(self.pair))
        except ConfigurationError as error:
            return str(error)
        return "no step was reached; the log of the first task says why."

    def _tell_without_books(self, context: Context) -> None:
        from retail_sync.exceptions.announcements import addresses
        from retail_sync.pairs.files import find

        from .mails import run_link, send

        run, pair = context["dag_run"], find(self.pair)
        to = addresses(pair, "operations")
        if not to or _is_known_to_fail(context):
            return
        text = (
            f"<p>A run of <b>{escape(self.pair)}</b> failed: {escape(run.dag_id)}, {escape(run.run_id)}.</p>"
            f"<p>{escape(_NO_BOOKS)}</p>"
            f"<p>Owner: operations. Mend the cause, then clear the failed task with what follows it: "
            f"nothing that was sent is sent again.</p>{run_link(run.dag_id, run.run_id)}"
        )
        send(pair.mail, to, f"[{self.pair}] {run.dag_id} failed", text)


class UpkeepMail:
    """Writes to everybody whom a pair file names for its mails: nothing is watched while upkeep fails."""

    def __call__(self, context: Context) -> None:
        """Send one mail through each connection that pairs name, when upkeep begins to fail and daily while it does."""
        from retail_sync.pairs.files import read_all

        from .mails import run_link, send

        if _is_known_to_fail(context):
            return
        run = context["dag_run"]
        pairs, _ = read_all()
        mails = {(pair.mail.connection, pair.mail.sender): pair.mail for pair in pairs if pair.mail.to}
        text = (
            f"<p>{escape(run.dag_id)} failed, {escape(run.run_id)}: what is late may go unseen, or mails may not have "
            f"been sent.</p><p>Owner: operations. The log of its failed task says why.</p>"
        )
        for way, mail in mails.items():
            everybody = {
                address for pair in pairs if (pair.mail.connection, pair.mail.sender) == way for address in pair.mail.to
            }
            send(mail, sorted(everybody), f"{run.dag_id} failed", text + run_link(run.dag_id, run.run_id))


def _announce(desk: Any) -> None:
    from retail_sync.errors import UnreachableError
    from retail_sync.steps.announce import announce

    from .mails import sender_of

    try:
        announce(desk, sender_of(desk.pair))
    except UnreachableError as error:
        _log.warning("%s", error)


def _is_known_to_fail(context: Context) -> bool:
    """Whether the run before failed too, on the same day. Where Airflow can't tell, it did not."""
    task = context.get("ti")
    before = task.get_previous_dagrun() if task is not None else None
    if before is None or before.state != "failed":
        return False
    times = (before.logical_date, context["dag_run"].logical_date)
    return len({time and time.date() for time in times}) == 1
