"""What has to be said to Mailchimp for one row of each kind and operation.

Every talk may be held again from its beginning: a worker that died in the middle of one leaves nothing that the next
can't put right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from retail_sync.model.delivery import Delivery, Outcome, Wanted
from retail_sync.model.ports import Clock
from retail_sync.vendors.mailchimp.facts import THROTTLED_FOR, MailchimpSettings
from retail_sync.vendors.mailchimp.payloads import contact_key
from retail_sync.vendors.mailchimp.verdicts import delivered, is_done, moved, outcome, refusal
from retail_sync.vendors.mailchimp.wire import Paths, Reply, Talk, Write

#: The only thing that is ever written to the status of a contact that is there.
_OPTED_OUT = {"status": "unsubscribed"}
#: CONFIRMED: without it a contact that lacks a required field refuses every write, also of what is not a field.
_NO_MERGE_VALIDATION = {"skip_merge_validation": "true"}


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
            ("customer", "delete"): self._remove_customer,
            ("product", "create"): lambda row: self._create(row, self._paths.products, "product", "variants"),
            ("product", "update"): lambda row: self._update(row, self._paths.products, "product", "variants"),
            ("product", "delete"): lambda row: self._remove(row, self._at(self._paths.products, row), "product"),
            ("order", "create"): lambda row: self._create(row, self._paths.orders, "order", "lines"),
            ("order", "update"): self._update_order,
            ("order", "delete"): lambda row: self._remove(row, self._at(self._paths.orders, row), "order"),
            ("cart", "create"): lambda row: self._create(row, self._paths.carts, "cart", "lines"),
            ("cart", "update"): lambda row: self._update(row, self._paths.carts, "cart", "lines"),
            ("cart", "delete"): lambda row: self._remove(row, self._at(self._paths.carts, row), "cart"),
            ("event", "create"): self._tell,
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
        ended = moved(row, new, held_under(row)) if reply.ok else self._ends(row, reply)
        return (yield from self._join_member(row, new)) if ended.verdict == "exists" else ended

    def _join_member(self, row: Delivery, new: str) -> Talk:
        """The new address is a contact already: that one lives on, with the status it has, and the old one goes."""
        path = self._paths.one(self._paths.members, new)
        reply = yield Write("GET", path, "member.read", params={"fields": "id,status"})
        if reply.ok and reply.body["status"] == "archived":
            words, later = "An archived contact has the new address.", self._clock() + THROTTLED_FOR
            return Outcome(row_id=row.row_id, verdict="retry", code="address_archived", words=words, retry_at=later)
        if reply.ok:
            body = {"merge_fields": row.payload["merge_fields"]}
            reply = yield Write("PATCH", path, "member.update", body, self.validation)
        return moved(row, new, held_under(row), left_behind=True) if reply.ok else self._ends(row, reply)

    @property
    def validation(self) -> Mapping[str, str]:
        """The parameters of every call that writes a contact's fields."""
        return _NO_MERGE_VALIDATION if self._settings.skip_merge_validation else {}

    def _opt_out(self, row: Delivery) -> Talk:
        """The only status that we ever write to a contact that is there; one that is not gets no mail either.

        No field of the contact, nor what a pair wants of fields, is a reason to go on writing to who has left.
        """
        reply = yield Write("PATCH", self._member(row), "member.opt_out", _OPTED_OUT, _NO_MERGE_VALIDATION)
        return delivered(row) if reply.status == 404 else self._ends(row, reply)

    def _tag(self, row: Delivery) -> Talk:
        """Tags that differ from those known; a contact that joins another brings all of them along."""
        before = row.previous or {}
        held = set(before.get("tags", ()))
        wanted = set() if row.operation == "delete" else set(row.payload["tags"])
        stays = before.get("member") == row.vendor_key
        if held and not stays:
            yield self._tagging(before["member"], _switched(held, "inactive"), quiet=True)
        changes = _switched(wanted - held if stays else wanted, "active") + _switched(held - wanted, "inactive")
        if not changes:
            return delivered(row)
        quiet = not stays and self._settings.quiet_first_tags
        reply = yield self._tagging(row.vendor_key, changes, quiet=quiet)
        return delivered(row) if row.operation == "delete" and reply.status == 404 else self._ends(row, reply)

    def _tagging(self, member: str, changes: list[dict[str, str]], *, quiet: bool) -> Write:
        path = self._paths.one(self._paths.members, member, "tags")
        return Write("POST", path, "tags.write", {"tags": changes, "is_syncing": quiet})

    def _put_customer(self, row: Delivery) -> Talk:
        """A customer's id is the hash of the address, so that an address that changes makes another customer."""
        key = row.payload["id"]
        path = self._paths.one(self._paths.customers, key)
        reply = yield Write("PUT", path, "customer.put", row.payload | _cleared(row))
        before = (row.previous or {}).get("id", key)
        return moved(row, key, before, left_behind=True) if reply.ok else self._ends(row, reply)

    def _remove_customer(self, row: Delivery) -> Talk:
        """Only once no order stands with the customer: what would become of those is not known."""
        query = {"customer_id": row.vendor_key, "count": "1", "fields": "total_items"}
        reply = yield Write("GET", self._paths.orders, "order.count", params=query)
        if not reply.ok:
            return self._ends(row, reply)
        if reply.body["total_items"]:
            words = "Orders stand with this customer."
            return Outcome(row_id=row.row_id, verdict="retry", code="in_use", words=words)
        return (yield from self._remove(row, self._at(self._paths.customers, row), "customer"))

    def _update_order(self, row: Delivery) -> Talk:
        """An order may go to another customer: by PATCH, or it is taken away and planned anew, in quiet words."""
        before = (row.previous or row.payload)["customer"]
        if self._settings.move_orders == "patch" or before == row.payload["customer"]:
            return (yield from self._update(row, self._paths.orders, "order", "lines"))
        ended = yield from self._remove(row, self._at(self._paths.orders, row), "order")
        words = "Taken away, to be put back with its new customer."
        return Outcome(row_id=row.row_id, verdict="gone", code="moves", words=words) if is_done(ended) else ended

    def _tell(self, row: Delivery) -> Talk:
        """An event. A contact who is not there can't be told anything, and won't be later."""
        path = self._paths.one(self._paths.members, row.payload["member"], "events")
        reply = yield Write("POST", path, "event.create", _without(row.payload, "member"), once=True)
        if reply.status == 404:
            words = "The contact is not there."
            return Outcome(row_id=row.row_id, verdict="rejected", code="member_gone", words=words)
        return self._ends(row, reply)

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


def opt_out(contact_key: str) -> Wanted:
    """The row that takes a contact off the mailing list. Only ever off: nothing here can put anybody on it."""
    return Wanted(kind="member", object_id=f"opt_out:{contact_key}", vendor_key=contact_key, payload=dict(_OPTED_OUT))


def held_under(row: Delivery) -> str:
    """The hash under which Mailchimp holds a contact: that of the address which was delivered last."""
    before = (row.previous or {}).get("email_address")
    return contact_key(before) if before else row.vendor_key


def _without(payload: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in payload.items() if name not in names}


def _switched(names: Iterable[str], status: str) -> list[dict[str, str]]:
    return [{"name": name, "status": status} for name in sorted(names)]


def _cleared(row: Delivery) -> dict[str, Any]:
    """Texts that the destination holds and that are no longer wanted, those of places too: what is not sent stays.

    ASSUMED of places: an empty text clears a part of one, as it clears a field.
    """
    before = row.previous or {}
    texts = {name: "" for name, value in before.items() if isinstance(value, str) and name not in row.payload}
    places = {name: row.payload.get(name, {}) for name, value in before.items() if isinstance(value, dict)}
    emptied = {name: dict.fromkeys(before[name].keys() - place.keys(), "") | place for name, place in places.items()}
    return texts | {name: place for name, place in emptied.items() if place != row.payload.get(name)}


def _ids(things: Iterable[Mapping[str, Any]]) -> set[str]:
    return {str(thing["id"]) for thing in things}
