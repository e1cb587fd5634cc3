"""The interface for sales data and catalogue: its own token, CSV in, plain text out, gzip if one likes."""

from __future__ import annotations

import csv
import gzip
import hmac
import io
import zlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from retail_sync.sandbox import kit

if TYPE_CHECKING:
    from retail_sync.vendors.emarsys.sandbox.account import Account

PREFIX = "/hapi/merchant/{merchant}"
LARGEST = 100_000_000
ACCEPTED = "Upload accepted\n"
_FOUR_BYTES = "\U00010000"


class Rejected(Exception):  # noqa: N818 - an answer, not a failure of ours
    """An upload that is not taken."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status, self.text = status, text


class Line(NamedTuple):
    """One row of an upload: its cells by column, or why it can't be read."""

    cells: dict[str, str]
    flaw: str


class Table(NamedTuple):
    """An upload as it was read."""

    header: tuple[str, ...]
    lines: list[Line]


def said(text: str, status: int = 200) -> kit.Response:
    """An answer of this interface."""
    return kit.Response(status, text.encode(), (("content-type", "text/plain"),))


def upload(
    take: Callable[[Account, Table, str], None], account: Account, endpoint: str
) -> Callable[[kit.Request], kit.Response]:
    """The handler of one kind of upload; what it takes is accepted, which says nothing of its rows."""

    def handle(request: kit.Request) -> kit.Response:
        try:
            _admit(account, request)
            take(account, read(_content(request)), endpoint)
        except Rejected as rejected:
            return said(rejected.text, rejected.status)
        return said(ACCEPTED)

    return handle


def _admit(account: Account, request: kit.Request) -> None:
    """Refuse strangers. ASSUMED: the statuses."""
    scheme, _, token = (request.header("authorization") or "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(token.encode(), account.settings.merchant_token.encode()):
        raise Rejected(401, "Unauthorized\n")
    if request.params["merchant"] != account.settings.merchant:
        raise Rejected(404, "Merchant not found\n")
    if len(request.body) > LARGEST:
        raise Rejected(413, "Upload too large\n")
    if (request.header("content-type") or "").partition(";")[0].strip().lower() != "text/csv":
        raise Rejected(415, "Unsupported content type\n")


def _content(request: kit.Request) -> str:
    body = request.body
    try:
        if (request.header("content-encoding") or "").lower() == "gzip":
            body = gzip.decompress(body)
        return body.decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise Rejected(400, "Invalid encoding\n") from error


def read(text: str) -> Table:
    """A CSV with a header.

    Raises:
        Rejected: 400: there is no header, or one that names a column twice.
    """
    rows = csv.reader(io.StringIO(text))
    header = tuple(next(rows, ()))
    if not all(header) or not header or len(set(header)) != len(header):
        raise Rejected(400, "Invalid header\n")
    return Table(header, list(_lines(header, rows)))


def _lines(header: tuple[str, ...], rows: Iterator[list[str]]) -> Iterator[Line]:
    for row in rows:
        if not row:
            continue
        flaw = ""
        if len(row) != len(header):
            flaw = f"{len(row)} cells instead of {len(header)}"
        elif any(cell and max(cell) >= _FOUR_BYTES for cell in row):
            flaw = "a character of four bytes"
        yield Line(dict(zip(header, row, strict=False)), flaw)
