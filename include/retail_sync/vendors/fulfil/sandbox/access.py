"""Who may ask: tokens as a key, as a bearer or as the user of Basic."""

from __future__ import annotations

import binascii
from base64 import b64decode

from retail_sync.sandbox.kit import Request
from retail_sync.vendors.fulfil.sandbox.fields import Model
from retail_sync.vendors.fulfil.sandbox.refusals import RefusedError, problem
from retail_sync.vendors.fulfil.sandbox.settings import Settings, Token
from retail_sync.vendors.fulfil.sandbox.shop import Shop


class Access:
    """Lets tokens in.

    Args:
        settings: The merchant.
        shop: The books, whose clock tells which tokens have expired.
    """

    def __init__(self, settings: Settings, shop: Shop) -> None:
        self._tokens = {token.value: token for token in settings.tokens}
        self._shop = shop

    def token(self, request: Request) -> Token:
        """The request's token.

        Raises:
            RefusedError: It brings none that is valid.
        """
        token = self._tokens.get(_presented(request))
        if token is None or (token.expires_at is not None and token.expires_at <= self._shop.now()):
            raise unauthorised()
        return token

    def check(self, token: Token, model: Model, *, write: bool) -> None:
        """Refuse what the token's user has no right to.

        Raises:
            RefusedError: The user may not use the model, or may only read.
        """
        if token.models is not None and model.name not in token.models:
            raise forbidden(model.name)
        if write and not token.writes:
            raise forbidden(model.name)


def unauthorised() -> RefusedError:
    """What is said to who is not let in."""
    return problem(401, "Authorization required")


def forbidden(model: str) -> RefusedError:
    """What is said to who may not use a model."""
    return problem(403, f"You are not allowed to access {model}")


def _presented(request: Request) -> str:
    key = request.header("x-api-key")
    if key:
        return key.strip()
    scheme, _, value = (request.header("authorization") or "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        user, _, password = b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return user if not password else ""
