"""Orders: how one that is sent again changes what stands, and what it is worth."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from retail_sync.vendors.ometria.sandbox.schema import Json, amount, is_true


@dataclass(slots=True)
class Order:
    """An order as it was last sent.

    Attributes:
        fields: What stands of it; lines are replaced whole whenever they are sent.
        times: How often it came.
        statuses: Its statuses in the order in which they came, each told once while it lasts.
        profile_id: Whose it is, empty for nobody's.
    """

    id: str
    number: int
    updated_at: datetime
    fields: Json
    times: int = 0
    statuses: list[str] = field(default_factory=list)
    profile_id: str = ""

    def take(self, fields: Json, at: datetime) -> None:
        """Let other fields stand."""
        self.fields, self.updated_at = fields, at
        self.times += 1
        status = fields.get("status")
        if status and (not self.statuses or self.statuses[-1] != status):
            self.statuses.append(status)

    @property
    def email(self) -> str:
        """The buyer's address in small letters, empty for none."""
        return str((self.fields.get("customer") or {}).get("email") or "").lower()

    @property
    def customer_id(self) -> str:
        """The buyer's id, empty for none."""
        return str((self.fields.get("customer") or {}).get("id") or "")

    @property
    def is_valid(self) -> bool:
        """Whether it counts in reports."""
        given = self.fields.get("is_valid")
        return given is None or is_true(given)

    @property
    def net_value(self) -> Decimal:
        """What reports count of it, in its own currency: the grand total less what its lines say was refunded."""
        refunded = sum((amount(line.get("refunded")) for line in self._lines()), Decimal(0))
        return amount(self.fields.get("grand_total")) - refunded if self.is_valid else Decimal(0)

    @property
    def net_value_base(self) -> Decimal | None:
        """The same in the account's currency, where the order gives totals in it."""
        base = (self.fields.get("totals") or {}).get("base")
        if base is None:
            return None
        lines = (((line.get("totals") or {}).get("base") or {}) for line in self._lines())
        refunded = sum((amount(line.get("refunded")) for line in lines), Decimal(0))
        return amount(base.get("grand_total")) - refunded if self.is_valid else Decimal(0)

    def view(self) -> Json:
        """The order as answers show it."""
        return dict(self.fields)

    def _lines(self) -> list[Json]:
        return self.fields.get("lineitems") or []
