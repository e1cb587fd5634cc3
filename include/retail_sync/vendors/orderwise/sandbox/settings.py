"""How the invented OrderWise installation is set up, and which of the vendor's unknowns it settles in which way."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

#: Where a tenant's status stands in the life of an order; its text is the tenant's own.
Stage = Literal["new", "accepted", "held", "part_sent", "sent", "cancelled"]

STATUS_TEXTS: Mapping[Stage, str] = {
    "new": "Awaiting approval",
    "accepted": "Awaiting despatch",
    "held": "On hold",
    "part_sent": "Partially despatched",
    "sent": "Completed",
    "cancelled": "Cancelled",
}
#: Couriers for whom somebody has entered where a parcel is followed; for others nobody has.
COURIER_URLS: Mapping[str, str] = {"Early Bird": "https://track.earlybird.test/?id="}
#: The definitions that the product ships, as files: read where they stand, imported from nowhere.
SHIPPED_DEFINITIONS = str(Path(__file__).resolve().parent.parent / "definitions")


class User(Struct, frozen=True, forbid_unknown_fields=True):
    """An OrderWise user.

    Attributes:
        name: The login.
        password: Its password.
        group: The user's group; only those of `api` are let in.
        permissions: Names of `permissions.AREAS`; None for all.
    """

    name: str
    password: str
    group: str = "api"
    permissions: frozenset[str] | None = None


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """The installation.

    Attributes:
        base: The virtual directory; a test installation has another, such as `/OWAPISB`. Capitals don't matter.
        users: Who may log in.
        token_minutes: How long a token lives. ASSUMED: an hour; nobody who kept one for longer was served.
        timezone: The zone of the SQL server. ASSUMED: the times that it gives name none.
        latency: Seconds that every request takes besides its work.
        definitions_folder: Where definitions lie as `.sql` files that are installed under ids from 101, in the order of
            their names; empty for none. By default those that the product ships.
        definitions: Further definitions by id.
        empty: What an empty result is. 204 was met, and a bare `[]` could be.
        lists_contacts: Whether one contact that is asked for by its id comes in a list. Both were met.
        lists_variants: Whether one variant comes in a list. Both were met.
        takes_analysis: Whether `PUT` on a customer or contact takes analysis fields, and their `GET` shows them when
            asked with `include_analysis`. ASSUMED: it does not; nobody was seen doing it.
        consent_on: Whose flag `l_1` is the newsletter. It is agreed with each customer.
        statuses: The tenant's own texts, where they are not the usual ones.
        marketplaces: Affiliates whose orders come by a session of their own.
        couriers: Where a courier's parcels are followed: what stands before the consignment number.
        base_currency: The company's own currency.
        despatch_amends_order: Whether a despatch moves the order's time of change. It does not always.
        merge_moves_orders: Whether the orders of an account that is merged go to the one that is kept; else they stay.
        goodwill_type: The order type of money that goes back without goods; both 4 and 9 are read as credits.
        exchange_reference: Whether an order that replaces returned goods names the other one.
        trailing_blanks: Whether some codes, names and addresses end in blanks.
        oversells: Whether what is ordered while nothing is left makes free stock negative.
        kit_every: Every so-many-th product is sold as kits of parts; 0 for none.
    """

    base: str = "/owapi"
    users: tuple[User, ...] = (User("api", "orderwise-sandbox-access"), User("till", "till", group="shop floor"))
    token_minutes: float = 60.0
    timezone: str = "Europe/London"
    latency: float = 0.0
    definitions_folder: str = SHIPPED_DEFINITIONS
    definitions: dict[int, str] = {}
    empty: Literal["no_content", "array"] = "no_content"
    lists_contacts: bool = True
    lists_variants: bool = False
    takes_analysis: bool = False
    consent_on: Literal["contact", "customer"] = "contact"
    statuses: dict[Stage, str] = {}
    marketplaces: tuple[str, ...] = ("amazon", "zalando", "boozt")
    couriers: dict[str, str] = msgspec.field(default_factory=lambda: dict(COURIER_URLS))
    base_currency: str = "SEK"
    despatch_amends_order: bool = False
    merge_moves_orders: bool = True
    goodwill_type: Literal[4, 9] = 4
    exchange_reference: bool = False
    trailing_blanks: bool = True
    oversells: bool = True
    kit_every: int = 23


def read_settings(given: Mapping[str, Any]) -> Settings:
    """Settings from plain JSON values.

    Raises:
        msgspec.ValidationError: A name or a value that does not exist.
    """
    return msgspec.convert(dict(given), Settings, str_keys=True)
