"""The product catalogue: every upload is the whole of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, NamedTuple

from retail_sync.vendors.emarsys.sandbox.uploads import Rejected, Table

if TYPE_CHECKING:
    from retail_sync.vendors.emarsys.sandbox.account import Account

#: Without these an upload is refused. ASSUMED: which they are.
REQUIRED = ("item", "title", "link")
KNOWN = frozenset(
    {
        "item",
        "title",
        "link",
        "image",
        "zoom_image",
        "category",
        "available",
        "price",
        "msrp",
        "description",
        "group_id",
    }
)
_OWN = re.compile(r"c_\w+\Z")
_LOCALE = re.compile(rf"(?:{'|'.join(KNOWN)})_\w+\Z")


class CatalogueUpload(NamedTuple):
    """An upload: what it brought, and what was gone through it."""

    at: datetime
    rows: int
    dropped: int
    gone: tuple[str, ...]


class Catalogue:
    """The products by item, and every upload, oldest first."""

    def __init__(self) -> None:
        self.items: dict[str, Mapping[str, str]] = {}
        self.uploads: list[CatalogueUpload] = []


def take(account: Account, table: Table, _: str) -> None:
    """Replace the catalogue: what an upload does not have is gone. Of an item that comes twice the last one counts.

    Raises:
        Rejected: 400: a column is missing or unknown.
    """
    missing = [name for name in REQUIRED if name not in table.header]
    unknown = [one for one in table.header if one not in KNOWN and not _OWN.match(one) and not _LOCALE.match(one)]
    if missing or unknown:
        raise Rejected(400, f"Invalid columns: {', '.join((*missing, *unknown))}\n")
    items = {line.cells["item"]: line.cells for line in table.lines if not line.flaw and _is_sound(line.cells)}
    gone = tuple(item for item in account.catalogue.items if item not in items)
    dropped = len(table.lines) - len(items)
    account.catalogue.items = dict(items)
    account.catalogue.uploads.append(CatalogueUpload(account.now(), len(table.lines), dropped, gone))


def _is_sound(cells: Mapping[str, str]) -> bool:
    if not all(cells[name] for name in REQUIRED) or cells.get("available", "true") not in ("true", "false"):
        return False
    try:
        return all(Decimal(cells.get(name) or "0").is_finite() for name in ("price", "msrp"))
    except InvalidOperation:
        return False
