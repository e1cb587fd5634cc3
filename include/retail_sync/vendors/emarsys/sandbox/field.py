"""Contact fields: those that every account has, and those of this one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from retail_sync.vendors.emarsys.sandbox.settings import FieldSetup

EMAIL, OPT_IN, SOURCE, EMAIL_VALID, REGISTERED = 3, 31, 33, 47, 48
#: Custom fields are numbered from here. ASSUMED: real accounts have gaps.
FIRST_CUSTOM_ID = 5001
#: What no export gives.
NOT_EXPORTED = frozenset({27, 28, 29, 32, 33})
#: What no write sets. ASSUMED for all but the contact source, which has a parameter of its own.
READ_ONLY = frozenset({27, 28, 29, 32, 33, 48})
_COUNTRIES = {
    10: "Austria", 17: "Belgium", 32: "Canada", 44: "Croatia", 46: "Cyprus", 47: "Czech Republic", 48: "Denmark",
    57: "Estonia", 60: "Finland", 61: "France", 65: "Germany", 67: "Greece", 75: "Hungary", 76: "Iceland",
    81: "Ireland", 83: "Italy", 95: "Latvia", 101: "Lithuania", 102: "Luxembourg", 109: "Malta",
    124: "The Netherlands", 129: "Norway", 139: "Poland", 140: "Portugal", 142: "Romania", 157: "Slovakia",
    158: "Slovenia", 162: "Spain", 167: "Sweden", 168: "Switzerland", 184: "United Kingdom",
    185: "United States of America",
}  # fmt: skip
_COUNTRY_IDS = sorted({*range(1, 200), *range(201, 207), 258, 259} - {28, 133, 194})
_YES_NO = {"1": "True", "2": "False"}


class Field(NamedTuple):
    """A field.

    Attributes:
        type: Its `application_type`.
        choices: Labels by id, of a choice field.
        indexed: Whether it can be a key.
        system: Whether every account has it.
    """

    id: int
    name: str
    string_id: str
    type: str
    choices: Mapping[str, str]
    indexed: bool = False
    system: bool = True


def _labels(*names: str) -> dict[str, str]:
    return {str(place): name for place, name in enumerate(names, 1)}


def _system() -> Iterator[Field]:
    none: dict[str, str] = {}
    countries = {str(one): _COUNTRIES.get(one, f"Country {one}") for one in _COUNTRY_IDS}
    yield Field(0, "Interests", "interests", "multichoice", _labels("Fashion", "Sports", "Music"))
    yield Field(1, "First Name", "first_name", "shorttext", none)
    yield Field(2, "Last Name", "last_name", "shorttext", none)
    yield Field(EMAIL, "E-Mail", "email", "longtext", none, indexed=True)
    yield Field(4, "Date of Birth", "birth_date", "date", none)
    yield Field(5, "Gender", "gender", "singlechoice", _labels("Male", "Female"))
    yield Field(9, "Title", "title", "singlechoice", _labels("Dr.", "Prof."))
    for number, name in {10: "Address", 11: "City", 12: "State", 13: "ZIP Code"}.items():
        yield Field(number, name, name.lower().replace(" ", "_"), "longtext" if number == 10 else "shorttext", none)
    yield Field(14, "Country", "country", "singlechoice", countries)
    yield Field(15, "Phone", "phone", "shorttext", none)
    yield Field(18, "Company", "company", "shorttext", none)
    yield Field(26, "Preferred e-mail format", "email_format", "singlechoice", _labels("HTML", "Text"))
    yield Field(27, "Avg. length of visit", "avg_length_of_visit", "special", none)
    yield Field(28, "Page views per day", "page_views_per_day", "special", none)
    yield Field(29, "Days since last email sent", "last_email_sent", "special", none)
    yield Field(OPT_IN, "Opt-In", "optin", "singlechoice", _YES_NO)
    yield Field(32, "User status", "user_status", "special", none)
    yield Field(SOURCE, "Contact source", "contact_source", "special", none)
    yield Field(35, "Registration language", "registration_language", "singlechoice", _labels("English", "German"))
    yield Field(37, "Mobile", "mobile", "shorttext", none)
    yield Field(46, "Salutation", "salutation", "singlechoice", _labels("Mr.", "Ms.", "Mrs."))
    yield Field(EMAIL_VALID, "E-mail valid?", "email_valid", "singlechoice", _YES_NO)
    yield Field(REGISTERED, "First registration date", "first_registration", "date", none)


SYSTEM: Mapping[int, Field] = {field.id: field for field in _system()}


class Fields:
    """All fields of an account by id.

    Args:
        setups: Its custom fields at the start.
    """

    def __init__(self, setups: tuple[FieldSetup, ...]) -> None:
        self.known = dict(SYSTEM)
        self._next = FIRST_CUSTOM_ID
        for one in setups:
            choices = _labels(*one.choices)
            self.add(one.name or one.string_id, one.string_id, one.application_type, choices, indexed=one.indexed)

    def add(
        self, name: str, string_id: str, kind: str, choices: Mapping[str, str] | None = None, *, indexed: bool = False
    ) -> Field:
        """A new custom field."""
        number, self._next = self._next, self._next + 1
        field = self.known[number] = Field(number, name, string_id, kind, choices or {}, indexed, system=False)
        return field

    def named(self, name: object) -> Field | None:
        """A field by its id, as a number or text, or by its string id."""
        text = str(name)
        if text.isdigit():
            return self.known.get(int(text))
        return next((field for field in self.known.values() if field.string_id == text), None)
