"""One write and its answer, whether it goes by a call of its own or as an operation of a batch."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import quote

from retail_sync.model.delivery import Outcome


class Write(NamedTuple):
    """A request below `/3.0`.

    Attributes:
        path: Percent-encoded, without parameters.
        endpoint: The path's shape, for logs and the failure table.
        once: Done twice it would be there twice: it is sent again only where it has surely not been done.
    """

    method: str
    path: str
    endpoint: str
    body: Any = None
    params: Mapping[str, str] = {}
    once: bool = False


class Reply(NamedTuple):
    """An HTTP status and the parsed body, None where there was none."""

    status: int
    body: Any = None

    @property
    def ok(self) -> bool:
        """Whether it was done."""
        return 200 <= self.status < 300


#: Sends a write and waits for its reply.
Send: TypeAlias = Callable[[Write], Reply]
#: What has to be said to Mailchimp for one row: it yields writes, is sent their replies, and ends with an outcome.
Talk: TypeAlias = Generator[Write, Reply, Outcome]


class Paths:
    """The resources of one audience and its store.

    Args:
        audience: The list's id.
        store: The store's id.
    """

    def __init__(self, audience: str, store: str) -> None:
        self.audience = f"/lists/{quote(audience, safe='')}"
        self.members = f"{self.audience}/members"
        self.merge_fields = f"{self.audience}/merge-fields"
        self.stores = "/ecommerce/stores"
        self.store = f"{self.stores}/{quote(store, safe='')}"
        self.customers = f"{self.store}/customers"
        self.products = f"{self.store}/products"
        self.orders = f"{self.store}/orders"
        self.carts = f"{self.store}/carts"

    @staticmethod
    def one(collection: str, key: str, *below: str) -> str:
        """The path of one object of a collection, or of something below it."""
        return "/".join((collection, quote(key, safe=""), *(quote(part, safe="") for part in below)))
