"""What everything that calls the Core API needs: the way, the fields' ids, how the pair wants it, the time."""

from __future__ import annotations

from dataclasses import dataclass

from retail_sync.model.ports import Clock
from retail_sync.vendors.emarsys.client import EmarsysClient
from retail_sync.vendors.emarsys.facts import EmarsysSettings
from retail_sync.vendors.emarsys.field_ids import FieldIds
from retail_sync.vendors.emarsys.wire import Send


@dataclass(frozen=True, slots=True)
class Access:
    """The access to one account.

    Attributes:
        client: The way to Emarsys.
        ids: Ids of contact fields by their names.
        settings: The pair's settings.
        clock: The time.
    """

    client: EmarsysClient
    ids: FieldIds
    settings: EmarsysSettings
    clock: Clock

    @property
    def send(self) -> Send:
        """Takes a request to Emarsys."""
        return self.client.send

    @property
    def key_field(self) -> str:
        """The id of the field that holds our key."""
        return self.ids.of(self.settings.key_field)
