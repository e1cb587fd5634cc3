"""`retail-sync check` for Centra: is the live account what the package expects?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from retail_sync.errors import ConfigurationError, RetailSyncError, WaitError
from retail_sync.model.ports import Finding
from retail_sync.model.records import Stream
from retail_sync.vendors.centra import envelope, facts, payments, queries, stock
from retail_sync.vendors.centra.client import GraphClient
from retail_sync.vendors.centra.schema import Schema

_STREAMS: tuple[Stream, ...] = ("orders", "returns", "customers", "products")
_SIGNUPS: Stream = "signups"
_SORTS: dict[Stream, str] = {
    "orders": "OrderSort",
    "customers": "CustomerSort",
    "returns": "ReturnSort",
    "products": "ProductSort",
    "signups": "NewsletterSubscriptionSort",
}
_KNOWN_VALUES: dict[str, frozenset[str]] = {
    "OrderStatus": frozenset(facts.ORDER_STATUS),
    "ReturnStatus": frozenset(facts.RETURN_STATUS),
}


def findings(client: GraphClient, settings: facts.Settings) -> Iterator[Finding]:
    """One finding for each thing that the package needs of the account.

    Raises:
        WaitError: Centra can't be reached; nothing can be said of it.
    """
    try:
        schema = client.schema
    except ConfigurationError as error:
        yield Finding("token", False, error.what, error.fix)
        return
    yield Finding("token", True, "Centra accepts it")
    yield from _quotas(client)
    yield _flag("newsletter_field", schema.newsletter(settings), schema)
    yield _flag("registered_field", schema.registered(settings), schema)
    yield _opt_out(schema, settings)
    streams = (*_STREAMS, _SIGNUPS) if settings.stock_signups else _STREAMS
    yield from (_sort(stream, schema, settings) for stream in streams)
    yield from (_values(name, schema) for name in _KNOWN_VALUES)
    yield from (_stream(stream, client, settings) for stream in streams)
    yield _refunds(schema, settings)
    yield _stock(client, settings)


def _quotas(client: GraphClient) -> Iterator[Finding]:
    try:
        limits = client.rate_limits()
    except WaitError:
        raise
    except RetailSyncError as error:
        yield Finding("quotas", False, error.what, "The smallest plan's quotas are kept until they can be read.")
        return
    for limit in limits:
        seconds = facts.INTERVALS.get(limit.interval_seconds)
        subject = f"quota {limit.type.lower()} per {seconds} s" if seconds else f"quota {limit.type.lower()}"
        yield Finding(subject, seconds is not None, f"{limit.quota:,.0f}", "" if seconds else "Tell us of this plan.")


def _flag(setting: str, field: str | None, schema: Schema) -> Finding:
    if field and field in schema.flags():
        return Finding(setting, True, f"Customer.{field}")
    listed = ", ".join(schema.flags()) or "none"
    said = f"Customer has no field {field}" if field else "none of the usual names is there"
    return Finding(
        setting, False, f"{said}; its Boolean! fields: {listed}", f"Set source.settings.{setting} to one of them."
    )


def _opt_out(schema: Schema, settings: facts.Settings) -> Finding:
    name = settings.opt_out_mutation
    if schema.has("Mutation", name):
        return Finding("opt_out_mutation", True, f"Mutation.{name}")
    return Finding(
        "opt_out_mutation",
        False,
        f"there is no mutation {name}, so that opt-outs can't go back to Centra",
        "Set source.settings.opt_out_mutation, or consent.write_back to false.",
    )


def _sort(stream: Stream, schema: Schema, settings: facts.Settings) -> Finding:
    name = queries.sort(stream, settings)
    values = schema.values(_SORTS[stream])
    if name in values:
        return Finding(f"sort of {stream}", True, name)
    return Finding(
        f"sort of {stream}",
        False,
        f"{_SORTS[stream]} has no {name}; it has: {', '.join(values) or 'no values'}",
        f"Set source.settings.{stream[:-1]}_sort to a value that never changes for a record, such as its id.",
    )


def _values(name: str, schema: Schema) -> Finding:
    unknown = sorted(set(schema.values(name)) - _KNOWN_VALUES[name])
    if not unknown:
        return Finding(name, True, "every value is known")
    return Finding(name, False, f"unknown values: {', '.join(unknown)}", "Records with them are kept as `unknown`.")


def _stream(stream: Stream, client: GraphClient, settings: facts.Settings) -> Finding:
    """Ask for one whole record: every permission that the stream needs is used by it."""
    try:
        _ask_one(stream, client, settings)
    except WaitError:
        raise
    except RetailSyncError as error:
        return Finding(f"read {stream}", False, error.what, error.fix)
    return Finding(f"read {stream}", True, "every field may be read")


def _ask_one(stream: Stream, client: GraphClient, settings: facts.Settings) -> None:
    query = queries.whole(stream, client.schema, settings)
    size: dict[str, Any] = {"first": 1} if stream == "orders" else {"limit": 1, "page": 1}
    decode: Callable[[bytes], envelope.Envelope[dict[str, Any]]] = envelope.decoder(dict[str, Any])
    client.ask(query, {"where": {}, **size}, decode)


def _refunds(schema: Schema, settings: facts.Settings) -> Finding:
    if settings.refunds_move_orders:
        return Finding("refunds", True, "they move an order's time of change, as the settings say")
    if payments.can_ask(schema, settings):
        return Finding("refunds", True, "payments are asked for by date, so that a refund is found at once")
    return Finding("refunds", True, "refunds without a return are found by the history run; keep it scheduled")


def _stock(client: GraphClient, settings: facts.Settings) -> Finding:
    if not stock.can_ask(client.schema, settings):
        return Finding("stock", True, "changes of stock are found by the catalogue run; schedule it often enough")
    decode: Callable[[bytes], envelope.Envelope[dict[str, Any]]] = envelope.decoder(dict[str, Any])
    try:
        client.ask(queries.STOCK_CHANGES, {"where": {}, "first": 1, "after": None}, decode)
    except WaitError:
        raise
    except RetailSyncError as error:
        return Finding("stock", False, f"{error.what}; only the catalogue run finds changes of stock", error.fix)
    return Finding("stock", True, "changes of stock are asked for by date, so that they are found at once")
