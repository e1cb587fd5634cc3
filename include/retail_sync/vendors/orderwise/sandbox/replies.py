"""The forms of this vendor's answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from retail_sync.sandbox.kit import Request, Response, reply
from retail_sync.vendors.orderwise.sandbox.settings import Settings


def listed(rows: Sequence[Any], settings: Settings) -> Response:
    """A bare array, or nothing at all where there is nothing."""
    if not rows and settings.empty == "no_content":
        return Response(204)
    return reply(rows)


def refused(message: str, status: int) -> Response:
    """A refusal. ASSUMED: the body; no public source shows one."""
    return reply({"message": message}, status)


def not_there(_: Request, status: int) -> Response:
    """The answer to a path or a method that does not exist."""
    return refused(
        "No HTTP resource was found that matches the request URI." if status == 404 else "Not allowed.", status
    )


def number(request: Request, name: str, default: int) -> int | None:
    """A whole number of the query, or None where it is something else."""
    text = request.argument(name)
    if text is None:
        return default
    return int(text) if text.isdecimal() else None


def path_number(request: Request, name: str) -> int:
    """A number of the path; what is none belongs to nothing."""
    text = request.params[name]
    return int(text) if text.isdecimal() else -1


def is_asked(request: Request, name: str) -> bool:
    """Whether a switch of the query is on."""
    return (request.argument(name) or "").lower() == "true"


def analysis(row: dict[str, Any], prefix: str) -> dict[str, Any]:
    """The fifty analysis fields of a row."""
    fields = {f"{kind}_{place}": row.get(f"{prefix}_{kind}_{place}") for kind in "cdlmn" for place in range(1, 11)}
    flags = {name: bool(value) for name, value in fields.items() if name.startswith("l_") and value is not None}
    return fields | flags
