"""Whole collections, page by page, and certain to be whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from retail_sync.errors import IncompleteReadError
from retail_sync.vendors.mailchimp.facts import PAGE, PAGE_OVERLAP
from retail_sync.vendors.mailchimp.wire import Reply, Send, Write


def everything(
    send: Send, path: str, collection: str, fields: tuple[str, ...], params: Mapping[str, str] | None = None
) -> Iterator[dict[str, Any]]:
    """Every object of a collection once.

    Pages overlap and are joined by id: rows move between pages while somebody writes.

    Args:
        send: Takes a call to Mailchimp.
        path: The collection's path.
        collection: The key under which a page holds its objects.
        fields: What is wanted of an object, dotted; `id` among it.
        params: Further parameters.

    Raises:
        IncompleteReadError: Fewer objects came than Mailchimp says there are.
    """
    wanted = ",".join(f"{collection}.{field}" for field in fields) + ",total_items"
    seen: set[str] = set()
    offset = most = 0
    while True:
        query = {**(params or {}), "fields": wanted, "count": str(PAGE), "offset": str(offset)}
        objects, total = _page(send(Write("GET", path, f"{collection}.list", params=query)), collection)
        most = max(most, total)
        for one in objects:
            if one["id"] not in seen:
                seen.add(one["id"])
                yield one
        if len(objects) < PAGE or offset + len(objects) >= total:
            break
        offset += PAGE - PAGE_OVERLAP
    # A few may leave while we read; more than a page's overlap is a read that can't be trusted.
    if len(seen) < total or len(seen) < most - PAGE_OVERLAP:
        raise IncompleteReadError(
            f"Mailchimp says that there are {most} {collection} and gave {len(seen)}", fix="It is read again."
        )


def _page(reply: Reply, collection: str) -> tuple[list[dict[str, Any]], int]:
    body = reply.body
    if not reply.ok or not isinstance(body, dict) or collection not in body or "total_items" not in body:
        raise IncompleteReadError(f"a page of {collection} could not be read ({reply.status})", fix="It is read again.")
    return body[collection], int(body["total_items"])
