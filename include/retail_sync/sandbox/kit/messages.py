"""Requests and responses: thin, since benches push thousands of them a second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

import msgspec

_numbers = msgspec.json.Encoder(decimal_format="number")
_floats = msgspec.json.Decoder()
_decimals = msgspec.json.Decoder(float_hook=Decimal)

Headers = Sequence[tuple[str, str]]


class Request:
    """One request, its body read whole.

    Attributes:
        method: The HTTP method in capitals.
        path: The percent-encoded path.
        query_string: What follows the question mark, undecoded.
        body: The raw body.
        params: What the placeholders of the route matched, decoded.
        endpoint: The route's name in log and faults; a handler may set a better one.
        write: Whether the request changes state or tries to; a handler may correct it.
    """

    __slots__ = ("_headers", "_query", "body", "endpoint", "method", "params", "path", "query_string", "write")

    def __init__(
        self,
        method: str,
        path: str,
        *,
        query_string: str = "",
        headers: Sequence[tuple[bytes, bytes]] = (),
        body: bytes = b"",
    ) -> None:
        self.method = method
        self.path = path
        self.query_string = query_string
        self.body = body
        self.params: dict[str, str] = {}
        self.endpoint = "unknown"
        self.write = False
        self._headers = headers
        self._query: dict[str, list[str]] | None = None

    @property
    def query(self) -> dict[str, list[str]]:
        """Every query parameter with its values, blank ones included."""
        if self._query is None:
            self._query = parse_qs(self.query_string, keep_blank_values=True)
        return self._query

    def argument(self, name: str) -> str | None:
        """The first value of a query parameter, or None."""
        values = self.query.get(name)
        return values[0] if values else None

    def header(self, name: str) -> str | None:
        """The value of a header, whatever its capitals, or None."""
        wanted = name.lower().encode("latin-1")
        return next((value.decode("latin-1") for key, value in self._headers if key == wanted), None)

    def json(self, *, exact: bool = False) -> Any:
        """The body as JSON; `exact` gives fractions as `Decimal` instead of float.

        Raises:
            msgspec.DecodeError: The body is no JSON; answer as the vendor would.
        """
        return (_decimals if exact else _floats).decode(self.body)


class Response:
    """A status, a body and headers; content type is JSON unless a header says otherwise."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int = 200, body: bytes = b"", headers: Headers = ()) -> None:
        self.status = status
        self.body = body
        self.headers = headers

    def raw_headers(self, length: int | None = None) -> list[tuple[bytes, bytes]]:
        """The headers as ASGI wants them, with the length of the body, or with another that is claimed."""
        raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in self.headers]
        if self.body and not any(name == b"content-type" for name, _ in raw):
            raw.append((b"content-type", b"application/json; charset=utf-8"))
        raw.append((b"content-length", str(len(self.body) if length is None else length).encode()))
        return raw


def reply(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer. `Decimal` becomes a JSON number, datetimes ISO 8601."""
    return Response(status, _numbers.encode(value), tuple((headers or {}).items()))
