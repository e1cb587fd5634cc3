"""The HTTP API of one OrderWise installation: export definitions, and customers one by one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import msgspec

from retail_sync.errors import (
    ConfigurationError,
    CredentialsError,
    PermissionMissingError,
    RejectedError,
    SchemaDriftError,
    UnreachableError,
)
from retail_sync.http.bearer import BearerToken
from retail_sync.http.client import HttpClient
from retail_sync.http.limits import Limits
from retail_sync.http.messages import NO_JSON, Answer, Call
from retail_sync.model.ports import Connection, Services
from retail_sync.vendors.orderwise import facts
from retail_sync.vendors.orderwise.facts import ExportName, Settings
from retail_sync.vendors.orderwise.tokens import tokens

#: SEEN: one that runs tries three times. An ERP that is in trouble is not asked more often than that.
_TRIES = 3
_MEGABYTES = 1024 * 1024
#: Numbers keep every digit that was sent.
_decode = msgspec.json.Decoder(float_hook=Decimal).decode
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Answered:
    """Decoded JSON, with the time at which its request left. CONFIRMED: where there is nothing, 204 says so: None."""

    value: Any
    requested_at: datetime


class OrderWiseClient:
    """One installation.

    Args:
        http: The way there.
        token: What lets us in.
        definitions: The number of each export definition.
    """

    def __init__(self, http: HttpClient, token: BearerToken, definitions: Mapping[ExportName, int]) -> None:
        self._http = http
        self._token = token
        self._definitions = definitions

    def log_in(self) -> None:
        """Get a token, whether or not one is held.

        Raises:
            CredentialsError: OrderWise lets this user in no more, or never did.
            WaitError: OrderWise can't be reached.
        """
        self._token.renew()

    def export(self, name: ExportName, parameters: Mapping[str, Any]) -> Answered:
        """Run an export definition (CONFIRMED: parameters are a list of names and values). It only reads.

        Raises:
            SchemaDriftError: It does not know a parameter, or lacks one.
            ConfigurationError: There is none under that number.
            PermissionMissingError: The API user's group may not run it.
            WaitError: OrderWise can't be reached, or failed.
        """
        number = self._definitions[name]
        body = [{"name": parameter, "value": value} for parameter, value in parameters.items()]
        path = facts.EXPORT_PATH.format(number=number)
        try:
            return self._call(Call("POST", path, f"system/export-definition {name}", json=body, repeatable=True))
        except RejectedError as error:
            raise _refused(name, number, error) from None

    def customers(self, last_id: int, limit: int) -> Answered:
        """Customers behind one, by their ids (SEEN).

        Raises:
            ConfigurationError: The API user's group may not read them.
            WaitError: OrderWise can't be reached, or failed.
        """
        params = {"limit": limit, "last_id": last_id}
        return self._call(Call("GET", facts.CUSTOMERS_PATH, "customers", params=params))

    def customer(self, customer: int, **params: Any) -> Answered:
        """One customer (SEEN).

        Raises:
            RejectedError: There is no such customer.
        """
        path = facts.CUSTOMER_PATH.format(customer=customer)
        return self._call(Call("GET", path, "customers/{id}", params=params))

    def contacts(self, customer: int, **params: Any) -> Answered:
        """Contacts of a customer (SEEN: asked for one, it comes alone or in a list)."""
        path = facts.CONTACTS_PATH.format(customer=customer)
        return self._call(Call("GET", path, "customers/{id}/customer-contacts", params=params))

    def change_customer(self, customer: int, fields: Mapping[str, Any]) -> None:
        """Change fields of a customer, and leave the others (ASSUMED).

        Raises:
            RejectedError: OrderWise would not have it.
        """
        path = facts.CUSTOMER_PATH.format(customer=customer)
        self._call(Call("PUT", path, "customers/{id}", json=fields, expects="anything"))

    def change_contact(self, customer: int, contact: int, fields: Mapping[str, Any]) -> None:
        """Change fields of a contact, and leave the others (ASSUMED); see `change_customer`."""
        path = facts.CONTACT_PATH.format(customer=customer, contact=contact)
        self._call(Call("PUT", path, "customers/{id}/customer-contacts/{id}", json=fields, expects="anything"))

    def _call(self, call: Call) -> Answered:
        try:
            answer = self._http.call(call)
        except PermissionMissingError as error:
            raise PermissionMissingError(
                f"the API user may not call {call.method} {call.endpoint}: {error.what}",
                fix="In OrderWise, give the user's API user group the right to this endpoint.",
                endpoint=call.endpoint,
            ) from None
        except CredentialsError as error:
            if "endpoint" not in error.fields:
                # It was no call of ours that was refused, but the login itself.
                raise
            raise CredentialsError(
                f"OrderWise refuses a token that it has just given: {error.what}",
                fix="See whether the API user's group was taken away, or its password changed.",
            ) from None
        return Answered(None if call.expects == "anything" else _json(answer), answer.requested_at)


def connect(settings: Settings, connection: Connection, services: Services) -> OrderWiseClient:
    """The installation of a connection: its host is the base URL with its path, such as `https://erp.shop.test/owapi`.

    Raises:
        ConfigurationError: The connection has no host, login or password, or would send them unencrypted.
    """
    base_url = _endpoint(connection)
    login, password = connection.login or "", connection.password or ""
    limits = Limits(read=settings.timeout, total=settings.timeout, size=256 * _MEGABYTES, tries=_TRIES)
    parts = urlsplit(base_url)
    name = f"orderwise {parts.netloc}{parts.path.lower()}"
    budget = services.budget(name, settings.rate_limit, None, settings.slots)
    shared: dict[str, Any] = {
        "limits": limits,
        "budget": budget,
        "secrets": [password],
        "clock": services.clock,
        "plain_http": settings.plain_http or bool(connection.extra.get("plain_http")),
    }
    token = tokens(HttpClient(base_url, **shared), login, password, services.clock)
    http = HttpClient(base_url, **shared, authorise=token.authorise, renew=token.renew)
    return OrderWiseClient(http, token, settings.definitions)


def _endpoint(connection: Connection) -> str:
    missing = [name for name in ("host", "login", "password") if not (getattr(connection, name) or "").strip()]
    if missing:
        raise ConfigurationError(
            f"has no {', no '.join(missing)}",
            record=f"connection {connection.name}",
            fix="Set its host to the API's whole address, such as https://erp.shop.test/owapi, and its login and "
            "password to those of an API user.",
        )
    host = connection.host.strip().rstrip("/")
    return host if "://" in host else f"https://{host}"


def _json(answer: Answer) -> Any:
    text = answer.body.removeprefix(_BYTE_ORDER_MARK)
    try:
        return _decode(text) if text else None
    except (*NO_JSON, ArithmeticError) as error:
        raise UnreachableError(f"the answer can't be read as JSON ({type(error).__name__})") from None


def _refused(name: ExportName, number: int, error: RejectedError) -> ConfigurationError:
    record = f"export definition {name} ({number})"
    if error.fields.get("status") == 404:
        return ConfigurationError(
            "OrderWise has none under this number",
            record=record,
            fix=f"Set source.settings.definitions.{name} to the Export Definition ID that OrderWise shows.",
        )
    return SchemaDriftError(
        f"OrderWise does not take the call: {error.what}",
        record=record,
        fix=f"Install definitions/{name}.sql again, with its parameters as they stand in its header.",
    )
