"""One account: everything that the sandbox remembers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from retail_sync.sandbox.world.events import ShopEvent
from retail_sync.vendors.mailchimp.sandbox import by_hand
from retail_sync.vendors.mailchimp.sandbox.audience import Audience
from retail_sync.vendors.mailchimp.sandbox.automations import Automations
from retail_sync.vendors.mailchimp.sandbox.batches import Batches
from retail_sync.vendors.mailchimp.sandbox.books import books
from retail_sync.vendors.mailchimp.sandbox.ids import digest
from retail_sync.vendors.mailchimp.sandbox.lists import blank_about
from retail_sync.vendors.mailchimp.sandbox.mails import Mails
from retail_sync.vendors.mailchimp.sandbox.problems import not_found
from retail_sync.vendors.mailchimp.sandbox.schema import Json
from retail_sync.vendors.mailchimp.sandbox.settings import Settings
from retail_sync.vendors.mailchimp.sandbox.store import Store
from retail_sync.vendors.mailchimp.sandbox.traps import Traps


class Account:
    """Lists, stores, batches, mails and automations; a `Shop` as the kit wants it.

    Attributes:
        now: The clock; the server puts its own here.
        apart: What a snapshot leaves as it is.
    """

    apart = frozenset({"settings", "traps", "now"})

    def __init__(self, settings: Settings, traps: Traps) -> None:
        self.settings, self.traps = settings, traps
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.batches = Batches(settings, traps)
        self.reset()

    def reset(self) -> None:
        """Back to the lists of the settings."""
        self.audiences: dict[str, Audience] = {}
        self.stores: dict[str, Store] = {}
        self.mails = Mails()
        self.automations = Automations()
        self.batches.forget_all()
        for setup in self.settings.audiences:
            self._enter_audience(setup.id, {"name": setup.name, "double_optin": setup.double_optin})

    def apply(self, event: ShopEvent) -> None:
        """Let something happen by hand; of what happens in a shop this account hears nothing."""
        by_hand.happen(self, event)

    def state(self) -> Json:
        """The books; see `books`."""
        return books(self)

    def now_text(self) -> str:
        """The time as the API writes it: UTC, whole seconds."""
        return self.now().isoformat(timespec="seconds")

    def audience(self, list_id: str) -> Audience:
        """A list, or 404."""
        try:
            return self.audiences[list_id]
        except KeyError:
            raise not_found() from None

    def store(self, store_id: str) -> Store:
        """A store, or 404."""
        try:
            return self.stores[store_id]
        except KeyError:
            raise not_found() from None

    def add_audience(self, about: Json) -> Audience:
        """A new list under an id of the API's own."""
        return self._enter_audience(digest(f"list {len(self.audiences)}")[:10], about)

    def _enter_audience(self, list_id: str, about: Json) -> Audience:
        whole = {**blank_about(about["name"], self.now_text()), **about}
        audience = self.audiences[list_id] = Audience(list_id, whole, self.settings, self.traps)
        return audience
