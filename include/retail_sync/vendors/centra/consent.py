"""Opt-outs on their way back to Centra's customer records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from retail_sync.errors import UnreachableError
from retail_sync.model.delivery import Delivery, Outcome, Wanted
from retail_sync.model.texts import shown
from retail_sync.vendors.centra.client import GraphClient
from retail_sync.vendors.centra.envelope import Envelope, GraphError, decoder, refusal
from retail_sync.vendors.centra.facts import Settings
from retail_sync.vendors.centra.queries import opt_outs

KIND = "customer_consent"


class UserError(Struct):
    """Why a mutation was not done (CONFIRMED shape); it comes with HTTP 200."""

    message: str
    path: list[str] | None = None


class Flag(Struct):
    """What a customer says of the newsletter after a mutation."""

    newsletter: bool | None = None


class _Done(Struct, rename="camel"):
    user_errors: list[UserError] = []
    customer: Flag | None = None


_decode = decoder(dict[str, _Done | None])


def wanted(customer_key: str) -> Wanted:
    """The row that takes a customer off the newsletter. Only ever off: nothing here can opt anybody in."""
    return Wanted(
        kind=KIND,
        object_id=f"{KIND}:{customer_key}",
        vendor_key=customer_key,
        payload={"receive_newsletters": False},
    )


def deliver(client: GraphClient, settings: Settings, rows: Sequence[Delivery]) -> Iterator[Outcome]:
    """Send opt-outs, several to a request; an opt-out that is done twice is done once.

    Raises:
        PermissionMissingError: The token may not write customers.
        WaitError: Rows without an outcome are to be sent again.
    """
    for row in rows:
        if not _is_opt_out(row):
            yield Outcome(row_id=row.row_id, verdict="rejected", code="not_an_opt_out", words="only opt-outs are sent")
    sendable = [row for row in rows if _is_opt_out(row)]
    for start in range(0, len(sendable), settings.mutations_at_once):
        yield from _send(client, settings, sendable[start : start + settings.mutations_at_once])


def _is_opt_out(row: Delivery) -> bool:
    return row.kind == KIND and row.payload == {"receive_newsletters": False} and row.vendor_key.isdecimal()


def _send(client: GraphClient, settings: Settings, rows: Sequence[Delivery]) -> Iterator[Outcome]:
    query = opt_outs([int(row.vendor_key) for row in rows], client.schema, settings)
    envelope = client.change(query, len(rows), _decode)
    by_alias: dict[str, GraphError] = {}
    for error in envelope.errors:
        alias = str(error.path[0]) if error.path else ""
        if error.category == "authorization" or not alias.startswith("row"):
            raise refusal(error, query.root)
        by_alias[alias] = error
    for position, row in enumerate(rows):
        yield _outcome(row, f"row{position}", envelope, by_alias)


def _outcome(
    row: Delivery, alias: str, envelope: Envelope[dict[str, _Done | None]], errors: dict[str, GraphError]
) -> Outcome:
    if alias in errors:
        return Outcome(row_id=row.row_id, verdict="rejected", code="error", words=shown(errors[alias].message))
    done = (envelope.data or {}).get(alias)
    if done is None:
        raise UnreachableError("Centra's answer says nothing of a mutation", record=f"customer {row.vendor_key}")
    if done.user_errors:
        words = "; ".join(shown(error.message) for error in done.user_errors)
        return Outcome(row_id=row.row_id, verdict="rejected", code="user_error", words=words)
    if done.customer is not None and done.customer.newsletter:
        words = "The change was taken, and the customer still takes the newsletter."
        return Outcome(row_id=row.row_id, verdict="rejected", code="not_done", words=words)
    return Outcome(row_id=row.row_id, verdict="delivered")
