"""The mail of a failed run. It hangs on the DAG, because a task that was killed calls nobody."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow.sdk import Context

    from retail_sync.db.database import Database

# A step that is still running when its run has failed was killed.
_FAILED = """
    select step, coalesce(report ->> 'why', ''), coalesce(report ->> 'error', '')
      from road.step
     where run_id = %s and state in ('failed', 'running') and step <> 'close_run'
     order by started_at
"""
# Without a report it was the last step that never came to write it.
_UNDONE = "select coalesce(report -> 'undone' ->> 0, 'close_run') from road.run where run_id = %s"
_NO_BOOKS = "The product's database does not answer, so that the cause stands only in the task's log."


class FailureMail:
    """Writes to the people whom the pair file names: pair, run, cause, owner, and what to do.

    A plain callable: Airflow's notifiers render templates, of which there are none here, and change the context that
    other callbacks are given too.

    Args:
        pair: The pair's name.
    """

    def __init__(self, pair: str) -> None:
        self.pair = pair

    def __call__(self, context: Context) -> None:
        """Send the mail; a pair whose file names nobody sends none."""
        from retail_sync.pairs.files import find

        from .mails import send

        mail = find(self.pair).mail
        run = context["dag_run"]
        if mail.to:
            send(mail, mail.to, f"[{self.pair}] {run.dag_id} failed", self._text(run))

    def _text(self, run: Any) -> str:
        from .mails import run_link

        causes = "".join(f"<li>{cause}</li>" for cause in self._causes(run))
        return (
            f"<p>A run of <b>{escape(self.pair)}</b> failed: {escape(run.dag_id)}, {escape(run.run_id)}.</p>"
            f"<ul>{causes}</ul>"
            f"<p>Owner: operations. Mend the cause, then clear the failed task with what follows it: "
            f"nothing that was sent is sent again.</p>{run_link(run.dag_id, run.run_id)}"
        )

    def _causes(self, run: Any) -> list[str]:
        """What failed and why, as HTML; never empty."""
        from retail_sync.errors import RetailSyncError

        try:
            found = self._failed(f"{run.dag_id}/{run.run_id}")
        except RetailSyncError:
            return [escape(_NO_BOOKS)]
        causes = [f"<b>{escape(step)}</b>: {escape(why or _unexplained(error))}" for step, why, error in found]
        return causes or [self._unbegun(run)]

    def _unbegun(self, run: Any) -> str:
        """Which step of a run without a failed one was never done."""
        with self._database().connection() as connection:
            undone = connection.execute(_UNDONE, (f"{run.dag_id}/{run.run_id}",)).fetchone()
        if undone is None:
            return f"<b>open_run</b>: {escape(self._unopened(run))}"
        return f"<b>{escape(undone[0])}</b>: it did not begin. Its worker was killed, or the log of its task says why."

    def _failed(self, run_id: str) -> list[tuple[str, str, str]]:
        with self._database().connection() as connection:
            return connection.execute(_FAILED, (run_id,)).fetchall()

    def _database(self) -> Database:
        from retail_sync.db.database import Database
        from retail_sync_airflow.hooks.database import RetailSyncDbHook

        return Database(RetailSyncDbHook().dsn())

    def _unopened(self, run: Any) -> str:
        """Why a run that has no books can't have been opened: its form is read once more."""
        from retail_sync.errors import ConfigurationError
        from retail_sync_airflow.request import entered_in

        try:
            entered_in(run)
        except ConfigurationError as error:
            return str(error)
        return "no step was reached; the log of the first task says why."


class UpkeepMail:
    """Writes to everybody whom a pair file names for its mails: nothing is watched while upkeep fails."""

    def __call__(self, context: Context) -> None:
        """Send one mail through each connection that pairs name."""
        from retail_sync.pairs.files import read_all

        from .mails import run_link, send

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


def _unexplained(error: str) -> str:
    return f"{error}; its log says more" if error else "it was killed, or its worker was; its log ends where that was"
