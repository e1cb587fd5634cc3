"""Who is let in: logins, tokens that die, and what a user group may do."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime, timedelta
from itertools import count

from retail_sync.sandbox.kit import Request, Response, reply
from retail_sync.vendors.orderwise.sandbox.settings import Settings, User
from retail_sync.vendors.orderwise.sandbox.shop import Shop

#: What the permissions of a user group are for: the first part of a path, or both where the first is many things.
AREAS = frozenset(
    {"customers", "crm", "stock", "variants", "sales", "value-lists", "system/export-definition",
     "system/stock-locations"}
)  # fmt: skip
_API_GROUP = "api"


class Access:
    """Tokens that were given out.

    Args:
        settings: The installation's.
        shop: The books, which know what time it is.
    """

    def __init__(self, settings: Settings, shop: Shop) -> None:
        self._users = {user.name: user for user in settings.users}
        self._lifetime = timedelta(minutes=settings.token_minutes)
        self._shop = shop
        self._serial = count(1)
        self._tokens: dict[str, tuple[User, datetime]] = {}

    def log_in(self, request: Request) -> Response:
        """A token as a bare JSON string, for a user of an API group; anybody else gets 401 and nothing."""
        user = self._user(request.header("authorization") or "")
        if user is None:
            return Response(401)
        number = next(self._serial)
        claims = base64.urlsafe_b64encode(f'{{"sub":"{user.name}","jti":{number}}}'.encode()).decode().rstrip("=")
        token = f"eyJhbGciOiJIUzI1NiJ9.{claims}.sandbox{number}"
        self._tokens[token] = (user, self._shop.now() + self._lifetime)
        return reply(token)

    def user_of(self, request: Request) -> User | None:
        """Whose token a request shows, or None if it shows none that lives."""
        user, until = self._tokens.get(_bearer(request), (None, None))
        return user if until is not None and self._shop.now() < until else None

    def expire(self, request: Request) -> None:
        """Let the token of a request die at once."""
        self._tokens.pop(_bearer(request), None)

    def _user(self, header: str) -> User | None:
        kind, _, encoded = header.partition(" ")
        try:
            name, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        user = self._users.get(name)
        fits = user is not None and kind.lower() == "basic" and user.password == password
        return user if fits and user is not None and user.group == _API_GROUP else None


def area(path: str) -> str:
    """What permission a path below the base needs."""
    parts = path.strip("/").split("/")
    both = "/".join(parts[:2])
    return both if both in AREAS else parts[0]


def may(user: User, path: str) -> bool:
    """Whether a user's group has the permission for a path."""
    return user.permissions is None or area(path) in user.permissions


def refusal() -> Response:
    """The answer to whoever lacks a permission. ASSUMED: its body."""
    return reply({"message": "The user group does not have permission for this endpoint."}, 403)


def _bearer(request: Request) -> str:
    kind, _, token = (request.header("authorization") or "").partition(" ")
    return token if kind.lower() == "bearer" else ""
