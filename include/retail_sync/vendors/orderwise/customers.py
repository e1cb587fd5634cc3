"""OrderWise's customers as canonical ones: a record for an account, and one for each contact who is somebody else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from retail_sync.model.email import normalise
from retail_sync.model.records import Customer
from retail_sync.vendors.orderwise import canonical
from retail_sync.vendors.orderwise.canonical import email, is_set
from retail_sync.vendors.orderwise.facts import Settings
from retail_sync.vendors.orderwise.local_time import LocalTime
from retail_sync.vendors.orderwise.payloads import CustomerRow

_ATTRIBUTE = "attribute_"


class Customers:
    """Turns the rows of an account into canonical customers.

    An account has an address of its own, and contacts. Its first contact is the account's voice: it has no record of
    its own unless its e-mail address is another one. Any further contact has. Accounts that share an address are each
    given; the core makes one person of them.

    Args:
        settings: The pair file's settings.
        clock: The server's.
    """

    def __init__(self, settings: Settings, clock: LocalTime) -> None:
        self._settings = settings
        self._clock = clock

    def records(self, rows: Sequence[CustomerRow], labels: Mapping[str, str]) -> list[Customer]:
        """The canonical customers of an account; none of one that stands for many people."""
        if rows[0].cd_id in self._settings.web_accounts:
            return []
        return [self._account(rows[0], labels), *self._contacts(rows, labels)]

    def _account(self, row: CustomerRow, labels: Mapping[str, str]) -> Customer:
        mail = _own_address(row)
        opted_in, since = self._consent(row, mail)
        return replace(
            self._record(row, labels, str(row.cd_id), mail or ""),
            # An account without an address is nobody who could be written to, or was emptied at somebody's wish.
            anonymised=mail is None,
            opted_in=opted_in,
            opted_in_at=self._since(since) if opted_in else None,
            phone=row.phone or row.contact_phone,
            birthdate=row.birth_date.date() if row.birth_date else None,
            merged_into=None if row.merged_into is None else str(row.merged_into),
        )

    def _contacts(self, rows: Sequence[CustomerRow], labels: Mapping[str, str]) -> Iterator[Customer]:
        own = normalise(_own_address(rows[0]))
        for place, row in enumerate(rows):
            mail = email(row.contact_email)
            if mail is None or (place == 0 and normalise(mail) == own):
                continue
            opted_in = is_set(row.contact_flag) if self._settings.consent.holder == "contact" else None
            yield replace(
                self._record(row, labels, f"{row.cd_id}/{row.contact_id}", mail),
                opted_in=opted_in,
                opted_in_at=self._since(row.contact_flag_at) if opted_in else None,
                phone=row.contact_phone,
            )

    def _consent(self, row: CustomerRow, mail: str | None) -> tuple[bool | None, datetime | None]:
        """What is said of marketing under the account's own address; a contact's word counts for its address only."""
        if self._settings.consent.holder == "customer":
            return is_set(row.flag), row.flag_at
        if mail is not None and normalise(email(row.contact_email)) == normalise(mail):
            return is_set(row.contact_flag), row.contact_flag_at
        return None, None

    def _since(self, at: datetime | None) -> datetime | None:
        return self._clock.utc(at) if at else None

    def _record(self, row: CustomerRow, labels: Mapping[str, str], key: str, mail: str) -> Customer:
        """What an account and its contacts have in common."""
        name = row.contact_name or row.name
        first, last = canonical.names(name)
        updated_at = canonical.changed(
            self._clock, row.created_at, row.amended_at, row.contact_created_at, row.contact_amended_at
        )
        return Customer(
            key=key,
            email=mail,
            created_at=self._clock.utc(row.created_at) if row.created_at else updated_at,
            updated_at=updated_at,
            first_name=first,
            last_name=last,
            address=canonical.address(
                name=name,
                company=row.name,
                lines=(row.line_1, row.line_2, row.line_3),
                town=row.town,
                county=row.county,
                postcode=row.postcode,
                code=row.code,
                phone=row.phone,
            ),
            market=row.country or row.code,
            attributes={
                name.removeprefix(_ATTRIBUTE): said for name, said in labels.items() if name.startswith(_ATTRIBUTE)
            },
        )


def _own_address(row: CustomerRow) -> str | None:
    """The account's address, else that of its first contact."""
    return email(row.email) or email(row.contact_email)
