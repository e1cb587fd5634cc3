"""The audience's books: the one list and the one store of the account."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from .terms import Json, Terms, normal


@dataclass(frozen=True)
class Audience:
    """A list's members, archived ones included, its store, and the addresses that were deleted for good."""

    members: list[Json]
    store: Json
    mails: list[Json]
    forgotten: frozenset[str]

    def may_hold(self, email: str, terms: Terms) -> bool:
        """Whether an address in normal form can be a contact: not an invented one, nor one deleted for good."""
        return email not in self.forgotten and terms.can_be_contact(email)

    def by_address(self) -> dict[str, list[Json]]:
        """Members by normal address: more than one under an address is a person doubled."""
        found: defaultdict[str, list[Json]] = defaultdict(list)
        for member in self.members:
            found[normal(member["email_address"]) or member["email_address"]].append(member)
        return dict(found)


def read_audience(mailchimp: Json) -> Audience:
    """The account's list and store.

    Raises:
        ValueError: There is not exactly one list and one store.
    """
    (list_id, held), *others = mailchimp["lists"].items()
    stores = [store for store in mailchimp["stores"].values() if store["list_id"] == list_id]
    if others or len(stores) != 1:
        raise ValueError(f"{1 + len(others)} lists and {len(stores)} stores, where there should be one of each")
    return Audience(held["members"], stores[0], mailchimp["mails"], frozenset(held["forgotten"]))
