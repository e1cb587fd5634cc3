"""Reading a body: unpacked on the way, bounded in size, and whole."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from retail_sync.http.failures import FaultError, FaultKind
from retail_sync.http.transport import Reply

_STEP = 1024 * 1024
#: zlib's sign for "find out whether gzip or zlib".
_EITHER_FORMAT = 32 + zlib.MAX_WBITS


def read_body(reply: Reply, size: int) -> bytes:
    """The whole body, unpacked.

    Args:
        reply: The reply to read.
        size: The most bytes that are taken, as sent and as unpacked.

    Raises:
        FaultError: The body is too large, cut, or packed in a way we did not ask for.
    """
    packing = reply.headers.get("Content-Encoding", "identity").strip().lower()
    sent = _bounded(reply.chunks(), size)
    if packing in {"identity", ""}:
        return b"".join(sent)
    if packing not in {"gzip", "x-gzip", "deflate"}:
        raise FaultError(FaultKind.UNREADABLE, "the body is packed in a way that was not asked for", sent=True)
    return b"".join(_bounded(_unpacked(sent), size))


def _bounded(chunks: Iterator[bytes], size: int) -> Iterator[bytes]:
    taken = 0
    for chunk in chunks:
        taken += len(chunk)
        if taken > size:
            raise FaultError(FaultKind.SIZE, f"the answer is larger than {size} bytes", sent=True)
        yield chunk


def _unpacked(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Unpack in steps of a fixed size, so that a small body that unpacks to a huge one is noticed early."""
    unpacker = zlib.decompressobj(_EITHER_FORMAT)
    begun = False
    try:
        for chunk in chunks:
            begun = True
            rest = chunk
            while rest and not unpacker.eof:
                yield unpacker.decompress(rest, _STEP)
                rest = unpacker.unconsumed_tail
            if rest or unpacker.unused_data:
                raise FaultError(FaultKind.UNREADABLE, "something stands behind the packed body", sent=True)
        while begun and not unpacker.eof and (last := unpacker.decompress(b"", _STEP)):
            yield last
    except zlib.error:
        raise FaultError(FaultKind.UNREADABLE, "the body can't be unpacked", sent=True) from None
    if begun and not unpacker.eof:
        raise FaultError(FaultKind.CUT, "the packed body ends before its end", sent=True)
