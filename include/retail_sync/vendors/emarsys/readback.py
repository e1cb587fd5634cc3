"""Reading objects back, in the shape in which they were wanted. Sales data and events can't be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from retail_sync.errors import ConfigurationError, UnreachableError
from retail_sync.model.delivery import Held, Total
from retail_sync.vendors.emarsys.access import Access
from retail_sync.vendors.emarsys.directory import Directory
from retail_sync.vendors.emarsys.facts import EMAIL, OPT_IN, OPTED_IN, OPTED_OUT, PER_CALL
from retail_sync.vendors.emarsys.payloads import contact_key
from retail_sync.vendors.emarsys.shapes import OwnFields
from retail_sync.vendors.emarsys.wire import Ask


class Readback:
    """Reads what one pair owns of an account.

    Args:
        access: The way to it.
        fields: The contact fields that the pair fills.
        names: What it makes of fields and external events, by kind.
        source: The source account, by which its contacts are known.
    """

    def __init__(self, access: Access, fields: OwnFields, names: dict[str, list[str]], source: str) -> None:
        self._access = access
        self._fields = fields
        self._names = names
        self._prefix = contact_key(source, 0).removesuffix("0")
        self._directory = Directory(access)

    def read(self, kind: str, vendor_keys: Sequence[str]) -> Iterator[Held]:
        """One answer for each key.

        Raises:
            ConfigurationError: Nothing of that kind can be read.
            WaitError: Emarsys did not tell.
        """
        if kind == "contact":
            for start in range(0, len(vendor_keys), PER_CALL):
                yield from self._contacts(vendor_keys[start : start + PER_CALL])
            return
        held = {one.vendor_key: one for one in self._structure(kind)}
        yield from (held.get(key) or Held(kind=kind, vendor_key=key, payload=None) for key in vendor_keys)

    def read_all(self, kind: str) -> Iterator[Held]:
        """Every object of that kind which this pair may own; see `read`."""
        if kind != "contact":
            yield from self._structure(kind)
            return
        keys = self.keys(kind)
        while portion := list(islice(keys, PER_CALL)):
            yield from (held for held in self._contacts(portion) if held.payload is not None)

    def keys(self, kind: str) -> Iterator[str]:
        """Every key of that kind which this pair may own; see `read`."""
        if kind != "contact":
            yield from (held.vendor_key for held in self._structure(kind))
            return
        held = dict.fromkeys(key for _, key in self._directory.holding(self._access.key_field))
        yield from (key for key in held if key.startswith(self._prefix))

    def totals(self) -> list[Total]:
        """Contacts, and how many of them say yes and no."""
        contacts = sum(1 for _ in self._directory.holding(str(EMAIL)))
        said = [answer for _, answer in self._directory.holding(str(OPT_IN))]
        counts = {
            "contacts": contacts,
            "contacts.subscribed": said.count(OPTED_IN),
            "contacts.unsubscribed": said.count(OPTED_OUT),
        }
        return [Total(name=name, value=str(count), proof="read_back") for name, count in counts.items()]

    def _contacts(self, keys: Sequence[str]) -> Iterator[Held]:
        own = self._fields.ids(self._access.ids)
        known = self._directory.by_vendor_key(keys, list(own.values())).by_key
        for key in keys:
            record = known.get(key)
            payload = {"email": record.email, "fields": self._fields.values(record.values, own)} if record else None
            yield Held(kind="contact", vendor_key=key, payload=payload)

    def _structure(self, kind: str) -> Iterator[Held]:
        if kind not in self._names:
            raise ConfigurationError(f"nothing of the kind {kind!r} can be read at Emarsys", fix="Name another kind.")
        if kind == "field":
            self._access.ids.forget()
            for name in self._names[kind]:
                if found := self._access.ids.find(name):
                    yield Held(kind=kind, vendor_key=name, payload={"name": name, "type": found.type})
            return
        reply = self._access.send(Ask("GET", "/event", "event.list"))
        if not reply.ok or not isinstance(reply.data, list):
            raise UnreachableError(f"external events could not be read ({reply.status})", fix="They are read again.")
        held = {str(event.get("name")) for event in reply.data}
        yield from (
            Held(kind=kind, vendor_key=name, payload={"name": name}) for name in self._names[kind] if name in held
        )
