"""What Fulfil's parties become, and how pages of any model are read to their end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from retail_sync.errors import IncompleteReadError
from retail_sync.model.records import Customer
from retail_sync.vendors.fulfil import paging
from retail_sync.vendors.fulfil.addresses import names
from retail_sync.vendors.fulfil.client import Question, Rows
from retail_sync.vendors.fulfil.customers import Customers
from retail_sync.vendors.fulfil.newsletter import MetafieldNewsletter, TagNewsletter
from retail_sync.vendors.fulfil.parties import Party
from retail_sync.vendors.fulfil.payloads import MechanismRow, MetafieldRow, PartyRow
from retail_sync.vendors.fulfil.settings import Consent, Settings
from tests.unit.fulfil_rows import HOME, NOON


class Channels:
    """Knows one party that stands for all guests."""

    def is_anonymous(self, party: int | None) -> bool:
        return party == 99


class Asked:
    """Says yes, and nothing else."""

    children = ()

    def wanted_by(self, party: Party) -> bool | None:
        return True

    def end(self, parties: Sequence[Party]) -> None:
        raise AssertionError


def mail(address: str, number: int = 1, **fields: Any) -> MechanismRow:
    said: dict[str, Any] = {"id": number, "type": "email", "value": address}
    return MechanismRow(**(said | fields))


def party(*mechanisms: MechanismRow, metafields: Sequence[MetafieldRow] = (), **fields: Any) -> Party:
    said: dict[str, Any] = {"id": 11, "create_date": NOON, "name": "Åsa von Berg"}
    return Party(PartyRow(**(said | fields)), mechanisms, [HOME], metafields)


def customer(given: Party, **settings: Any) -> Customer | None:
    return Customers(Asked(), Channels(), Settings(**settings)).record(given)  # type: ignore[arg-type]


@pytest.mark.req("CUS-1")
def test_a_party_is_known_by_its_first_address_in_use() -> None:
    found = customer(
        party(
            mail("old@mail.test", active=False),
            mail(" "),
            mail("first@mail.test"),
            mail("second@mail.test"),
            mail("+4670", type="phone"),
        )
    )
    assert found is not None
    assert (found.email, found.phone, found.first_name, found.last_name) == (
        "first@mail.test",
        "+4670",
        "Åsa",
        "von Berg",
    )
    assert found.address is not None
    assert (found.address.line1, found.address.line2, found.address.country) == ("Götgatan 1", "2 tr", "SE")


@pytest.mark.req("ID-6", "CUS-1")
@pytest.mark.parametrize(
    ("given", "settings", "counts"),
    [
        (party(mail("a@mail.test")), {}, True),
        (party(mail("a@mail.test"), id=99), {}, False),
        (party(mail("a@mail.test"), is_customer=False), {}, False),
        (party(mail("a@mail.test"), is_customer=False), {"customers_only": False}, True),
        (party(), {}, False),
        # An address that is gone is news of somebody who was known by it.
        (party(mail("a@mail.test", active=False)), {}, True),
        (party(active=False), {}, True),
    ],
)
def test_who_is_a_customer(given: Party, settings: dict[str, Any], counts: bool) -> None:
    assert (customer(given, **settings) is not None) is counts


@pytest.mark.req("ID-5")
def test_an_archived_party_has_become_another_or_is_gone() -> None:
    gone = customer(party(active=False))
    assert gone is not None
    assert (gone.anonymised, gone.merged_into, gone.opted_in) == (True, None, False)
    merged = customer(party(active=False, merged_into=12, merged_email="kept@mail.test"), merged_into="replaced_by")
    assert merged is not None
    assert (merged.anonymised, merged.merged_into, merged.email) == (False, "12", "kept@mail.test")


@pytest.mark.req("CON-2")
@pytest.mark.parametrize(("said", "wanted"), [("yes", True), ("Yes ", True), ("no", False), (None, False)])
def test_what_a_metafield_or_a_tag_says_is_consent(said: str | None, wanted: bool) -> None:
    consent = Consent(strategy="metafield", name="Newsletter")
    fields = [MetafieldRow(id=1, key="newsletter", value=said), MetafieldRow(id=2, key="size", value="yes")]
    assert MetafieldNewsletter(None, consent).wanted_by(party(metafields=fields)) is wanted  # type: ignore[arg-type]
    tags = (mail(f"Newsletter:{said}", type="other", name="data"), mail("vip:yes", type="other", name="data"))
    assert TagNewsletter(None, consent).wanted_by(party(*tags)) is wanted  # type: ignore[arg-type]


@pytest.mark.req("CON-2")
def test_who_has_said_nothing_has_said_neither() -> None:
    consent = Consent(name="Newsletter")
    other = party(mail("vip:yes", type="other", name="data"), metafields=[MetafieldRow(id=2, key="vip", value="yes")])
    assert MetafieldNewsletter(None, consent).wanted_by(other) is None  # type: ignore[arg-type]
    assert TagNewsletter(None, consent).wanted_by(other) is None  # type: ignore[arg-type]


@pytest.mark.req("CUS-1")
@pytest.mark.parametrize(
    ("whole", "parts"),
    [("Åsa von  Berg", ("Åsa", "von Berg")), ("Cher", ("Cher", None)), ("", (None, None)), (None, (None, None))],
)
def test_a_name_is_its_first_word_and_the_rest(whole: str | None, parts: tuple[str | None, str | None]) -> None:
    assert names(whole) == parts


class Account:
    """Answers from a list of ids: never more than `cap` in a page, and what `pages` say instead, by the call."""

    def __init__(self, ids: list[int], cap: int = 500, pages: dict[int, list[int]] | None = None) -> None:
        self.ids, self.cap, self.pages, self.calls = ids, cap, pages or {}, 0

    def read(self, question: Question, size: int, last: int = 0) -> Rows:
        self.calls += 1
        found = [one for one in self.ids if one > last][: min(size, self.cap)]
        return Rows([{"id": one} for one in self.pages.get(self.calls, found)], NOON)

    def count(self, question: Question) -> int:
        return len(self.ids)


def read(account: Account, size: int = 4) -> list[int]:
    pages = paging.pages(account, Question("sale.sale", ("id",), []), size)  # type: ignore[arg-type]
    return [row["id"] for page in pages for row in page.rows]


@pytest.mark.req("DAG-2")
@pytest.mark.parametrize("cap", [1, 3, 4, 500])
@pytest.mark.parametrize("rows", [0, 1, 4, 8, 9])
def test_pages_are_read_on_whatever_the_servers_own_cap(rows: int, cap: int) -> None:
    ids = list(range(10, 10 + rows))
    assert read(Account(ids, cap)) == ids


@pytest.mark.req("DAG-2")
@pytest.mark.parametrize(
    "lie",
    [
        {2: []},
        {1: []},
        {3: []},
        # A page that leaves one out in its middle, and one that comes again.
        {2: [5, 6, 8, 9]},
        {2: [1, 2, 3, 4]},
    ],
)
def test_a_page_that_lies_is_an_error(lie: dict[int, list[int]]) -> None:
    with pytest.raises(IncompleteReadError):
        read(Account(list(range(1, 11)), pages=lie))


@pytest.mark.req("DAG-2")
def test_a_row_that_comes_again_is_told_twice_and_counted_once() -> None:
    assert read(Account([1, 2, 3, 4, 5, 6], pages={2: [4, 5, 6]})) == [1, 2, 3, 4, 4, 5, 6]
