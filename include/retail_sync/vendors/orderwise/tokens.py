"""The token that OrderWise asks for: got with a name and a password, kept for a while, got again when it is refused."""

from __future__ import annotations

from retail_sync.http.bearer import BearerToken, Given, basic
from retail_sync.http.client import HttpClient
from retail_sync.http.messages import Call
from retail_sync.model.ports import Clock
from retail_sync.vendors.orderwise.facts import TOKEN_LIFE, TOKEN_PATH

_FIX = "Use the login and password of an OrderWise user who is in an API user group; ordinary users are refused."


def tokens(http: HttpClient, login: str, password: str, clock: Clock) -> BearerToken:
    """The token of an API user.

    Args:
        http: The way to the installation, which adds no token of its own.
        login: The API user.
        password: Its password.
        clock: The time.
    """
    ask = Call("GET", TOKEN_PATH, "token/gettoken", headers={"Authorization": basic(login, password)})
    return BearerToken(http, ask, read=_given, fix=_FIX, clock=clock)


def _given(body: object) -> Given | None:
    """CONFIRMED: a bare JSON text. SEEN: a careful client expects an object as well."""
    if isinstance(body, dict):
        body = body.get("token") or body.get("access_token")
    token = body.strip() if isinstance(body, str) else ""
    return Given(token, TOKEN_LIFE) if token else None
