"""Operations by the hundred: `/batches`, asynchronous, in no order, each operation with its own verdict."""

from __future__ import annotations

import io
import tarfile
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

from retail_sync.errors import RetailSyncError
from retail_sync.http.messages import NO_JSON
from retail_sync.vendors.mailchimp.facts import MailchimpSettings
from retail_sync.vendors.mailchimp.payloads import decoded, encoded
from retail_sync.vendors.mailchimp.wire import Paths, Reply, Write

#: Bytes of one batch's body. ASSUMED: Mailchimp tells no limit.
_BODY = 4_000_000
#: How often results are fetched: their address is good for minutes, a new one comes with the batch.
_FETCHES = 3
Results = dict[str, Reply]


class Api(Protocol):
    """Somebody who takes writes to Mailchimp."""

    def send(self, write: Write) -> Reply:
        """Send one and wait for its reply."""
        ...

    def fetch(self, url: str) -> bytes | None:
        """What stands at another host's address, asked without our key; None where it is not to be had."""
        ...


class Asked(NamedTuple):
    """An operation with our name for it."""

    name: str
    write: Write


class Begun(NamedTuple):
    """A batch that was submitted: the names of its operations, and Mailchimp's answer."""

    names: Sequence[str]
    reply: Reply

    @property
    def id(self) -> str | None:
        """Its id; None where Mailchimp took none."""
        return str(self.reply.body["id"]) if self.reply.ok else None


class Batches:
    """Runs operations by batches.

    Args:
        api: The way to Mailchimp.
        settings: Sizes, waits and deadline.
        sleep: A seam for tests.
    """

    def __init__(self, api: Api, settings: MailchimpSettings, sleep: Callable[[float], None] = time.sleep) -> None:
        self._api = api
        self._settings = settings
        self._sleep = sleep

    def begin(self, asked: Sequence[Asked]) -> Iterator[Begun]:
        """Submit operations, batch by batch: Mailchimp goes on with each whatever becomes of us.

        Raises:
            WaitError: Mailchimp takes no batch now.
        """
        for operations in _portions(asked, self._settings.batch_operations):
            body = {"operations": list(operations.values())}
            yield Begun(list(operations), self._api.send(Write("POST", "/batches", "batch.create", body)))

    def finish(self, begun: Sequence[Begun]) -> Iterator[tuple[str, Reply]]:
        """Yield the reply of every operation that has one; an operation that is not yielded may or may not be done."""
        for one in begun:
            if one.id is None:
                # The whole batch was refused, so none of it was done: each gets that refusal.
                yield from ((name, one.reply) for name in one.names)
            else:
                yield from self._results(one.id).items()

    def end(self, batch: str) -> None:
        """See to it that a batch that somebody else began does nothing any more: its payloads may be old by now.

        Raises:
            WaitError: Mailchimp is not to be had, so that nobody can tell.
        """
        path = Paths.one("/batches", batch)
        reply = self._api.send(Write("GET", path, "batch.read"))
        if reply.ok and reply.body["status"] != "finished":
            self._api.send(Write("DELETE", path, "batch.delete"))

    def _results(self, batch: str) -> Results:
        path = Paths.one("/batches", batch)
        for _ in range(_FETCHES):
            finished = self._wait(path)
            if finished is None:
                return {}
            packed = self._api.fetch(finished["response_body_url"])
            results = None if packed is None else _unpacked(packed)
            if results is not None:
                return results
        return {}

    def _wait(self, path: str) -> dict[str, Any] | None:
        """The finished batch; None where it expired, or where it did not end in time and was stopped."""
        wait, until = self._settings.poll_from, time.monotonic() + self._settings.batch_deadline
        while True:
            self._sleep(wait)
            reply = self._api.send(Write("GET", path, "batch.read"))
            if not reply.ok:
                return None
            if reply.body["status"] == "finished":
                return dict(reply.body)
            if time.monotonic() > until:
                self._stop(path)
                return None
            wait = min(wait * 2, self._settings.poll_to)

    def _stop(self, path: str) -> None:
        """Stop a batch: run later, it would put old payloads over newer ones."""
        try:
            self._api.send(Write("DELETE", path, "batch.delete"))
        except RetailSyncError:
            return


def _portions(asked: Sequence[Asked], most: int) -> Iterator[dict[str, dict[str, str]]]:
    """Operations by name, split by number and by bytes."""
    portion: dict[str, dict[str, str]] = {}
    size = 0
    for name, write in asked:
        operation = _operation(name, write)
        weight = len(operation.get("body", "")) + len(write.path) + 100
        if portion and (len(portion) == most or size + weight > _BODY):
            yield portion
            portion, size = {}, 0
        portion[name] = operation
        size += weight
    if portion:
        yield portion


def _operation(name: str, write: Write) -> dict[str, str]:
    operation = {"method": write.method, "path": write.path, "operation_id": name}
    if write.body is not None:
        operation["body"] = encoded(write.body).decode()
    return operation


def _unpacked(packed: bytes) -> Results | None:
    """Replies by operation, from a tar of JSON files; None where the archive is broken.

    Each file is a list of operations whose `response` is JSON in a text; folders and empty files occur. An operation
    with some other response, such as a page of the firewall, is left out: it may or may not be done.
    """
    replies: Results = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(packed), mode="r:*") as archive:
            for entry in archive:
                file = archive.extractfile(entry) if entry.isfile() else None
                text = file.read() if file else b""
                for result in decoded(text) if text.strip() else ():
                    replies |= _reply(result)
    except (tarfile.TarError, EOFError, OSError, zlib.error, *NO_JSON, TypeError):
        return None
    return replies


def _reply(result: dict[str, Any]) -> Results:
    try:
        text = result.get("response")
        return {str(result["operation_id"]): Reply(int(result["status_code"]), decoded(text) if text else None)}
    except (*NO_JSON, AttributeError, KeyError, TypeError, ValueError):
        return {}
