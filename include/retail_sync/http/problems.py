"""What a refusal said, fit to be shown: short, without secrets and without e-mail addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape
from typing import Any
from urllib.parse import quote

import msgspec

from retail_sync.http.messages import NO_JSON, Answer

_LONGEST = 300
#: Read at most so many characters: the words stand at the beginning, and a body may be huge.
_READ = 4_000
_SHORTEST_SECRET = 4
_ADDRESS = re.compile(r"[^\s@\"'<>(),;:=]+(?:@|%40|\\u0040)[^\s@\"'<>(),;:]+\.[^\s@\"'<>(),;:.]+", re.IGNORECASE)
_MARKUP = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.IGNORECASE | re.DOTALL)
#: Where vendors put the words of a problem, best first.
_WORDS = ("detail", "message", "error_description", "title", "error", "replyText", "errors")


def problem(answer: Answer, secrets: Iterable[str] = ()) -> str:
    """The words with which the vendor refused, such as `Resource Not Found: no such store`."""
    return clean(_words(answer), secrets)


def clean(text: str, secrets: Iterable[str] = ()) -> str:
    """One line of text without the secrets, without anything that looks like an address, and not long."""
    for secret in secrets:
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, "…").replace(quote(secret, safe=""), "…")
    text = _ADDRESS.sub("…", text[:_READ])
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _words(answer: Answer) -> str:
    """The words, also where a letter among them is in another encoding than it should be."""
    text = answer.body.decode("utf-8-sig", errors="replace")
    try:
        return _find(msgspec.json.decode(text)) or ""
    except NO_JSON:
        return unescape(_MARKUP.sub(" ", text[:_READ]))


def _find(value: Any, depth: int = 0) -> str | None:
    """The first words under a key that vendors use for them."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "; ".join(words for item in value[:3] if (words := _find(item, depth + 1))) or None
    if not isinstance(value, dict) or depth > 3:
        return None
    found = (_find(value[key], depth + 1) for key in _WORDS if key in value)
    return next((words for words in found if words), None)
