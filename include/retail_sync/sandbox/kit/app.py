"""The server of one vendor, as a bare ASGI application."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping, Sequence
from typing import Any

from retail_sync.sandbox.kit.clock import SandboxClock
from retail_sync.sandbox.kit.control import PREFIX, Control, Shop
from retail_sync.sandbox.kit.faults import UGLY_FAULTS, Fault, Faults
from retail_sync.sandbox.kit.log import RequestLog
from retail_sync.sandbox.kit.messages import Request, Response, reply
from retail_sync.sandbox.kit.routes import Route, RouteTable
from retail_sync.sandbox.kit.wire import Wire
from retail_sync.sandbox.world.events import ShopEvent, TimeSkipped

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
_logger = logging.getLogger(__name__)
_WEB_PAGE = b"<html><head><title>Access Denied</title></head><body>Request Blocked. Reference #18.0</body></html>"


def _not_found(_: Request, status: int) -> Response:
    return reply({"error": "no such path" if status == 404 else "no such method"}, status)


class SandboxApp:
    """One vendor's sandbox; the package's docstring tells how to write one.

    Args:
        name: The vendor's system name, such as `centra`.
        shop: Its books.
        routes: Its endpoints.
        connection: Gives the Airflow connection (its JSON fields) for the URL under which the sandbox runs.
        before: Asked before every handler; a `Response` refuses the request.
        not_found: The vendor's answer to an unknown path (404) or method (405).
        faults: What may go wrong, if the vendor has faults of its own to take; else those of the kit.
        latency: Seconds that every request takes besides its work.
        diary: How many applied events are kept at most for `GET /_sandbox/events`.
        seed: Decides where the kit's faults with a probability strike.

    Attributes:
        lock: Held while a plain handler or a control endpoint runs.
        in_flight: How many requests are being answered, the asking one included.
        diary: Every event applied since the last reset, or None when they were too many to keep.
    """

    def __init__(
        self,
        name: str,
        shop: Shop,
        routes: Sequence[Route],
        *,
        connection: Callable[[str], Mapping[str, Any]],
        before: Callable[[Request], Response | None] | None = None,
        not_found: Callable[[Request, int], Response] = _not_found,
        faults: Faults | None = None,
        latency: float = 0.0,
        diary: int = 250_000,
        seed: int = 0,
    ) -> None:
        self.name = name
        self.shop = shop
        self.connection = connection
        self.log = RequestLog()
        self.faults = faults or Faults(seed=seed)
        self.clock = SandboxClock()
        self.lock = threading.RLock()
        self.in_flight = 0
        self.latency = latency
        self.diary: list[ShopEvent] | None = []
        self._diary_limit = diary
        self._before = before
        self._not_found = not_found
        self._routes = RouteTable(routes)
        self._control = RouteTable(Control(self).routes())

    def apply(self, events: Iterable[ShopEvent]) -> int:
        """Let events happen in the books, in their order; tells how many."""
        with self.lock:
            number = 0
            for event in events:
                if not isinstance(event, TimeSkipped):
                    self.shop.apply(event)
                self._note(event)
                number += 1
            return number

    def _note(self, event: ShopEvent) -> None:
        if self.diary is None:
            return
        if len(self.diary) < self._diary_limit:
            self.diary.append(event)
        else:
            self.diary = None

    def reset(self) -> None:
        """Books, diary, log, faults and clock as at the start."""
        with self.lock:
            self.shop.reset()
            self.diary = []
            self.log.reset()
            self.faults.clear()
            self.clock.shift(0)

    def endpoint_of(self, request: Request) -> str:
        """The name under which log and faults know the request; empty where no route answers it."""
        route = self._routes.find(request)
        if isinstance(route, int):
            return ""
        route.describe(request)
        return request.endpoint

    def call(self, request: Request, *, count: bool = False) -> Response:
        """Answer a request from inside the sandbox, as an operation of a batch is: no faults, no `before`.

        Args:
            request: Its path must be that of a plain handler, not of an `async` one.
            count: Whether the log counts it under its own endpoint.
        """
        with self.lock:
            route = self._routes.find(request)
            if isinstance(route, int):
                return self._not_found(request, route)
            route.describe(request)
            response = route.handler(request)
            if not isinstance(response, Response):
                raise TypeError(f"{request.endpoint} has no plain handler")
            if count:
                self.log.count(request.endpoint, write=request.write)
            return response

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request of an ASGI server."""
        if scope["type"] != "http":
            return
        wire = Wire(scope, receive, send, self.clock.now)
        request = await wire.read()
        if request is None:
            return
        if request.path.startswith(PREFIX):
            await wire.answer(await self._steer(request))
            return
        self.in_flight += 1
        self.log.saw_in_flight(self.in_flight)
        try:
            status = await self._serve(request, wire)
        finally:
            self.in_flight -= 1
        self.log.count(request.endpoint, write=request.write, status=status)

    async def _steer(self, request: Request) -> Response:
        route = self._control.find(request)
        if isinstance(route, int):
            return _not_found(request, route)
        try:
            return await self._handle(route, request)
        except ValueError as error:
            return reply({"error": str(error)}, 422)

    async def _serve(self, request: Request, wire: Wire) -> int:
        """Answer or fail as the faults say; gives the status that went out, 0 for none."""
        route = self._routes.find(request)
        if not isinstance(route, int):
            route.describe(request)
        if self.latency:
            await asyncio.sleep(self.latency)
        ending = await self._wait_and_pick(request)
        if ending is not None and ending.fault == "drop_connection":
            return await wire.cut()
        refusal = None if ending is None else _refusal(ending)
        response = refusal or await self._work(route, request)
        if ending is None or refusal:
            return await wire.answer(response)
        if ending.fault == "truncate":
            return await wire.truncate(response, ending.bytes)
        if ending.fault == "trickle":
            return await wire.trickle(response, ending.seconds)
        return await wire.cut()

    async def _wait_and_pick(self, request: Request) -> Fault | None:
        ending = None
        for fault in self.faults.due(request.endpoint):
            self.log.fault()
            if fault.fault == "slow":
                await asyncio.sleep(fault.seconds)
            else:
                ending = fault
        return ending

    async def _work(self, route: Route | int, request: Request) -> Response:
        try:
            with self.lock:
                refused = self._before(request) if self._before else None
            if refused is not None:
                return refused
            if isinstance(route, int):
                return self._not_found(request, route)
            return await self._handle(route, request)
        except Exception as error:
            _logger.exception("the %s sandbox itself failed at %s", self.name, request.endpoint)
            self.log.crash(f"{request.endpoint}: {error!r}")
            return reply({"error": "the sandbox itself failed, see its log"}, 500)

    async def _handle(self, route: Route, request: Request) -> Response:
        with self.lock:
            response = route.handler(request)
        return response if isinstance(response, Response) else await response


def _refusal(fault: Fault) -> Response | None:
    """The answer of a fault that refuses instead of working, or None for one that cuts or truncates."""
    if fault.fault == "status":
        if isinstance(fault.body, str):
            return Response(fault.status, fault.body.encode(), tuple(fault.headers.items()))
        return reply(fault.body, fault.status, fault.headers)
    if fault.fault not in UGLY_FAULTS:
        return None
    page = _WEB_PAGE if fault.fault.startswith("html") else b""
    return Response(UGLY_FAULTS[fault.fault], page, (("content-type", "text/html"),) if page else ())
