"""Who speaks for a person, field by field."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from retail_sync.model.records import Address
from retail_sync.pairs.identity import Profile
from retail_sync.people.profile import Said, profile_of

from .road_rows import customer

HOME, WORK, SHIP = (Address(line1=line, phone=phone) for line, phone in (("Home", "1"), ("Work", "2"), ("Ship", "3")))
ACCOUNT = customer(
    "1", "a@mail.test", first_name="Ann", address=HOME, birthdate=date(1990, 5, 1), attributes={"l": "x"}
)
GUEST = customer("2", "a@mail.test", first_name="Guest", last_name="One", address=WORK, registered=False)


def said(**more: Any) -> Said:
    """An account and a younger guest record, and an order."""
    return Said(**({"registered": ACCOUNT, "guest": GUEST, "newest": GUEST, "order": SHIP} | more))


@pytest.mark.req("CUS-1")
def test_unless_told_otherwise_the_account_speaks_and_its_silence_counts() -> None:
    found = profile_of(said(), Profile())

    assert (found["first_name"], found["last_name"], found["phone"]) == ("Ann", None, "1")
    assert (found["address"], found["birthdate"], found["attributes"]) == (HOME, date(1990, 5, 1), {"l": "x"})


@pytest.mark.req("CUS-1")
@pytest.mark.parametrize(
    ("rule", "field", "value"),
    [
        ({"phone": ["order", "registered"]}, "phone", "3"),
        ({"phone": ["guest"]}, "phone", "2"),
        ({"first_name": ["newest"]}, "first_name", "Guest"),
        ({"default": ["guest", "registered"]}, "last_name", "One"),
        ({"attributes": ["order", "guest"]}, "attributes", {}),
        ({"birthdate": ["order", "registered"]}, "birthdate", date(1990, 5, 1)),
        ({"address": ["order"]}, "address", SHIP),
    ],
)
def test_a_field_is_told_by_the_first_of_its_list_that_there_is(rule: dict[str, Any], field: str, value: Any) -> None:
    assert profile_of(said(), Profile.model_validate(rule))[field] == value


@pytest.mark.req("CUS-1")
def test_who_has_no_name_or_no_address_does_not_speak_for_it() -> None:
    bare = customer("1", "a@mail.test", phone=None)

    found = profile_of(
        said(registered=bare, newest=bare, guest=None, order=Address(last_name="Berg", phone="3")), Profile()
    )

    assert (found["last_name"], found["phone"]) == ("Berg", None)
    assert found["address"] == Address(last_name="Berg", phone="3")


@pytest.mark.req("CUS-1")
def test_of_somebody_without_records_the_order_speaks() -> None:
    found = profile_of(Said(order=SHIP), Profile())

    assert (found["phone"], found["address"], found["attributes"], found["birthdate"]) == ("3", SHIP, {}, None)


@pytest.mark.req("CUS-1")
@pytest.mark.parametrize(
    "rule", [{"phone": []}, {"phone": ["order", "order"]}, {"phone": ["everybody"]}, {"fax": ["order"]}]
)
def test_a_rule_that_makes_no_sense_is_refused(rule: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Profile.model_validate(rule)
