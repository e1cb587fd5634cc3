"""The envelope of a GraphQL answer: its data, its errors, what it cost; and pages of nodes inside it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct

from retail_sync.errors import (
    ConfigurationError,
    IncompleteReadError,
    PermissionMissingError,
    RetailSyncError,
    SchemaDriftError,
    StopError,
)
from retail_sync.http.messages import NO_JSON
from retail_sync.model.texts import shown
from retail_sync.vendors.centra.facts import PERMISSIONS

T = TypeVar("T")
#: A byte order mark and white space.
BEFORE_JSON = b"\xef\xbb\xbf \t\r\n"
_NUL = b"\\u0000"
_ESCAPE = re.compile(rb"\\(?:u([0-9a-fA-F]{4})|.)")
_PERMISSION = re.compile(r"\b[A-Z]\w*(?:\.\w+)?:(?:read|write)\b")
_HIGH, _LOW, _AFTER = 0xD800, 0xDC00, 0xE000


class GraphError(Struct):
    """A top-level error (CONFIRMED shape); `path` leads to the field that it is about."""

    message: str
    path: list[str | int] = []
    extensions: dict[str, Any] | None = None

    @property
    def category(self) -> str:
        """Centra's own word for what sort of error it is, such as `authorization`."""
        return str((self.extensions or {}).get("category", ""))


class Extensions(Struct):
    """What comes along with every answer (CONFIRMED)."""

    complexity: float | None = None


class Envelope(Struct, Generic[T]):
    """An answer. `data` is null where an error left nothing."""

    data: T | None = None
    errors: list[GraphError] = []
    extensions: Extensions | None = None


class Data(Struct, Generic[T]):
    """The data of a document whose list stands under the alias `page`."""

    page: T


class PageInfo(Struct, rename="camel"):
    """Where a connection goes on."""

    has_next_page: bool
    end_cursor: str | None = None


class Edge(Struct, Generic[T]):
    """One node of a connection with its cursor."""

    cursor: str
    node: T


class Connection(Struct, Generic[T], rename="camel"):
    """A page of a Relay connection; `total_count` is of the whole filter, not of the page."""

    total_count: int
    page_info: PageInfo
    edges: list[Edge[T]]


class Count(Struct, rename="camel"):
    """A connection of which only the count is looked at."""

    total_count: int


#: Reads a body as an envelope.
Decode = Callable[[bytes], Envelope[T]]


def decoder(of: type[T]) -> Decode[T]:
    """A reader of envelopes around `of`; it raises `msgspec.ValidationError` where the data has another shape."""
    return msgspec.json.Decoder(Envelope[of]).decode  # type: ignore[valid-type]


def tolerant(of: Any, raw: Any) -> Decode[Any]:
    """A reader that falls back to `raw`, in which nodes stay undecoded, so that one bad node spoils no page.

    A node is bad that has another shape, or a text in another encoding than UTF-8.
    """
    first, second = decoder(of), decoder(raw)

    def decode(body: bytes) -> Envelope[Any]:
        try:
            return first(body)
        except (msgspec.ValidationError, UnicodeDecodeError):
            return second(body)

    return decode


def opened(body: bytes, decode: Decode[T], root: str) -> Envelope[T]:
    """The envelope of a body.

    Args:
        body: The answer's body.
        decode: Reads it.
        root: The field that was asked for; names the culprit in an error.

    Raises:
        IncompleteReadError: The body is cut short, or no JSON at all.
        SchemaDriftError: The data has another shape than the document asked for.
    """
    body = body.lstrip(BEFORE_JSON)
    if _NUL in body:
        body = cleaned(body)
    try:
        return decode(body)
    except msgspec.ValidationError as error:
        raise SchemaDriftError(
            f"the answer to {root} has another shape: {error}", fix="Run `retail-sync check`."
        ) from None
    except NO_JSON:
        return _opened_once_more(body, decode, root)


def _opened_once_more(body: bytes, decode: Decode[T], root: str) -> Envelope[T]:
    try:
        return decode(cleaned(body))
    except NO_JSON as error:
        raise IncompleteReadError(
            f"the answer to {root} is cut short or no JSON: {error}", fix="Run again; nothing was kept of this page."
        ) from None


def cleaned(body: bytes) -> bytes:
    """A body without escapes that no text may hold: NUL goes, half a surrogate pair becomes the replacement sign."""
    escapes = [(found, int(found[1], 16) if found[1] else -1) for found in _ESCAPE.finditer(body)]
    pieces, done = [], 0
    for place, (found, code) in enumerate(escapes):
        if not (code == 0 or _is_half(escapes, place)):
            continue
        pieces += [body[done : found.start()], b"" if code == 0 else b"\\ufffd"]
        done = found.end()
    return b"".join([*pieces, body[done:]])


def _is_half(escapes: list[tuple[re.Match[bytes], int]], place: int) -> bool:
    found, code = escapes[place]
    if _HIGH <= code < _LOW:
        follower = escapes[place + 1] if place + 1 < len(escapes) else None
        return not (follower and follower[0].start() == found.end() and _LOW <= follower[1] < _AFTER)
    if _LOW <= code < _AFTER:
        leader = escapes[place - 1] if place else None
        return not (leader and leader[0].end() == found.start() and _HIGH <= leader[1] < _LOW)
    return False


def refusal(error: GraphError, root: str) -> RetailSyncError:
    """The error to raise for a top-level error of an answer."""
    where = [str(step) for step in error.path if isinstance(step, str) and step != "page"]
    field = where[-1] if where else root
    if error.category == "authorization":
        named = _PERMISSION.search(error.message)
        permission = named[0] if named else PERMISSIONS.get(field) or PERMISSIONS.get(root) or f"for {field}"
        return PermissionMissingError(
            f"the token lacks the permission {permission}, which {field} needs: {shown(error.message)}",
            fix=f"Add {permission} to the token in Centra: System, API Tokens.",
            permission=permission,
        )
    if error.category in {"graphql", "request"} or "Cannot query field" in error.message:
        return SchemaDriftError(
            f"Centra does not understand the request for {root}: {shown(error.message)}",
            fix="Run `retail-sync check`, and set the names that it lists in the pair file.",
        )
    if error.category == "complexity":
        return ConfigurationError(
            f"the request for {root} is too large for Centra: {shown(error.message)}",
            fix="Lower page_size, list_size or product_size under source.settings in the pair file.",
        )
    kind = ConfigurationError if error.category == "authentication" else StopError
    return kind(f"Centra could not answer {root}: {shown(error.message)}", fix="Run `retail-sync check`.")
