"""The mail of a failed run. It hangs on the DAG, because a task that was killed calls nobody."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow.sdk import Context

# A step that is still running when its run has failed was killed.
_FAILED = """
    select step, coalesce(report ->> 'why', ''), coalesce(report ->> 'error', '')
      from road.step
     where run_id = %s and state in ('failed', 'running') and step <> 'close_run'
     order by started_at
"""
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
        from airflow.providers.smtp.hooks.smtp import SmtpHook

        from retail_sync.pairs.files import find

        mail = find(self.pair).mail
        if not mail.to:
            return
        run = context["dag_run"]
        with SmtpHook(smtp_conn_id=mail.connection) as smtp:
            smtp.send_email_smtp(
                to=mail.to,
                from_email=mail.sender,
                subject=f"[{self.pair}] {run.dag_id} failed",
                html_content=self._text(run),
            )

    def _text(self, run: Any) -> str:
        causes = "".join(f"<li>{cause}</li>" for cause in self._causes(run))
        return (
            f"<p>A run of <b>{escape(self.pair)}</b> failed: {escape(run.dag_id)}, {escape(run.run_id)}.</p>"
            f"<ul>{causes}</ul>"
            f"<p>Owner: operations. Mend the cause, then clear the failed task with what follows it: "
            f"nothing that was sent is sent again.</p>"
        )

    def _causes(self, run: Any) -> list[str]:
        """What failed and why, as HTML; never empty."""
        from retail_sync.errors import RetailSyncError

        try:
            found = self._failed(f"{run.dag_id}/{run.run_id}")
        except RetailSyncError:
            return [escape(_NO_BOOKS)]
        causes = [f"<b>{escape(step)}</b>: {escape(why or _unexplained(error))}" for step, why, error in found]
        return causes or [f"<b>open_run</b>: {escape(self._unopened(run))}"]

    def _failed(self, run_id: str) -> list[tuple[str, str, str]]:
        from retail_sync.db.database import Database
        from retail_sync_airflow.hooks.database import RetailSyncDbHook

        with Database(RetailSyncDbHook().dsn()).connection() as connection:
            return connection.execute(_FAILED, (run_id,)).fetchall()

    def _unopened(self, run: Any) -> str:
        """Why a run that has no books can't have been opened: its form is read once more."""
        from retail_sync.errors import ConfigurationError
        from retail_sync_airflow.request import entered_in

        try:
            entered_in(run)
        except ConfigurationError as error:
            return str(error)
        return "no step was reached; the log of the first task says why."


def _unexplained(error: str) -> str:
    return f"{error}; its log says more" if error else "it was killed, or its worker was; its log ends where that was"
