"""A mail server that keeps what it is given and sends nothing on."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from retail_sync.db.processes import free_port

_HERE = "127.0.0.1"


class MailCatcher:
    """Takes every mail on a port that it finds, and keeps each as a file.

    Args:
        folder: Where mails go, as `0001.eml` and so on.
        seen: Told of every mail when it has been kept, if given.
    """

    def __init__(self, folder: Path, seen: Callable[[EmailMessage], None] | None = None) -> None:
        self.folder = folder
        self.port = free_port()
        self._seen = seen
        self._controller = Controller(self, hostname=_HERE, port=self.port)

    @property
    def connection(self) -> dict[str, Any]:
        """The Airflow connection that reaches it."""
        extra = {"disable_ssl": True, "disable_tls": True, "from_email": "retail-sync@mail.test"}
        return {"conn_type": "smtp", "host": _HERE, "port": self.port, "extra": extra}

    def mails(self) -> list[EmailMessage]:
        """What has come so far, oldest first."""
        return mails_in(self.folder)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802
        """Keep a mail; the name is aiosmtpd's."""
        content = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        number = len(list(self.folder.glob("*.eml"))) + 1
        (self.folder / f"{number:04}.eml").write_bytes(content)
        if self._seen:
            self._seen(_read(content))
        return "250 kept"

    def __enter__(self) -> MailCatcher:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._controller.stop()


def mails_in(folder: Path) -> list[EmailMessage]:
    """The mails that a catcher has kept in a folder, oldest first."""
    return [_read(path.read_bytes()) for path in sorted(folder.glob("*.eml"))]


def text_of(mail: EmailMessage) -> str:
    """What a mail says, as HTML or plain."""
    body = mail.get_body(("html", "plain"))
    return str(body.get_content()) if body else ""


def _read(content: bytes) -> EmailMessage:
    return email.message_from_bytes(content, policy=email.policy.default)
