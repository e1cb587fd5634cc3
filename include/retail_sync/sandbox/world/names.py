"""Who buys: invented names, the hard ones included, and addresses under the reserved domain `.test`."""

from __future__ import annotations

import unicodedata
from random import Random

FIRST = (
    "Anna", "Åsa", "Björn", "Maja", "Elif", "Søren", "Øyvind", "Renée", "Zoë", "José", "Žofia", "Nguyễn", "Aino",
    "Jürgen", "Siobhán", "Håkan", "Linnéa", "Omar", "Chloé", "Ida", "Noah", "Freja", "Mikkel", "Ingrid", "Wei",
    "Fatima", "Erik", "Jean-Luc", "Ylva", "Oskar", "Lovisa", "Kjell", "Tuula", "Beatrix", "Hana", "Per",
)  # fmt: skip
LAST = (
    "Berg", "O'Brien", "D’Angelo", "Öström", "Ångström", "Sørensen", "Høyer", "Müller", "Groß", "van der Berg",
    "Núñez", "Virtanen", "Mäkinen", "Lindqvist", "Smith-Jones", "Łukasz", "Čapek", "Nilsson", "Åkerlund", "Dahl",
    "Al-Sayed", "MacLeod", "Hansen", "Weiß", "Tran", "Ek", "St. John", "Bjørnstad", "Kovács", "Lund",
)  # fmt: skip
_EMOJI = ("🌸", "👗", "🦊", "✨")
DOMAINS = ("post.test", "brev.test", "mail.test", "epost.test", "inkorg.test")
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "ß": "ss", "æ": "ae", "Ø": "O", "Ł": "L"})
_BROKEN = ("{local}", "{local}@", "{local}@@post.test", "{local} @post.test", "{local}@posttest", "@post.test")


def person(chance: Random) -> tuple[str, str]:
    """A first and a last name; about one in eighty has an emoji."""
    first, last = chance.choice(FIRST), chance.choice(LAST)
    return (f"{first} {chance.choice(_EMOJI)}" if chance.random() < 0.012 else first), last


def address(first: str, last: str, number: int, chance: Random) -> str:
    """An e-mail address that nobody else has; the number sees to that."""
    return f"{_plain(first)}.{_plain(last)}{number}@{chance.choice(DOMAINS)}"


def mistyped(first: str, number: int, chance: Random) -> str:
    """What people type when they mistype an address: no domain, two at-signs, a space."""
    return chance.choice(_BROKEN).format(local=f"{_plain(first)}{number}")


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.translate(_LETTERS)).lower()
    return "".join(letter for letter in letters if letter.isascii() and letter.isalpha())
