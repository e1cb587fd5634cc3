"""From what Emarsys answered to how a row ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec

from retail_sync.model.delivery import Delivery, Outcome
from retail_sync.model.texts import shown
from retail_sync.vendors.emarsys.refusals import of_the_key, refusal_of
from retail_sync.vendors.emarsys.wire import WHOLE, Refused, Reply

#: Statuses by which a call is refused whole, for what one of its rows holds. CONFIRMED: 200 is one of them.
_REFUSED_WHOLE = frozenset({200, 400, 404, 413, 422})
#: What is refused whole for what the call is about, whichever rows it has.
_OF_THE_CALL = frozenset({"event_missing", "field_missing", "nothing_listens"})


def delivered(row: Delivery, vendor_key: str | None = None, words: str = "") -> Outcome:
    """It is done."""
    return Outcome(row_id=row.row_id, verdict="delivered", vendor_key=vendor_key, words=words)


def outcome(row: Delivery, refused: Refused) -> Outcome:
    """How a row ends of which Emarsys says this."""
    known = refusal_of(refused)
    if known is None:
        code = f"refused_{refused.code}" if refused.code else "refused"
        return Outcome(row_id=row.row_id, verdict="rejected", code=code, words=shown(refused.words))
    return Outcome(row_id=row.row_id, verdict=known.verdict, code=known.code, words=shown(refused.words))


def unanswered(row: Delivery) -> Outcome:
    """The answer does not add up, and the row may be sent again."""
    return Outcome(row_id=row.row_id, verdict="retry", code="unanswered", words="The answer left it out.")


def whole_refusal(reply: Reply) -> Refused | None:
    """What is said of a write as a whole: by its status, its code, or within a success under the key of none."""
    return reply.errors.get(WHOLE) if reply.ok else reply.refused


def settled(rows: Sequence[Delivery], reply: Reply, key_of: Callable[[Delivery], str]) -> Iterator[Outcome]:
    """How the rows of a write end that was not refused whole: those of which nothing is said are done.

    They must add up: where fewer ids came back than rows were not refused, nobody can tell which is missing.
    """
    errors = {key.lower(): refused for key, refused in reply.errors.items()}
    refused_rows = [row for row in rows if key_of(row).lower() in errors]
    ids = reply.fields.get("ids")
    named = len(ids) if isinstance(ids, list) else 1 if "id" in reply.fields else 0
    whole = named == len(rows) - len(refused_rows)
    for row in rows:
        said = errors.get(key_of(row).lower())
        if said is not None:
            yield outcome(row, said)
        else:
            yield delivered(row) if whole else unanswered(row)


def halved(
    rows: Sequence[Delivery], reply: Reply, write: Callable[[Sequence[Delivery]], list[Outcome]]
) -> list[Outcome] | None:
    """The outcomes of a write that was refused whole, each half tried by itself; None where it was not refused.

    Raises:
        ConfigurationError: No row can be written until a person acts.
    """
    refused = whole_refusal(reply)
    if refused is None:
        return None
    if unusable := of_the_key(refused):
        raise unusable
    known = refusal_of(refused)
    of_the_call = known is not None and known.code in _OF_THE_CALL
    if len(rows) > 1 and not of_the_call and (reply.ok or reply.status in _REFUSED_WHOLE):
        middle = len(rows) // 2
        return write(rows[:middle]) + write(rows[middle:])
    return [outcome(row, refused) for row in rows]


def portions(
    rows: Sequence[Delivery], keys_of: Callable[[Delivery], Sequence[str]], most: int, size: int
) -> Iterator[list[Delivery]]:
    """Rows in calls of so many rows and bytes; rows that share a key never share a call, which fails by it."""
    waiting = list(rows)
    while waiting:
        call: list[Delivery] = []
        later: list[Delivery] = []
        seen: set[str] = set()
        weight = 0
        for row in waiting:
            keys = {key.lower() for key in keys_of(row) if key}
            heavy = len(msgspec.json.encode(row.payload)) + 200
            if call and (len(call) == most or weight + heavy > size or seen & keys):
                later.append(row)
                continue
            call.append(row)
            seen |= keys
            weight += heavy
        yield call
        waiting = later
