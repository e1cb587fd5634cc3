"""Writing contacts, a thousand in a call.

A creation touches nobody who is there: only it may carry an opt-in, so it is a call that Emarsys refuses for a contact
that exists, and no upsert. An update names a contact that is there and carries no opt-in. Neither ever makes a second
contact of an address: whoever is not known by our key is looked for by address, and given our key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from retail_sync.errors import SchemaDriftError
from retail_sync.model.delivery import Delivery, Outcome
from retail_sync.model.texts import shown
from retail_sync.vendors.emarsys.access import Access
from retail_sync.vendors.emarsys.contact_rows import (
    email_of,
    exists,
    gone,
    has_moved,
    is_known,
    is_ours,
    is_siblings,
    key_of,
    keys_of,
    nobody_is_fine,
    paired,
    released,
    updated,
)
from retail_sync.vendors.emarsys.directory import Directory, Found, Record
from retail_sync.vendors.emarsys.facts import CONTACT_BYTES, EMAIL, OPT_IN, OPTED_IN, OPTED_OUT, PER_CALL
from retail_sync.vendors.emarsys.payloads import internal_id
from retail_sync.vendors.emarsys.verdicts import delivered, halved, outcome, portions, settled
from retail_sync.vendors.emarsys.wire import Ask, Reply


class ContactWrites:
    """Creates, updates, opts out and deletes contacts of one account.

    Args:
        access: The way to it.
    """

    def __init__(self, access: Access) -> None:
        self._access = access
        self._send = access.send
        self._directory = Directory(access)

    def calls(self, rows: Sequence[Delivery]) -> list[list[Delivery]]:
        """The rows in portions of one call: of one way to address contacts, no address and no key twice."""
        own = [row for row in rows if internal_id(row.vendor_key) is None]
        theirs = [row for row in rows if internal_id(row.vendor_key) is not None]
        split = (portions(some, keys_of, PER_CALL, CONTACT_BYTES) for some in (own, theirs) if some)
        return [call for calls in split for call in calls]

    def write(self, rows: Sequence[Delivery]) -> list[Outcome]:
        """Write a portion of rows of one operation."""
        operations = {
            "create": self._create,
            "update": self._update,
            "opt_out": self._opt_out,
            "delete": self._delete,
        }
        try:
            return operations[rows[0].operation](rows)
        except SchemaDriftError as error:
            # Ids are looked up before anything is sent.
            words = shown(str(error))
            return [Outcome(row_id=row.row_id, verdict="lacking", code="field_missing", words=words) for row in rows]

    def _create(self, rows: Sequence[Delivery]) -> list[Outcome]:
        """Make those contacts that are neither known by our key nor by address; of the others say that they exist."""
        keyed = self._directory.by_vendor_key([row.vendor_key for row in rows]).by_key
        others = [row for row in rows if row.vendor_key not in keyed]
        there = self._directory.by_email([email_of(row) for row in others])
        following = [row for row in others if is_siblings(row, there)]
        known = [row for row in others if is_known(row, there) and row not in following]
        new = [row for row in others if not is_known(row, there)]
        outcomes = [exists(row, row.vendor_key) for row in rows if row.vendor_key in keyed]
        outcomes += self._adopt(known, there)
        outcomes += self._make(new) if new else []
        return outcomes + (self._follow(following, there) if following else [])

    def _make(self, rows: Sequence[Delivery]) -> list[Outcome]:
        """Make contacts by address: so Emarsys refuses one that somebody else has made in the meantime."""
        contacts = [self._values(row, birth=True) for row in rows]
        reply = self._send(Ask("POST", "/contact", "contact.create", {"key_id": str(EMAIL), "contacts": contacts}))
        return halved(rows, reply, self._make) or list(settled(rows, reply, email_of))

    def _follow(self, rows: Sequence[Delivery], there: Found) -> list[Outcome]:
        """Make contacts by our key whose address another of the pair's contacts still has, and is about to give up.

        Where that one has said no, the new one is given no yes.
        """
        said_no = {record.email for record in there.records if record.opt_in == OPTED_OUT}
        contacts = [self._keyed(row, self._values(row, birth=email_of(row) not in said_no)) for row in rows]
        body = {"key_id": self._access.key_field, "contacts": contacts}
        reply = self._send(Ask("POST", "/contact", "contact.create", body))
        return halved(rows, reply, lambda some: self._follow(some, there)) or list(settled(rows, reply, key_of))

    def _adopt(self, rows: Sequence[Delivery], there: Found) -> list[Outcome]:
        """Give our key to contacts that are known by address; those that have another of our keys keep it."""
        keyed = [row for row in rows if email_of(row) in there.by_email and there.by_email[email_of(row)].key]
        strangers = [row for row in rows if row not in keyed]
        ended = self._write_found(strangers, there, lambda row: {self._access.key_field: row.vendor_key})
        outcomes = [exists(row, there.by_email[email_of(row)].key) for row in keyed]
        return outcomes + [exists(row, row.vendor_key) if one.verdict == "delivered" else one for row, one in ended]

    def _update(self, rows: Sequence[Delivery]) -> list[Outcome]:
        taken = self._taken(rows)
        stay = [row for row in rows if row not in taken]
        missing: list[Delivery] = []
        outcomes: list[Outcome] = []
        for row, ended in paired(taken, self._delete(taken) if taken else []):
            if ended.verdict == "delivered":
                missing.append(row)
            else:
                outcomes.append(ended)
        for row, ended in paired(stay, self._change(stay) if stay else []):
            if ended.verdict == "gone":
                missing.append(row)
            else:
                outcomes.append(updated(row, row.vendor_key) if ended.verdict == "delivered" else ended)
        return outcomes + (self._found_again(missing) if missing else [])

    def _taken(self, rows: Sequence[Delivery]) -> list[Delivery]:
        """The rows whose new address a contact has that is none of this pair's: that one is the person's from now on.

        The former contact is to be taken away, since no two may have our key. An address that another of the pair's own
        contacts has is about to be given up by it.
        """
        moving = [row for row in rows if has_moved(row)]
        there = self._directory.by_email([email_of(row) for row in moving]).by_email if moving else {}
        return [row for row in moving if email_of(row) in there and not is_ours(there[email_of(row)], row)]

    def _change(self, rows: Sequence[Delivery]) -> list[Outcome]:
        reply = self._put(
            self._key_id(rows[0]), [self._keyed(row, self._values(row)) for row in rows], "contact.update"
        )
        return halved(rows, reply, self._change) or list(settled(rows, reply, key_of))

    def _found_again(self, rows: Sequence[Delivery]) -> list[Outcome]:
        """Update contacts that are not known by our key: by the key of whoever has the address now, if anybody has."""
        there = self._directory.by_email([email_of(row) for row in rows])
        known = [row for row in rows if is_known(row, there)]

        def key(row: Delivery) -> str:
            return there.by_email[email_of(row)].key or row.vendor_key

        ended = self._write_found(known, there, lambda row: {**self._values(row), self._access.key_field: key(row)})
        outcomes = [updated(row, key(row)) if one.verdict == "delivered" else one for row, one in ended]
        return outcomes + [gone(row) for row in rows if row not in known]

    def _write_found(
        self, rows: Sequence[Delivery], there: Found, values: Callable[[Delivery], Mapping[str, str]]
    ) -> list[tuple[Delivery, Outcome]]:
        """Write to contacts that were found by address, each named by Emarsys' own id."""
        found = [row for row in rows if email_of(row) in there.by_email]
        unclear = [(row, outcome(row, there.refused[email_of(row)])) for row in rows if row not in found]
        return unclear + (paired(found, self._put_found(found, there, values)) if found else [])

    def _put_found(
        self, rows: Sequence[Delivery], there: Found, values: Callable[[Delivery], Mapping[str, str]]
    ) -> list[Outcome]:
        def number(row: Delivery) -> str:
            return there.by_email[email_of(row)].id

        reply = self._put("id", [{**values(row), "id": number(row)} for row in rows], "contact.update")
        again = halved(rows, reply, lambda some: self._put_found(some, there, values))
        return again or list(settled(rows, reply, number))

    def _opt_out(self, rows: Sequence[Delivery]) -> list[Outcome]:
        """Write a no, and nothing else; a contact that is not there needs none."""
        contacts = [self._keyed(row, {str(OPT_IN): OPTED_OUT}) for row in rows]
        reply = self._put(self._key_id(rows[0]), contacts, "contact.opt_out")
        return nobody_is_fine(rows, halved(rows, reply, self._opt_out) or list(settled(rows, reply, key_of)))

    def _delete(self, rows: Sequence[Delivery]) -> list[Outcome]:
        """Take contacts away: for good, unless they have said no, which nobody would remember then.

        A contact that has said no only loses our key. Its address goes on saying so.
        """
        found = self._directory.by_vendor_key([row.vendor_key for row in rows])
        out = {key: record for key, record in found.by_key.items() if record.opt_in == OPTED_OUT}
        # Where several have a key, nobody knows whether one of them has said no.
        unclear = [row for row in rows if row.vendor_key.lower() in found.refused]
        leaving = [row for row in rows if row.vendor_key in out]
        others = [row for row in rows if row not in unclear and row not in leaving]
        outcomes = [outcome(row, found.refused[row.vendor_key.lower()]) for row in unclear]
        outcomes += self._release(leaving, out) if leaving else []
        return nobody_is_fine(rows, outcomes + (self._erase(others) if others else []))

    def _release(self, rows: Sequence[Delivery], known: Mapping[str, Record]) -> list[Outcome]:
        def number(row: Delivery) -> str:
            return known[row.vendor_key].id

        contacts = [{"id": number(row), self._access.key_field: ""} for row in rows]
        reply = self._put("id", contacts, "contact.release")
        ended = halved(rows, reply, lambda some: self._release(some, known)) or list(settled(rows, reply, number))
        return list(map(released, ended))

    def _erase(self, rows: Sequence[Delivery]) -> list[Outcome]:
        key_id = self._key_id(rows[0])
        body = {"key_id": key_id, key_id: [key_of(row) for row in rows]}
        reply = self._send(Ask("POST", "/contact/delete", "contact.delete", body))
        said = {key.lower(): refused for key, refused in reply.errors.items()}
        return halved(rows, reply, self._erase) or [
            outcome(row, said[key_of(row).lower()]) if key_of(row).lower() in said else delivered(row) for row in rows
        ]

    def _put(self, key_id: str, contacts: Sequence[Mapping[str, Any]], endpoint: str) -> Reply:
        return self._send(Ask("PUT", "/contact/", endpoint, {"key_id": key_id, "contacts": list(contacts)}))

    def _key_id(self, row: Delivery) -> str:
        return self._access.key_field if internal_id(row.vendor_key) is None else "id"

    def _keyed(self, row: Delivery, values: Mapping[str, str]) -> dict[str, str]:
        return {**values, self._key_id(row): key_of(row)}

    def _values(self, row: Delivery, *, birth: bool = False) -> dict[str, str]:
        """The fields of a contact by id; of a new one without what is empty, with our key and its opt-in."""
        ids = self._access.ids
        fields = {ids.of(name): value for name, value in row.payload["fields"].items() if value or not birth}
        values = {**fields, str(EMAIL): row.payload["email"]}
        if birth:
            values[self._access.key_field] = row.vendor_key
            if row.birth.get("status") == "subscribed":
                values[str(OPT_IN)] = OPTED_IN
        return values
