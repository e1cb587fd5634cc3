"""Products: pages, their variants, and what is sent of them again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from retail_sync.vendors.ometria.sandbox.schema import Json, is_true


@dataclass(slots=True)
class Product:
    """A product or a variant as it stands.

    Attributes:
        times: How often it came.
    """

    id: str
    number: int
    updated_at: datetime
    fields: Json
    times: int = 0

    def take(self, fields: Json, at: datetime) -> None:
        """Let other fields stand."""
        self.fields, self.updated_at = fields, at
        self.times += 1

    @property
    def is_variant(self) -> bool:
        """Whether it is a variant of a page."""
        return is_true(self.fields.get("is_variant"))

    @property
    def is_active(self) -> bool:
        """Whether it may be shown; it may unless it says otherwise."""
        return self.fields.get("is_active") is None or is_true(self.fields["is_active"])

    def view(self) -> Json:
        """The product as answers show it."""
        return dict(self.fields)
