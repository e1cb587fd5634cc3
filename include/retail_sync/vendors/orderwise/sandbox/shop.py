"""The installation's books: the database, changed by world events and by the REST calls that write."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from retail_sync.sandbox.world.events import ShopEvent
from retail_sync.vendors.orderwise.sandbox import catalogue_events, customer_events, fulfilment_events, order_events
from retail_sync.vendors.orderwise.sandbox.accounts import open_web_customer
from retail_sync.vendors.orderwise.sandbox.database import Database
from retail_sync.vendors.orderwise.sandbox.dates import Calendar
from retail_sync.vendors.orderwise.sandbox.lists import STAGES, Lists, status_id
from retail_sync.vendors.orderwise.sandbox.records import Account, AddressChange, PhysicalReturn, Sale
from retail_sync.vendors.orderwise.sandbox.settings import Settings, Stage

_HAPPENINGS: dict[type[ShopEvent], Callable[[Shop, Any], None]] = {
    **catalogue_events.HAPPENINGS,
    **customer_events.HAPPENINGS,
    **order_events.HAPPENINGS,
    **fulfilment_events.HAPPENINGS,
}


class Shop:
    """The books.

    Attributes:
        settings: The installation's.
        database: Its tables.
        lists: Its short lists.
        accounts: Customers who have an account, by the world's number of them.
        trade_accounts: Rows of the accounts of those who buy for resale, by the same.
        sales: Orders by number.
        returns: Goods that come back, by number.
        now: The sandbox's time, for what happens by itself.
        on_reset: Called once the books are empty.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.calendar = Calendar(settings.timezone)
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.on_reset: Callable[[], None] = lambda: None
        self.database = Database(lambda: self.local(self.now()))
        self._open()

    def reset(self) -> None:
        """Empty the books."""
        self.database.clear()
        self._open()
        self.on_reset()

    def _open(self) -> None:
        self.lists = Lists(self.database, self.settings)
        self.accounts: dict[int, Account] = {}
        self.trade_accounts: dict[int, int] = {}
        self.sales: dict[int, Sale] = {}
        self.sales_of: dict[int, list[Sale]] = {}
        self.returns: dict[int, PhysicalReturn] = {}
        self.address_changes: list[AddressChange] = []
        self.variants: dict[int, int] = {}
        self.kits: dict[int, tuple[tuple[int, int], ...]] = {}
        self.products: dict[int, int] = {}
        self.gift_cards: set[int] = set()
        self.lines_written = 0
        self.web_customer = open_web_customer(self)

    def apply(self, event: ShopEvent) -> None:
        """Let something happen; what an ERP never hears of changes nothing."""
        happening = _HAPPENINGS.get(type(event))
        if happening is not None:
            happening(self, event)

    def state(self) -> dict[str, Any]:
        """The tables, whole, and what nobody outside can read.

        `tables` holds rows by table with NULLs left out, fractions as `Decimal`, times local. `stages` says where an
        order with that status stands, whatever the tenant calls it. `physical_returns` are goods that come back,
        credited or not. `address_changes` tell which account had which e-mail address until when.
        """
        return {
            "timezone": self.settings.timezone,
            "web_customer": self.web_customer,
            "marketplaces": list(self.settings.marketplaces),
            "consent_on": self.settings.consent_on,
            "stages": {str(status_id(stage)): stage for stage in STAGES},
            "tables": self.database.tables(),
            "physical_returns": [
                {
                    "id": one.made.return_id,
                    "number": one.made.number,
                    "completed": one.completed,
                    "credited": one.credited,
                    "at": one.made.at,
                }
                for one in self.returns.values()
            ],
            "address_changes": [
                {"customer_id": one.customer_id, "former": one.former, "at": one.at} for one in self.address_changes
            ],
        }

    def local(self, at: datetime) -> str:
        """A time as the database has it."""
        return self.calendar.local(at)

    def written(self, text: str, number: int, every: int) -> str:
        """A text as somebody has typed it: every so-many-th ends in a blank."""
        return f"{text} " if self.settings.trailing_blanks and text and number % every == 0 else text

    def amend(self, order_id: int, at: datetime) -> None:
        """An order has been changed by somebody."""
        self.database.update("order_header_detail", "ohd_oh_id", order_id, ohd_last_amended_datetime=self.local(at))

    def set_stage(self, sale: Sale, stage: Stage) -> None:
        """An order goes on."""
        sale.stage = stage
        complete = stage in ("sent", "cancelled")
        self.database.update(
            "order_header", "oh_id", sale.order_id, oh_os_id=status_id(stage), oh_order_complete=int(complete)
        )
