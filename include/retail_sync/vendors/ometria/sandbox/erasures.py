"""Requests to forget people, and what is left of those who were forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from retail_sync.vendors.ometria.sandbox.endpoints import Answer, Ask, Endpoint
from retail_sync.vendors.ometria.sandbox.refusals import invalid
from retail_sync.vendors.ometria.sandbox.schema import Json, email, many, text, thing

if TYPE_CHECKING:
    from retail_sync.vendors.ometria.sandbox.account import Account

#: ASSUMED: the body's names; of it only the addresses are documented.
_REQUEST = thing({"identities": many(email), "comment": text}, required=("identities",))


@dataclass(slots=True)
class Erasure:
    """A request to forget addresses.

    Attributes:
        due: When it is done, by the account's stopwatch.
        identities: The addresses, which are forgotten too once it is done.
    """

    id: str
    due: float
    identities: list[str]
    comment: str
    origin: str
    created_at: datetime
    completed_at: datetime | None = None
    summary: str = ""

    def view(self) -> Json:
        """The request as answers show it."""
        done = self.completed_at is not None
        return {
            "id": self.id,
            "action": "anonymise",
            "comment": self.comment,
            "identities": [{"hashed_email": _hashed(one)} if done else {"email": one} for one in self.identities],
            "source": {"origin": self.origin, "api_request_id": self.id, "user": None},
            "summary": self.summary,
            "timestamp_created": _written(self.created_at),
            "timestamp_completed": _written(self.completed_at) if self.completed_at else None,
        }


class Erasures:
    """All requests to forget.

    Args:
        account: Whose books forget.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self.asked: list[Erasure] = []

    def ask(self, emails: list[str], comment: str, origin: str, *, at_once: bool = False) -> Erasure:
        """File a request."""
        account = self._account
        wait = 0.0 if at_once else account.settings.erasure_seconds
        due = account.watch.read() + wait
        erasure = Erasure(account.queue.request_id(), due, emails, comment, origin, account.now())
        self.asked.append(erasure)
        return erasure

    def settle(self) -> None:
        """Do what is due."""
        waiting = [one for one in self.asked if one.completed_at is None]
        now = self._account.watch.read() if waiting else 0.0
        for erasure in waiting:
            if erasure.due <= now:
                self._forget(erasure)

    def _forget(self, erasure: Erasure) -> None:
        gone = {one.lower() for one in erasure.identities}
        people, account = self._account.people, self._account
        listings = [one for one in people.listings.values() if one.email in gone]
        orders = [one for one in account.orders.values() if one.email in gone]
        for listing in listings:
            people.remove(listing)
        for order in orders:
            people.detach(order)
            hidden = ("customer", "shipping_address", "billing_address", "ip_address")
            order.fields = {name: value for name, value in order.fields.items() if name not in hidden}
        for event in account.events.known.values():
            if str(event.fields.get("identity_email") or "").lower() in gone:
                event.fields = {**event.fields, "identity_email": None, "properties": {}}
        people.left[:] = [one for one in people.left if one.email.lower() not in gone]
        erasure.completed_at = account.now()
        erasure.summary = f"{len(listings)} contact records and {len(orders)} orders anonymised"


def listed(account: Account, _: Ask) -> Answer:
    """GET all requests."""
    return Answer([one.view() for one in account.erasures.asked])


def file(account: Account, ask: Ask) -> Answer:
    """POST a request."""
    body = ask.json()
    if flaws := _REQUEST(body):
        raise invalid(f"{flaws[0].path}: {flaws[0].message}")
    if not body["identities"]:
        raise invalid("identities: At least one is required")
    return Answer(account.erasures.ask(list(body["identities"]), body.get("comment") or "", "api").view())


def _hashed(address: str) -> str:
    return f"{sha256(address.lower().encode()).hexdigest()[:32]}@anonymous.ometria"


def _written(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S.%f+00")


ENDPOINTS = (
    Endpoint("GET", "/data-deletion-requests", listed, "erasure"),
    Endpoint("POST", "/data-deletion-requests", file, "erasure"),
)
