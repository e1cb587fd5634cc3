"""Parcels: which can be followed where, told from what is publicly known of the carriers that the shop uses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .terms import Json, Terms, moment

#: Carriers with an address at which a parcel can be followed, and a word of that address.
_FOLLOWED = {
    "postnord": "postnord",
    "dhl": "dhl",
    "budbee": "budbee",
    "instabox": "instabox",
    "early bird": "earlybird",
    "bring": "bring",
    "dpd": "dpd",
    "ups": "ups",
    "royal mail": "royalmail",
}
#: Letter post: there is nothing to follow, and nothing is missing.
_LETTERS = {"varubrev"}


@dataclass(frozen=True)
class Parcel:
    """A parcel that has left.

    Attributes:
        place: A word that its tracking address must hold; None where no address can be known.
        letter: Whether its service has no tracking.
    """

    at: datetime
    number: str
    carrier: str
    tracking_number: str
    place: str | None
    letter: bool
    units: dict[int, int]

    @property
    def can_be_followed(self) -> bool:
        """Whether the buyer can be told where it is."""
        return bool(self.place and self.tracking_number and not self.letter)

    @property
    def lacks_tracking(self) -> bool:
        """Whether its news must wait: it should be possible to follow it, and is not."""
        return not self.letter and not self.can_be_followed


def parcels(order: Json, terms: Terms) -> list[Parcel]:
    """The parcels of an order that have left, the last one last."""
    sent = [_parcel(shipment, terms) for shipment in order["shipments"] if shipment["shipped_at"]]
    return sorted(sent, key=lambda parcel: (parcel.at, parcel.number))


def _parcel(shipment: Json, terms: Terms) -> Parcel:
    carrier = shipment["carrier"] or ""
    return Parcel(
        at=moment(shipment["shipped_at"]),
        number=str(shipment["number"]),
        carrier=carrier,
        tracking_number=shipment["tracking_number"] or "",
        place={**_FOLLOWED, **terms.carriers}.get(carrier.strip().lower()),
        letter=(shipment["service"] or "").strip().lower() in _LETTERS,
        units={line["line_id"]: line["quantity"] for line in shipment["lines"]},
    )
