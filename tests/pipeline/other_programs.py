"""What some other program of an account does by the platform's own API, behind the pair's back."""

from __future__ import annotations

from typing import Any

import requests

from tests.oracle.terms import Json

from .shop import Shop

_TIMEOUT = 30


def emarsys_rows(shop: Shop, order: str, email: str, *rows: tuple[str, int, str]) -> None:
    """Append rows of sales data: item, pieces and price of each; of a buyer by address, or of one whom nobody knows."""
    keys = {
        one["email"]: one["fields"].get("retail_sync_id", "unknown-2") for one in shop.destination.state()["contacts"]
    }
    settings = shop.road.pair.destination.settings
    lines = [",".join(settings["sales_columns"])]
    for item, quantity, price in rows:
        cells = {"order": order, "timestamp": "2026-03-02T12:00:00Z", "customer": keys.get(email, "unknown-1")}
        cells |= {"item": item, "price": price, "quantity": str(quantity)}
        lines.append(",".join(cells[name] for name in settings["sales_columns"]))
    url = f"{shop.destination.url}/hapi/merchant/{settings['merchant']}/sales-data/api"
    token = _connection(shop)["extra"]["sales_token"]
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "text/csv", "Accept": "text/plain"}
    _ok(requests.post(url, data="\n".join(lines) + "\n", headers=headers, timeout=_TIMEOUT))


def emarsys_event(shop: Shop, email: str, name: str, **told: str) -> None:
    """Trigger an external event for a contact, under an id of its own."""
    connection = _connection(shop)
    credentials = (connection["login"], connection["password"])
    form = {"grant_type": "client_credentials"}
    token = _ok(requests.post(connection["extra"]["token_url"], data=form, auth=credentials, timeout=_TIMEOUT))
    url = f"{shop.destination.url}/api/v3/event/{shop.destination.state()['events'][name]}/trigger"
    body = {"key_id": "3", "external_id": email, "data": {"global": told}}
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    _ok(requests.post(url, json=body, headers=headers, timeout=_TIMEOUT))


def ometria_push(shop: Shop, **record: Any) -> None:
    """Push one record, named by its `type`."""
    body = [{"@type": record.pop("type"), **record}]
    headers = {"X-Ometria-Auth": _connection(shop)["password"]}
    _ok(requests.post(f"{shop.destination.url}/v2/push", json=body, headers=headers, timeout=_TIMEOUT))


def ometria_merge(shop: Shop, survivor: str, *others: str) -> None:
    """Merge the profiles of customers into another one's: the listings of those others are deleted."""
    named = [{"type": "customer_id", "value": customer} for customer in others]
    body = {"survivor": {"type": "customer_id", "value": survivor}, "customers_to_merge": named}
    headers = {"X-Ometria-Auth": _connection(shop)["password"]}
    _ok(requests.post(f"{shop.destination.url}/v2/merge-profile", json=body, headers=headers, timeout=_TIMEOUT))


def _connection(shop: Shop) -> Json:
    found: Json = shop.destination.health()["connection"]
    return found


def _ok(answer: requests.Response) -> Json:
    assert answer.ok, answer.text
    content: Json = answer.json() if answer.text.startswith("{") else {}
    return content
