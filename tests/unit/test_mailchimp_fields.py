"""Merge fields: which value, written how."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from retail_sync.errors import ConfigurationError
from retail_sync.model.people import Facts, Person
from retail_sync.model.records import Address
from retail_sync.model.views import FieldMapping
from retail_sync.vendors.mailchimp.facts import MailchimpSettings
from retail_sync.vendors.mailchimp.fields import fields

SETTINGS = MailchimpSettings(audience="a", store="s")
HOME = Address(line1="Storgatan 1", city="Umeå", postcode="903 26", country="SE")
FACTS = Facts(
    currency="SEK",
    lifetime_value=Decimal("1500.50"),
    order_count=3,
    average_order=Decimal("1E+3"),
    first_order_at=datetime(2025, 1, 2, 23, 30, tzinfo=UTC),
    markets=("Sweden", "Norway"),
    skus=("A", "B"),
    always_full_price=True,
    buyer_state="vip",
    replenishment_due=date(2026, 4, 1),
)
PERSON = Person(
    person_id=1,
    email="asa@mail.test",
    facts=FACTS,
    first_name="Åsa *|LNAME|*",
    phone="+46 70",
    birthdate=date(1990, 2, 9),
    address=HOME,
    attributes={"loyalty": "12", "since": "2020-05-01T00:00:00", "a.b": "dotted"},
)
NOBODY = Person(person_id=2, email="x@mail.test", facts=Facts(currency="SEK"))


def value(path: str, kind: str = "text", person: Person = PERSON, length: int | None = None) -> Any:
    (field,) = fields({"F": FieldMapping(path, kind, length=length)}, SETTINGS)
    return field.write(field.find(person))


@pytest.mark.req("ORD-4")
@pytest.mark.req("CUS-1")
@pytest.mark.parametrize(
    ("path", "kind", "written"),
    [
        ("first_name", "text", "Åsa * |LNAME|*"),
        ("email", "text", "asa@mail.test"),
        ("address.city", "text", "Umeå"),
        ("address", "text", "Storgatan 1, 903 26, Umeå, SE"),
        ("phone", "phone", "+46 70"),
        ("birthdate", "birthday", "02/09"),
        ("birthdate", "date", "1990-02-09"),
        ("facts.lifetime_value", "number", "1500.5"),
        ("facts.lifetime_value", "text", "1500.5"),
        ("facts.average_order", "number", "1000"),
        ("facts.order_count", "number", "3"),
        ("facts.skus", "number", "2"),
        ("facts.first_order_at", "date", "2025-01-02"),
        ("facts.first_order_at", "text", "2025-01-02"),
        ("facts.replenishment_due", "date", "2026-04-01"),
        ("facts.markets", "text", "Norway, Sweden"),
        ("facts.always_full_price", "text", "yes"),
        ("facts.awaiting_refund", "text", "no"),
        ("facts.buyer_state", "text", "vip"),
        ("attributes.loyalty", "number", "12"),
        ("attributes.since", "date", "2020-05-01"),
        ("attributes.a.b", "text", "dotted"),
    ],
)
def test_each_value_is_written_as_its_field_takes_it(path: str, kind: str, written: str) -> None:
    assert value(path, kind) == written


@pytest.mark.req("CUS-1")
@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("first_name", "text"),
        ("phone", "phone"),
        ("birthdate", "birthday"),
        ("birthdate", "date"),
        ("address", "address"),
        ("address.city", "text"),
        ("facts.last_order_at", "date"),
        ("attributes.loyalty", "number"),
        ("attributes.loyalty", "text"),
    ],
)
def test_what_is_not_known_any_more_is_cleared(path: str, kind: str) -> None:
    assert value(path, kind, NOBODY) == ""


@pytest.mark.parametrize(("text", "written"), [("12,5", ""), ("NaN", ""), ("1e3", "1000"), ("-0.50", "-0.5"), ("", "")])
def test_an_attribute_that_is_no_number_leaves_a_number_field_empty(text: str, written: str) -> None:
    odd = Person(person_id=1, email="x@mail.test", facts=FACTS, attributes={"n": text})
    assert value("attributes.n", "number", odd) == written


@pytest.mark.req("QUA-1")
def test_a_text_is_cut_to_its_field() -> None:
    long = Person(person_id=1, email="x@mail.test", facts=FACTS, first_name="word " * 100)

    assert len(value("first_name", person=long)) <= 255
    assert value("first_name", person=long, length=12) == "word word"
    assert value("facts.markets", length=10) == "Norway"


def test_an_address_is_written_whole_or_not_at_all() -> None:
    assert value("address", "address") == {
        "addr1": "Storgatan 1",
        "addr2": "",
        "city": "Umeå",
        "state": "-",
        "zip": "903 26",
        "country": "SE",
    }
    half = Person(person_id=1, email="x@mail.test", facts=FACTS, address=Address(line1="Storgatan 1"))
    assert value("address", "address", half) == ""


@pytest.mark.req("ORD-6")
@pytest.mark.parametrize(
    ("tag", "mapped"),
    [
        ("EMAIL", FieldMapping("email")),
        ("lower", FieldMapping("email")),
        ("TOOLONGATAG", FieldMapping("email")),
        ("WITH-DASH", FieldMapping("email")),
        ("F", FieldMapping("email", "money")),
        ("F", FieldMapping("nickname")),
        ("F", FieldMapping("facts")),
        ("F", FieldMapping("facts.luck")),
        ("F", FieldMapping("address.planet")),
        ("F", FieldMapping("attributes")),
    ],
)
def test_a_mapping_that_can_not_be_is_refused_by_name(tag: str, mapped: FieldMapping) -> None:
    with pytest.raises(ConfigurationError) as raised:
        fields({tag: mapped}, SETTINGS)

    assert raised.value.record == f"merge field {tag}"
    assert raised.value.fix


@pytest.mark.req("QUA-1", "CUS-1")
@pytest.mark.parametrize(
    ("kind", "said", "written"),
    [
        ("number", "forty", ""),
        ("number", "1_000", ""),
        ("number", "NaN", ""),
        ("number", " 1e3 ", "1000"),
        ("date", "2021-02-29", ""),
        ("date", "20200501", ""),
        ("date", "2020-05-01 10:00", "2020-05-01"),
        ("birthday", "2020-02-29", "02/29"),
        ("birthday", "in May", ""),
        ("url", "shop.test", ""),
        ("url", "https://shop.test/å", "https://shop.test/å"),
        ("imageurl", "javascript:alert(1)", ""),
        ("imageurl", "https://shop.test/" + "x" * 255, ""),
        ("zip", "903 26", ""),
        ("zip", "90326", "90326"),
        ("dropdown", "S", "S"),
        ("dropdown", "XL", ""),
        ("radio", "s", ""),
    ],
)
def test_what_its_field_would_refuse_is_written_as_nothing(kind: str, said: str, written: str) -> None:
    mapped = FieldMapping("attributes.a", kind, choices=("S", "M") if kind in ("dropdown", "radio") else ())
    (field,) = fields({"F": mapped}, SETTINGS)
    person = Person(person_id=1, email="a@mail.test", facts=FACTS, attributes={"a": said})
    assert field.write(field.find(person)) == written


@pytest.mark.req("QUA-1")
def test_a_choice_without_choices_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="a dropdown needs choices"):
        fields({"F": FieldMapping("attributes.a", "dropdown")}, SETTINGS)
