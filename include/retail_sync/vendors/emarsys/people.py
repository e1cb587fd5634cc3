"""A person as Emarsys takes one: a contact, with everything that is known of it in its fields."""

from __future__ import annotations

from retail_sync.errors import ConfigurationError
from retail_sync.model.delivery import Wanted
from retail_sync.model.people import Person
from retail_sync.model.views import DestinationView
from retail_sync.vendors.emarsys.contact_fields import contact_fields
from retail_sync.vendors.emarsys.facts import EmarsysSettings
from retail_sync.vendors.emarsys.payloads import contact_key


def contact_id(person_id: int) -> str:
    """The object id of a person's contact."""
    return f"contact:{person_id}"


class People:
    """Renders people for one pair.

    Args:
        view: The pair, as far as a destination knows it.
        settings: The pair's Emarsys settings.

    Raises:
        ConfigurationError: A field of the mapping can't be, or a fact is to become a tag.
    """

    def __init__(self, view: DestinationView, settings: EmarsysSettings) -> None:
        if view.tags:
            raise ConfigurationError(
                "Emarsys has no tags", record="mapping.tags", fix="Map these facts to contact fields instead."
            )
        self._account = view.source_account
        self._fields = contact_fields(view.mapping, settings)
        self._skip = view.without_consent == "skip"
        self._newcomer = "pending" if view.double_opt_in else "subscribed"
        own = [field.name for field in self._fields if field.own]
        self._needs = tuple(f"field:{name}" for name in (settings.key_field, *own) if not name.isdigit())

    def render(self, person: Person) -> tuple[Wanted, ...]:
        """The contact; nothing for a person who never agreed, where the pair says so.

        Only a new contact is given an opt-in, and only that of a customer record. Who never agreed, or is to confirm
        by mail first, is given none: Emarsys then sends them no marketing and leaves the question open.
        """
        status = self._status(person)
        if status is None:
            return ()
        return (
            Wanted(
                kind="contact",
                object_id=contact_id(person.person_id),
                vendor_key=contact_key(self._account, person.person_id),
                payload={
                    "email": person.email,
                    "fields": {field.name: field.write(field.find(person)) for field in self._fields},
                },
                birth={"status": status},
                needs=self._needs,
            ),
        )

    def _status(self, person: Person) -> str | None:
        if person.wish == "opted_in" and not person.known_out:
            return self._newcomer
        return None if self._skip else "transactional"


def opt_out(key: str) -> Wanted:
    """The row that takes a contact off the mailing list. Only ever off: nothing here can put anybody on it."""
    return Wanted(kind="contact", object_id=f"opt_out:{key}", vendor_key=key, payload={"status": "unsubscribed"})
