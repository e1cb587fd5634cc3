"""Which profile a listing or an order belongs to: by the customer it names, then by its address."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from retail_sync.vendors.ometria.sandbox.profile import NOBODY, Profile


class Clusters:
    """All profiles, and by what they are found.

    Args:
        now: The clock.

    Attributes:
        profiles: By id, in the order in which they came to be.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.profiles: dict[str, Profile] = {}
        self._by_email: dict[str, dict[str, None]] = {}
        self._by_customer: dict[str, str] = {}
        self._made = 0

    def new(self) -> Profile:
        """A profile that nothing belongs to yet."""
        number = self._made = self._made + 1
        # Told apart at a glance, as the vendor's own ids are, and the same in every run.
        profile = Profile(f"2695-{number:06x}-{number * 7919 % 0x1000000:06x}", number, self._now(), self._now())
        self.profiles[profile.id] = profile
        return profile

    def of_listing(self, customer_id: str, email: str) -> Profile | None:
        """The profile that a listing joins.

        One that names a customer joins that customer's, else one of its address that has no customer yet. One that
        names none joins the profile of its address that was taken in last, whatever its consent.
        """
        if customer_id and (known := self._by_customer.get(customer_id)):
            return self.profiles[known]
        same = self.with_email(email)
        return _newest(one for one in same if not (customer_id and one.found_by.customer_ids))

    def of_order(self, customer_id: str, email: str) -> Profile | None:
        """The profile that an order joins; with an address alone one that has no customer is preferred."""
        if customer_id:
            return self.of_listing(customer_id, email)
        same = self.with_email(email)
        return _newest(one for one in same if not one.found_by.customer_ids) or _newest(same)

    def with_email(self, email: str) -> list[Profile]:
        """All profiles of an address, the oldest first."""
        return [self.profiles[one] for one in self._by_email.get(email.lower(), ())] if email else []

    def with_customer(self, customer_id: str) -> list[Profile]:
        """The profile of a customer, as a list of one or none."""
        known = self._by_customer.get(customer_id)
        return [self.profiles[known]] if known else []

    def refresh(self, profile: Profile) -> None:
        """Bring the index up to what belongs to a profile now; one that nothing belongs to is gone."""
        alive = bool(profile.listings or profile.orders)
        identities = profile.identities() if alive else NOBODY
        if identities != profile.found_by:
            self._forget(profile)
            profile.found_by = identities
            for email in sorted(identities.emails):
                self._by_email.setdefault(email, {})[profile.id] = None
            for customer_id in identities.customer_ids:
                self._by_customer.setdefault(customer_id, profile.id)
        if not alive:
            self.profiles.pop(profile.id, None)
        profile.updated_at = self._now()

    def _forget(self, profile: Profile) -> None:
        for email in profile.found_by.emails:
            self._by_email.get(email, {}).pop(profile.id, None)
        for customer_id in profile.found_by.customer_ids:
            if self._by_customer.get(customer_id) == profile.id:
                del self._by_customer[customer_id]


def _newest(profiles: Iterable[Profile]) -> Profile | None:
    return max(profiles, key=lambda one: one.taken_in, default=None)
