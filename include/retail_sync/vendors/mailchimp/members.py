"""A person as Mailchimp takes one: the member of the audience, its tags, and the customer of the store."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from retail_sync.errors import ConfigurationError
from retail_sync.model.delivery import Wanted
from retail_sync.model.people import Facts, Person
from retail_sync.model.texts import cut
from retail_sync.model.views import DestinationView
from retail_sync.vendors.mailchimp.facts import DEFAULT_FIELDS, MailchimpSettings
from retail_sync.vendors.mailchimp.fields import fields
from retail_sync.vendors.mailchimp.payloads import contact_key, filled, street
from retail_sync.vendors.mailchimp.text import clean

#: Characters of a tag's name. ASSUMED.
_TAG_NAME = 100
_LISTS = {
    "collections": "Collection: ", "markets": "Market: ", "skus": "Bought: ", "repeat_skus": "Bought again: ",
    "just_bought": "Just bought: ", "recently_returned": "Recently returned: ",
}  # fmt: skip
_FLAGS = {
    "awaiting_refund": "Awaiting refund",
    "awaiting_return": "Awaiting return",
    "always_full_price": "Always full price",
}
_BUYER = "Buyer: "
TagNames = Callable[[Facts], Sequence[str]]


class People:
    """Renders people for one pair.

    Args:
        view: The pair, as far as a destination knows it.
        settings: The pair's Mailchimp settings.

    Raises:
        ConfigurationError: A field or a tag of the mapping can't be.
    """

    def __init__(self, view: DestinationView, settings: MailchimpSettings) -> None:
        self._fields = fields(view.mapping, settings)
        self._tags = [_tag_names(name) for name in view.tags]
        self._skip = view.without_consent == "skip"
        self._newcomer = "pending" if view.double_opt_in else "subscribed"
        born = [field for field in self._fields if DEFAULT_FIELDS.get(field.tag) != field.type]
        self._needs = tuple(f"merge_field:{field.tag}" for field in born)
        self._store = f"store:{settings.store}"

    def render(self, person: Person) -> tuple[Wanted, ...]:
        """Member, tags and customer; nothing for a person who never agreed, where the pair says so."""
        status = self._status(person)
        if status is None:
            return ()
        key, member = contact_key(person.email), f"member:{person.person_id}"
        tags = {name for names in self._tags for name in names(person.facts)}
        return (
            self._member(person, key, member, status),
            Wanted(
                kind="tags",
                object_id=f"tags:{person.person_id}",
                vendor_key=key,
                # The hash makes a change of address a change here too, so that the ledger knows where the tags hang.
                payload={"member": key, "tags": sorted(tags)},
                needs=(member,),
            ),
            self._customer(person, key, member),
        )

    def ids(self, person: Person) -> tuple[str, ...]:
        """The ids of what is rendered of a person, those first that others do not need."""
        return tuple(f"{kind}:{person.person_id}" for kind in ("customer", "tags", "member"))

    def _status(self, person: Person) -> str | None:
        if person.wish == "opted_in" and not person.known_out:
            return self._newcomer
        return None if self._skip else "transactional"

    def _member(self, person: Person, key: str, object_id: str, status: str) -> Wanted:
        values = {field.tag: field.write(field.find(person)) for field in self._fields}
        return Wanted(
            kind="member",
            object_id=object_id,
            vendor_key=key,
            payload={"email_address": person.email, "merge_fields": values},
            birth={"status": status},
            needs=self._needs,
        )

    def _customer(self, person: Person, key: str, member: str) -> Wanted:
        payload = {"id": key, "email_address": person.email, "opt_in_status": False}
        payload |= filled({"first_name": person.first_name, "last_name": person.last_name})
        if address := street(person.address):
            payload["address"] = address
        return Wanted(
            kind="customer",
            object_id=f"customer:{person.person_id}",
            vendor_key=key,
            payload=payload,
            needs=(member, self._store),
        )


def owned_tags(names: Sequence[str]) -> Callable[[str], bool]:
    """Tells whether a tag of a contact is one that this pair gives or takes away."""
    beginnings = tuple(_LISTS[name] for name in names if name in _LISTS) + ((_BUYER,) if "buyer_state" in names else ())
    whole = {_FLAGS[name] for name in names if name in _FLAGS}
    return lambda tag: tag in whole or tag.startswith(beginnings)


def _tag_names(fact: str) -> TagNames:
    if fact == "buyer_state":
        return lambda facts: () if facts.buyer_state == "none" else (f"{_BUYER}{facts.buyer_state}",)
    if fact in _FLAGS:
        flag = (_FLAGS[fact],)
        return lambda facts: flag if getattr(facts, fact) else ()
    if fact in _LISTS:
        return lambda facts: [cut(_LISTS[fact] + clean(part), _TAG_NAME) for part in getattr(facts, fact)]
    known = ", ".join(sorted({*_LISTS, *_FLAGS, "buyer_state"}))
    raise ConfigurationError(f"{fact!r} can't become a tag", fix=f"Facts that can: {known}.", record="mapping.tags")
