"""Where a merchant keeps who wants its newsletter, and how that is ended: a strategy, which the settings name."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Protocol

from retail_sync.errors import ConfigurationError
from retail_sync.vendors.fulfil import paging
from retail_sync.vendors.fulfil.children import Child
from retail_sync.vendors.fulfil.client import FulfilClient, Question
from retail_sync.vendors.fulfil.parties import Party
from retail_sync.vendors.fulfil.payloads import MechanismRow, MetafieldRow
from retail_sync.vendors.fulfil.settings import Consent, Settings
from retail_sync.vendors.fulfil.shapes import Shapes


class Newsletter(Protocol):
    """One way to keep consent."""

    #: Models whose rows hold consent and move no party, besides its contact mechanisms.
    children: Sequence[Child]

    def wanted_by(self, party: Party) -> bool | None:
        """Whether a party has opted in; None where nothing is said."""
        ...

    def end(self, parties: Sequence[Party]) -> None:
        """Opt these parties out, in one request.

        Raises:
            RejectedError: Fulfil refused it.
            UnreachableError: No answer; it may have been done.
        """
        ...


class CategoryNewsletter:
    """Membership in a category of parties (CONFIRMED fields). Whoever is in it has opted in, everybody else has not.

    Args:
        client: The account.
        shapes: What is asked for.
        consent: The settings.
    """

    children: Sequence[Child] = ()

    def __init__(self, client: FulfilClient, shapes: Shapes, consent: Consent) -> None:
        self._client = client
        self._shape = shapes.categories
        self._consent = consent

    def wanted_by(self, party: Party) -> bool | None:
        """Whether it is in the category."""
        return not self.ids.isdisjoint(party.row.categories)

    def end(self, parties: Sequence[Party]) -> None:
        """Take them out of it; other categories stay. ASSUMED: lists are changed by commands, as in the ancestor."""
        command = [["remove", sorted(self.ids)]]
        self._client.write("party.party", [party.row.id for party in parties], {"categories": command})

    @cached_property
    def ids(self) -> frozenset[int]:
        """The category's ids; two may have one name under different parents.

        Raises:
            ConfigurationError: There is none. Then nobody would seem to have opted in.
        """
        question = Question(self._shape.model, self._shape.fields, [["name", "=", self._consent.name]])
        rows = [row for page in paging.pages(self._client, question, 100) for row in page.rows]
        if not rows:
            raise ConfigurationError(
                f"Fulfil has no party category {self._consent.name!r}",
                record="source.settings.consent",
                fix="Make it in Fulfil, or name the one that holds who wants the newsletter.",
            )
        return frozenset(self._shape.fit(row).id for row in rows)


class MetafieldNewsletter:
    """A metafield of the party (ASSUMED whole). A party without it has said nothing.

    Args:
        client: The account.
        consent: The settings.
    """

    def __init__(self, client: FulfilClient, consent: Consent) -> None:
        self._client = client
        self._consent = consent
        self.children: Sequence[Child] = (Child(consent.metafield_model, "record"),)

    def wanted_by(self, party: Party) -> bool | None:
        """What the metafield says."""
        rows = self._rows(party)
        return any(_is(row.value, self._consent.yes) for row in rows) if rows else None

    def end(self, parties: Sequence[Party]) -> None:
        """Let the metafields say no."""
        ids = [row.id for party in parties for row in self._rows(party)]
        self._client.write(self._consent.metafield_model, ids, {"value": self._consent.no})

    def _rows(self, party: Party) -> list[MetafieldRow]:
        return [row for row in party.metafields if _is(row.key, self._consent.name)]


class TagNewsletter:
    """A contact mechanism that holds a fact instead of a contact, as `key:value` (SEEN). Without it nothing is said.

    Args:
        client: The account.
        consent: The settings.
    """

    #: Contact mechanisms are asked for anyway.
    children: Sequence[Child] = ()

    def __init__(self, client: FulfilClient, consent: Consent) -> None:
        self._client = client
        self._consent = consent

    def wanted_by(self, party: Party) -> bool | None:
        """What the tag says."""
        rows = self._rows(party)
        return any(_is(_parts(row)[1], self._consent.yes) for row in rows) if rows else None

    def end(self, parties: Sequence[Party]) -> None:
        """Let the tags say no; they keep their key as it is written."""
        rows = [row for party in parties for row in self._rows(party)]
        key = _parts(rows[0])[0]
        self._client.write("party.contact_mechanism", [row.id for row in rows], {"value": f"{key}:{self._consent.no}"})

    def _rows(self, party: Party) -> list[MechanismRow]:
        tags = [row for row in party.mechanisms if row.name == self._consent.tag and row.active is not False]
        return [row for row in tags if _is(_parts(row)[0], self._consent.name)]


def newsletter(client: FulfilClient, shapes: Shapes, settings: Settings) -> Newsletter:
    """The strategy that the settings name."""
    consent = settings.consent
    if consent.strategy == "category":
        return CategoryNewsletter(client, shapes, consent)
    if consent.strategy == "metafield":
        return MetafieldNewsletter(client, consent)
    return TagNewsletter(client, consent)


def _parts(row: MechanismRow) -> tuple[str, str]:
    key, _, said = (row.value or "").partition(":")
    return key.strip(), said.strip()


def _is(said: object, wanted: str) -> bool:
    """Whether a value is the one that is meant: people write `Yes` and `yes`, and a flag is a flag."""
    return str(said).strip().lower() == wanted.strip().lower()
