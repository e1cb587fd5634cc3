"""What can go wrong on a bad day at this vendor in particular: faults that are switched on, each a line of `KNOWN`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from retail_sync.sandbox.kit import Fault, Faults
from retail_sync.vendors.mailchimp.sandbox.member import Profile
from retail_sync.vendors.mailchimp.sandbox.problems import invalid_address

KNOWN: Mapping[str, str] = {
    "signup_throttle": "refuses to make a contact; the pattern is held against the address",
    "fake_address": "finds that an address looks fake; the pattern is held against the address",
    "edited_while_paging": "edits a contact just before a page behind the first is read: `email`, or the first listed",
    "repeated_rows": "begins a page of contacts `rows` rows too early",
    "operation_fails": "answers an operation of a batch with `status`; the pattern is held against its own endpoint",
    "batch_slow": "lets a batch wait `seconds` before it starts",
    "batch_lost": "forgets a batch when it is asked for, as if its time were over; what it did stays done",
    "results_expired": "takes the address of a result for too old",
}


class Traps:
    """Asked at the places where a trap may lie.

    Args:
        faults: What is switched on.
    """

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def take(self, name: str, endpoint: str = "") -> Fault | None:
        """A fault that strikes now, or None."""
        return self._faults.take(name, endpoint)

    def operation(self, endpoint: Callable[[], str]) -> Fault | None:
        """A fault that strikes an operation of a batch, whose endpoint is looked up only if there may be one."""
        name = "operation_fails"
        return self.take(name, endpoint()) if self._faults.is_on(name) else None

    def check_new(self, email: str) -> None:
        """Refuse an address that signs up too often, or that looks fake.

        Raises:
            Problem: 400.
        """
        if self.take("signup_throttle", email.lower()):
            raise invalid_address(
                f"{email} has signed up to a lot of lists very recently; we're not allowing more signups for now"
            )
        if self.take("fake_address", email.lower()):
            raise invalid_address(f"{email} looks fake or invalid, please enter a real email address.")

    def touch_a_row(self, rows: Sequence[Profile], offset: int, endpoint: str, now: str) -> bool:
        """Let a contact be edited between two pages; tells whether that happened."""
        fault = self.take("edited_while_paging", endpoint) if rows and offset else None
        if fault is None:
            return False
        wanted = str(fault.options.get("email", rows[0].email_address)).lower()
        for profile in rows:
            if profile.email_address.lower() == wanted:
                profile.last_changed = now
        return True
