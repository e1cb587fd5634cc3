"""Fulfil's addresses and names as canonical ones."""

from __future__ import annotations

from retail_sync.model.records import Address
from retail_sync.vendors.fulfil.payloads import AddressRow


def names(whole: str | None) -> tuple[str | None, str | None]:
    """First and last name of a name that is one text (CONFIRMED): the first word, and the rest.

    >>> names("Åsa von Berg"), names("Cher"), names(None)
    (('Åsa', 'von Berg'), ('Cher', None), (None, None))
    """
    first, _, rest = " ".join((whole or "").split()).partition(" ")
    return first or None, rest or None


def address(row: AddressRow | None) -> Address | None:
    """An address, or None where there is none; further lines of the street are one."""
    if row is None:
        return None
    first_name, last_name = names(row.name)
    street = [line.strip() for line in (row.street or "").splitlines() if line.strip()]
    return Address(
        first_name=first_name,
        last_name=last_name,
        line1=street[0] if street else None,
        line2=", ".join(street[1:]) or None,
        city=row.city or None,
        postcode=row.zip or None,
        region=row.region or None,
        country=row.country or None,
        phone=row.phone or None,
    )
