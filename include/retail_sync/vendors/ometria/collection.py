"""Our collection of contacts: which ids are taken, and which profile each has become part of."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from threading import Lock
from typing import Any
from urllib.parse import quote

from retail_sync.vendors.ometria.client import OmetriaClient
from retail_sync.vendors.ometria.facts import OmetriaSettings
from retail_sync.vendors.ometria.paging import everything
from retail_sync.vendors.ometria.people import Names


class Collection:
    """The contacts of one source. May be shared by threads.

    Nobody but us writes there, so that a list of it stays good for a while.

    Args:
        client: The way to Ometria.
        names: How the pair's people are called.
        settings: The pair's settings.
    """

    def __init__(self, client: OmetriaClient, names: Names, settings: OmetriaSettings) -> None:
        self._client = client
        self._names = names
        self._settings = settings
        self._path = f"/contacts/{quote(names.collection, safe='')}"
        self._reading = Lock()
        self._read_at = float("-inf")
        self._ids: set[str] = set()
        self._born: set[str] = set()
        self._by_profile: dict[str, str] = {}

    def there(self, ids: Iterable[str]) -> set[str]:
        """Which of these contacts are there: of few each is looked for, for many the list is read.

        A contact is told of its consent when it is born and never after that, so this is asked before it is made.

        Raises:
            WaitError: Ometria did not tell.
        """
        asked = set(ids)
        if len(asked) <= self._settings.few:
            return self._looked_for(asked)
        self._read()
        return asked & (self._ids | self._born)

    def gone(self, ids: Iterable[str]) -> set[str]:
        """Which of these contacts are not there any more; each of them was looked for by itself.

        Raises:
            WaitError: Ometria did not tell.
        """
        asked = set(ids)
        missing = asked - self.there(asked)
        return missing if len(asked) <= self._settings.few else missing - self._looked_for(missing)

    def born(self, ids: Iterable[str]) -> None:
        """Note contacts that were made, which a list that is being read may lack."""
        self._born.update(ids)

    def _looked_for(self, ids: set[str]) -> set[str]:
        found = set(filter(self._is_there, ids))
        if found != ids:
            self._client.assure(self._path, "contact.read")
        return found

    def _is_there(self, contact_id: str) -> bool:
        return self._client.get(f"{self._path}/{quote(contact_id, safe='')}", "contact.read") is not None

    def of_profile(self, profile: Mapping[str, Any]) -> str | None:
        """The contact of ours that a profile is made of, where one is.

        ASSUMED: a profile shows the `customer_id` by which its contacts were gathered.
        """
        customer = str(profile.get("customer_id") or "")
        if self._names.named:
            return customer if self._names.is_ours(customer) else None
        self._read()
        return self._by_profile.get(str(profile["id"]))

    def _read(self) -> None:
        """Read the list of contacts anew once it has grown old."""
        with self._reading:
            if time.monotonic() - self._read_at <= self._settings.listed_for:
                return
            listed = list(everything(self._client, self._path, "contact.list"))
            self._ids = {str(one["id"]) for one in listed}
            ours = (one for one in listed if self._names.is_ours(str(one["id"])))
            self._by_profile = {str(one.get("@profile_id") or ""): str(one["id"]) for one in ours}
            self._read_at = time.monotonic()
