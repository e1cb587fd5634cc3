"""Pages as lines of text COPY, gathered in chunks and copied into a table of the transaction's own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from psycopg import Connection

from retail_sync.model.reading import Page

from .canonical import encode, hashed, storable

_FULL_ROWS = 5_000
_FULL_BYTES = 4 * 1024 * 1024

# It lives and dies with the transaction: a crash leaves nothing behind, two loads never meet in it, and nothing has
# to be vacuumed. The document stays text: only what is new is ever parsed.
_CREATE = """
    create temporary table landing (
        position      integer not null,
        key           text not null,
        hash          bytea not null,
        source_time   timestamptz not null,
        request_time  timestamptz not null,
        doc           text not null
    ) on commit drop
"""
_COPY = "copy landing (position, key, hash, source_time, request_time, doc) from stdin"


@dataclass(slots=True)
class Chunk:
    """Rows of one query on their way to one transaction.

    Attributes:
        query: The query whose pages these are; a chunk holds pages of one only.
        blocks: COPY text, a block per page.
        refused: (key, reason) of what could not become canonical.
        readable: Keys of refusals that no longer hold.
    """

    query: str
    blocks: list[bytes] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    readable: list[str] = field(default_factory=list)
    pages: int = 0
    rows: int = 0
    size: int = 0

    def add(self, page: Page) -> None:
        """Take a page in: its records become COPY lines with the hash of their content."""
        lines: list[bytes] = []
        requested = page.requested_at.isoformat().encode()
        for position, record in enumerate(page.records, self.rows):
            doc = encode(record)
            content = hashed(doc).hex()
            head = f"{position}\t{_escaped(record.key)}\t\\\\x{content}\t{record.updated_at.isoformat()}\t"
            lines += (head.encode(), requested, b"\t", doc.replace(b"\\", b"\\\\"), b"\n")
        block = b"".join(lines)
        self.blocks.append(block)
        self.refused += page.refused
        self.readable += page.readable
        self.pages += 1
        self.rows += len(page.records)
        self.size += len(block)

    @property
    def full(self) -> bool:
        """Whether the next page belongs into a new chunk."""
        return self.rows >= _FULL_ROWS or self.size >= _FULL_BYTES


def copy(connection: Connection[Any], chunk: Chunk) -> None:
    """Copy a chunk into `landing`, a temporary table of this transaction."""
    connection.execute(_CREATE)
    with connection.cursor().copy(_COPY) as writer:
        for block in chunk.blocks:
            writer.write(block)
    # Without figures the planner takes documents for short texts, and reads all of `current` to find a few keys.
    connection.execute("analyze landing (position, key)")


def _escaped(key: str) -> str:
    if key.isalnum():
        return key
    plain = storable(key).replace("\\", "\\\\")
    return plain.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
