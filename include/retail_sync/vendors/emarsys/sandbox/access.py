"""Who is let in: bearers of tokens, the WSSE user, what both may do and how often."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import NamedTuple
from uuid import uuid4

from retail_sync.sandbox import kit
from retail_sync.vendors.emarsys.sandbox import wsse
from retail_sync.vendors.emarsys.sandbox.endpoints import V2, V3, refusal
from retail_sync.vendors.emarsys.sandbox.envelope import Refused, forbidden, too_many_requests, wrong_credentials
from retail_sync.vendors.emarsys.sandbox.settings import Settings
from retail_sync.vendors.emarsys.sandbox.tokens import Tokens
from retail_sync.vendors.emarsys.sandbox.traps import Traps

_MINUTE = timedelta(minutes=1)


class _Window(NamedTuple):
    """The requests of one user since a time."""

    since: datetime
    used: int


class Gate:
    """Stands before every request of the API and stamps what goes out.

    Args:
        settings: Credentials, permissions and allowance.
        traps: What may go wrong here.
        now: The clock.

    Attributes:
        tokens: The tokens of version 3.
    """

    def __init__(self, settings: Settings, traps: Traps, now: Callable[[], datetime]) -> None:
        self._settings, self._traps, self._now = settings, traps, now
        self.tokens = Tokens(settings, now)
        self.forget_all()

    def forget_all(self) -> None:
        """No token was given, no nonce used, no request made."""
        self.tokens.forget_all()
        self._nonces: dict[str, datetime] = {}
        self._windows: dict[str, _Window] = {}
        self._serial = 0

    def check(self, request: kit.Request) -> kit.Response | None:
        """A refusal, or None to go on."""
        version = request.path[: len(V3)]
        if version not in (V2, V3):
            return None
        try:
            self._admit(request, version)
        except Refused as refused:
            return self.stamped(request, refusal(refused, self._settings.content_type))
        return None

    def _admit(self, request: kit.Request, version: str) -> None:
        if version == V3:
            self._check_bearer(request)
        else:
            self._check_wsse(request)
        allowed = any(fnmatchcase(request.endpoint, pattern) for pattern in self._settings.permissions)
        if not allowed or self._traps.take("permission_lost", request.endpoint):
            raise forbidden()
        self._count(version, request.endpoint)

    def _check_bearer(self, request: kit.Request) -> None:
        scheme, _, token = (request.header("authorization") or "").partition(" ")
        if scheme.lower() != "bearer" or not self.tokens.is_good(token):
            raise wrong_credentials()
        if self._traps.take("token_expired", request.endpoint):
            self.tokens.withdraw(token)
            raise wrong_credentials()

    def _check_wsse(self, request: kit.Request) -> None:
        settings, now = self._settings, self._now()
        token = wsse.read(request.header("x-wsse") or "") if settings.wsse else None
        if token is None or token.username != settings.wsse_user or not wsse.is_true(token, settings.wsse_secret):
            raise wrong_credentials()
        window = timedelta(seconds=settings.wsse_window_seconds)
        if not wsse.is_timely(token, now, window) or self._traps.take("clock_off", request.endpoint):
            raise wrong_credentials("Unauthorized Time frame is invalid")
        self._nonces = {nonce: at for nonce, at in self._nonces.items() if abs(now - at) <= 2 * window}
        if settings.nonce_once and token.nonce in self._nonces:
            raise wrong_credentials()
        self._nonces[token.nonce] = now

    def _count(self, version: str, endpoint: str) -> None:
        window = self._window(version)
        if fault := self._traps.take("quota_spent", endpoint):
            since = self._now() - _MINUTE + timedelta(seconds=fault.seconds)
            self._windows[version] = _Window(since, self._settings.requests_a_minute)
            raise too_many_requests()
        if window.used >= self._settings.requests_a_minute:
            raise too_many_requests()
        self._windows[version] = window._replace(used=window.used + 1)

    def _window(self, version: str) -> _Window:
        now = self._now()
        window = self._windows.get(version)
        if window is None or not timedelta() <= now - window.since < _MINUTE:
            return _Window(now, 0)
        return window

    def stamped(self, request: kit.Request, response: kit.Response) -> kit.Response:
        """The response with the headers that tell of the allowance; when to come again, no header says."""
        window = self._window(request.path[: len(V3)])
        self._serial += 1
        response.headers = (
            *response.headers,
            ("X-Ratelimit-Limit", str(self._settings.requests_a_minute)),
            ("X-Ratelimit-Remaining", str(max(self._settings.requests_a_minute - window.used, 0))),
            ("X-Ratelimit-Reset", str(int((window.since + _MINUTE).timestamp()))),
            ("X-Suite-Response-Time", "0.001"),
            ("X-Emarsys-Request-Id", f"{uuid4()}#{self._serial}"),
        )
        return response
