"""The way to Emarsys' Core API: where it is, who we are, what its answers mean."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import msgspec

from retail_sync.errors import ConfigurationError, UnreachableError
from retail_sync.http.bearer import BearerToken
from retail_sync.http.client import Authorise, HttpClient
from retail_sync.http.failures import Action, FailureTable, Rule
from retail_sync.http.limits import Limits
from retail_sync.http.messages import Answer, Call
from retail_sync.http.transport import RequestsTransport
from retail_sync.model.ports import Connection, Services
from retail_sync.vendors.emarsys.allowance import HeedingTransport
from retail_sync.vendors.emarsys.auth import Wsse, tokens
from retail_sync.vendors.emarsys.facts import (
    API_HOST,
    BURST,
    CONNECTIONS,
    REQUESTS_A_MINUTE,
    TOKEN_URL,
    VERSIONS,
    EmarsysSettings,
)
from retail_sync.vendors.emarsys.wire import Ask, Reply

_JSON = {"Content-Type": "application/json"}
_LIMITS = Limits(longest_wait=75)


def _envelope(answer: Answer) -> Mapping[str, Any] | None:
    """What the API itself says; None where something that stands before it has answered.

    It calls its JSON `text/html`, so only the body tells, and gateways speak JSON too: by its `replyCode` (CONFIRMED).
    """
    found: Any = answer.json() if answer.is_json else None
    return found if isinstance(found, dict) and str(found.get("replyCode")).isdigit() else None


_REFUSALS = (400, 404, 405, 410, 422)
_FAILURES = FailureTable(
    (
        Rule(_REFUSALS, Action.ANSWER, when=lambda answer: _envelope(answer) is not None),
        Rule(_REFUSALS, Action.RETRY),
        # Whoever says so, the call was too large.
        Rule((413,), Action.ANSWER),
    )
)


class EmarsysClient:
    """One API user's access. May be shared by threads.

    Args:
        http: The way there.
    """

    def __init__(self, http: HttpClient) -> None:
        self._http = http

    def send(self, ask: Ask) -> Reply:
        """Send a request and wait for its reply; a refusal in Emarsys' own form is a reply.

        Raises:
            CredentialsError: The credentials are wrong or were revoked.
            PermissionMissingError: They may not use this endpoint, which is so for each until somebody allows it.
            WaitError: Emarsys is not to be had, or asks for a pause.
        """
        answer = self._http.call(
            Call(
                method=ask.method,
                path=ask.path,
                endpoint=ask.endpoint,
                params=ask.params,
                body=None if ask.body is None else msgspec.json.encode(ask.body),
                # CONFIRMED: wanted with every request, those without a body too.
                headers=_JSON,
                repeatable=ask.repeatable,
            )
        )
        return _reply(answer, ask.endpoint)

    def text(self, ask: Ask) -> tuple[Reply, str]:
        """Ask for a file: an empty reply with its text, or a refusal with none; see `send`."""
        answer = self._http.call(
            Call(ask.method, ask.path, ask.endpoint, ask.params, headers={**_JSON, "Accept": "*/*"}, expects="anything")
        )
        text = answer.body.decode("utf-8-sig", errors="replace")
        if answer.status == 200 and not text.lstrip().startswith(("<", "{")):
            return Reply(200, 0, "OK"), text
        return _reply(answer, ask.endpoint), ""


def connect(connection: Connection, settings: EmarsysSettings, services: Services) -> EmarsysClient:
    """The client of a connection: its login and password are the client's id and secret, or the WSSE user's.

    Raises:
        ConfigurationError: One of them is missing.
    """
    login, secret = connection.login or "", connection.password or ""
    if not login or not secret:
        raise ConfigurationError(
            "lacks the API credential",
            record=f"connection {connection.name}",
            fix="Put the client's id and secret into login and password; for `auth: wsse` the API user's.",
        )
    url = origin(connection) + VERSIONS[settings.auth]
    plain = bool(connection.extra.get("plain_http"))
    token = _token(connection, settings, services) if settings.auth == "oauth2" else None
    authorise: Authorise = token.authorise if token else Wsse(login, secret, services.clock).authorise
    # The allowance is the API user's.
    account = f"{urlsplit(url).netloc} {sha256(login.encode()).hexdigest()[:8]}"
    http = HttpClient(
        url,
        failures=_FAILURES,
        limits=_LIMITS,
        budget=services.budget(f"emarsys {account}", REQUESTS_A_MINUTE / 60, BURST, CONNECTIONS),
        authorise=authorise,
        renew=token.renew if token else None,
        secrets=(secret,),
        transport=HeedingTransport(RequestsTransport(url)),
        clock=services.clock,
        plain_http=plain,
    )
    return EmarsysClient(http)


def origin(connection: Connection) -> str:
    """Scheme and host of the API."""
    host = connection.host.strip().rstrip("/")
    for path in VERSIONS.values():
        host = host.removesuffix(path)
    return (host if "://" in host else f"https://{host}") if host else API_HOST


def _token(connection: Connection, settings: EmarsysSettings, services: Services) -> BearerToken:
    url = str(connection.extra.get("token_url") or settings.token_url or TOKEN_URL)
    parts = urlsplit(url)
    secret = connection.password or ""
    http = HttpClient(
        f"{parts.scheme}://{parts.netloc}",
        limits=_LIMITS,
        secrets=(secret,),
        clock=services.clock,
        plain_http=bool(connection.extra.get("plain_http")),
    )
    return tokens(http, parts.path or "/", connection.login or "", secret, clock=services.clock)


def _reply(answer: Answer, endpoint: str) -> Reply:
    found = _envelope(answer)
    if found is not None:
        return Reply(answer.status, int(found["replyCode"]), str(found.get("replyText") or ""), found.get("data"))
    if answer.status == 413:
        return Reply(answer.status, None, "")
    raise UnreachableError(f"{endpoint} was answered without an envelope", fix="It is tried again.", sent=True)
