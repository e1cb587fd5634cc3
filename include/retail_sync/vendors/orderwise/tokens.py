"""The token that OrderWise asks for: got with a name and a password, kept for a while, got again when it is refused."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime
from threading import Lock

from retail_sync.errors import CredentialsError
from retail_sync.http.client import HttpClient
from retail_sync.http.messages import Call
from retail_sync.model.ports import Clock
from retail_sync.vendors.orderwise.facts import TOKEN_LIFE, TOKEN_PATH

_FIX = "Use the login and password of an OrderWise user who is in an API user group; ordinary users are refused."


class Tokens:
    """Gives the current token of one API user.

    Args:
        http: The way to the installation, which adds no token of its own.
        login: The API user.
        password: Its password.
        clock: The time, by which a token gets old.
    """

    def __init__(self, http: HttpClient, login: str, password: str, clock: Clock) -> None:
        self._http = http
        self._basic = b64encode(f"{login}:{password}".encode()).decode()
        self._clock = clock
        self._getting = Lock()
        self._token = ""
        self._got_at: datetime | None = None

    def authorise(self, headers: dict[str, str]) -> None:
        """Add the token to a call's headers.

        Raises:
            CredentialsError: There is none to be had for this user.
            WaitError: OrderWise can't be reached.
        """
        with self._getting:
            if self._got_at is None or self._clock() - self._got_at >= TOKEN_LIFE:
                self._get()
            headers["Authorization"] = f"Bearer {self._token}"

    def renew(self) -> None:
        """Get a new token, whatever the age of this one; see `authorise`."""
        with self._getting:
            self._get()

    def _get(self) -> None:
        call = Call("GET", TOKEN_PATH, "token/gettoken", headers={"Authorization": f"Basic {self._basic}"})
        now = self._clock()
        try:
            token = _token(self._http.json(call))
        except CredentialsError as error:
            raise CredentialsError(error.what, fix=_FIX) from None
        if not token:
            raise CredentialsError("OrderWise answered without a token", fix=_FIX)
        self._token, self._got_at = token, now


def _token(body: object) -> str:
    """CONFIRMED: a bare JSON text. SEEN: a careful client expects an object as well."""
    if isinstance(body, dict):
        body = body.get("token") or body.get("access_token")
    return body.strip() if isinstance(body, str) else ""
