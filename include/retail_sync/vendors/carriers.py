"""Tracking URLs for sources that name a carrier and a number, but give no address to follow a parcel at."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import yaml

from retail_sync.errors import ConfigurationError
from retail_sync.model.plain import plain
from retail_sync.pairs.files import LOADER

_PLACES = re.compile(r"\{(\w*)\}")
_KNOWN_PLACES = frozenset({"number", "country", "postcode"})


class Carrier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One carrier of `carriers.yaml`.

    Attributes:
        names: How shops write it; case and punctuation don't matter.
        url: The template that is used unless a country has its own.
        plain: The template for parcels whose postcode or country is not known, where `url` needs one of them.
        countries: Templates by the country that the parcel goes to (ISO 3166 alpha-2).
        untracked: Services of this carrier that have no tracking at all.
    """

    names: tuple[str, ...]
    url: str
    plain: str | None = None
    countries: dict[str, str] = {}
    untracked: tuple[str, ...] = ()


class CarrierFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`carriers.yaml`, whole."""

    carriers: dict[str, Carrier]
    untracked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tracking:
    """Where a parcel can be followed. `untracked`: the service has no tracking, so that no URL is to be expected."""

    url: str | None
    untracked: bool = False


@dataclass(frozen=True, slots=True)
class _Template:
    text: str
    places: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Entry:
    templates: tuple[_Template, ...]
    countries: Mapping[str, _Template]
    untracked: frozenset[str]


class Carriers:
    """The carriers of a file, ready to be looked up.

    Args:
        content: The parsed YAML.

    Raises:
        ConfigurationError: A carrier has no template, an unknown key, a template that is no HTTPS address or has an
            unknown placeholder, or two carriers claim one name.
    """

    def __init__(self, content: Mapping[str, Any]) -> None:
        try:
            file = msgspec.convert(content or {"carriers": {}}, CarrierFile)
        except msgspec.ValidationError as error:
            raise ConfigurationError(str(error), record="carriers.yaml", fix="Mend this key.") from None
        self._anyones = frozenset(plain(word) for word in file.untracked)
        self._by_name: dict[str, _Entry] = {}
        for key, carrier in file.carriers.items():
            self._add(key, carrier)
        self._longest_first = sorted(self._by_name, key=len, reverse=True)
        self.find = lru_cache(maxsize=4096)(self._find)

    def _add(self, key: str, carrier: Carrier) -> None:
        entry = _Entry(
            templates=tuple(_template(key, text) for text in (carrier.url, carrier.plain) if text),
            countries={country: _template(key, text) for country, text in carrier.countries.items()},
            untracked=frozenset(plain(service) for service in carrier.untracked),
        )
        for name in {plain(name) for name in carrier.names}:
            if name in self._by_name:
                raise ConfigurationError(
                    f"two carriers are called {name!r}", record="carriers.yaml", fix=f"Rename one; {key} is the second."
                )
            self._by_name[name] = entry

    def _find(self, carrier: str, service: str) -> tuple[_Entry | None, bool]:
        """The carrier's entry and whether this service of it is untracked."""
        name, kind = plain(carrier), plain(service)
        entry = self._by_name.get(f"{name} {kind}") or self._by_name.get(name) or self._by_beginning(name)
        untracked = kind in self._anyones or (entry is not None and kind in entry.untracked)
        return entry, untracked

    def _by_beginning(self, name: str) -> _Entry | None:
        for known in self._longest_first:
            if name.startswith(f"{known} "):
                return self._by_name[known]
        return None


def tracking_url(
    carriers: Carriers,
    carrier: str | None,
    service: str | None,
    number: str | None,
    *,
    country: str | None = None,
    postcode: str | None = None,
) -> Tracking:
    """Where the parcel can be followed.

    Args:
        carriers: The known carriers.
        carrier: The carrier as the shop writes it.
        service: The carrier's service as the shop writes it.
        number: The tracking number.
        country: Where the parcel goes (ISO 3166 alpha-2).
        postcode: Where the parcel goes; some carriers ask for it.

    Returns:
        The URL; none where the carrier is not known, the number is missing or the service has no tracking.
    """
    entry, untracked = carriers.find(carrier or "", service or "")
    number = number.strip() if number else ""
    if untracked or entry is None or not number:
        return Tracking(None, untracked)
    where = (country or "").strip().upper()
    local = entry.countries.get(where)
    for template in (local, *entry.templates) if local else entry.templates:
        if url := _filled(template, number, where, postcode or ""):
            return Tracking(url)
    return Tracking(None)


def _filled(template: _Template, number: str, country: str, postcode: str) -> str | None:
    """The URL, or None where the template needs what is not known."""
    values = {"number": _encoded(number)}
    if len(template.places) > 1:
        values |= {"country": _encoded(country), "postcode": _encoded("".join(postcode.split()).upper())}
    if not all(values[place] for place in template.places):
        return None
    return template.text.format_map(values)


def _encoded(value: str) -> str:
    return value if value.isascii() and value.isalnum() else quote(value, safe="")


def read(path: Path | None = None) -> dict[str, Any]:
    """The carriers' file as parsed YAML: `include/carriers.yaml` unless another is named.

    Raises:
        ConfigurationError: It is not there, or it is no YAML.
    """
    where = path or Path(__file__).resolve().parents[2] / "carriers.yaml"
    try:
        content = yaml.load(where.read_text(encoding="utf-8"), Loader=LOADER)  # noqa: S506 - it is a safe one
    except (OSError, yaml.YAMLError) as error:
        raise ConfigurationError(f"can't be read: {error}", record=where.name, fix="Mend the file.") from None
    return content if isinstance(content, dict) else {}


def _template(key: str, text: str) -> _Template:
    places = frozenset(_PLACES.findall(text))
    if not text.startswith("https://") or "number" not in places or places - _KNOWN_PLACES or not _is_whole(text):
        raise ConfigurationError(
            f"the template of {key} can't be used: {text}",
            record="carriers.yaml",
            fix="It must be an https:// address with {number}, and may hold {country} and {postcode}.",
        )
    return _Template(text, places)


def _is_whole(text: str) -> bool:
    """Whether every brace of a template belongs to a place."""
    return not {"{", "}"} & set(_PLACES.sub("", text))
