"""What goes out and what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import msgspec

from retail_sync.errors import UnreachableError

#: RFC 9110, 9.2.2.
_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
#: What msgspec raises for a body that is no JSON: broken, not in UTF-8, or nested beyond reading.
NO_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Call:
    """One call to a vendor, as the vendor's client wants it.

    Attributes:
        method: The HTTP method, in capitals.
        path: What follows the base URL, or a whole URL of the same origin.
        endpoint: The name under which tables and errors know it; the same for every record, and free of personal data.
        params: The query; a list gives its key several times.
        json: What becomes a JSON body.
        body: A body that is bytes already; its type stands in `headers`.
        headers: Further headers.
        repeatable: Whether doing it twice equals doing it once. Left open, HTTP's own rule holds: GET, HEAD, PUT and
            DELETE are; POST and PATCH only where whoever knows the vendor says so.
        cost: How much of the budget it uses.
        expects: What a success holds: JSON, or anything at all.
    """

    method: str
    path: str
    endpoint: str
    params: Mapping[str, Any] = field(default_factory=dict)
    json: Any = None
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    repeatable: bool | None = None
    cost: float = 1.0
    expects: Literal["json", "anything"] = "json"

    def __repr__(self) -> str:
        return f"Call({self.method} {self.endpoint})"

    @property
    def may_be_repeated(self) -> bool:
        """Whether it may be sent again after it may have been done."""
        return self.method in _IDEMPOTENT if self.repeatable is None else self.repeatable


@dataclass(frozen=True, slots=True)
class Request:
    """A call in the form in which it is sent. May hold secrets and addresses."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, its body unpacked.

    Attributes:
        status: The HTTP status.
        headers: The headers; names are found in any case.
        body: The body. May hold personal data: don't show it.
        requested_at: When the request left (aware UTC), by the answering side's clock where ours is ahead of it.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    requested_at: datetime

    def json(self, shape: Any = Any) -> Any:
        """The body as JSON, strictly: no NaN, nothing behind the value. A byte order mark is let through.

        Args:
            shape: A type that msgspec decodes into, or any.

        Returns:
            The value; None for an empty body.

        Raises:
            UnreachableError: The body is no JSON, or not of that shape. What it held is not told.
        """
        text = self.body.removeprefix(_BYTE_ORDER_MARK)
        if not text:
            return None
        try:
            return msgspec.json.decode(text, type=shape)
        except NO_JSON as error:
            raise UnreachableError(f"the answer can't be read as JSON ({type(error).__name__})") from None

    @property
    def is_json(self) -> bool:
        """Whether the body is one JSON value; found without building it."""
        text = self.body.removeprefix(_BYTE_ORDER_MARK)
        try:
            msgspec.json.decode(text, type=msgspec.Raw)
            # Passing over a text, msgspec does not look whether it is UTF-8.
            text.decode()
        except NO_JSON:
            return False
        return True
