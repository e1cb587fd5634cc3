"""What the sandbox itself remembers of the shop, beside the tables: which row stands for what of the world."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from retail_sync.sandbox.world.events import OrderPlaced, ReturnMade
from retail_sync.vendors.orderwise.sandbox.settings import Stage

#: Order types.
ORDER, CREDIT = 1, 4


@dataclass(slots=True)
class Account:
    """A customer who has an account of the shop: its row and that of its only contact."""

    customer_id: int
    contact_id: int
    email: str


@dataclass(slots=True)
class Sale:
    """An order: its row, and the rows of its lines by the world's numbers.

    Attributes:
        account_id: The customer on whom it is booked.
        cancelled: Units of each line that were taken out.
        stage: Where it stands.
        before_hold: Where it stood before it was held.
    """

    order_id: int
    placed: OrderPlaced
    account_id: int
    lines: dict[int, int]
    cancelled: Counter[int] = field(default_factory=Counter)
    stage: Stage = "new"
    before_hold: Stage | None = None
    returns: list[PhysicalReturn] = field(default_factory=list)
    despatches: int = 0
    paid: bool = False

    @property
    def lines_value(self) -> Decimal:
        """The lines, net of what was taken out."""
        return sum(
            ((one.quantity - self.cancelled[one.line_id]) * one.unit_price for one in self.placed.lines), Decimal(0)
        )

    @property
    def total(self) -> Decimal:
        """What is owed: lines and delivery less discounts, with VAT."""
        return self.lines_value + self.placed.shipping - self.placed.discount


@dataclass(slots=True)
class PhysicalReturn:
    """Goods that come back: no definition can read of them until they are credited.

    Attributes:
        exchanged: How much of what was credited for them went into another order instead of back to the buyer.
    """

    made: ReturnMade
    completed: bool
    credited: bool = False
    exchanged: Decimal = Decimal(0)

    @property
    def worth(self) -> Decimal:
        """What the goods are worth."""
        return sum((one.unit_price * one.quantity for one in self.made.lines), Decimal(0))


@dataclass(frozen=True, slots=True)
class AddressChange:
    """An account had another e-mail address until then."""

    customer_id: int
    former: str
    at: datetime
