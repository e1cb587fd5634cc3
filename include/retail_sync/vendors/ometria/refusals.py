"""What each refusal of the Data API means for a row, and whose turn it is then.

ASSUMED: the words. Documents quote few of them, so what is not known keeps its own words and goes to operations.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from retail_sync.model.delivery import Delivery, Outcome, Verdict
from retail_sync.model.texts import shown

Turn = Literal["marketing", "ecommerce", "cx", "operations"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that Ometria says when it refuses, or one that is ours to see.

    Attributes:
        code: Our short name, kept with the row.
        verdict: How the row ends.
        says: Any of these, in lower case, in path or message names this refusal.
        turn: Whose turn it is.
        next_step: What that owner should do.
    """

    code: str
    verdict: Verdict
    says: tuple[str, ...]
    turn: Turn
    next_step: str


#: The first that fits decides, so the narrower ones stand first.
REFUSALS = (
    Refusal(
        "too_large",
        "rejected",
        ("too large",),
        "ecommerce",
        "The record is over Ometria's limit: shorten its texts, or map fewer fields.",
    ),
    Refusal(
        "event_type",
        "rejected",
        ("not registered", "event_type"),
        "marketing",
        "Have Ometria's staff register this type of event, then send it again.",
    ),
    Refusal(
        "address",
        "rejected",
        ("email address", "email:"),
        "cx",
        "Ask the customer for a real address and correct it in the shop.",
    ),
    Refusal(
        "phone",
        "rejected",
        ("phone",),
        "cx",
        "Correct the telephone number in the shop: it needs its country's number.",
    ),
    Refusal(
        "personal_id",
        "rejected",
        ("personal data",),
        "operations",
        "Ometria takes no id that looks like an address: correct `id_prefix`, or the order's number in the shop.",
    ),
    Refusal(
        "currency",
        "rejected",
        ("currency",),
        "ecommerce",
        "Ometria does not know this currency: see it in the shop, and ask Ometria to allow it.",
    ),
    Refusal(
        "field",
        "rejected",
        ("properties.",),
        "marketing",
        "A contact field refuses its value: compare its type with the pair file's mapping.",
    ),
    Refusal(
        "required",
        "rejected",
        ("required", "missing"),
        "ecommerce",
        "Something is missing that Ometria wants: fill it in the shop.",
    ),
    Refusal(
        "invalid",
        "rejected",
        ("invalid", "expected", "not a valid", "must be", "unknown field"),
        "operations",
        "Ometria does not take this value: correct it in the shop, or the mapping.",
    ),
    # What follows is ours to see: Ometria has no words for it.
    Refusal(
        "gone",
        "gone",
        (),
        "marketing",
        "If somebody took the contact away by mistake, have it made again, and what waits for it follows.",
    ),
    Refusal(
        "unnamed",
        "rejected",
        (),
        "operations",
        "Ometria counted it as rejected and named no reason: ask its staff with the request's id.",
    ),
    Refusal(
        "not_stored",
        "retry",
        (),
        "operations",
        "Ometria accepted it and does not show it: if it stays so, ask its staff with the request's id.",
    ),
    Refusal(
        "unanswered",
        "unknown",
        (),
        "marketing",
        "Nobody can read an event back: see at Ometria whether it is on the contact's timeline, and decide.",
    ),
    Refusal(
        "unsettled",
        "unknown",
        (),
        "marketing",
        "Ometria's errors were lost before they were read: see at Ometria whether the event is there, and decide.",
    ),
    Refusal(
        "merging",
        "retry",
        (),
        "operations",
        "Nothing: Ometria merges profiles one a minute, and it is looked at again.",
    ),
    Refusal(
        "impossible",
        "rejected",
        (),
        "operations",
        "Ometria has no way to do this: do it by hand there, if it is needed.",
    ),
)
_BY_CODE = {refusal.code: refusal for refusal in REFUSALS}


def delivered(row: Delivery, receipt: str = "") -> Outcome:
    """It is done, and was seen to be; or may still be refused, where there is a receipt."""
    return Outcome(row_id=row.row_id, verdict="delivered", receipt=receipt)


def code_of(words: str) -> str:
    """Our short name for what Ometria says with these words; `refused` for what is not known."""
    lowered = words.lower()
    return next((one.code for one in REFUSALS if any(phrase in lowered for phrase in one.says)), "refused")


def refused(row: Delivery, words: str) -> Outcome:
    """How a row ends after Ometria refused its record with these words."""
    code = code_of(words)
    verdict = _BY_CODE[code].verdict if code in _BY_CODE else "rejected"
    return Outcome(row_id=row.row_id, verdict=verdict, code=code, words=shown(words))


def seen(row: Delivery, code: str, words: str) -> Outcome:
    """How a row ends after something that is ours to see."""
    return Outcome(row_id=row.row_id, verdict=_BY_CODE[code].verdict, code=code, words=shown(words))
