"""Hooks of the vendors' connection types: the provider's HTTP hook, with the vendor's own address and way to log in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import requests
from airflow.providers.http.hooks.http import HttpHook
from requests import Session
from requests.auth import AuthBase, HTTPBasicAuth
from requests.models import PreparedRequest

from retail_sync.errors import ConfigurationError, RetailSyncError
from retail_sync.http import addresses
from retail_sync.model.ports import Connection, Destination, Finding, Source
from retail_sync.operate.check import End, check_end
from retail_sync.pairs.config import Pair
from retail_sync.pairs.files import read_all
from retail_sync.steps.context import Road, open_road

from .connections import airflow_connections
from .database import RetailSyncDbHook

_TOKEN_SECONDS = 30.0


class VendorHook(HttpHook):
    """A vendor's account, as the pair files that name its connection use it."""

    conn_name_attr = "http_conn_id"

    def __init__(self, http_conn_id: str | None = None, **arguments: Any) -> None:
        super().__init__(http_conn_id=http_conn_id or self.default_conn_name, **arguments)

    def connection(self) -> Connection:
        """The connection as the package's client takes it."""
        return airflow_connections(self.http_conn_id)

    def client(self) -> Source | Destination:
        """The account by the package's own client, with its deadlines, sizes, secret filter and the shared budget.

        It is set up as the first pair has it whose file names the connection.

        Raises:
            ConfigurationError: No pair file names a connection of this vendor, or the one it names can't be used.
        """
        place = next(iter(self._places()), None)
        if place is None:
            raise ConfigurationError(
                "no pair file has an end at this vendor",
                record=f"connection {self.http_conn_id}",
                fix="Name the connection in a file of include/pairs.",
            )
        road = self._road(*place)
        return road.source if place[1] == "source" else road.destination

    def get_conn(self, headers: dict[Any, Any] | None = None, extra_options: dict[str, Any] | None = None) -> Session:
        """A session that is logged in, for a call of one's own by `run`.

        The package's own calls don't come this way: they go by `client`, with its deadlines, limits and budgets.

        Raises:
            ConfigurationError: The connection is not there, or would send its secrets unencrypted to another machine.
        """
        connection = self.connection()
        self.base_url = self.checked(self.address(connection), connection)
        self._base_url_initialized = True
        self.merged_extra = dict(extra_options or {})
        session = Session()
        session.auth = self.authorisation(connection)
        session.headers.update(headers or {})
        return session

    def address(self, connection: Connection) -> str:
        """Where the vendor's API is."""
        return connection.host

    def authorisation(self, connection: Connection) -> AuthBase:
        """How the vendor is told who we are."""
        raise NotImplementedError

    def checked(self, address: str, connection: Connection) -> str:
        """An address that the connection's secrets may be sent to, by the rule that the package's own calls keep to.

        Raises:
            ConfigurationError: They would go unencrypted to another machine, and neither the connection's extra nor a
                pair file that names the connection allows that by `plain_http`.
        """
        settings = [getattr(pair, end).settings for pair, end in self._ends() if self._is_named(pair, end)]
        allowed = [connection.extra, *settings]
        return addresses.checked(address, plain_http=any(one.get("plain_http") for one in allowed))

    def test_connection(self) -> tuple[bool, str]:
        """Ask the vendor about everything that a pair needs; what the UI's test button calls.

        That button hands over a connection under a name made up for the occasion. No pair file can name that, so it is
        tried in the place of the vendor's connections, until it fits in one.
        """
        told = [self._test(pair, end) for pair, end in self._places()]
        if not told:
            return False, f"No pair file of include/pairs has an end at {self.hook_name}."
        return next((answer for answer in told if answer[0]), told[0])

    def _places(self) -> list[tuple[Pair, End]]:
        """The ends of pairs that this connection is for."""
        of_vendor = self._ends()
        return [one for one in of_vendor if self._is_named(*one)] or of_vendor

    def _ends(self) -> list[tuple[Pair, End]]:
        """The ends of pairs that are the vendor's."""
        pairs, _ = read_all()
        return [
            *((pair, "source") for pair in pairs if pair.source.system == self.conn_type),
            *((pair, "destination") for pair in pairs if pair.destination.system == self.conn_type),
        ]

    def _is_named(self, pair: Pair, end: End) -> bool:
        return bool(getattr(pair, end).connection == self.http_conn_id)

    def _test(self, pair: Pair, end: End) -> tuple[bool, str]:
        try:
            findings = list(check_end(self._road(pair, end), end))
        except RetailSyncError as error:
            return False, str(error)
        wrong = [_sentence(finding) for finding in findings if not finding.ok]
        return not wrong, "; ".join(wrong or [f"{finding.subject}: {finding.detail}" for finding in findings])

    def _road(self, pair: Pair, end: End) -> Road:
        return open_road(pair, self._in_place_of(getattr(pair, end).connection), RetailSyncDbHook().dsn())

    def _in_place_of(self, name: str) -> Callable[[str], Connection]:
        own = self.connection()
        return lambda wanted: replace(own, name=name) if wanted == name else airflow_connections(wanted)


class CentraHook(VendorHook):
    """Centra's Integration API."""

    default_conn_name = "centra_default"
    conn_type = "centra"
    hook_name = "Centra"

    def authorisation(self, connection: Connection) -> AuthBase:
        """The token of the connection's password field, as a bearer."""
        return _Bearer(connection.password or "")


class FulfilHook(VendorHook):
    """Fulfil's API."""

    default_conn_name = "fulfil_default"
    conn_type = "fulfil"
    hook_name = "Fulfil"

    def authorisation(self, connection: Connection) -> AuthBase:
        """The personal token of the connection's password field, in Fulfil's own header."""
        return _ApiKey("X-API-KEY", connection.password or "")


class OrderWiseHook(VendorHook):
    """OrderWise's API, as a customer's own server has it."""

    default_conn_name = "orderwise_default"
    conn_type = "orderwise"
    hook_name = "OrderWise"

    def authorisation(self, connection: Connection) -> AuthBase:
        """A token that the server gives for the connection's user and password."""
        # Whoever calls by hand calls soon; a token holds for longer than that.
        answer = requests.get(
            f"{connection.host.rstrip('/')}/token/gettoken",
            auth=(connection.login or "", connection.password or ""),
            timeout=_TOKEN_SECONDS,
        )
        answer.raise_for_status()
        return _Bearer(answer.text.strip().strip('"'))


class MailchimpHook(VendorHook):
    """Mailchimp's Marketing API."""

    default_conn_name = "mailchimp_default"
    conn_type = "mailchimp"
    hook_name = "Mailchimp"

    def address(self, connection: Connection) -> str:
        """The connection's host, or the data centre at the end of the key."""
        from retail_sync.vendors.mailchimp.client import base_url

        return base_url(connection)

    def authorisation(self, connection: Connection) -> AuthBase:
        """The key of the connection's password field; Mailchimp looks at no user name."""
        return HTTPBasicAuth("retail-sync", connection.password or "")


class EmarsysHook(VendorHook):
    """Emarsys' Core API, version 3."""

    default_conn_name = "emarsys_default"
    conn_type = "emarsys"
    hook_name = "Emarsys"

    def address(self, connection: Connection) -> str:
        """The connection's host or where the API always is, with the path of version 3."""
        from retail_sync.vendors.emarsys.client import origin
        from retail_sync.vendors.emarsys.facts import VERSIONS

        return origin(connection) + VERSIONS["oauth2"]

    def authorisation(self, connection: Connection) -> AuthBase:
        """A token that is given for the client whose id and secret are the connection's login and password."""
        from retail_sync.vendors.emarsys.facts import TOKEN_URL

        # A token holds for longer than whoever calls by hand needs it.
        answer = requests.post(
            self.checked(str(connection.extra.get("token_url") or TOKEN_URL), connection),
            auth=(connection.login or "", connection.password or ""),
            data={"grant_type": "client_credentials"},
            timeout=_TOKEN_SECONDS,
        )
        answer.raise_for_status()
        return _Bearer(answer.json()["access_token"])


class OmetriaHook(VendorHook):
    """Ometria's Data API."""

    default_conn_name = "ometria_default"
    conn_type = "ometria"
    hook_name = "Ometria"

    def address(self, connection: Connection) -> str:
        """The connection's host or where the API always is, with the path of its version."""
        from retail_sync.vendors.ometria.client import base_url

        return base_url(connection)

    def authorisation(self, connection: Connection) -> AuthBase:
        """The key of the connection's password field, in Ometria's own header."""
        return _ApiKey("X-Ometria-Auth", connection.password or "")


class _ApiKey(AuthBase):
    def __init__(self, header: str, key: str) -> None:
        self._header = header
        self._key = key

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers[self._header] = self._key
        return request


class _Bearer(AuthBase):
    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _sentence(finding: Finding) -> str:
    return f"{finding.subject}: {finding.detail} {finding.fix}".strip()
