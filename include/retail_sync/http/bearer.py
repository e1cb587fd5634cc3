"""Tokens that a vendor gives for a while: got when they are needed, kept while they are good, got anew when refused."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, NamedTuple

from retail_sync.errors import CredentialsError
from retail_sync.model.ports import Clock

from .client import HttpClient
from .messages import Call


class Given(NamedTuple):
    """A token as a vendor gave it, and for how long it is used."""

    token: str
    good_for: timedelta


class BearerToken:
    """Sends the current token along with calls. May be shared by threads.

    Args:
        http: The way to whoever gives tokens, which adds none of its own.
        ask: The call that asks for one.
        read: Finds it in the answer's JSON; None where there is none.
        fix: What to do where none is given.
        clock: The time, by which a token gets old.
    """

    def __init__(
        self, http: HttpClient, ask: Call, *, read: Callable[[Any], Given | None], fix: str, clock: Clock
    ) -> None:
        self._http = http
        self._ask = ask
        self._read = read
        self._fix = fix
        self._clock = clock
        self._getting = Lock()
        self._token = ""
        self._until: datetime | None = None

    def authorise(self, headers: dict[str, str]) -> None:
        """Add the token to a call's headers.

        Raises:
            CredentialsError: There is none to be had.
            WaitError: Nobody who gives tokens can be reached.
        """
        with self._getting:
            if self._until is None or self._clock() >= self._until:
                self._get()
            headers["Authorization"] = f"Bearer {self._token}"

    def renew(self) -> None:
        """Get a new token, whatever the age of this one; see `authorise`."""
        with self._getting:
            self._get()

    def _get(self) -> None:
        asked_at = self._clock()
        try:
            given = self._read(self._http.json(self._ask))
        except CredentialsError as error:
            raise CredentialsError(error.what, fix=self._fix) from None
        if given is None:
            raise CredentialsError("no token was given", fix=self._fix)
        self._token, self._until = given.token, asked_at + given.good_for


def basic(login: str, password: str) -> str:
    """What the header `Authorization` holds for a login and a password."""
    return f"Basic {b64encode(f'{login}:{password}'.encode()).decode()}"
