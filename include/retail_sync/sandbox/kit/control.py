"""The `/_sandbox/*` endpoints: how tests, demo and CLI fill a sandbox, look into it and trouble it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from retail_sync.sandbox.kit.messages import Request, Response, reply
from retail_sync.sandbox.kit.routes import Route
from retail_sync.sandbox.kit.snapshots import Snapshots
from retail_sync.sandbox.world.events import ShopEvent

if TYPE_CHECKING:
    from retail_sync.sandbox.kit.app import SandboxApp

PREFIX = "/_sandbox/"
_events = msgspec.json.Decoder(list[ShopEvent])
_exact = msgspec.json.Encoder()


class Shop(Protocol):
    """The books of one vendor."""

    def apply(self, event: ShopEvent) -> None:
        """Let something happen; events that this vendor never hears of change nothing."""
        ...

    def state(self) -> dict[str, Any]:
        """The books as they stand, in the vendor's own terms: what an independent check reads."""
        ...

    def reset(self) -> None:
        """Empty the books."""
        ...


def decode_events(body: bytes) -> list[ShopEvent]:
    """World events from JSON.

    Raises:
        msgspec.DecodeError: It is no list of events.
    """
    return _events.decode(body)


def encode_events(events: Iterable[ShopEvent]) -> bytes:
    """World events as JSON; amounts as strings."""
    return _exact.encode(list(events))


class _ClockSetting(msgspec.Struct, forbid_unknown_fields=True):
    """The body of `POST /_sandbox/clock`."""

    now: datetime | None = None
    offset: float = 0.0


class Control:
    """Answers the control endpoints of one sandbox."""

    def __init__(self, app: SandboxApp) -> None:
        self._app = app
        self._snapshots = Snapshots(app)

    def routes(self) -> list[Route]:
        """All control endpoints."""
        table = {
            ("GET", "health"): self._health,
            ("GET", "state"): self._state,
            ("GET", "log"): self._log,
            ("POST", "log/reset"): self._reset_log,
            ("GET", "events"): self._diary,
            ("POST", "events"): self._apply,
            ("GET", "faults"): self._faults,
            ("GET", "faults/known"): self._known_faults,
            ("POST", "faults"): self._add_faults,
            ("DELETE", "faults"): self._clear_faults,
            ("GET", "clock"): self._clock,
            ("POST", "clock"): self._set_clock,
            ("POST", "reset"): self._reset,
            ("POST", "snapshots/{name}"): self._take,
            ("POST", "snapshots/{name}/put_back"): self._put_back,
        }
        return [Route(method, PREFIX + name, handler, name) for (method, name), handler in table.items()]

    def _health(self, request: Request) -> Response:
        app = self._app
        url = f"http://{request.header('host') or 'localhost'}"
        return reply({"sandbox": app.name, "conn_id": f"{app.name}_default", "connection": app.connection(url)})

    def _state(self, _: Request) -> Response:
        return Response(200, _exact.encode(self._app.shop.state()))

    def _log(self, _: Request) -> Response:
        return reply(self._app.log.as_dict())

    def _reset_log(self, _: Request) -> Response:
        self._app.log.reset()
        return reply({})

    def _diary(self, _: Request) -> Response:
        events = self._app.diary
        if events is None:
            return reply({"error": "more events than the diary holds"}, 410)
        return Response(200, encode_events(events))

    def _apply(self, request: Request) -> Response:
        return reply({"applied": self._app.apply(decode_events(request.body))})

    def _faults(self, _: Request) -> Response:
        return reply(self._app.faults.listed())

    def _known_faults(self, _: Request) -> Response:
        return reply(self._app.faults.known)

    def _add_faults(self, request: Request) -> Response:
        body = request.json()
        self._app.faults.add(body if isinstance(body, Sequence) else [body])
        return reply(self._app.faults.listed())

    def _clear_faults(self, _: Request) -> Response:
        self._app.faults.clear()
        return reply([])

    def _clock(self, _: Request) -> Response:
        return reply({"now": self._app.clock.now()})

    def _set_clock(self, request: Request) -> Response:
        setting = msgspec.json.decode(request.body or b"{}", type=_ClockSetting)
        if setting.now is not None:
            self._app.clock.stand(setting.now)
        else:
            self._app.clock.shift(setting.offset)
        return self._clock(request)

    def _reset(self, _: Request) -> Response:
        self._app.reset()
        return reply({})

    def _take(self, request: Request) -> Response:
        return reply({"bytes": self._snapshots.take(request.params["name"])})

    def _put_back(self, request: Request) -> Response:
        self._snapshots.put_back(request.params["name"])
        return reply({})
