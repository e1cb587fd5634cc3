"""What can go wrong on a bad day at this vendor in particular: faults that are switched on, each a line of `KNOWN`."""

from __future__ import annotations

from collections.abc import Mapping

from retail_sync.sandbox.kit import Fault, Faults

KNOWN: Mapping[str, str] = {
    "token_expired": "answers 403, as for a key that has just been withdrawn",
    "quota_spent": "empties the bucket of the request and answers 429, as if others had used the account",
    "rejected_at_once": "counts a record of a push as rejected; the pattern is held against the record's id",
    "late_error": "rejects a record of a push only when it is validated, with `message` and `path`; the pattern is"
    " held against the record's id",
    "lost_queue_entry": "forgets a record of a push and tells nobody; the pattern is held against the record's id",
    "errors_overflow": "lets `rows` records of others fail just before the errors are read, 100 unless given",
    "slow_queue": "keeps the records of a push `seconds` longer in the queue; what is pushed later may overtake them",
    "edited_while_paging": "edits a profile just before a page behind the first is read: `email`, or the first of all",
    "repeated_rows": "begins a page `rows` rows too early, so that it repeats what the page before it had",
    "empty_page": "leaves a page empty that has rows, as if nothing more came",
}


class Traps:
    """Asked at the places where a trap may lie.

    Args:
        faults: What is switched on.
    """

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def take(self, name: str, against: str = "") -> Fault | None:
        """A fault that strikes now, or None; its pattern is held against an endpoint or an id."""
        return self._faults.take(name, against)
