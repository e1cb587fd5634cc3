"""One account: everything that the sandbox remembers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from retail_sync.sandbox.world.events import ShopEvent
from retail_sync.vendors.emarsys.sandbox import by_hand
from retail_sync.vendors.emarsys.sandbox.access import Gate
from retail_sync.vendors.emarsys.sandbox.books import books
from retail_sync.vendors.emarsys.sandbox.catalogue import Catalogue
from retail_sync.vendors.emarsys.sandbox.contact_book import ContactBook
from retail_sync.vendors.emarsys.sandbox.contact_lists import ContactLists
from retail_sync.vendors.emarsys.sandbox.envelope import Json
from retail_sync.vendors.emarsys.sandbox.exports import Exports
from retail_sync.vendors.emarsys.sandbox.external_events import ExternalEvents
from retail_sync.vendors.emarsys.sandbox.field import Fields
from retail_sync.vendors.emarsys.sandbox.responses import Reaction
from retail_sync.vendors.emarsys.sandbox.sales import Sales
from retail_sync.vendors.emarsys.sandbox.settings import Settings
from retail_sync.vendors.emarsys.sandbox.times import written
from retail_sync.vendors.emarsys.sandbox.traps import Traps


class Account:
    """Contacts, lists, events, exports, sales and catalogue; a `Shop` as the kit wants it.

    Attributes:
        clock: The clock; the server puts its own here.
        gate: Who is let in.
        reactions: What contacts did with e-mails, oldest first.
        apart: What a snapshot leaves as it is.
    """

    apart = frozenset({"settings", "traps", "clock", "gate"})

    def __init__(self, settings: Settings, traps: Traps) -> None:
        self.settings, self.traps = settings, traps
        self.clock: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.gate = Gate(settings, traps, self.now)
        self.reset()

    def reset(self) -> None:
        """Back to what the settings say; nobody is let in by an old token."""
        settings = self.settings
        self.gate.forget_all()
        self.fields = Fields(settings.fields)
        self.contacts = ContactBook(self.fields)
        self.lists = ContactLists()
        self.events = ExternalEvents(settings.events, self.vienna_text())
        self.exports = Exports(settings, self.traps, self.now)
        self.reactions: list[Reaction] = []
        self.sales = Sales(settings.sales_columns)
        self.catalogue = Catalogue()
        for name in settings.lists:
            self.lists.add(name, self.vienna_text())

    def apply(self, event: ShopEvent) -> None:
        """Let something happen by hand; of what happens in a shop this account hears nothing."""
        by_hand.happen(self, event)

    def state(self) -> Json:
        """The books; see `books`."""
        return books(self)

    def now(self) -> datetime:
        """The time, aware and in UTC."""
        return self.clock()

    def vienna_text(self) -> str:
        """The time as the API writes it."""
        return written(self.now())
