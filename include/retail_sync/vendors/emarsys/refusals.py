"""What each refusal of Emarsys means for a row, and whose turn it is then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from retail_sync.errors import ConfigurationError
from retail_sync.model.delivery import Verdict
from retail_sync.model.texts import shown
from retail_sync.vendors.emarsys.wire import Refused

Turn = Literal["marketing", "ecommerce", "cx", "operations"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that Emarsys says when it refuses, and what it means for a row.

    Attributes:
        code: Our short name, kept with the row.
        verdict: How the row ends.
        replies: Emarsys' codes for it.
        says: Where a code stands for several things, any of these, in lower case, must be in the words.
        turn: Whose turn it is.
        next_step: What that owner should do.
    """

    code: str
    verdict: Verdict
    replies: tuple[int, ...]
    turn: Turn
    next_step: str
    says: tuple[str, ...] = ()

    def fits(self, refused: Refused) -> bool:
        """Whether this is what was said."""
        words = refused.words.lower()
        return refused.code in self.replies and (not self.says or any(phrase in words for phrase in self.says))


#: The first that fits decides, so the narrower ones stand first.
REFUSALS = (
    Refusal(
        "no_contact",
        "gone",
        (2008,),
        "marketing",
        "If somebody deleted the contact by mistake, add it at Emarsys again, and what waits for it follows.",
    ),
    Refusal(
        "contact_exists",
        "retry",
        (2009, 2006),
        "operations",
        "Nothing: the contact is looked up and planned again.",
        ("exist",),
    ),
    Refusal(
        "several_contacts",
        "rejected",
        (2010,),
        "marketing",
        "Several contacts at Emarsys have this address or key: keep one of them, and delete or rename the others.",
    ),
    Refusal(
        "key_unusable",
        "rejected",
        (2004,),
        "operations",
        "Have Emarsys' support make an index for the key field that the pair file names.",
    ),
    Refusal(
        "key_refused",
        "rejected",
        (2005,),
        "cx",
        "Emarsys does not take this address or key: correct the customer's address in the shop.",
    ),
    Refusal(
        "field_missing",
        "lacking",
        (2006,),
        "marketing",
        "A contact field of the pair was deleted at Emarsys. It is made again; or take it out of the pair file.",
    ),
    Refusal(
        "value_refused",
        "rejected",
        (2007, 1008),
        "marketing",
        "A contact field refuses its value: compare the field's type and choices with the pair file's mapping.",
    ),
    Refusal(
        "event_missing",
        "lacking",
        (5001, 5004),
        "marketing",
        "The external event was deleted at Emarsys; it is made again, and its programs must be tied to it anew.",
    ),
    Refusal(
        "event_exists",
        "exists",
        (5003,),
        "operations",
        "Nothing: the event is used.",
    ),
    Refusal(
        "nothing_listens",
        "rejected",
        (5005,),
        "marketing",
        "No program or e-mail at Emarsys listens to this event: tie one to it, or take it out of the pair file.",
    ),
    Refusal(
        "invalid",
        "rejected",
        (1000, 1001, 1010, 2002, 2003, 2013, 2020, 5008, 5009, 5010, 5011, 10001),
        "operations",
        "Emarsys does not take this request: tell the maintainers what it said.",
    ),
    # What follows is ours to see: Emarsys has no words for it.
    Refusal(
        "nobody_to_tell",
        "rejected",
        (),
        "marketing",
        "Nothing, if the contact was deleted on purpose: there is nobody to be told.",
    ),
    Refusal(
        "field_type",
        "rejected",
        (),
        "marketing",
        "Change the field's type in the pair file, or name another field: Emarsys never changes a type.",
    ),
    Refusal(
        "sales_refused",
        "rejected",
        (),
        "operations",
        "Compare sales_columns with the columns and their order that were fixed when Emarsys set sales data up.",
    ),
    Refusal(
        "sales_unanswered",
        "unknown",
        (),
        "operations",
        "Look at Emarsys whether the order's rows have arrived, and say so; they are not sent again by themselves.",
    ),
)


def of_the_key(refused: Refused) -> ConfigurationError | None:
    """The error to raise where the key field can't be a key: then nothing can be written or found by it."""
    known = refusal_of(refused)
    if known is None or known.code != "key_unusable":
        return None
    return ConfigurationError(f"Emarsys refuses the key field: {shown(refused.words)}", fix=known.next_step)


def refusal_of(refused: Refused) -> Refusal | None:
    """The known refusal that a code with its words stands for."""
    return next((known for known in REFUSALS if known.fits(refused)), None)
