"""Contacts that have become others: their profiles are merged, so that what only Ometria knows of them goes along.

One merge a minute is allowed, so a delivery waits for a few and leaves the rest to later ones. What can't be merged is
taken back like any contact. Nobody says what a merge makes of consent: so nobody who has said no is merged, and no yes
is merged into a profile that has none.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Generator, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from retail_sync.model.delivery import Delivery, Outcome
from retail_sync.model.ports import Clock
from retail_sync.vendors.ometria.client import OmetriaClient
from retail_sync.vendors.ometria.contacts import Contacts
from retail_sync.vendors.ometria.facts import PROFILES_PER_MERGE, OmetriaSettings
from retail_sync.vendors.ometria.people import Names
from retail_sync.vendors.ometria.readback import Readback
from retail_sync.vendors.ometria.refusals import delivered, seen


class Merging:
    """Merges profiles for one pair.

    Args:
        client: The way to Ometria.
        contacts: The profiles.
        readback: What stands.
        names: How the pair's people are called.
        settings: The pair's settings.
        clock: The time.
    """

    def __init__(
        self,
        client: OmetriaClient,
        *,
        contacts: Contacts,
        readback: Readback,
        names: Names,
        settings: OmetriaSettings,
        clock: Clock,
    ) -> None:
        self._client = client
        self._contacts = contacts
        self._readback = readback
        self._names = names
        self._settings = settings
        self._clock = clock

    def merge(self, rows: Sequence[Delivery]) -> Generator[Outcome, None, list[Delivery]]:
        """Merge the contacts that have an heir, and return the rows that are left for the usual way.

        Raises:
            WaitError: Ometria is not to be had.
        """
        rest = [row for row in rows if not self._is_merged(row)]
        by_heir: dict[str, list[Delivery]] = defaultdict(list)
        for row in rows:
            if self._is_merged(row):
                by_heir[row.heir or ""].append(row)
        calls = [(heir, portion) for heir, same in by_heir.items() for portion in _portions(same)]
        at_once = self._settings.merges_at_once
        for heir, portion in calls[:at_once]:
            rest += yield from self._merge(heir, portion)
        for place, (_, portion) in enumerate(calls[at_once:], 1):
            yield from (self._later(row, place) for row in portion)
        return rest

    def _is_merged(self, row: Delivery) -> bool:
        wanted = row.kind == "contact" and row.operation == "delete" and row.heir is not None
        return wanted and self._settings.merge_profiles

    def _merge(self, heir: str, rows: Sequence[Delivery]) -> Generator[Outcome, None, list[Delivery]]:
        survivor = self._profile(heir)
        profiles = {row.row_id: self._profile(row.vendor_key) for row in rows}
        going = [row for row in rows if _may_merge(survivor, profiles[row.row_id])]
        rest = [row for row in rows if row not in going]
        if survivor is None or not going:
            return rest
        others = [self._identity(row.vendor_key, profiles[row.row_id] or {}) for row in going]
        if not self._client.merge(self._identity(heir, survivor), others):
            return rest + going
        yield from self._watched(going)
        return rest

    def _watched(self, rows: Sequence[Delivery]) -> Iterator[Outcome]:
        """Wait until the contacts are gone, as those of merged profiles go. ASSUMED: that may take a while."""
        until = time.monotonic() + self._settings.settle_deadline
        pause = self._settings.poll_from
        waiting = list(rows)
        while waiting:
            there = [row for row in waiting if self._readback.raw(row.kind, row.vendor_key) is not None]
            if len(there) < len(waiting):
                self._readback.assure("contact")
            yield from (delivered(row) for row in waiting if row not in there)
            waiting = there
            if waiting and time.monotonic() + pause > until:
                yield from (seen(row, "merging", "Merged, and its contact is still there.") for row in waiting)
                return
            if waiting:
                time.sleep(pause)
                pause = min(pause * 2, self._settings.poll_to)

    def _profile(self, contact: str) -> Mapping[str, Any] | None:
        """The profile that a contact of ours is part of."""
        found = self._readback.raw("contact", contact)
        profile_id = str((found or {}).get("@profile_id") or "")
        return self._contacts.profile(profile_id) if profile_id else None

    def _identity(self, contact: str, profile: Mapping[str, Any]) -> dict[str, str]:
        if self._names.named:
            return {"type": "customer_id", "value": contact}
        return {"type": "profile_hash", "value": str(profile["id"])}

    def _later(self, row: Delivery, place: int) -> Outcome:
        turn = self._clock() + timedelta(minutes=place / self._settings.merges_a_minute)
        return replace(seen(row, "merging", "Waits for its turn to be merged."), retry_at=turn)


def _may_merge(survivor: Mapping[str, Any] | None, other: Mapping[str, Any] | None) -> bool:
    """Whether there are two profiles, of whose consent a merge can change nothing."""
    if survivor is None or other is None or survivor["id"] == other["id"]:
        return False
    kept, brought = survivor.get("marketing_optin"), other.get("marketing_optin")
    return kept is not False and brought in {None, kept}


def _portions(rows: Sequence[Delivery]) -> Iterator[Sequence[Delivery]]:
    return (rows[start : start + PROFILES_PER_MERGE] for start in range(0, len(rows), PROFILES_PER_MERGE))
