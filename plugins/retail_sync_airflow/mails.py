"""Mails, as every alarm sends them: through Airflow's SMTP connection, with the way to the interface."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from urllib.parse import quote

from retail_sync.exceptions.announcements import Addressed, Announcement
from retail_sync.pairs.config import Mail


def send(mail: Mail, to: Sequence[str], subject: str, html: str) -> None:
    """Send a mail.

    Args:
        mail: The SMTP connection and the sender.
        to: Addresses.
        subject: Its subject line.
        html: What it says.
    """
    from airflow.providers.smtp.hooks.smtp import SmtpHook

    with SmtpHook(smtp_conn_id=mail.connection) as smtp:
        smtp.send_email_smtp(to=list(to), from_email=mail.sender, subject=subject, html_content=html)


def sender_of(pair: Addressed) -> Callable[[Announcement], None]:
    """What sends the announcements of a pair."""

    def send_it(announcement: Announcement) -> None:
        paragraphs = "".join(f"<p>{escape(line)}</p>" for line in announcement.lines)
        everything = link(f"/retail-sync/exceptions?pair={quote(pair.pair)}", "Everything that is open")
        run = run_link(*announcement.run_id.split("/", 1)) if announcement.run_id else ""
        send(pair.mail, announcement.to, announcement.subject, f"{paragraphs}{run}{everything}")

    return send_it


def run_link(dag_id: str, run_id: str) -> str:
    """A paragraph that leads to a run in Airflow; nothing where Airflow does not know its own address."""
    return link(f"/dags/{quote(dag_id)}/runs/{quote(run_id)}", "The run in Airflow")


def link(path: str, text: str) -> str:
    """A paragraph that leads to a page of Airflow's; nothing where Airflow does not know its own address."""
    from airflow.sdk.configuration import conf

    base = str(conf.get("api", "base_url", fallback="") or "").rstrip("/")
    return f'<p><a href="{escape(base + path)}">{escape(text)}</a></p>' if base else ""
