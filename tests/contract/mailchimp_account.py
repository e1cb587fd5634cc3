"""A Mailchimp sandbox as tests call it: over HTTP, with the key of its account."""

from __future__ import annotations

import io
import json
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import mailchimp_marketing  # type: ignore[import-untyped]
import msgspec
import requests

from retail_sync.sandbox.client import SandboxControl
from retail_sync.sandbox.host import running
from retail_sync.vendors.mailchimp.sandbox import build

KEY = "0123456789abcdef0123456789abcdef-us99"
LIST = "5a3d0c9b1e"
MEMBERS = f"/lists/{LIST}/members"
STORE = "/ecommerce/stores/shop"


class Answer(NamedTuple):
    """Status and decoded body of an answer."""

    status: int
    body: Any
    headers: Any


class Caller:
    """Calls one account with its key; `control` steers the sandbox itself."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.control = SandboxControl(url)
        self.session = requests.Session()
        self.session.auth = ("anybody", KEY)

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> Answer:
        """One request; gives whatever comes back."""
        answer = self.session.request(method, f"{self.url}/3.0{path}", json=body, params=query, timeout=10)
        return Answer(answer.status_code, answer.json() if answer.content else None, answer.headers)

    def done(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """One request that must succeed; gives its body."""
        answer = self.call(method, path, body, **query)
        assert answer.status in (200, 204), answer.body
        return answer.body

    def refused(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """One request that must be refused; gives the problem."""
        answer = self.call(method, path, body, **query)
        assert answer.status >= 400, answer.body
        assert answer.headers["content-type"].startswith("application/problem+json")
        return answer.body

    def member(self, email: str, status: str = "subscribed", **fields: Any) -> Any:
        """A new member."""
        return self.done("POST", MEMBERS, {"email_address": email, "status": status, **fields})

    def store(self, **fields: Any) -> Any:
        """The store `shop` in crowns."""
        return self.done(
            "POST",
            "/ecommerce/stores",
            {"id": "shop", "list_id": LIST, "name": "Shop", "currency_code": "SEK", **fields},
        )

    def finished(self, batch_id: str) -> Any:
        """A batch, once it is finished."""
        while True:
            batch = self.done("GET", f"/batches/{batch_id}")
            if batch["status"] == "finished":
                return batch
            time.sleep(0.005)

    def verdicts(self, url: str) -> dict[str, tuple[int, Any]]:
        """The result behind an address: by operation id, the status and the decoded response."""
        content = requests.get(url, timeout=10).content
        found: dict[str, tuple[int, Any]] = {}
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
            for entry in archive:
                file = archive.extractfile(entry)
                for one in msgspec.json.decode((file.read() if file else b"") or b"[]"):
                    response = one["response"]
                    found[one["operation_id"]] = (
                        one["status_code"],
                        msgspec.json.decode(response) if response else None,
                    )
        return found

    def close(self) -> None:
        """Close the connections."""
        self.session.close()
        self.control.close()


@contextmanager
def account(**settings: Any) -> Iterator[Caller]:
    """A fresh sandbox with these settings."""
    with running(build(settings)) as url:
        caller = Caller(url)
        yield caller
        caller.close()


def vendor_client(caller: Caller) -> Any:
    """The vendor's own client, pointed at the sandbox."""
    client = mailchimp_marketing.Client()
    client.set_config({"api_key": KEY})
    client.api_client.host = f"{caller.url}/3.0"
    return client


def put_member(name: str) -> dict[str, Any]:
    """The operation of a batch that puts a member."""
    email = f"{name}@mail.test"
    body = json.dumps({"email_address": email, "status_if_new": "subscribed"})
    return {"method": "PUT", "path": f"{MEMBERS}/{email}", "body": body, "operation_id": name}


def order(number: str, **fields: Any) -> dict[str, Any]:
    """A plain order of one known product by one known customer."""
    line = {"id": "1", "product_id": "p1", "product_variant_id": "v1", "quantity": 2, "price": "10.10"}
    return {
        "id": number,
        "customer": {"id": "c1"},
        "currency_code": "SEK",
        "order_total": 20.20,
        "lines": [line],
        **fields,
    }


def product(key: str = "p1", *variants: str) -> dict[str, Any]:
    """A product with these variants, `v1` if none are named."""
    return {"id": key, "title": "Coat", "variants": [{"id": one, "title": one} for one in variants or ("v1",)]}
