"""The result of a batch: a gzipped tar of JSON files behind an address that is signed and expires."""

from __future__ import annotations

import hmac
import io
import tarfile
from collections.abc import Iterator, Sequence
from secrets import token_bytes
from typing import NamedTuple

import msgspec

from retail_sync.sandbox import kit

PATH = "/batch-results/{batch_id}"
FILE_NAME = "response.tar.gz"


class Verdict(NamedTuple):
    """What one operation came to; `response` is JSON as text, so that readers decode twice."""

    status_code: int
    operation_id: str
    response: str


def pack(name: str, verdicts: Sequence[Verdict], per_file: int) -> bytes:
    """The archive: a directory entry, files of several operations each, and, as happens, empty files among them."""
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:gz", compresslevel=1) as archive:
        folder = tarfile.TarInfo("./")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for number, content in enumerate(_files(verdicts, per_file)):
            entry = tarfile.TarInfo(f"./{name}-{number}.json")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return written.getvalue()


def _files(verdicts: Sequence[Verdict], per_file: int) -> Iterator[bytes]:
    for start in range(0, len(verdicts), per_file):
        yield msgspec.json.encode([verdict._asdict() for verdict in verdicts[start : start + per_file]])
        if not start:
            yield b""
    yield b"[]"


class Signer:
    """Signs addresses of results, as the storage behind the real API does."""

    def __init__(self) -> None:
        self._secret = token_bytes(32)

    def query(self, batch_id: str, expires: int) -> str:
        """The query string that opens a result until a Unix time."""
        return f"expires={expires}&signature={self._signature(batch_id, expires)}"

    def refusal(self, request: kit.Request, now: float) -> kit.Response | None:
        """Why a request for a result is turned away, or None."""
        if request.header("authorization"):
            return _storage_error(400, "InvalidArgument", "Only one auth mechanism allowed")
        expires, signature = request.argument("expires") or "", request.argument("signature") or ""
        if not expires.isdigit() or not hmac.compare_digest(
            signature, self._signature(request.params["batch_id"], int(expires))
        ):
            return _storage_error(403, "SignatureDoesNotMatch", "The signature does not match")
        return self.expired() if int(expires) < now else None

    def expired(self) -> kit.Response:
        """What an address gives that is too old."""
        return _storage_error(403, "AccessDenied", "Request has expired")

    def _signature(self, batch_id: str, expires: int) -> str:
        return hmac.new(self._secret, f"{batch_id}:{expires}".encode(), "sha256").hexdigest()


def _storage_error(status: int, code: str, message: str) -> kit.Response:
    body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return kit.Response(status, body.encode(), (("content-type", "application/xml"),))
