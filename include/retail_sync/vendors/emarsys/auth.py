"""Who we are: a token of OAuth2 for version 3 of the API, a signature of WSSE for version 2."""

from __future__ import annotations

import secrets
from base64 import b64encode
from datetime import UTC, timedelta
from hashlib import sha1
from urllib.parse import urlencode

from retail_sync.http.bearer import BearerToken, Given, basic
from retail_sync.http.client import HttpClient
from retail_sync.http.messages import Call
from retail_sync.model.ports import Clock

#: For how long a token is good that does not say so, and how long before its end it is given up.
_LIFE, _MARGIN = timedelta(hours=1), timedelta(minutes=1)
_FIX = "Put the API credential's client id and secret into the connection's login and password."


def tokens(http: HttpClient, path: str, client_id: str, secret: str, *, clock: Clock) -> BearerToken:
    """The token of an OAuth2 client, by its own credentials (CONFIRMED: HTTP Basic, form body).

    Args:
        http: The way to the token's host, which adds no token of its own.
        path: The token endpoint's path.
        client_id: The client.
        secret: Its secret.
        clock: The time.
    """
    ask = Call(
        "POST",
        path,
        "token",
        body=urlencode({"grant_type": "client_credentials"}).encode(),
        headers={"Authorization": basic(client_id, secret), "Content-Type": "application/x-www-form-urlencoded"},
        repeatable=True,
    )
    return BearerToken(http, ask, read=_given, fix=_FIX, clock=clock)


def _given(body: object) -> Given | None:
    token = body.get("access_token") if isinstance(body, dict) else None
    if not isinstance(body, dict) or not isinstance(token, str) or not token:
        return None
    return Given(token, _life(body.get("expires_in")))


def _life(seconds: object) -> timedelta:
    """How long a token is used; a short one for most of its life."""
    whole = timedelta(seconds=seconds) if isinstance(seconds, int | float) and seconds > 0 else _LIFE
    return max(whole - _MARGIN, whole / 2)


class Wsse:
    """Signs each call anew, as version 2 wants it: the clock may be off by five minutes, a nonce is used once.

    Args:
        user: The API user.
        secret: Its secret.
        clock: The time.
    """

    def __init__(self, user: str, secret: str, clock: Clock) -> None:
        self._user = user
        self._secret = secret
        self._clock = clock

    def authorise(self, headers: dict[str, str]) -> None:
        """Add the signature to a call's headers."""
        nonce = secrets.token_hex(16)
        created = self._clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        headers["X-WSSE"] = (
            f'UsernameToken Username="{self._user}", PasswordDigest="{digest(nonce, created, self._secret)}", '
            f'Nonce="{nonce}", Created="{created}"'
        )


def digest(nonce: str, created: str, secret: str) -> str:
    """The password digest: Base64 of the hexadecimal text of the SHA-1, not of its bytes (CONFIRMED)."""
    hexadecimal = sha1(f"{nonce}{created}{secret}".encode(), usedforsecurity=False).hexdigest()
    return b64encode(hexadecimal.encode()).decode()
