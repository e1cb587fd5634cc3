"""Centra's older Order API, asked for one thing only: where a parcel can be followed, which GraphQL does not tell."""

from __future__ import annotations

import dataclasses
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from retail_sync.errors import ConfigurationError
from retail_sync.http.client import HttpClient
from retail_sync.http.limits import Limits
from retail_sync.http.messages import Call
from retail_sync.model.ports import Services
from retail_sync.model.reading import Page
from retail_sync.model.records import Order, Shipment
from retail_sync.vendors.centra.facts import OrderApiSettings

#: CONFIRMED: 1 to 100 shipments in an answer.
_MOST = "100"


class _Parcel(Struct, rename="camel"):
    """A shipment of an answer. CONFIRMED names; its id is what GraphQL calls its number, as `83651-1`."""

    shipment_id: str
    tracking_url: str | None = None


class _Answer(Struct):
    """The envelope (CONFIRMED). ASSUMED: the list is called as its path is."""

    status: str
    shipments: list[_Parcel] = []


class OrderApi:
    """The Order API plugin of one environment.

    Args:
        http: The way there.
    """

    def __init__(self, http: HttpClient) -> None:
        self._http = http

    def follow(self, page: Page) -> Page:
        """The page with the addresses of parcels that have left, could be followed, and have none as yet.

        Raises:
            ConfigurationError: The plugin refuses the secret, or the question.
            WaitError: It is not to be had. An order that lost its address for that would seem to have changed.
        """
        records = [self._followed(one) if _lacks_one(one) else one for one in page.records]
        return dataclasses.replace(page, records=records)

    def _followed(self, order: Any) -> Order:
        addresses = self._addresses(order.number)
        parcels = [
            replace(parcel, tracking_url=addresses.get(parcel.number)) if _lacks_address(parcel) else parcel
            for parcel in order.shipments
        ]
        found: Order = replace(order, shipments=tuple(parcels))
        return found

    def _addresses(self, number: str) -> dict[str, str]:
        call = Call(
            method="GET",
            path="/shipments",
            endpoint="order_api.shipments",
            params={"status": "completed", "order": number, "limit": _MOST},
        )
        answer: _Answer = self._http.json(call, _Answer)
        if answer.status != "ok":
            raise ConfigurationError(
                "Centra's Order API refused to tell of shipments",
                record=f"order {number}",
                fix="Compare the secret of its connection with the plugin's, and see what the plugin may show.",
            )
        told = {one.shipment_id: one.tracking_url or "" for one in answer.shipments}
        return {number: address for number, address in told.items() if urlsplit(address).scheme == "https"}


def connect(settings: OrderApiSettings, services: Services) -> OrderApi:
    """The Order API of a connection: its host is the plugin's address, its password the shared secret.

    Raises:
        ConfigurationError: There is no such connection, or it lacks either.
    """
    if services.connections is None:
        raise ConfigurationError("no connections are to be had here", record="source.settings.order_api")
    connection = services.connections(settings.connection)
    secret = connection.password or ""
    if not connection.host or not secret:
        raise ConfigurationError(
            "lacks the plugin's address or its secret",
            record=f"connection {connection.name}",
            fix="Set its host to the Order API plugin's URL, and its password to the plugin's shared secret.",
        )
    host = connection.host.rstrip("/")
    http = HttpClient(
        host,
        limits=Limits(read=30),
        budget=services.budget(f"centra order api {urlsplit(host).netloc}", settings.rate, None, 2),
        authorise=lambda headers: headers.update({"API-Authorization": secret}),
        secrets=[secret],
        clock=services.clock,
        plain_http=bool(connection.extra.get("plain_http")),
    )
    return OrderApi(http)


def _lacks_one(record: object) -> bool:
    return isinstance(record, Order) and any(map(_lacks_address, record.shipments))


def _lacks_address(parcel: Shipment) -> bool:
    return parcel.shipped and not parcel.untracked and not parcel.tracking_url
