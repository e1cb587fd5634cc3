"""One request on the wire: reading it, answering it, and the ways in which an answer can go wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from retail_sync.sandbox.kit.messages import Request, Response

#: The key under which our host puts the connection's transport into the ASGI scope; ASGI itself can't cut one.
TRANSPORT = "retail_sync.transport"


class Wire:
    """The two ends that ASGI gives for one request; `clock` is what the answer's `Date` says."""

    def __init__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
        clock: Callable[[], datetime],
    ) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._clock = clock

    async def read(self) -> Request | None:
        """The request with its whole body, or None if the caller has gone."""
        parts: list[bytes] = []
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                return None
            parts.append(message.get("body", b""))
            if not message.get("more_body", False):
                break
        scope = self._scope
        path = scope.get("raw_path") or scope["path"].encode()
        return Request(
            scope["method"],
            path.decode("latin-1"),
            query_string=scope["query_string"].decode("latin-1"),
            headers=scope["headers"],
            body=parts[0] if len(parts) == 1 else b"".join(parts),
        )

    async def answer(self, response: Response) -> int:
        """Answer as one should; gives the status."""
        await self._start(response)
        await self._send({"type": "http.response.body", "body": response.body})
        return response.status

    async def truncate(self, response: Response, length: int) -> int:
        """Announce the whole body, send its first bytes, hang up."""
        await self._start(response, max(len(response.body), length + 1))
        await self._send({"type": "http.response.body", "body": response.body[:length], "more_body": True})
        self._transport().close()
        await self._gone()
        return response.status

    async def trickle(self, response: Response, seconds: float) -> int:
        """Answer one byte after the other."""
        await self._start(response)
        for place in range(len(response.body)):
            one = response.body[place : place + 1]
            await self._send({"type": "http.response.body", "body": one, "more_body": True})
            await asyncio.sleep(seconds)
        await self._send({"type": "http.response.body", "body": b""})
        return response.status

    async def cut(self) -> int:
        """Cut the connection without an answer: status 0."""
        self._transport().abort()
        await self._gone()
        return 0

    async def _start(self, response: Response, length: int | None = None) -> None:
        headers = response.raw_headers(length)
        if not any(name == b"date" for name, _ in headers):
            headers.append((b"date", format_datetime(self._clock(), usegmt=True).encode()))
        await self._send({"type": "http.response.start", "status": response.status, "headers": headers})

    async def _gone(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass

    def _transport(self) -> asyncio.Transport:
        transport: asyncio.Transport = self._scope["extensions"][TRANSPORT]["transport"]
        return transport
