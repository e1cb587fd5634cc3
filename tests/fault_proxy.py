"""A TCP proxy that ruins connections: what a network does that a server alone can't show."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

Toxic = Literal["hang", "reset", "cut", "trickle", "stall", "late"]
_RESET = struct.pack("ii", 1, 0)


@dataclass
class FaultProxy:
    """Forwards to a server, unless a toxic is switched on.

    Attributes:
        url: Where clients connect.
        toxic: What connections suffer from now on, None for nothing. `hang` takes a connection and does nothing at
            all with it; `reset` ends it at once; `cut` lets `bytes` of answers through and resets it; `trickle` lets a
            byte through every `seconds`; `stall` lets `bytes` through and then nothing more; `late` holds each part of
            an answer back for `seconds`.
        times: How many connections suffer; None for all.
        met: How many have.
    """

    url: str
    toxic: Toxic | None = None
    times: int | None = 1
    bytes: int = 0
    seconds: float = 0.05
    met: int = 0

    def switch(self, toxic: Toxic, *, times: int | None = 1, after: int = 0, seconds: float = 0.05) -> None:
        """Switch a toxic on for so many connections, those that are open included."""
        self.toxic, self.times, self.bytes, self.seconds, self.met = toxic, times, after, seconds, 0

    def strikes(self) -> Toxic | None:
        """The toxic that a connection suffers now, which counts as met; None for none."""
        if self.toxic is None or (self.times is not None and self.met >= self.times):
            return None
        self.met += 1
        return self.toxic


@contextmanager
def proxied(url: str) -> Iterator[FaultProxy]:
    """A proxy in front of a server.

    Args:
        url: The server, such as `http://127.0.0.1:8081`.
    """
    target = urlsplit(url)
    listener = socket.create_server(("127.0.0.1", 0))
    proxy = FaultProxy(f"http://127.0.0.1:{listener.getsockname()[1]}")
    loop = asyncio.new_event_loop()
    line = _Line(proxy, target.hostname or "127.0.0.1", target.port or 80)
    server = loop.run_until_complete(asyncio.start_server(line.connect, sock=listener))
    thread = threading.Thread(target=loop.run_forever, name="fault proxy", daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        asyncio.run_coroutine_threadsafe(line.close(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class _Line:
    """What happens to each connection."""

    def __init__(self, proxy: FaultProxy, host: str, port: int) -> None:
        self._proxy, self._host, self._port = proxy, host, port
        self._tasks: set[asyncio.Task[None]] = set()

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
        try:
            await self._serve(reader, writer, self._proxy.strikes())
            writer.close()
        except (OSError, asyncio.CancelledError):
            _reset(writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, toxic: Toxic | None) -> None:
        if toxic == "reset":
            raise ConnectionResetError
        if toxic == "hang":
            await asyncio.Event().wait()
        there, back = await asyncio.open_connection(self._host, self._port)
        try:
            up = asyncio.ensure_future(_pump(reader, back))
            await self._answer(there, writer, toxic)
            up.cancel()
        finally:
            back.close()

    async def _answer(self, there: asyncio.StreamReader, writer: asyncio.StreamWriter, toxic: Toxic | None) -> None:
        left = self._proxy.bytes
        while part := await there.read(65_536):
            if toxic is None and (toxic := self._proxy.strikes()):
                left = self._proxy.bytes
            if toxic == "reset":
                raise ConnectionResetError
            if toxic == "hang":
                await asyncio.Event().wait()
            if toxic in ("cut", "stall"):
                part, left = part[:left], left - len(part)
            if toxic == "late":
                await asyncio.sleep(self._proxy.seconds)
            for piece in [part] if toxic != "trickle" else [part[at : at + 1] for at in range(len(part))]:
                writer.write(piece)
                await writer.drain()
                if toxic == "trickle":
                    await asyncio.sleep(self._proxy.seconds)
            if toxic == "cut" and left <= 0:
                raise ConnectionResetError
            if toxic == "stall" and left <= 0:
                await asyncio.Event().wait()

    async def close(self, server: asyncio.Server) -> None:
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while part := await reader.read(65_536):
            writer.write(part)
            await writer.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    """End a connection as a crash would, so that nobody waits for a polite end."""
    ends: socket.socket | None = writer.get_extra_info("socket")
    if ends is not None:
        with contextlib.suppress(OSError):
            ends.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()
