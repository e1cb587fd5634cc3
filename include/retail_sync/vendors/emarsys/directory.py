"""Contacts as the account holds them, found by a key: a thousand in one call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from retail_sync.errors import IncompleteReadError, UnreachableError
from retail_sync.vendors.emarsys.access import Access
from retail_sync.vendors.emarsys.facts import EMAIL, OPT_IN, OPTED_OUT, PAGE, PAGE_OVERLAP, PER_CALL
from retail_sync.vendors.emarsys.payloads import internal_id, internal_key
from retail_sync.vendors.emarsys.refusals import of_the_key
from retail_sync.vendors.emarsys.wire import Ask, Refused

_NONE = 2008
_AGAIN = "It is read again."


class Record(NamedTuple):
    """A contact as it was read.

    Attributes:
        id: Emarsys' own id.
        key: Our key, or empty.
        email: In small letters.
        opt_in: What field 31 holds, or empty.
        values: Further fields that were asked for, by id.
    """

    id: str
    key: str
    email: str
    opt_in: str
    values: Mapping[str, str]

    @property
    def vendor_key(self) -> str:
        """How the contact is addressed: by our key, or by Emarsys' id where it has none."""
        return self.key or internal_key(self.id)


class Found:
    """What came of looking for contacts.

    Args:
        records: The contacts.
        refused: By key in small letters, what is said of one that is neither found nor missing.

    Attributes:
        by_email: The records by address; of several the one that has our key.
        by_key: The records by the key under which they are addressed, and by Emarsys' id.
    """

    def __init__(self, records: Sequence[Record], refused: Mapping[str, Refused]) -> None:
        self.records = records
        self.refused = refused
        self.by_email = {record.email: record for record in sorted(records, key=lambda record: bool(record.key))}
        self.by_key = {key: record for record in records for key in (record.vendor_key, internal_key(record.id))}


class Directory:
    """Finds contacts of one account.

    Args:
        access: The way to it.
    """

    def __init__(self, access: Access) -> None:
        self._access = access

    def by_email(self, emails: Sequence[str], fields: Sequence[str] = ()) -> Found:
        """The contacts of these addresses.

        Args:
            emails: The addresses.
            fields: Ids of further fields that are wanted.

        Raises:
            WaitError: Emarsys did not tell.
            ConfigurationError: It takes no such key.
        """
        return self._find(str(EMAIL), emails, fields)

    def by_vendor_key(self, keys: Sequence[str], fields: Sequence[str] = ()) -> Found:
        """The contacts of these keys, ours or Emarsys' own; see `by_email`."""
        own = [key for key in keys if internal_id(key) is None]
        ids = [found for key in keys if (found := internal_id(key)) is not None]
        ours = self._find(self._access.key_field, own, fields)
        theirs = self._find("id", ids, fields)
        refused = {internal_key(key): said for key, said in theirs.refused.items()}
        return Found([*ours.records, *theirs.records], {**ours.refused, **refused})

    def holding(self, field: str) -> Iterator[tuple[str, str]]:
        """Emarsys' ids of all contacts of which a field is not empty, each with what it holds, page by page.

        ASSUMED: without a condition on a value, all contacts are listed.

        Raises:
            WaitError: Emarsys did not tell.
            IncompleteReadError: A page was none, or did not join the one before it.
        """
        seen: set[str] = set()
        offset = 0
        while True:
            page = self._page(field, offset)
            if offset and not any(str(row["id"]) in seen for row in page):
                raise IncompleteReadError("a page of contacts does not join the one before it", fix=_AGAIN)
            for row in page:
                if (number := str(row["id"])) not in seen:
                    seen.add(number)
                    yield number, str(row.get(field) or "")
            if len(page) < PAGE:
                return
            offset += PAGE - PAGE_OVERLAP

    def _page(self, field: str, offset: int) -> Sequence[Mapping[str, Any]]:
        params = {"return": field, "excludeempty": "true", "limit": str(PAGE), "offset": str(offset)}
        reply = self._access.send(Ask("GET", "/contact/query/", "contact.query", params=params))
        if not reply.ok:
            raise UnreachableError(f"contacts could not be listed ({reply.refused.words})", fix="It is tried again.")
        # ASSUMED: where none is left the result is false, null or an empty list; it is never missing.
        rows = reply.fields.get("result") or []
        if "result" not in reply.fields or not isinstance(rows, list):
            raise IncompleteReadError("a page of contacts is no list of them", fix=_AGAIN)
        return rows

    def _find(self, key_field: str, keys: Sequence[str], fields: Sequence[str]) -> Found:
        own = self._access.key_field
        wanted = list(dict.fromkeys((str(EMAIL), str(OPT_IN), own, *fields)))
        records: list[Record] = []
        refused: dict[str, Refused] = {}
        distinct = list(dict.fromkeys(keys))
        for start in range(0, len(distinct), PER_CALL):
            body = {"keyId": key_field, "keyValues": distinct[start : start + PER_CALL], "fields": wanted}
            reply = self._access.send(Ask("POST", "/contact/getdata", "contact.getdata", body))
            if unusable := of_the_key(reply.refused):
                raise unusable
            if not reply.ok:
                raise UnreachableError(
                    f"contacts could not be read ({reply.refused.words})", fix="They are read again."
                )
            # Where none is found, the result is false and no list (CONFIRMED).
            found = reply.fields.get("result")
            records += [_record(row, own) for row in found] if isinstance(found, list) else []
            refused |= {key.lower(): said for key, said in reply.errors.items() if said.code != _NONE}
        # Of several that have one address, whoever has left stands last, and has the last word.
        return Found(sorted(records, key=lambda record: record.opt_in == OPTED_OUT), refused)


def _record(row: Mapping[str, Any], key_field: str) -> Record:
    values = {str(name): "" if value is None else str(value) for name, value in row.items()}
    return Record(
        id=values.get("id", ""),
        key=values.get(key_field, ""),
        email=values.get(str(EMAIL), "").lower(),
        opt_in=values.get(str(OPT_IN), ""),
        values=values,
    )
