"""Requests for transactional mails. Nothing tells a second request from a repeated one: both are sent."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from retail_sync.vendors.ometria.sandbox.endpoints import Answer, Ask, Endpoint
from retail_sync.vendors.ometria.sandbox.refusals import invalid
from retail_sync.vendors.ometria.sandbox.schema import Flaw, anything, boolean, email, key, many, text, thing, words

if TYPE_CHECKING:
    from retail_sync.vendors.ometria.sandbox.account import Account

_PERSON = thing({"email": email, "name": text}, required=("email",))


def _pdf(value: Any) -> Sequence[Flaw]:
    try:
        content = b64decode(value, validate=True)
    except (Error, TypeError, ValueError):
        content = b""
    return () if content.startswith(b"%PDF") else (Flaw("", "Not a base64 encoded PDF"),)


_MAIL = thing(
    {
        "transactional": boolean,
        "template_id": anything,
        "content": text,
        "html": text,
        "subject": key,
        "from": _PERSON,
        "reply_to": email,
        "to": _PERSON,
        "profile_id": key,
        "stream": text,
        "sandbox": boolean,
        "data": words(anything),
        "attachments": many(thing({"name": text, "type": text, "content": _pdf}, required=("content",))),
    },
    required=("to", "from", "subject"),
)


def send(account: Account, ask: Ask) -> Answer:
    """POST a mail; nothing that the addressee ever said of marketing keeps it back."""
    body = ask.json()
    if flaws := _MAIL(body):
        raise invalid(f"{flaws[0].path}: {flaws[0].message}")
    if not any(body.get(name) for name in ("template_id", "content", "html")):
        raise invalid("template_id: Either a template or content is required")
    request_id = account.queue.request_id()
    account.mails.append({"at": account.now(), "request_id": request_id, **body})
    return Answer({"status": "OK", "request_id": request_id})


ENDPOINTS = (Endpoint("POST", "/transactional-email/send", send, "mail"),)
