"""Canned servers: real HTTP from a process of its own, with answers that cost next to nothing to make.

As a program: `python -m retail_sync.bench.canned NAME [JSON]` prints its URL once it listens.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any, NamedTuple

import msgspec
import requests

from retail_sync.db.processes import end
from retail_sync.errors import UnreachableError

_HERE = "127.0.0.1"
_HEAD_ENDS = b"\r\n\r\n"
_LENGTH = b"content-length:"
_REASONS = {200: "OK", 404: "Not Found", 429: "Too Many Requests"}
BOOKS = "/_books"


class Ask(NamedTuple):
    """A request."""

    method: str
    path: str
    body: bytes


class Answer(NamedTuple):
    """An answer; `headers` end with a line break each."""

    body: bytes
    status: int = 200
    headers: str = ""


#: Answers requests; a module that has canned answers offers `build(**settings)` which makes one.
Answerer = Callable[[Ask], Answer]


class _Talk(asyncio.Protocol):
    """As much of HTTP/1.1 as our own client speaks: requests with a length, one after the other."""

    def __init__(self, answerer: Answerer) -> None:
        self._answerer = answerer
        self._heard = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._heard += data
        while (ask := self._next()) is not None:
            answer = self._answerer(ask)
            head = f"HTTP/1.1 {answer.status} {_REASONS[answer.status]}\r\n{answer.headers}"
            head += f"Content-Type: application/json\r\nContent-Length: {len(answer.body)}\r\n\r\n"
            self._transport.writelines((head.encode(), answer.body))  # type: ignore[attr-defined]

    def _next(self) -> Ask | None:
        """The first whole request of what was heard."""
        end = self._heard.find(_HEAD_ENDS)
        if end < 0:
            return None
        head = bytes(self._heard[:end])
        place = head.lower().find(_LENGTH)
        length = int(head[place + len(_LENGTH) :].split(b"\r\n", 1)[0]) if place >= 0 else 0
        begins = end + len(_HEAD_ENDS)
        if len(self._heard) < begins + length:
            return None
        body = bytes(self._heard[begins : begins + length])
        del self._heard[: begins + length]
        method, path, _ = head.split(b"\r\n", 1)[0].decode().split(" ", 2)
        return Ask(method, path, body)


@contextmanager
def serving(name: str, **settings: Any) -> Iterator[str]:
    """Run a canned server in a process of its own; gives its URL.

    Args:
        name: The module below `retail_sync.bench` whose `build` makes the answerer.
        settings: What `build` is given.
    """
    command = [sys.executable, "-m", __spec__.name, name, msgspec.json.encode(settings).decode()]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            url = process.stdout.readline().strip() if process.stdout else ""
            if not url:
                raise UnreachableError(f"the canned server {name} ended before it listened")
            yield url
        finally:
            end([process])


def books(url: str) -> dict[str, Any]:
    """What a canned server has counted."""
    answer: dict[str, Any] = requests.get(f"{url}{BOOKS}", timeout=10).json()
    return answer


async def _serve(answerer: Answerer) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Talk(answerer), _HERE, 0)
    sys.stdout.write(f"http://{_HERE}:{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    # Standard input closes when the parent ends, even one that could not say so.
    await loop.run_in_executor(None, sys.stdin.read)


def main() -> None:
    """Serve until standard input closes."""
    settings = msgspec.json.decode(sys.argv[2]) if len(sys.argv) > 2 else {}
    answerer = import_module(f"retail_sync.bench.{sys.argv[1]}").build(**settings)
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(answerer))


if __name__ == "__main__":
    main()
