"""Members by the hundred: `POST /lists/{id}`, whose answer has a verdict for each address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from retail_sync.model.delivery import Delivery, Outcome
from retail_sync.model.ports import Clock
from retail_sync.model.texts import shown
from retail_sync.vendors.mailchimp.facts import MEMBERS_PER_CALL
from retail_sync.vendors.mailchimp.refusals import MEMBER_GONE
from retail_sync.vendors.mailchimp.verdicts import delivered, outcome, refusal_in, refused
from retail_sync.vendors.mailchimp.wire import Paths, Send, Write

#: Statuses by which Mailchimp refuses a call whole, for what one of its members holds.
_REFUSED_WHOLE = frozenset({400, 413, 422})


class MemberCalls:
    """Creates and updates members.

    A creation carries the status that the contact is born with and touches nobody who is there. An update carries no
    status, so that an unsubscribe in between stays one.

    Args:
        send: Takes a write to Mailchimp.
        paths: The audience.
        validation: Parameters of calls that write contact fields.
        clock: The time.
    """

    def __init__(self, send: Send, paths: Paths, validation: Mapping[str, str], clock: Clock) -> None:
        self._send = send
        self._path = paths.audience
        self._validation = validation
        self._clock = clock

    def calls(self, rows: Sequence[Delivery]) -> Iterator[list[Delivery]]:
        """The rows in portions of one call; rows of one address never share one, which would mix their verdicts."""
        waiting = list(rows)
        while waiting:
            call: dict[str, Delivery] = {}
            later: list[Delivery] = []
            for row in waiting:
                fits = len(call) < MEMBERS_PER_CALL and _address(row) not in call
                if fits:
                    call[_address(row)] = row
                else:
                    later.append(row)
            yield list(call.values())
            waiting = later

    def write(self, rows: Sequence[Delivery]) -> list[Outcome]:
        """Write rows of one operation with one call, or with more where Mailchimp refuses the call for one of them."""
        creating = rows[0].operation == "create"
        body = {"members": [_member(row) for row in rows], "update_existing": not creating}
        reply = self._send(Write("POST", self._path, "members.write", body, self._validation))
        if reply.ok:
            return list(self._verdicts(rows, reply.body, creating=creating))
        if reply.status in _REFUSED_WHOLE and len(rows) > 1:
            half = len(rows) // 2
            return self.write(rows[:half]) + self.write(rows[half:])
        return [self._judge(row, outcome(row, reply, self._clock()), creating=creating) for row in rows]

    def _verdicts(self, rows: Sequence[Delivery], body: Mapping[str, Any], *, creating: bool) -> Iterator[Outcome]:
        made = {member["email_address"].lower() for member in body.get("new_members", ())}
        changed = {member["email_address"].lower() for member in body.get("updated_members", ())}
        errors = {error["email_address"].lower(): error for error in body.get("errors", ())}
        for row in rows:
            address = _address(row)
            if address in errors:
                yield self._refused(row, errors[address], creating=creating)
            elif address in made and not creating:
                yield _unasked(row)
            elif address in made or address in changed:
                yield delivered(row)
            else:
                yield Outcome(row_id=row.row_id, verdict="retry", code="unanswered", words="The answer left it out.")

    def _refused(self, row: Delivery, error: Mapping[str, Any], *, creating: bool) -> Outcome:
        parts = (error.get("error_code"), error.get("error"), error.get("field"), error.get("field_message"))
        words = ": ".join(dict.fromkeys(str(part) for part in parts if part))
        known = refusal_in(words)
        if known is not None:
            return refused(row, known, words, self._clock())
        ended = Outcome(row_id=row.row_id, verdict="rejected", code="refused", words=shown(words))
        return self._judge(row, ended, creating=creating)

    def _judge(self, row: Delivery, ended: Outcome, *, creating: bool) -> Outcome:
        """An update that Mailchimp refuses for want of a status met nobody."""
        missing = any(phrase in ended.words.lower() for phrase in MEMBER_GONE)
        if creating or ended.verdict != "rejected" or not missing:
            return ended
        return Outcome(row_id=row.row_id, verdict="gone", code="gone", words="The contact is not there any more.")


def _unasked(row: Delivery) -> Outcome:
    words = "An update made a new contact: see with which status, and whether the person agreed."
    return Outcome(row_id=row.row_id, verdict="rejected", code="created_by_update", words=words)


def _address(row: Delivery) -> str:
    address: str = row.payload["email_address"]
    return address.lower()


def _member(row: Delivery) -> dict[str, Any]:
    member = {"email_address": row.payload["email_address"], "merge_fields": row.payload["merge_fields"]}
    if row.operation == "create":
        # Without a word on its status a contact is made as one that gets no marketing.
        member["status"] = row.birth.get("status", "transactional")
    return member
