"""An Emarsys sandbox as tests call it: over HTTP, with the credentials of its account."""

from __future__ import annotations

import base64
import csv
import hashlib
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple

import requests

from retail_sync.sandbox.client import SandboxControl
from retail_sync.sandbox.host import running
from retail_sync.vendors.emarsys.sandbox import build

CLIENT, SECRET = "retail-sync-client", "retail-sync-secret"
USER, USER_SECRET = "shop001", "s3cret"
MERCHANT, MERCHANT_TOKEN = "1A2B3C4D", "merchant-token"
#: The account's own key, an indexed custom field.
KEY = "5001"
EMAIL, OPT_IN = "3", "31"
SALES_HEADER = "order,timestamp,customer,item,price,quantity"


class Answer(NamedTuple):
    """Status, envelope and headers of an answer."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def data(self) -> Any:
        return self.body["data"]

    @property
    def code(self) -> Any:
        return self.body.get("replyCode")


class Caller:
    """Calls one account by version 3; `control` steers the sandbox itself."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.control = SandboxControl(url)
        self.session = requests.Session()

    def log_in(self) -> None:
        """Get a new token."""
        self.session.headers["Authorization"] = f"Bearer {self.token().json()['access_token']}"

    def token(self, secret: str = SECRET, grant: str = "client_credentials") -> requests.Response:
        """Whatever the token endpoint answers."""
        return requests.post(f"{self.url}/oauth2/token", {"grant_type": grant}, auth=(CLIENT, secret), timeout=10)

    def call(self, method: str, path: str, body: Any = None, version: str = "v3", **query: Any) -> Answer:
        """One request; gives whatever comes back."""
        found = self.session.request(method, f"{self.url}/api/{version}{path}", json=body, params=query, timeout=10)
        return Answer(found.status_code, found.json(), found.headers)

    def done(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """One request that must succeed; gives its data."""
        answer = self.call(method, path, body, **query)
        assert (answer.status, answer.code) == (200, 0), answer.body
        return answer.data

    def refused(self, method: str, path: str, body: Any = None, **query: Any) -> tuple[int, Any]:
        """One request that must be refused; gives status and code."""
        answer = self.call(method, path, body, **query)
        assert answer.status >= 400, answer.body
        assert answer.data == ""
        return answer.status, answer.code

    def put(self, *contacts: Mapping[str, Any], create: int = 1, key: str | int = KEY, **more: Any) -> Any:
        """Contacts in one batch; gives the data of the answer."""
        body = {"key_id": key, "contacts": list(contacts), **more}
        return self.done("PUT", "/contact/", body, create_if_not_exists=create)

    def contact(self, name: str, **more: Any) -> Any:
        """The books on the contact of a key."""
        return next(one for one in self.control.state()["contacts"] if one["fields"].get("retail_sync_id") == name)

    def consent(self, name: str) -> list[tuple[str, str]]:
        """The opt-ins that a contact has had, each with its cause."""
        return [(change["opt_in"], change["cause"]) for change in self.contact(name)["history"]]

    def finished(self, export: int) -> Any:
        """An export, once it is over."""
        while True:
            found = self.done("GET", f"/export/{export}")
            if found["status"] in ("done", "error"):
                return found
            time.sleep(0.005)

    def file(self, export: int, delimiter: str = ",", **query: Any) -> list[list[str]]:
        """The rows of an export's file."""
        found = self.session.get(f"{self.url}/api/v3/export/{export}/data", params=query, timeout=10)
        assert found.headers["content-type"] == "text/csv;charset=UTF-8"
        return list(csv.reader(found.text.splitlines(), delimiter=delimiter))

    def upload(
        self, kind: str, content: str | bytes, token: str = MERCHANT_TOKEN, merchant: str = MERCHANT, **headers: str
    ) -> tuple[int, str]:
        """Send CSV to the interface for sales data or catalogue; gives status and text."""
        sent = {"Authorization": f"Bearer {token}", "Content-Type": "text/csv", "Accept": "text/plain", **headers}
        path = f"{self.url}/hapi/merchant/{merchant}/{kind}/api"
        body = content.encode() if isinstance(content, str) else content
        found = requests.post(path, body, headers=sent, timeout=10)
        return found.status_code, found.text

    def sell(self, *rows: str, header: str = SALES_HEADER) -> tuple[int, str]:
        """Send rows of sales data."""
        return self.upload("sales-data", "\n".join((header, *rows)) + "\n")

    def close(self) -> None:
        """Close the connections."""
        self.session.close()
        self.control.close()


@contextmanager
def account(**settings: Any) -> Iterator[Caller]:
    """A fresh sandbox with these settings, and a token for it."""
    with running(build(settings)) as url:
        caller = Caller(url)
        caller.log_in()
        yield caller
        caller.close()


def fresh(caller: Caller) -> Caller:
    """The same sandbox as at its start, and a new token for it."""
    caller.control.reset()
    caller.log_in()
    return caller


def person(name: str, **more: Any) -> dict[str, Any]:
    """A contact with a key and an address."""
    return {KEY: name, EMAIL: f"{name}@mail.test", **more}


def wsse(
    secret: str = USER_SECRET, created: str | None = None, nonce: str | None = None, names: Sequence[str] = ()
) -> str:
    """A WSSE header; `names` are its parts in their order and case."""
    nonce = nonce or secrets.token_hex(16)
    created = created or datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    hexadecimal = hashlib.sha1(f"{nonce}{created}{secret}".encode(), usedforsecurity=False).hexdigest()
    digest = base64.b64encode(hexadecimal.encode()).decode()
    parts = {"username": USER, "passworddigest": digest, "nonce": nonce, "created": created}
    told = names or ("Username", "PasswordDigest", "Nonce", "Created")
    return "UsernameToken " + ", ".join(f'{name}="{parts[name.lower()]}"' for name in told)
