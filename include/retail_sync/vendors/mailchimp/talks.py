"""What has to be said to Mailchimp for one row of each kind and operation.

Every talk may be held again from its beginning: a worker that died in the middle of one leaves nothing that the next
can't put right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from retail_sync.model.delivery import Delivery, Outcome
from retail_sync.model.ports import Clock
from retail_sync.vendors.mailchimp.facts import MailchimpSettings
from retail_sync.vendors.mailchimp.payloads import contact_key
from retail_sync.vendors.mailchimp.verdicts import delivered, outcome, refusal
from retail_sync.vendors.mailchimp.wire import Paths, Reply, Talk, Write


class Talks:
    """Finds the talk for a row."""

    def __init__(self, settings: MailchimpSettings, paths: Paths, clock: Clock) -> None:
        self._settings = settings
        self._paths = paths
        self._clock = clock
        self._table: Mapping[tuple[str, str], Callable[[Delivery], Talk]] = {
            ("merge_field", "create"): self._create_field,
            ("merge_field", "update"): self._create_field,
            ("store", "create"): self._create_store,
            ("store", "update"): self._update_store,
            ("store", "delete"): lambda row: self._remove(row, self._paths.store, "store"),
            ("member", "update"): self._update_member,
            ("member", "opt_out"): self._opt_out,
            ("member", "delete"): lambda row: self._remove(row, self._member(row), "member"),
            ("tags", "create"): self._tag,
            ("tags", "update"): self._tag,
            ("tags", "delete"): self._tag,
            ("customer", "create"): self._put_customer,
            ("customer", "update"): self._put_customer,
            ("customer", "delete"): lambda row: self._remove(row, self._at(self._paths.customers, row), "customer"),
            ("product", "create"): lambda row: self._create(row, self._paths.products, "product", "variants"),
            ("product", "update"): lambda row: self._update(row, self._paths.products, "product", "variants"),
            ("product", "delete"): lambda row: self._remove(row, self._at(self._paths.products, row), "product"),
            ("order", "create"): lambda row: self._create(row, self._paths.orders, "order", "lines"),
            ("order", "update"): lambda row: self._update(row, self._paths.orders, "order", "lines"),
            ("order", "delete"): lambda row: self._remove(row, self._at(self._paths.orders, row), "order"),
        }

    def of(self, row: Delivery) -> Talk:
        """The talk for a row; one that Mailchimp has no words for ends as rejected."""
        talk = self._table.get((row.kind, row.operation))
        return talk(row) if talk else self._impossible(row)

    def _impossible(self, row: Delivery) -> Talk:
        yield from ()
        words = f"Mailchimp can't {row.operation} a {row.kind}"
        return Outcome(row_id=row.row_id, verdict="rejected", code="impossible", words=words)

    def _ends(self, row: Delivery, reply: Reply) -> Outcome:
        return outcome(row, reply, self._clock())

    def _at(self, collection: str, row: Delivery) -> str:
        return self._paths.one(collection, row.vendor_key)

    def _member(self, row: Delivery) -> str:
        return self._at(self._paths.members, row)

    def _remove(self, row: Delivery, path: str, kind: str) -> Talk:
        reply = yield Write("DELETE", path, f"{kind}.delete")
        return delivered(row) if reply.status == 404 else self._ends(row, reply)

    def _create_field(self, row: Delivery) -> Talk:
        """A field that is there with the type we want is what we want; another type is for a person to decide."""
        reply = yield Write("GET", self._paths.merge_fields, "merge_field.list", params={"count": "1000"})
        if not reply.ok:
            return self._ends(row, reply)
        held = {field["tag"]: field["type"] for field in reply.body["merge_fields"]}
        wanted = row.payload["type"]
        if row.vendor_key not in held:
            reply = yield Write("POST", self._paths.merge_fields, "merge_field.create", row.birth | row.payload)
            return self._ends(row, reply)
        if held[row.vendor_key] == wanted:
            return delivered(row)
        words = f"The field {row.vendor_key} is there as {held[row.vendor_key]}; the pair file wants {wanted}."
        return Outcome(row_id=row.row_id, verdict="rejected", code="field_type", words=words)

    def _create_store(self, row: Delivery) -> Talk:
        """A store that is there already, with whatever words Mailchimp refuses a second one, is updated."""
        reply = yield Write("GET", self._paths.store, "store.read", params={"fields": "id"})
        if reply.ok:
            return (yield from self._update_store(row))
        if reply.status != 404:
            return self._ends(row, reply)
        reply = yield Write("POST", self._paths.stores, "store.create", row.payload)
        return self._ends(row, reply)

    def _update_store(self, row: Delivery) -> Talk:
        reply = yield Write("PATCH", self._paths.store, "store.update", _without(row.payload, "id", "list_id"))
        return self._ends(row, reply)

    def _update_member(self, row: Delivery) -> Talk:
        """A change of address, under the old one; whoever finds it done goes on under the new one. No status, ever."""
        new = contact_key(row.payload["email_address"])
        body = {name: row.payload[name] for name in ("email_address", "merge_fields")}
        for key in dict.fromkeys((held_under(row), new)):
            path = self._paths.one(self._paths.members, key)
            reply = yield Write("PATCH", path, "member.update", body, self.validation)
            if reply.status != 404:
                break
        if reply.ok:
            return delivered(row, new)
        ended = self._ends(row, reply)
        if ended.verdict != "exists":
            return ended
        words = "The new address is a contact already: the two are to be made one."
        return Outcome(row_id=row.row_id, verdict="rejected", code="address_taken", words=words)

    @property
    def validation(self) -> Mapping[str, str]:
        """The parameters of every call that writes a contact's fields."""
        return {"skip_merge_validation": "true"} if self._settings.skip_merge_validation else {}

    def _opt_out(self, row: Delivery) -> Talk:
        """The only status that we ever write to a contact that is there."""
        reply = yield Write("PATCH", self._member(row), "member.opt_out", {"status": "unsubscribed"})
        return self._ends(row, reply)

    def _tag(self, row: Delivery) -> Talk:
        held = set((row.previous or {}).get("tags", ()))
        wanted = set() if row.operation == "delete" else set(row.payload["tags"])
        changes = [{"name": name, "status": "active"} for name in sorted(wanted - held)]
        changes += [{"name": name, "status": "inactive"} for name in sorted(held - wanted)]
        if not changes:
            return delivered(row)
        quiet = row.previous is None and self._settings.quiet_first_tags
        path = self._paths.one(self._paths.members, row.vendor_key, "tags")
        reply = yield Write("POST", path, "tags.write", {"tags": changes, "is_syncing": quiet})
        return self._ends(row, reply)

    def _put_customer(self, row: Delivery) -> Talk:
        """A customer's id is the hash of the address, so that an address that changes makes another customer."""
        key = row.payload["id"]
        path = self._paths.one(self._paths.customers, key)
        reply = yield Write("PUT", path, "customer.put", row.payload | _cleared(row))
        return delivered(row, key) if reply.ok else self._ends(row, reply)

    def _create(self, row: Delivery, collection: str, kind: str, parts: str) -> Talk:
        reply = yield Write("POST", collection, f"{kind}.create", row.payload)
        known = refusal(reply)
        if known is not None and known.code == f"{kind}_exists":
            return (yield from self._update(row, collection, kind, parts))
        return self._ends(row, reply)

    def _update(self, row: Delivery, collection: str, kind: str, parts: str) -> Talk:
        """A PATCH keeps lines and variants that it does not name, so those that went are removed one by one."""
        body = _without(row.payload, "id") | _cleared(row)
        reply = yield Write("PATCH", self._at(collection, row), f"{kind}.update", body)
        if not reply.ok:
            return self._ends(row, reply)
        for stale in sorted(_ids((reply.body or {}).get(parts, ())) - _ids(row.payload[parts])):
            path = self._paths.one(collection, row.vendor_key, parts, stale)
            reply = yield Write("DELETE", path, f"{kind}.{parts}.delete")
            if not reply.ok and reply.status != 404:
                return self._ends(row, reply)
        return delivered(row)


def held_under(row: Delivery) -> str:
    """The hash under which Mailchimp holds a contact: that of the address which was delivered last."""
    before = (row.previous or {}).get("email_address")
    return contact_key(before) if before else row.vendor_key


def _without(payload: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in payload.items() if name not in names}


def _cleared(row: Delivery) -> dict[str, str]:
    """Texts that the destination holds and that are no longer wanted: a field that is not sent would stay."""
    before = row.previous or {}
    return {name: "" for name, value in before.items() if isinstance(value, str) and name not in row.payload}


def _ids(things: Iterable[Mapping[str, Any]]) -> set[str]:
    return {str(thing["id"]) for thing in things}
