"""The mail of a failed run. It hangs on the DAG, because a task that was killed calls nobody."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseNotifier

if TYPE_CHECKING:
    from airflow.sdk import Context

    from retail_sync.pairs.config import Pair

_FAILED = """
    select step, coalesce(report ->> 'why', ''), coalesce(report ->> 'error', '')
      from road.step
     where run_id = %s and state in ('failed', 'running') and step <> 'close_run'
     order by started_at
"""


class FailureMail(BaseNotifier):
    """Writes to the people whom the pair file names: pair, run, cause, owner, and what to do.

    Args:
        pair: The pair's name.
    """

    def __init__(self, pair: str) -> None:
        super().__init__()
        self.pair = pair

    def notify(self, context: Context) -> None:
        """Send the mail; a pair whose file names nobody sends none."""
        from airflow.providers.smtp.hooks.smtp import SmtpHook

        from retail_sync.pairs.files import find

        pair = find(self.pair)
        if not pair.mail.to:
            return
        run = context["dag_run"]
        with SmtpHook(smtp_conn_id=pair.mail.connection) as smtp:
            smtp.send_email_smtp(
                to=pair.mail.to,
                from_email=pair.mail.sender,
                subject=f"[{pair.pair}] {run.dag_id} failed",
                html_content=self._text(pair, run),
            )

    def _text(self, pair: Pair, run: Any) -> str:
        causes = "".join(
            f"<li><b>{escape(step)}</b>: {escape(why or error or 'ended without a word; see its log')}</li>"
            for step, why, error in self._failed(f"{run.dag_id}/{run.run_id}")
        )
        return (
            f"<p>A run of <b>{escape(pair.pair)}</b> failed: {escape(run.dag_id)}, {escape(run.run_id)}.</p>"
            f"<ul>{causes or '<li>No step was reached; see the log of the first task.</li>'}</ul>"
            f"<p>Owner: operations. Mend the cause, then clear the failed task with what follows it: "
            f"nothing that was sent is sent again.</p>"
        )

    def _failed(self, run_id: str) -> list[tuple[str, str, str]]:
        from retail_sync.db.database import Database
        from retail_sync_airflow.hooks.database import RetailSyncDbHook

        with Database(RetailSyncDbHook().dsn()).connection() as connection:
            return connection.execute(_FAILED, (run_id,)).fetchall()
