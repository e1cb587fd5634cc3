"""What is asked of the Core API and what it answers: an envelope around everything, whatever the HTTP status."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

#: The key under which errors of a whole write stand, within a success.
WHOLE = "<NO_KEY_ID>"


class Ask(NamedTuple):
    """A request below the version's path.

    Attributes:
        path: Percent-encoded, without parameters.
        endpoint: The path's shape, for logs and the failure table.
        repeatable: Whether doing it twice equals doing it once.
    """

    method: str
    path: str
    endpoint: str
    body: Any = None
    params: Mapping[str, str] = {}
    repeatable: bool = True


class Refused(NamedTuple):
    """One thing that Emarsys refuses: its code, 0 where it gave none, and its words."""

    code: int
    words: str


class Reply(NamedTuple):
    """An HTTP status with what the envelope holds; `code` is 0 for a success, and None where there is none."""

    status: int
    code: int | None
    text: str
    data: Any = None

    @property
    def ok(self) -> bool:
        """Whether the call as a whole was done; single rows of it may have been refused all the same."""
        return 200 <= self.status < 300 and self.code == 0

    @property
    def refused(self) -> Refused:
        """What it says of the call as a whole."""
        return Refused(self.code or 0, self.text or f"HTTP {self.status}")

    @property
    def fields(self) -> Mapping[str, Any]:
        """The data, where it is an object; else nothing."""
        return self.data if isinstance(self.data, dict) else {}

    @property
    def errors(self) -> dict[str, Refused]:
        """Errors by the key of the row that they are about, whichever shape they have; the first of each."""
        found: dict[str, Refused] = {}
        for key, refused in _errors(self.fields.get("errors")):
            found.setdefault(key, refused)
        return found


#: Sends a request and waits for its reply.
Send: TypeAlias = Callable[[Ask], Reply]


def _errors(said: Any) -> Iterator[tuple[str, Refused]]:
    """Seen are: nothing, an empty list, a list of objects, words by key, words by code by key."""
    if isinstance(said, list):
        for one in said:
            if isinstance(one, dict):
                yield str(one.get("key", WHOLE)), _refused(one)
    elif isinstance(said, dict):
        for key, words in said.items():
            yield str(key), _refused(words)


def _refused(words: Any) -> Refused:
    if isinstance(words, list):
        return _refused(words[0]) if words else Refused(0, "")
    if not isinstance(words, dict):
        return Refused(0, str(words))
    if "errorCode" in words or "errorMsg" in words:
        return Refused(_number(words.get("errorCode")), str(words.get("errorMsg") or ""))
    code, text = next(iter(words.items()), (0, ""))
    return Refused(_number(code), str(text))


def _number(code: Any) -> int:
    text = str(code)
    return int(text) if text.isdigit() else 0
