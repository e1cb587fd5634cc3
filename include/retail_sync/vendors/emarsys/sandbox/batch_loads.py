"""Sales Data Batch Loads: files that somebody puts into a folder; a newer one replaces by order and type."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retail_sync.vendors.emarsys.sandbox.envelope import Json
from retail_sync.vendors.emarsys.sandbox.uploads import Rejected, read

if TYPE_CHECKING:
    from retail_sync.vendors.emarsys.sandbox.account import Account

#: Seconds and a zone are a must here.
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)\Z")


def books(account: Account) -> Json:
    """What the files of the account's folder come to, read in the order in which they came.

    Returns:
        `files` by name (rows taken, or why it was refused), `rows` that stand, `orders` with their sums.
    """
    folder = account.settings.sales_folder
    standing: dict[tuple[str, str], list[Json]] = {}
    files: Json = {}
    for path in sorted(Path(folder).glob("*.csv"), key=_arrival) if folder else []:
        try:
            found = _rows(path)
        except (Rejected, UnicodeDecodeError, ValueError, InvalidOperation) as error:
            files[path.name] = f"refused: {error}".strip()
            continue
        standing.update(found)
        files[path.name] = sum(map(len, found.values()))
    rows = [row for group in standing.values() for row in group]
    return {"files": files, "rows": rows, "orders": _sums(rows)}


def _arrival(path: Path) -> tuple[int, str]:
    return path.stat().st_mtime_ns, path.name


def _rows(path: Path) -> dict[tuple[str, str], list[Json]]:
    table = read(path.read_text(encoding="utf-8"))
    found: dict[tuple[str, str], list[Json]] = {}
    for line in table.lines:
        cells: dict[str, Any] = dict(line.cells)
        if line.flaw or not cells.get("order") or not _TIME.match(cells.get("timestamp", "")):
            raise ValueError(line.flaw or "an order or a time with seconds and zone is missing")
        cells["timestamp"] = datetime.fromisoformat(cells["timestamp"])
        cells |= {name: Decimal(cells[name]) for name in ("price", "quantity")}
        found.setdefault((cells["order"], cells.get("type", "")), []).append(cells)
    return found


def _sums(rows: list[Json]) -> Json:
    sums: Json = {}
    for row in rows:
        one = sums.setdefault(row["order"], {"price": Decimal(0), "quantity": Decimal(0), "rows": 0})
        one["price"] += row["price"]
        one["quantity"] += row["quantity"]
        one["rows"] += 1
    return sums
