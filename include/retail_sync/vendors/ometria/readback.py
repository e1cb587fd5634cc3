"""Reading objects back, in the shape in which they were wanted. Of events Ometria gives nothing back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from retail_sync.errors import ConfigurationError
from retail_sync.model.delivery import Held, Total
from retail_sync.vendors.ometria.client import OmetriaClient
from retail_sync.vendors.ometria.orders import sale_of
from retail_sync.vendors.ometria.paging import everything
from retail_sync.vendors.ometria.payloads import money
from retail_sync.vendors.ometria.people import Names
from retail_sync.vendors.ometria.shapes import Shapes

#: Without it a list of products leaves the variants out.
_WITH_VARIANTS = {"includeVariants": True}
#: How many single reads one page of a list is worth.
_PAGE_WEIGHT = 50


class Readback:
    """Reads what one pair owns of an account.

    Args:
        client: The way to Ometria.
        names: How the pair's people are called.
        shapes: How what is held becomes payloads.
    """

    def __init__(self, client: OmetriaClient, names: Names, shapes: Shapes) -> None:
        self._client = client
        self._names = names
        self._shapes = shapes
        self._paths = {
            "contact": f"/contacts/{quote(names.collection, safe='')}",
            "order": "/orders",
            "product": "/products",
            "variant": "/products",
        }

    def raw(self, kind: str, vendor_key: str) -> Mapping[str, Any] | None:
        """An object as Ometria gives it; None where there is none, or Ometria did not tell: see `assure`.

        Raises:
            ConfigurationError: Ometria gives nothing of that kind back.
        """
        path = f"{self._path(kind)}/{quote(vendor_key, safe='')}"
        found = self._client.get(path, f"{kind}.read")
        return found if isinstance(found, dict) else None

    def assure(self, kind: str) -> None:
        """Make sure that what was not found of a kind is not there.

        Raises:
            WaitError: Ometria did not tell.
        """
        self._client.assure(self._path(kind), f"{kind}.read")

    def held(self, kind: str, vendor_key: str) -> dict[str, Any] | None:
        """An object's owned fields; None where it is not there, or is none of ours; see `raw`."""
        found = self.raw(kind, vendor_key)
        return None if found is None else self._shapes.payload(kind, found)

    def read(self, kind: str, vendor_keys: Sequence[str]) -> Iterator[Held]:
        """One answer for each key: few by single reads, many by the whole list.

        Raises:
            WaitError: Ometria did not tell.
        """
        if len(vendor_keys) <= _PAGE_WEIGHT:
            few = [Held(kind=kind, vendor_key=key, payload=self.held(kind, key)) for key in vendor_keys]
            if any(one.payload is None for one in few):
                self.assure(kind)
            yield from few
            return
        missing = dict.fromkeys(vendor_keys)
        for found in self.read_all(kind):
            if found.vendor_key in missing:
                del missing[found.vendor_key]
                yield found
        yield from (Held(kind=kind, vendor_key=key, payload=None) for key in missing)

    def read_all(self, kind: str) -> Iterator[Held]:
        """Every object of that kind that bears our mark, by pages of the whole list.

        Raises:
            ConfigurationError: Ometria gives nothing of that kind back.
            IncompleteReadError: The list could not be read whole.
        """
        for one in everything(self._client, self._path(kind), f"{kind}.list", _params(kind)):
            key = str(one["id"])
            if kind == "contact" and not self._names.is_ours(key):
                continue
            payload = self._shapes.payload(kind, one)
            if payload is not None:
                yield Held(
                    kind=kind, vendor_key=key, payload=payload, sale=sale_of(payload) if kind == "order" else None
                )

    def keys(self, kind: str) -> Iterator[str]:
        """Every key of that kind under which something of ours stands."""
        return (held.vendor_key for held in self.read_all(kind))

    def totals(self) -> list[Total]:
        """Contacts of our collection as Ometria counts them; what orders and products of ours come to when read."""
        collections = self._client.get("/contacts", "contact.collections") or []
        counted = {str(one.get("collection")): one.get("count") for one in collections if isinstance(one, dict)}
        orders, sums = 0, dict[str, Decimal]()
        for held in self.read_all("order"):
            orders += 1
            if held.sale:
                sums[held.sale.currency] = sums.get(held.sale.currency, Decimal(0)) + held.sale.total
        return [
            Total(name="contacts", value=str(counted.get(self._names.collection, 0))),
            Total(name="products", value=str(sum(1 for _ in self.keys("product"))), proof="read_back"),
            Total(name="orders", value=str(orders), proof="read_back"),
            *(Total(name=f"order_total.{code}", value=money(sums[code]), proof="read_back") for code in sorted(sums)),
        ]

    def _path(self, kind: str) -> str:
        if kind not in self._paths:
            raise ConfigurationError(f"Ometria gives no {kind!r} back", fix="Name a kind that it does.")
        return self._paths[kind]


def _params(kind: str) -> Mapping[str, Any]:
    return _WITH_VARIANTS if kind in {"product", "variant"} else {}
