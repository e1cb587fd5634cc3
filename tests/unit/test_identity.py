"""Who is who over time: which person every record and every order leads to."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from retail_sync.db.acts import Act
from retail_sync.db.database import Database
from retail_sync.errors import ConfigurationError
from retail_sync.model.records import Record
from retail_sync.pairs.config import Pair
from retail_sync.people import alias_commands, views
from retail_sync.people.accept import accept
from retail_sync.people.facts import compute_facts
from retail_sync.people.identity import identify
from retail_sync.people.scope import Scope
from retail_sync.people.values import value_orders

from .road_rows import NOON, PAIR, customer, line, order, sealed

EVA = Act("alias", "eva", "they are one", NOON)

_ORDERS = """
    select person.email, value.number from people.order_value as value join people.person using (person_id)
     order by 1, 2
"""
_PEOPLE = "select email, person_id from people.person"
_LINKS = "select link.email from people.link join people.person using (person_id) where person.email = %s order by 1"


class Town:
    """A pair whose people come, go and change their addresses, a day a run."""

    def __init__(self, database: Database, **identity: Any) -> None:
        self._database = database
        self._days = 0
        self.pair = Pair.model_validate(PAIR.model_dump(mode="json", by_alias=True) | {"identity": identity})
        self.contacts: set[str] = set()
        self.emptied: set[str] = set()

    def run(self, *records: Record) -> Town:
        """Plan these records."""
        self._days += 1
        scope = Scope(self.pair, f"run{self._days}", NOON + timedelta(days=self._days))
        with self._database.connection() as connection:
            sealed(connection, scope.run_id, records)
            for step in (accept, identify, value_orders, compute_facts):
                step(connection, scope)
            self.contacts = {person.email for person, _ in views.people(connection, scope)}
            self.emptied = {person.email for person, _ in views.emptied(connection, scope)}
        return self

    def alias(self, alias: str, primary: str | None) -> None:
        """Add an alias by command, or remove it."""
        with self._database.connection() as connection:
            if primary is None:
                alias_commands.remove(connection, self.pair, alias, EVA)
            else:
                alias_commands.add(connection, self.pair, alias, primary, EVA)

    @property
    def orders(self) -> dict[str, list[str]]:
        """The numbers of orders by whose they are."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        with self._database.connection() as connection:
            for email, number in connection.execute(_ORDERS):
                found[email].append(number)
        return dict(found)

    @property
    def people(self) -> dict[str, int]:
        """Everybody, by address."""
        with self._database.connection() as connection:
            return dict(connection.execute(_PEOPLE).fetchall())

    def links(self, email: str) -> list[str]:
        """Other addresses of a person."""
        with self._database.connection() as connection:
            return [linked for (linked,) in connection.execute(_LINKS, [email])]


@pytest.fixture
def town(database: Database) -> Town:
    return Town(database)


def known(key: str, email: str, day: int = 0, **more: Any) -> Record:
    """A customer record as it was changed on a day."""
    return customer(key, email, updated_at=NOON + timedelta(days=day), **more)


def bought(number: str, email: str, key: str, day: int = 0) -> Record:
    """An order of a day."""
    return order(number, email, line("l1", "100"), customer_key=key, placed_at=NOON + timedelta(days=day))


@pytest.mark.req("ID-5")
def test_a_changed_address_is_the_same_person(town: Town) -> None:
    town.run(known("1", "a@p.test"), bought("1", "a@p.test", "1"))
    before = town.people["a@p.test"]
    town.run(known("1", "b@p.test", 1))
    assert (town.people, town.orders, town.links("b@p.test")) == (
        {"b@p.test": before},
        {"b@p.test": ["1"]},
        ["a@p.test"],
    )
    town.run(known("1", "a@p.test", 2))
    assert (town.people, town.orders, town.links("a@p.test")) == (
        {"a@p.test": before},
        {"a@p.test": ["1"]},
        ["b@p.test"],
    )


@pytest.mark.req("ID-5")
def test_who_takes_somebodys_address_becomes_that_person_and_nothing_is_left(town: Town) -> None:
    town.run(known("1", "a@p.test"), known("2", "b@p.test"), bought("1", "a@p.test", "1"), bought("2", "b@p.test", "2"))
    kept = town.people["b@p.test"]
    town.run(known("1", "b@p.test", 1))
    assert (town.people["b@p.test"], town.orders) == (kept, {"b@p.test": ["1", "2"]})
    assert (town.emptied, town.contacts) == ({"a@p.test"}, {"b@p.test"})


@pytest.mark.req("ID-5")
def test_who_comes_to_an_address_that_was_just_left_is_somebody_else(town: Town) -> None:
    town.run(known("1", "a@p.test"), bought("1", "a@p.test", "1"))
    before = town.people["a@p.test"]
    town.run(known("1", "b@p.test", 1), known("2", "a@p.test", 1), bought("2", "a@p.test", "2", 1))
    assert (town.people["b@p.test"], town.orders) == (before, {"a@p.test": ["2"], "b@p.test": ["1"]})


@pytest.mark.req("ID-5")
def test_two_who_swap_their_addresses_swap_their_contacts(town: Town) -> None:
    town.run(known("1", "a@p.test"), known("2", "b@p.test"), bought("1", "a@p.test", "1"), bought("2", "b@p.test", "2"))
    before = town.people
    town.run(known("1", "b@p.test", 1), known("2", "a@p.test", 1))
    assert (town.people, town.orders) == (before, {"a@p.test": ["2"], "b@p.test": ["1"]})
    assert town.emptied == set()


@pytest.mark.req("ID-5", "ID-2")
def test_an_account_that_moves_takes_what_guests_had_bought_along_and_not_what_they_buy_later(town: Town) -> None:
    guest = known("2", "a@p.test", registered=False)
    town.run(known("1", "a@p.test"), guest, bought("1", "a@p.test", "1"), bought("2", "a@p.test", "2"))
    town.run(known("1", "b@p.test", 2))
    assert (town.orders, set(town.people)) == ({"b@p.test": ["1", "2"]}, {"b@p.test"})
    town.run(bought("3", "a@p.test", "2", 3))
    assert town.orders == {"b@p.test": ["1", "2"], "a@p.test": ["3"]}
    town.run(known("1", "a@p.test", 4))
    assert (town.orders, town.emptied) == ({"a@p.test": ["1", "2", "3"]}, {"b@p.test"})


@pytest.mark.req("ID-5")
def test_guests_stay_where_another_account_lives(town: Town) -> None:
    guest, order_of_guest = known("2", "a@p.test", registered=False), bought("2", "a@p.test", "2")
    town.run(known("1", "a@p.test"), known("3", "a@p.test"), guest, order_of_guest)
    town.run(known("1", "b@p.test", 2))
    assert town.orders == {"a@p.test": ["2"]}
    town.run(known("3", "c@p.test", 3))
    assert town.orders == {"b@p.test": ["2"]}


@pytest.mark.req("ID-5")
def test_guests_stay_where_the_pair_says_so(database: Database) -> None:
    town = Town(database, guests_follow=False)
    town.run(known("1", "a@p.test"), known("2", "a@p.test", registered=False), bought("2", "a@p.test", "2"))
    assert town.run(known("1", "b@p.test", 2)).orders == {"a@p.test": ["2"]}


@pytest.mark.req("ID-4", "ID-5")
def test_an_alias_makes_two_one_and_taken_back_parts_them_again(town: Town) -> None:
    town.run(known("1", "a@p.test"), known("2", "b@p.test"), bought("1", "a@p.test", "1"), bought("2", "b@p.test", "2"))
    before = town.people
    town.alias("a@p.test", "b@p.test")
    town.run()
    assert (town.orders, town.emptied, town.links("b@p.test")) == ({"b@p.test": ["1", "2"]}, {"a@p.test"}, ["a@p.test"])
    town.run(bought("3", "A@p.test", "9"))
    assert town.orders == {"b@p.test": ["1", "2", "3"]}
    town.alias("a@p.test", None)
    town.run()
    assert (town.orders, town.people) == ({"a@p.test": ["1", "3"], "b@p.test": ["2"]}, before)
    assert (town.contacts, town.links("b@p.test")) == ({"a@p.test", "b@p.test"}, [])


@pytest.mark.req("ID-4")
def test_an_alias_of_an_address_that_nobody_has_renames_and_a_key_leads_to_its_record(town: Town) -> None:
    town.run(known("1", "a@p.test"), known("2", "x@p.test"), bought("1", "a@p.test", "1"), bought("2", "x@p.test", "2"))
    before = town.people["a@p.test"]
    town.alias("a@p.test", "c@p.test")
    town.alias("customer:2", "customer:1")
    town.run()
    assert (town.orders, town.people["c@p.test"]) == ({"c@p.test": ["1", "2"]}, before)
    town.run(known("1", "d@p.test", 2))
    assert town.orders == {"d@p.test": ["1", "2"]}


@pytest.mark.req("ID-5")
def test_a_record_that_the_source_has_merged_leads_to_the_other(town: Town) -> None:
    town.run(known("1", "a@p.test"), known("2", "b@p.test"), bought("1", "a@p.test", "1"), bought("2", "b@p.test", "2"))
    town.run(known("2", "b@p.test", 1, merged_into="1"))
    assert (town.orders, town.emptied) == ({"a@p.test": ["1", "2"]}, {"b@p.test"})


@pytest.mark.req("ID-1", "ID-4")
def test_an_order_before_its_record_finds_its_account_when_that_comes(database: Database) -> None:
    town = Town(database, order_email="account").run(bought("1", "gift@p.test", "1"))
    assert town.orders == {"gift@p.test": ["1"]}
    before = town.people["gift@p.test"]
    town.run(known("1", "a@p.test"))
    assert (town.orders, town.people, town.links("a@p.test")) == (
        {"a@p.test": ["1"]},
        {"a@p.test": before},
        ["gift@p.test"],
    )


@pytest.mark.req("ID-6")
def test_a_customer_who_stands_for_many_is_nobody(database: Database) -> None:
    town = Town(database, anonymous_customers=["9"], order_email="account")
    town.run(known("9", "till@p.test"), bought("1", "a@p.test", "9"), bought("2", "b@p.test", "9"))
    assert (town.orders, town.contacts) == ({"a@p.test": ["1"], "b@p.test": ["2"]}, {"a@p.test", "b@p.test"})


@pytest.mark.req("ID-5", "SEC-2")
def test_an_anonymised_record_is_no_change_of_address(town: Town) -> None:
    town.run(known("1", "a@p.test", first_name="Ann"), bought("1", "a@p.test", "1"))
    before = town.people
    town.run(known("1", "gone-1@nowhere.test", 1, anonymised=True))
    assert (town.people, town.orders) == (before, {"a@p.test": ["1"]})


@pytest.mark.req("ORD-2")
def test_who_only_registered_can_be_made_to_wait_for_an_order(database: Database) -> None:
    town = Town(database, wait_for_first_order=True).run(known("1", "a@p.test"))
    assert town.contacts == set()
    assert town.run(bought("1", "a@p.test", "1")).contacts == {"a@p.test"}


@pytest.mark.req("ID-4", "OPS-5")
def test_a_list_that_contradicts_itself_stops_the_plan_and_changes_nothing(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "aliases.csv"
    path.write_text("alias,primary\na@p.test,b@p.test\n", encoding="utf-8")
    town = Town(database, aliases=str(path)).run(known("1", "a@p.test"), bought("1", "a@p.test", "1"))
    assert town.orders == {"b@p.test": ["1"]}
    path.write_text("alias,primary\na@p.test,b@p.test\nb@p.test,a@p.test\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"aliases\.csv: line 2, line 3 lead back to where they begin"):
        town.run()
    assert town.orders == {"b@p.test": ["1"]}


@pytest.mark.req("ID-4")
def test_the_file_goes_before_a_command(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "aliases.csv"
    path.write_text("alias,primary\n", encoding="utf-8")
    town = Town(database, aliases=str(path)).run(known("1", "a@p.test"), bought("1", "a@p.test", "1"))
    town.alias("a@p.test", "c@p.test")
    assert town.run().orders == {"c@p.test": ["1"]}
    path.write_text("alias,primary\na@p.test,b@p.test\n", encoding="utf-8")
    assert town.run().orders == {"b@p.test": ["1"]}
    with database.connection() as connection:
        said = alias_commands.listing(connection, town.pair)
    assert [(one.origin, one.leads_to, one.overruled) for one in said] == [
        ("command", "b@p.test", True),
        ("file", "b@p.test", False),
    ]
