"""The root fields of mutations. What they refuse is told in `userErrors`, with HTTP 200."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from retail_sync.vendors.centra.sandbox.customer_events import announce, set_newsletter
from retail_sync.vendors.centra.sandbox.event_queue import Queue
from retail_sync.vendors.centra.sandbox.nodes import Graph, Node
from retail_sync.vendors.centra.sandbox.records import Customer
from retail_sync.vendors.centra.sandbox.settings import Token
from retail_sync.vendors.centra.sandbox.shop import Shop
from retail_sync.vendors.centra.sandbox.traps import Traps

#: Mutations that change what the merchant sees; the others only keep the event queue.
WRITES = frozenset({"updateCustomer"})


class Mutations:
    """Makes the root of a mutation for who asks.

    Args:
        shop: The books.
        graph: Makes their nodes.
        traps: What goes wrong on purpose.
    """

    def __init__(self, shop: Shop, graph: Graph, traps: Traps) -> None:
        self._shop, self._graph, self._traps = shop, graph, traps

    def of(self, token: Token) -> Node:
        """The root node for a token: fields by name, each a function of its arguments."""
        name, queue = token.integration, Queue(self._shop, self._graph, token)
        return {
            "setEventListeners": lambda input: self._listen(queue, name, input),  # noqa: A006, the vendor's name
            "unsetEventListeners": lambda input: self._unlisten(queue, name, input),  # noqa: A006, the vendor's name
            "confirmEvents": lambda input: self._confirm(name, input["eventsIds"]),  # noqa: A006, the vendor's name
            "updateCustomer": self._update_customer,
        }

    def _listen(self, queue: Queue, integration: str, wanted: Sequence[Mapping[str, Any]]) -> Node:
        notices, now = self._shop.notices, self._shop.now()
        for one in wanted:
            notices.listen(integration, one["objectType"], one.get("changeTypes"), now)
        return _payload(eventListeners=queue.listeners())

    def _unlisten(self, queue: Queue, integration: str, unwanted: Sequence[Mapping[str, Any]]) -> Node:
        notices = self._shop.notices
        for one in unwanted:
            notices.unlisten(integration, one["objectType"], one.get("changeTypes"))
        return _payload(eventListeners=queue.listeners())

    def _confirm(self, integration: str, ids: Sequence[int]) -> Node:
        unknown = self._shop.notices.confirm(integration, ids)
        warnings = [_message(f"Event {one} is not in the queue.", "input", "eventsIds") for one in unknown]
        return _payload(userWarnings=warnings)

    def _update_customer(self, **arguments: Any) -> Node:
        if message := self._traps.user_error("updateCustomer"):
            return _payload(customer=None, userErrors=[_message(message, "input")])
        customer = self._shop.customers.get(arguments["id"])
        if customer is None:
            return _payload(customer=None, userErrors=[_message("Customer does not exist.", "id")])
        self._shop.revision += 1
        now = self._shop.now()
        _assign(customer, arguments["input"])
        wanted = arguments["input"].get("receiveNewsletters")
        if wanted is not None:
            set_newsletter(self._shop, customer, now, subscribed=wanted)
        announce(self._shop, customer, "UPDATED", now)
        return _payload(customer=self._graph.customer(customer))


def _assign(customer: Customer, given: Mapping[str, Any]) -> None:
    customer.status = given.get("status") or customer.status
    customer.gender = given.get("gender", customer.gender)
    customer.birthdate = given.get("birthdate", customer.birthdate)
    customer.external_id = given.get("externalId", customer.external_id)


def _message(text: str, *path: str) -> Node:
    return {"message": text, "path": list(path)}


def _payload(**fields: Any) -> Node:
    return {"userErrors": [], "userWarnings": [], **fields}
