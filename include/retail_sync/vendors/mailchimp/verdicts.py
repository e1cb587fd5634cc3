"""From what Mailchimp answered to how a row ends."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from retail_sync.model.delivery import Delivery, Outcome
from retail_sync.model.texts import shown
from retail_sync.vendors.mailchimp.facts import THROTTLED_FOR
from retail_sync.vendors.mailchimp.refusals import REFUSALS, Refusal
from retail_sync.vendors.mailchimp.wire import Reply


def refusal(reply: Reply) -> Refusal | None:
    """The known refusal that an answer stands for."""
    return refusal_in(_said(reply.body))


def refusal_in(words: str) -> Refusal | None:
    """The known refusal that these words stand for."""
    lowered = words.lower()
    return next((known for known in REFUSALS if any(phrase in lowered for phrase in known.says)), None)


def delivered(row: Delivery, vendor_key: str | None = None) -> Outcome:
    """It is done."""
    return Outcome(row_id=row.row_id, verdict="delivered", vendor_key=vendor_key)


def moved(row: Delivery, vendor_key: str, before: str, *, left_behind: bool = False) -> Outcome:
    """It is done under this key; where it stood under another one before, something may be left there."""
    if vendor_key == before:
        return delivered(row, vendor_key)
    return Outcome(
        row_id=row.row_id, verdict="delivered", vendor_key=vendor_key, moved_from=before, left_behind=left_behind
    )


def is_done(ended: Outcome) -> bool:
    """Whether it is done."""
    return ended.verdict == "delivered"


def outcome(row: Delivery, reply: Reply, now: datetime) -> Outcome:
    """How a row ends after this answer; 404 is an object that is gone."""
    if reply.ok:
        return delivered(row)
    words = _said(reply.body)
    known = refusal_in(words)
    if known is not None:
        return refused(row, known, words, now)
    if reply.status == 404:
        return Outcome(row_id=row.row_id, verdict="gone", code="not_found", words=shown(words))
    if reply.status in {408, 429} or reply.status >= 500:
        return Outcome(row_id=row.row_id, verdict="retry", code=str(reply.status), words=shown(words))
    return Outcome(row_id=row.row_id, verdict="rejected", code=f"refused_{reply.status}", words=shown(words))


def refused(row: Delivery, known: Refusal, words: str, now: datetime) -> Outcome:
    """How a row ends after a known refusal."""
    return Outcome(
        row_id=row.row_id,
        verdict=known.verdict,
        code=known.code,
        words=shown(words),
        retry_at=now + THROTTLED_FOR if known.code == "throttled" else None,
    )


def _said(body: Any) -> str:
    """Title, detail and every field's complaint of a problem document, as one text."""
    if not isinstance(body, dict):
        return ""
    parts = [str(body.get("title") or ""), str(body.get("detail") or "")]
    flaws = (flaw for flaw in body.get("errors") or () if isinstance(flaw, dict))
    parts.extend(f"{flaw.get('field') or ''} {flaw.get('message') or ''}".strip() for flaw in flaws)
    return ": ".join(part for part in parts if part)
