"""A person as Ometria takes one: a contact in the collection of the source. Profiles make themselves of these."""

from __future__ import annotations

from typing import Any

from retail_sync.errors import ConfigurationError
from retail_sync.model.delivery import Wanted
from retail_sync.model.people import Person
from retail_sync.model.views import DestinationView
from retail_sync.vendors.ometria.facts import OPTED_IN, OPTED_OUT, OmetriaSettings
from retail_sync.vendors.ometria.fields import fields

#: Stands before the id of a profile of which no contact is ours.
_PROFILE = "profile:"


class Names:
    """How a pair's people and their objects are called, here and at Ometria.

    Args:
        settings: The pair's settings.
        account: The source account.
    """

    def __init__(self, settings: OmetriaSettings, account: str) -> None:
        self.account = account
        self.collection = settings.collection or account
        self._prefix = settings.id_prefix or f"{self.collection}-"
        self.named = settings.account_ids

    def contact(self, person_id: int) -> str:
        """The id of a person's contact: nothing of the person is in it."""
        return f"{self._prefix}{person_id}"

    def is_ours(self, contact_id: str) -> bool:
        """Whether a contact's id is one that we gave to a person."""
        return contact_id.startswith(self._prefix) and contact_id[len(self._prefix) :].isdecimal()


class People:
    """Renders people for one pair.

    Args:
        view: The pair, as far as a destination knows it.
        settings: The pair's Ometria settings.
        names: How people are called.

    Raises:
        ConfigurationError: A field can't be, or the pair wants what Ometria does not have.
    """

    def __init__(self, view: DestinationView, settings: OmetriaSettings, names: Names) -> None:
        if view.tags:
            raise ConfigurationError(
                "Ometria has no tags", record="mapping.tags", fix="Name these facts under mapping.fields instead."
            )
        if view.double_opt_in:
            raise ConfigurationError(
                "Ometria confirms no e-mail opt-in that comes by its API",
                record="consent.double_opt_in",
                fix="Let the shop confirm new subscribers, and turn it off.",
            )
        self._fields = fields(view.mapping, settings)
        self._skip = view.without_consent == "skip"
        self._names = names

    def render(self, person: Person) -> tuple[Wanted, ...]:
        """The contact; nothing for a person who never agreed, where the pair says so.

        Only a birth brings an opt-in. A contact born without one says nothing of consent, which is no consent.
        """
        agreed = person.wish == "opted_in" and not person.known_out
        if not agreed and self._skip:
            return ()
        key = self._names.contact(person.person_id)
        return (
            Wanted(
                kind="contact",
                object_id=contact_id(person.person_id),
                vendor_key=key,
                payload=self._payload(person, key),
                birth={"marketing_optin": OPTED_IN} if agreed else {},
            ),
        )

    def ids(self, person: Person) -> tuple[str, ...]:
        """The ids of what is rendered of a person."""
        return (contact_id(person.person_id),)

    def _payload(self, person: Person, key: str) -> dict[str, Any]:
        payload: dict[str, Any] = {"email": person.email}
        if self._names.named:
            payload["customer_id"] = key
        properties: dict[str, Any] = {}
        for field in self._fields:
            value = field.write(field.find(person))
            if value is not None:
                (properties if field.is_property else payload)[field.name] = value
        return payload | ({"properties": properties} if properties else {})


def contact_id(person_id: int) -> str:
    """The object id of a person's contact."""
    return f"contact:{person_id}"


def opt_out(contact_key: str) -> Wanted:
    """The row that takes a contact off the mailing list. Only ever off: nothing here can put anybody on it."""
    return Wanted(
        kind="contact",
        object_id=f"opt_out:{contact_key}",
        vendor_key=contact_key,
        payload={"marketing_optin": OPTED_OUT},
    )


def profile_key(profile_id: str) -> str:
    """The vendor key of somebody who is at Ometria and of whom no contact is ours."""
    return f"{_PROFILE}{profile_id}"


def profile_of(vendor_key: str) -> str | None:
    """The profile that a vendor key names, where it names one."""
    return vendor_key.removeprefix(_PROFILE) if vendor_key.startswith(_PROFILE) else None
