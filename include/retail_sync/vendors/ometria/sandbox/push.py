"""Requests for the queue: pushes, and the errors of what was pushed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from retail_sync.vendors.ometria.sandbox.endpoints import Answer, Ask, Endpoint
from retail_sync.vendors.ometria.sandbox.refusals import invalid, too_large
from retail_sync.vendors.ometria.sandbox.schema import Json

if TYPE_CHECKING:
    from retail_sync.vendors.ometria.sandbox.account import Account

MOST_RECORDS = 100
LARGEST_RECORD = 60_000
ERRORS = "/push/_errors"


def push(account: Account, ask: Ask) -> Answer:
    """POST records of one type: they are received, which does not say that they are right.

    ASSUMED: too many of them, several types, or one that is too large refuse the whole call.
    """
    records = _readable(ask.json())
    taken = account.queue.push(records)
    answer = {
        "status": "OK",
        "request_id": taken.request_id,
        "accepted": taken.accepted,
        "rejected": taken.rejected,
    }
    return Answer(answer, account.settings.push_status, _room(account))


def errors(account: Account, ask: Ask) -> Answer:
    """GET the last records that failed, whoever sent them."""
    if fault := account.traps.take("errors_overflow", ask.request.endpoint):
        account.queue.fail_others(int(fault.options.get("rows", account.settings.errors_kept)))
    listed = list(account.queue.errors)
    return Answer(listed[::-1] if account.settings.errors_order == "newest_first" else listed)


def _readable(body: Any) -> list[Json]:
    if type(body) is not list:
        raise invalid("Body must be an array of records.")
    if not 1 <= len(body) <= MOST_RECORDS:
        raise invalid(f"Between 1 and {MOST_RECORDS} records are allowed.")
    if any(type(record) is not dict or type(record.get("@type")) is not str for record in body):
        raise invalid("Each record must be an object with an @type.")
    if len({record["@type"] for record in body}) > 1:
        raise invalid("All records must be of one type.")
    if any(len(msgspec.json.encode(record)) > LARGEST_RECORD for record in body):
        raise too_large()
    return body


def _room(account: Account) -> dict[str, str]:
    limit = account.settings.queue_limit
    if limit is None or not account.settings.queue_headers:
        return {}
    return {"X-QueueSize-Limit": str(limit), "X-QueueSize-Remaining": str(limit - len(account.queue))}


ENDPOINTS = (
    Endpoint("POST", "/push", push, "push"),
    Endpoint("GET", ERRORS, errors),
)
