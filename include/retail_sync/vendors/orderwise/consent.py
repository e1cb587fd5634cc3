"""Opt-outs on their way back to OrderWise: switched off unless the pair file says otherwise.

ASSUMED: a customer and a contact show their analysis fields where they are asked to, and take some of them by PUT while
they leave the others, as a variant is known to. So each record is read before it is written, and written alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from retail_sync.errors import RejectedError
from retail_sync.model.delivery import Delivery, Outcome, Wanted
from retail_sync.model.email import normalise
from retail_sync.vendors.orderwise.canonical import email
from retail_sync.vendors.orderwise.client import OrderWiseClient
from retail_sync.vendors.orderwise.facts import Settings

KIND = "customer_consent"
_KEY = re.compile(r"(\d+)(?:/(\d+))?")


def wanted(customer_key: str) -> Wanted:
    """The row that takes a customer off the mailing list. Only ever off: nothing here can opt anybody in."""
    return Wanted(kind=KIND, object_id=f"{KIND}:{customer_key}", vendor_key=customer_key, payload={"opted_in": False})


class OptOuts:
    """Writes opt-outs, one record a request.

    Args:
        client: The installation.
        settings: The pair file's settings.
    """

    def __init__(self, client: OrderWiseClient, settings: Settings) -> None:
        self._client = client
        self._settings = settings
        self._flag = f"l_{settings.consent.flag}"

    def deliver(self, rows: Sequence[Delivery]) -> Iterator[Outcome]:
        """An outcome for each row.

        Raises:
            PermissionMissingError: The API user may not write customers.
            WaitError: Rows without an outcome are to be sent again.
        """
        for row in rows:
            found = _KEY.fullmatch(row.vendor_key)
            if row.kind != KIND or row.payload != {"opted_in": False} or found is None:
                yield _rejected(row, "not_an_opt_out", "only opt-outs are sent")
            elif not self._settings.write_back:
                yield _rejected(row, "not_written", "The pair file does not let opt-outs be written to OrderWise.")
            else:
                yield self._write(row, int(found[1]), int(found[2]) if found[2] else None)

    def _write(self, row: Delivery, customer: int, contact: int | None) -> Outcome:
        try:
            if contact is not None:
                self._opt_out_contacts(customer, [self._contact(customer, contact)])
            elif self._settings.consent.holder == "customer":
                self._opt_out_customer(customer)
            else:
                self._opt_out_contacts(customer, self._voices(customer))
        except RejectedError as error:
            return _rejected(row, str(error.fields.get("status", "refused")), error.what)
        return Outcome(row_id=row.row_id, verdict="delivered")

    def _opt_out_customer(self, customer: int) -> None:
        if self._must_write(self._client.customer(customer, include_analysis=True).value):
            self._client.change_customer(customer, {"analysis": {self._flag: False}})
            if self._must_write(self._client.customer(customer, include_analysis=True).value):
                raise _not_done()

    def _opt_out_contacts(self, customer: int, contacts: Sequence[dict[str, Any]]) -> None:
        for contact in contacts:
            if self._must_write(contact):
                self._client.change_contact(customer, contact["id"], {"analysis": {self._flag: False}})
                if self._must_write(self._contact(customer, contact["id"])):
                    raise _not_done()

    def _must_write(self, shown: Any) -> bool:
        """Whether a record may still get marketing.

        Raises:
            RejectedError: It does not say, so that it is not known whether a write would be understood.
        """
        analysis = shown.get("analysis") if isinstance(shown, dict) else None
        if not isinstance(analysis, dict) or self._flag not in analysis:
            raise RejectedError(f"OrderWise does not show the analysis field {self._flag}", status="not_shown")
        return analysis[self._flag] is not False

    def _contact(self, customer: int, contact: int) -> dict[str, Any]:
        """One contact; SEEN: it comes alone or in a list."""
        found = self._client.contacts(customer, contact_id=contact, include_analysis=True).value
        if isinstance(found, list):
            found = next((one for one in found if isinstance(one, dict) and one.get("id") == contact), None)
        if not isinstance(found, dict):
            raise RejectedError("OrderWise has no such contact any more", status=404)
        return found

    def _voices(self, customer: int) -> list[dict[str, Any]]:
        """The contacts by whose word the account itself is written to: those that have its address."""
        shown = self._client.customer(customer).value or {}
        found = self._client.contacts(customer, include_analysis=True).value or []
        contacts = [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, dict)]
        own = normalise(email(shown.get("statementEmail"))) or next(
            (address for one in contacts if (address := _address(one))), None
        )
        voices = [one for one in contacts if _address(one) == own]
        if not voices:
            raise RejectedError(
                "No contact of this account has its address, so that no flag stands for it", status="no_flag"
            )
        return voices


def _address(contact: dict[str, Any]) -> str | None:
    return normalise(email((contact.get("email") or "").strip()))


def _not_done() -> RejectedError:
    return RejectedError("OrderWise took the change, and the flag is still set", status="not_done")


def _rejected(row: Delivery, code: str, words: str) -> Outcome:
    return Outcome(row_id=row.row_id, verdict="rejected", code=code, words=words)
