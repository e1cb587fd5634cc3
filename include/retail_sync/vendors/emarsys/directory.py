"""Contacts as the account holds them, found by a key: a thousand in one call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from retail_sync.errors import IncompleteReadError, UnreachableError
from retail_sync.model.texts import shown
from retail_sync.vendors.emarsys.access import Access
from retail_sync.vendors.emarsys.facts import EMAIL, OPT_IN, OPTED_OUT, PAGE, PAGE_OVERLAP, PER_CALL
from retail_sync.vendors.emarsys.payloads import internal_id, internal_key
from retail_sync.vendors.emarsys.refusals import of_the_key
from retail_sync.vendors.emarsys.verdicts import whole_refusal
from retail_sync.vendors.emarsys.wire import Ask, Refused, Reply

_NONE = 2008
#: What Emarsys says of one key: that nobody has it, that it is none, that several have it.
_OF_ONE_KEY = frozenset({_NONE, 2005, 2010})
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
            words = shown(reply.refused.words)
            raise UnreachableError(f"contacts could not be listed ({words})", fix="It is tried again.")
        # ASSUMED: where none is left the result is false, null or an empty list; it is never missing.
        rows = reply.fields.get("result") or []
        if "result" not in reply.fields or not isinstance(rows, list):
            raise IncompleteReadError("a page of contacts is no list of them", fix=_AGAIN)
        return rows

    def _find(self, key_field: str, keys: Sequence[str], fields: Sequence[str]) -> Found:
        records: list[Record] = []
        refused: dict[str, Refused] = {}
        distinct = list(dict.fromkeys(keys))
        wanted = list(dict.fromkeys((str(EMAIL), str(OPT_IN), self._access.key_field, *fields)))
        for start in range(0, len(distinct), PER_CALL):
            for part in self._read(key_field, distinct[start : start + PER_CALL], wanted):
                records += part.records
                refused |= part.refused
        # Of several that have one address, whoever has left stands last, and has the last word.
        return Found(sorted(records, key=lambda record: record.opt_in == OPTED_OUT), refused)

    def _read(self, key_field: str, keys: Sequence[str], fields: Sequence[str]) -> Iterator[Found]:
        """What Emarsys tells of some keys. Where one of them makes it refuse all, each half is asked for by itself."""
        body = {"keyId": key_field, "keyValues": list(keys), "fields": list(fields)}
        reply = self._access.send(Ask("POST", "/contact/getdata", "contact.getdata", body))
        refused = whole_refusal(reply)
        if refused is None:
            yield self._told(key_field, keys, reply)
            return
        if unusable := of_the_key(refused):
            raise unusable
        if refused.code not in _OF_ONE_KEY:
            raise UnreachableError(f"contacts could not be read ({shown(refused.words)})", fix="They are read again.")
        if len(keys) > 1:
            middle = len(keys) // 2
            yield from self._read(key_field, keys[:middle], fields)
            yield from self._read(key_field, keys[middle:], fields)
        else:
            yield Found([], _but_missing({keys[0].lower(): refused}))

    def _told(self, key_field: str, keys: Sequence[str], reply: Reply) -> Found:
        """What a reply holds.

        Raises:
            UnreachableError: Of a key it tells neither a contact nor an error: so nobody knows that there is none.
        """
        own = self._access.key_field
        # Where none is found, the result is false and no list (CONFIRMED).
        result = reply.fields.get("result")
        records = [_record(row, own) for row in result] if isinstance(result, list) else []
        errors = {key.lower(): said for key, said in reply.errors.items()}
        told = {record.values.get(key_field, "").lower() for record in records} | errors.keys()
        if silent := sum(key.lower() not in told for key in keys):
            raise UnreachableError(
                f"of {silent} of {len(keys)} contacts Emarsys did not tell whether they are there", fix=_AGAIN
            )
        return Found(records, _but_missing(errors))


def _but_missing(said: Mapping[str, Refused]) -> dict[str, Refused]:
    """What is said of keys, without those that nobody has."""
    return {key: refused for key, refused in said.items() if refused.code != _NONE}


def _record(row: Mapping[str, Any], key_field: str) -> Record:
    values = {str(name): "" if value is None else str(value) for name, value in row.items()}
    return Record(
        id=values.get("id", ""),
        key=values.get(key_field, ""),
        email=values.get(str(EMAIL), "").lower(),
        opt_in=values.get(str(OPT_IN), ""),
        values=values,
    )
