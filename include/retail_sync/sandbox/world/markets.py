"""Where the invented shop sells: countries, currencies, towns and who carries its parcels there."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

_RATE_STEP = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Carrier:
    """A carrier and service as a warehouse names them, and the shape of its tracking numbers.

    Attributes:
        tracking: `9` stands for a digit, `A` for a letter, all else for itself; None is a service without tracking.
    """

    name: str
    service: str
    tracking: str | None


@dataclass(frozen=True, slots=True)
class Market:
    """A country the shop sells to.

    Attributes:
        rate: What one unit of its currency is worth in the shop's base currency, on average.
        share: How many of a thousand customers live there.
        shipping: What a parcel costs the customer, in its currency, free from `free_from` of goods on.
        factor: Turns a price in the base currency into this market's, before rounding to a price tag.
    """

    name: str
    country: str
    currency: str
    rate: Decimal
    share: int
    shipping: Decimal
    free_from: Decimal
    factor: Decimal
    dialling: str
    streets: tuple[str, ...]
    towns: tuple[tuple[str, str], ...]
    carriers: tuple[Carrier, ...]


POSTNORD = Carrier("PostNord", "MyPack Collect", "00573132999999999A")
LETTER = Carrier("PostNord", "Varubrev", None)
COURIER_NOBODY_KNOWS = Carrier("Cykelbudet", "Same day", "CB-999999")
_DHL = Carrier("DHL", "Service Point", "373999999999999999")
_DPD = Carrier("DPD", "Classic", "15509999999999")
_UPS = Carrier("UPS", "Standard", "1Z99A9A99999999999")

MARKETS: tuple[Market, ...] = (
    Market(
        "Sweden", "SE", "SEK", Decimal(1), 520, Decimal("49.00"), Decimal(799), Decimal(1), "+4670",
        ("Storgatan", "Ringvägen", "Björkallén", "Östra Hamngatan", "Skeppsbron", "Ängsvägen"),
        (("111 22", "Stockholm"), ("411 05", "Göteborg"), ("211 20", "Malmö"), ("753 10", "Uppsala"),
         ("903 26", "Umeå"), ("981 31", "Kiruna"), ("582 22", "Linköping")),
        (POSTNORD, POSTNORD, _DHL, Carrier("Budbee", "Home delivery", "AA9A99A9"),
         Carrier("Instabox", "Locker", "IBX99999999"), Carrier("Early Bird", "Mailbox", "EB9999999999SE")),
    ),
    Market(
        "Norway", "NO", "NOK", Decimal("0.98"), 150, Decimal("69.00"), Decimal(899), Decimal("1.05"), "+4790",
        ("Karl Johans gate", "Bryggen", "Fjordveien", "Ørneveien"),
        (("0154", "Oslo"), ("5003", "Bergen"), ("7010", "Trondheim"), ("9008", "Tromsø")),
        (Carrier("Bring", "Pickup point", "370999999999999999"), POSTNORD),
    ),
    Market(
        "Denmark", "DK", "DKK", Decimal("1.53"), 120, Decimal("39.00"), Decimal(599), Decimal("0.70"), "+4520",
        ("Nørrebrogade", "Vesterbrogade", "Åboulevarden", "Søndergade"),
        (("1050", "København"), ("8000", "Aarhus"), ("5000", "Odense"), ("9000", "Aalborg")),
        (POSTNORD, Carrier("DHL", "Parcel Connect", "373999999999999999"), _DPD),
    ),
    Market(
        "Finland", "FI", "EUR", Decimal("11.40"), 90, Decimal("4.90"), Decimal(79), Decimal("0.09"), "+35840",
        ("Mannerheimintie", "Hämeenkatu", "Rantatie"),
        (("00100", "Helsinki"), ("33100", "Tampere"), ("20100", "Turku")),
        (POSTNORD, _DHL),
    ),
    Market(
        "Germany", "DE", "EUR", Decimal("11.40"), 70, Decimal("5.90"), Decimal(89), Decimal("0.09"), "+49151",
        ("Hauptstraße", "Lindenallee", "Müllerstraße"),
        (("10115", "Berlin"), ("20095", "Hamburg"), ("80331", "München"), ("50667", "Köln")),
        (Carrier("DHL", "Paket", "00340434999999999999"), _DPD, _UPS),
    ),
    Market(
        "United Kingdom", "GB", "GBP", Decimal("13.30"), 50, Decimal("4.50"), Decimal(75), Decimal("0.08"), "+4477",
        ("High Street", "King's Road", "Mill Lane"),
        (("SW1A 1AA", "London"), ("EH1 1YZ", "Edinburgh"), ("M1 1AE", "Manchester")),
        (_DPD, _UPS),
    ),
)  # fmt: skip
BY_NAME = {market.name: market for market in MARKETS}


def rate_on(market: Market, at: datetime) -> Decimal:
    """The rate of a day: it drifts by up to 3 % through the year, so that sums at one rate come out wrong."""
    if market.rate == 1:
        return market.rate
    drift = Decimal(str(round(0.03 * math.sin(at.timetuple().tm_yday / 58), 4)))
    return (market.rate * (1 + drift)).quantize(_RATE_STEP)
