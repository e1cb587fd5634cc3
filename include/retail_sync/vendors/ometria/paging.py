"""Whole lists, page by page, and certain to be whole though Ometria says of none how long it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from retail_sync.errors import IncompleteReadError
from retail_sync.vendors.ometria.client import OmetriaClient
from retail_sync.vendors.ometria.facts import PAGE, PAGE_OVERLAP


def everything(
    client: OmetriaClient, path: str, endpoint: str, params: Mapping[str, Any] | None = None
) -> Iterator[dict[str, Any]]:
    """Every object of a list once. Rows stand in the order of ids that never change (CONFIRMED).

    Each page begins with rows that the one before it ended with: where none of them comes again, something is amiss.
    The end is where a page brings nothing else, so that one that came empty or short by mistake ends nothing.

    Args:
        client: The way to Ometria.
        path: The list's path.
        endpoint: Its name in logs.
        params: Further parameters.

    Raises:
        IncompleteReadError: A page did not join the one before it, or was none.
    """
    seen: dict[str, None] = {}
    asked_again = False
    while True:
        offset = max(0, len(seen) - PAGE_OVERLAP)
        page = _page(client.get(path, endpoint, {**(params or {}), "limit": PAGE, "offset": offset}), endpoint)
        fresh = [one for one in page if str(one["id"]) not in seen]
        if seen and len(fresh) == len(page):
            raise IncompleteReadError(f"a page of {endpoint} does not join the one before it", fix="It is read again.")
        for one in fresh:
            seen[str(one["id"])] = None
            yield one
        # The first page has nothing to join, so that an empty one is asked for twice.
        if not fresh and (seen or asked_again):
            return
        asked_again = not fresh


def _page(answer: Any, endpoint: str) -> list[dict[str, Any]]:
    if not isinstance(answer, list) or not all(isinstance(one, dict) and "id" in one for one in answer):
        raise IncompleteReadError(f"a page of {endpoint} is no list of objects", fix="It is read again.")
    return answer
