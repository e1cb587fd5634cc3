"""GraphQL over HTTP as Centra speaks it: one endpoint, a bearer token, quotas in points."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import cached_property
from typing import Any, TypeVar

import msgspec

from retail_sync.errors import ConfigurationError, StopError
from retail_sync.http.client import HttpClient
from retail_sync.http.messages import Call
from retail_sync.model.ports import Connection
from retail_sync.vendors.centra.envelope import Decode, Envelope, decoder, opened, refusal
from retail_sync.vendors.centra.facts import PATH
from retail_sync.vendors.centra.paging import Answered
from retail_sync.vendors.centra.queries import RATE_LIMITS, Query
from retail_sync.vendors.centra.quotas import Quotas, RateLimit
from retail_sync.vendors.centra.schema import Schema, TypeNode, document

T = TypeVar("T")
#: What a document is taken to cost before it was first answered, in points; its answer tells (CONFIRMED).
_FIRST_COST = 1_000.0


class _RateLimits(msgspec.Struct, rename="camel"):
    rate_limits: list[RateLimit]


class GraphClient:
    """One environment of Centra.

    Args:
        http: The way there.
        quotas: The environment's buckets.
    """

    def __init__(self, http: HttpClient, quotas: Quotas) -> None:
        self._http = http
        self._quotas = quotas
        self._costs: dict[str, float] = {}
        self._learning = threading.Lock()

    def ask(self, query: Query, variables: Mapping[str, Any], decode: Decode[T]) -> Answered[T]:
        """Run a document that reads; it is repeated where no answer came.

        Raises:
            PermissionMissingError: The token lacks a permission, which is named.
            SchemaDriftError: Centra knows no such field, or answers in another shape.
            WaitError: Centra can't be reached, or asked for a pause.
        """
        envelope, requested_at = self._run(query, variables, decode)
        if envelope.errors:
            raise refusal(envelope.errors[0], query.root)
        if envelope.data is None:
            raise StopError(f"Centra answered {query.root} with neither data nor an error", fix="Run again.")
        return Answered(envelope.data, requested_at)

    def change(self, query: Query, count: int, decode: Decode[T]) -> Envelope[T]:
        """Run a document of so many mutations, each of which may be repeated; its errors are the caller's."""
        self._learn_quotas()
        self._quotas.mutate(count)
        return self._run(query, {}, decode)[0]

    def rate_limits(self) -> list[RateLimit]:
        """The environment's quotas, as they are now."""
        return self._ask_unlimited(RATE_LIMITS, decoder(_RateLimits)).data.rate_limits

    @cached_property
    def schema(self) -> Schema:
        """What the live schema has of what the notes leave open."""
        query = Query("schema", "__type", document())
        return Schema(self.ask(query, {}, decoder(dict[str, TypeNode | None])).data)

    def _run(self, query: Query, variables: Mapping[str, Any], decode: Decode[T]) -> tuple[Envelope[T], Any]:
        self._learn_quotas()
        estimate = self._costs.get(query.name, _FIRST_COST)
        answer = self._http.call(self._call(query, variables, estimate))
        envelope = opened(answer.body, decode, query.root)
        if envelope.extensions and envelope.extensions.complexity is not None:
            self._costs[query.name] = envelope.extensions.complexity
            self._quotas.settle(envelope.extensions.complexity - estimate)
        return envelope, answer.requested_at

    def _learn_quotas(self) -> None:
        with self._learning:
            if not self._quotas.known:
                self._quotas.learn(self.rate_limits())

    def _ask_unlimited(self, query: Query, decode: Decode[T]) -> Answered[T]:
        answer = self._http.call(self._call(query, {}, 1.0))
        envelope = opened(answer.body, decode, query.root)
        if envelope.errors or envelope.data is None:
            raise refusal(envelope.errors[0], query.root) if envelope.errors else StopError(f"no data of {query.root}")
        return Answered(envelope.data, answer.requested_at)

    def _call(self, query: Query, variables: Mapping[str, Any], cost: float) -> Call:
        return Call(
            method="POST",
            path=PATH,
            json={"query": query.text, "variables": dict(variables)},
            endpoint=query.name,
            repeatable=True,
            cost=cost,
            expects="anything",
        )


def endpoint(connection: Connection) -> str:
    """The address of the environment: the connection's host, with or without scheme and path.

    Raises:
        ConfigurationError: The connection has no host, or no token.
    """
    host = connection.host.strip().removesuffix("/").removesuffix(PATH)
    if not host:
        raise ConfigurationError(
            "has no host", record=f"connection {connection.name}", fix="Set it to https://<client>.centra.com."
        )
    if not connection.password:
        raise ConfigurationError(
            "has no token", record=f"connection {connection.name}", fix="Put Centra's API token in its password field."
        )
    return host if "://" in host else f"https://{host}"
