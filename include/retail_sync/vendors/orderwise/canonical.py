"""What the canonical forms of orders, credits, customers and products share: names, addresses, figures, flags."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

from retail_sync.model.records import Address, OrderStatus
from retail_sync.vendors.orderwise.facts import ORDER_STATUS, Settings, StatusWord
from retail_sync.vendors.orderwise.local_time import LocalTime
from retail_sync.vendors.orderwise.payloads import Flag

NOTHING = Decimal(0)
#: Stands for a time that is not known: of two versions that bear it the one that was read later is the newer.
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
_CENT = Decimal("0.01")
#: What is written with more digits is the noise of a binary fraction.
_FINEST = Decimal("0.000001")
_LOOKS_LIKE_ADDRESS = re.compile(r"[^\s@,;<>()\"]+@[^\s@,;<>()\"]+\.[^\s@,;<>()\"]+")


class UnfitError(Exception):
    """A record can't become canonical; the text says why, and is fit to be shown."""


def amount(figure: Decimal | None) -> Decimal:
    """An amount of money; none is nothing."""
    return NOTHING if figure is None else figure.quantize(_FINEST).normalize() + NOTHING


def cents(figure: Decimal) -> Decimal:
    """An amount rounded to cents, as SQL Server rounds."""
    return figure.quantize(_CENT, ROUND_HALF_UP)


def whole(figure: Decimal | None, what: str) -> int:
    """A quantity.

    Raises:
        UnfitError: It is a fraction.
    """
    number = figure or NOTHING
    if number != number.to_integral_value():
        raise UnfitError(f"{what} is no whole number")
    return int(number)


def is_set(flag: Flag) -> bool | None:
    """A flag as yes, no or unsaid."""
    return None if flag is None else bool(flag)


def email(written: str | None) -> str | None:
    """The first e-mail address of a text that may hold several; a text that holds none stays, for a rule to name."""
    if not written:
        return None
    found = _LOOKS_LIKE_ADDRESS.search(written)
    return found[0] if found else written


def names(full: str | None) -> tuple[str | None, str | None]:
    """First and last name of a field that holds both."""
    first, _, last = (full or "").partition(" ")
    return first or None, last.strip() or None


def look(colour: str | None, size: str | None) -> str | None:
    """What tells a variant from others of its product."""
    return " ".join(part for part in (colour, size) if part) or None


def address(
    *, name: str | None, company: str | None, lines: tuple[str | None, ...], town: str | None, county: str | None,
    postcode: str | None, code: str | None, phone: str | None,
) -> Address | None:  # fmt: skip
    """A postal address, or None where there is nothing but a country."""
    first, last = names(name)
    given = [line for line in lines if line]
    found = Address(
        first_name=first,
        last_name=last,
        company=company if company != name else None,
        line1=given[0] if given else None,
        line2=", ".join(given[1:]) or None,
        city=town,
        postcode=postcode,
        region=county,
        country=code.upper() if code else None,
        phone=phone,
    )
    return found if found != Address(country=found.country) else None


def changed(clock: LocalTime, *times: datetime | None) -> datetime:
    """The latest of these times of change, in UTC; where none is known, one before all others."""
    # Later by the server's clock is later in earnest, or within the hour of which all times are read alike.
    latest = max((one for one in times if one is not None), default=None)
    return BEGINNING if latest is None else clock.change(latest)


def status(settings: Settings, text: str | None) -> StatusWord | None:
    """What the pair file calls a status; texts are compared exactly, but for blanks around them."""
    return settings.statuses.get(text or "")


def order_status(settings: Settings, text: str | None) -> tuple[OrderStatus, bool]:
    """What an order is by its status, and whether it is on hold."""
    word = status(settings, text)
    return ORDER_STATUS[word] if word else ("unknown", False)


def order_number(settings: Settings, own: str | None, shops: str | None) -> str | None:
    """The number that an order goes by."""
    return own if settings.order_number == "orderwise" else shops or own
