"""Whether a profile may be mailed: what was said of it, by whom, and which of that decides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from retail_sync.vendors.ometria.sandbox.shapes import IN, OUT, UNSAID

#: Who speaks: the person at the vendor's own pages, the account's systems by the API, or a file that was imported.
Origin = Literal["person", "api", "import"]
#: Ways to leave that `/unsubscribes` lists; what came by the API is in the books and not in that list.
UNSUBSCRIBE_TYPES = (
    "preferences_centre",
    "app",
    "list_unsubscribe",
    "link_unsubscribe",
    "stopword_unsubscribe_TF",
    "stopword_unsubscribe_DO",
)


class Statement(NamedTuple):
    """One word on marketing.

    Attributes:
        at: When it was taken in.
        number: Its place in the order of all statements.
        value: `EXPLICITLY_OPTEDIN`, `EXPLICITLY_OPTEDOUT` or `NOT_SPECIFIED`.
        forced: Whether it came with `@force_optin`.
        origin: Who said it.
        cause: How it came, for the books.
    """

    at: datetime
    number: int
    value: str
    forced: bool
    origin: Origin
    cause: str


class Change(NamedTuple):
    """A profile's consent as it became."""

    at: datetime
    marketing_optin: bool | None
    cause: str


class Unsubscribe(NamedTuple):
    """Somebody who left."""

    at: datetime
    profile_id: str
    email: str
    type: str
    reason: str


def resolve(histories: Sequence[Sequence[Statement]], *, sticks: bool) -> bool | None:
    """What the statements of a profile come to.

    The last forced one decides for good. Else the person's own last word decides, unless the account's systems say no
    after it (ASSUMED: documents rank the person higher and let an opt-out of any listing stand). Else any opt-out
    keeps the profile out, whatever other listings say.

    Args:
        histories: The statements of each listing, and those on the profile itself, each oldest first.
        sticks: Whether an opt-out stands that its own listing has since taken back.
    """
    said = [one for history in histories for one in history]
    forced = _last(one for one in said if one.forced and one.value != UNSAID)
    own = _last(one for one in said if one.origin == "person" and one.value != UNSAID)
    if forced and not (own and own.number > forced.number):
        return forced.value == IN
    standing = said if sticks else [history[-1] for history in histories if history]
    refusals = [one.number for one in standing if one.value == OUT]
    if own:
        return own.value == IN and max(refusals, default=-1) < own.number
    if refusals:
        return False
    return True if any(history[-1].value == IN for history in histories if history) else None


def _last(statements: Iterable[Statement]) -> Statement | None:
    return max(statements, key=lambda one: one.number, default=None)
