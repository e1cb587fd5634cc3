"""OAuth2 client credentials: the tokens that were given, and the endpoint that gives them."""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import parse_qs

import msgspec

from retail_sync.sandbox import kit
from retail_sync.vendors.emarsys.sandbox.settings import Settings

TOKEN_PATH = "/oauth2/token"  # noqa: S105 - a path


class Tokens:
    """All tokens of an account's client.

    Args:
        settings: The client, and for how long a token is good.
        now: The clock.
    """

    def __init__(self, settings: Settings, now: Callable[[], datetime]) -> None:
        self._settings, self._now = settings, now
        self.forget_all()

    def forget_all(self) -> None:
        """No token was given."""
        self._ends: dict[str, datetime] = {}

    def is_good(self, token: str) -> bool:
        """Whether a token was given, not long ago, and not taken back since."""
        ends = self._ends.get(token)
        return ends is not None and self._now() < ends

    def withdraw(self, token: str) -> None:
        """Take a token back."""
        del self._ends[token]

    def give(self, request: kit.Request) -> kit.Response:
        """The token endpoint: client credentials by HTTP Basic."""
        form = {name: values[-1] for name, values in parse_qs(request.body.decode("latin-1")).items()}
        settings = self._settings
        if _basic(request) != (settings.client_id, settings.client_secret):
            return kit.reply({"error": "invalid_client"}, 401, {"WWW-Authenticate": "Basic"})
        if form.get("grant_type") != "client_credentials":
            return kit.reply({"error": "unsupported_grant_type"}, 400)
        token = ".".join((_coded({"alg": "RS256", "typ": "JWT"}), _coded({"sub": settings.client_id}), _signature()))
        self._ends[token] = self._now() + timedelta(seconds=settings.token_seconds)
        return kit.reply({"access_token": token, "token_type": "bearer", "expires_in": settings.token_seconds})


def _basic(request: kit.Request) -> tuple[str, str] | None:
    scheme, _, rest = (request.header("authorization") or "").partition(" ")
    try:
        name, _, secret = base64.b64decode(rest.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (name, secret) if scheme.lower() == "basic" else None


def _coded(part: dict[str, str]) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(part)).rstrip(b"=").decode()


def _signature() -> str:
    return secrets.token_urlsafe(32)
