"""What a request says besides its path: its body and the parameters of its query."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from retail_sync.sandbox.kit import Request
from retail_sync.vendors.fulfil.sandbox.refusals import user_error
from retail_sync.vendors.fulfil.sandbox.values import decode


def body(request: Request) -> Any:
    """The body as JSON, whatever its content type says.

    Raises:
        RefusedError: It is no JSON.
    """
    if not request.body:
        return None
    try:
        return decode(request.json())
    except (msgspec.DecodeError, ValueError) as error:
        raise user_error(f"The body can't be read: {error}") from error


def context(request: Request) -> Mapping[str, Any]:
    """How to read: the query's `context`."""
    given = json_argument(request, "context")
    return given if isinstance(given, dict) else {}


def json_argument(request: Request, name: str) -> Any:
    """A query parameter that is JSON; None where it is not there.

    Raises:
        RefusedError: It is no JSON.
    """
    text = request.argument(name)
    if not text:
        return None
    try:
        return decode(msgspec.json.decode(text.encode()))
    except (msgspec.DecodeError, ValueError) as error:
        raise user_error(f"{name} can't be read: {error}") from error


def fields(request: Request) -> list[str] | None:
    """Names from `fields=a,b` and from every `field=a`."""
    names = [name for text in request.query.get("fields", []) for name in text.split(",")]
    return [name for name in [*names, *request.query.get("field", [])] if name] or None


def whole(request: Request, name: str, default: int) -> int:
    """A query parameter that counts from one.

    Raises:
        RefusedError: It is no such number.
    """
    text = request.argument(name) or str(default)
    if not text.isdecimal() or int(text) < 1:
        raise user_error(f"{name} is no whole number above zero")
    return int(text)
