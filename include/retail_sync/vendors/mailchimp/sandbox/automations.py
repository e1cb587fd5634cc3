"""What would have set off an automation: new tags and reported events, unless the request said that it only syncs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from retail_sync.vendors.mailchimp.sandbox.member import Member, MemberEvent


class Automations:
    """Every cause so far, oldest first."""

    def __init__(self) -> None:
        self.begun: list[dict[str, Any]] = []

    def after_event(self, member: Member, event: MemberEvent, now: str) -> None:
        """Note an event that an automation could wait for."""
        if not event.is_syncing:
            self._begin(member, now, cause="event", name=event.name, properties=event.properties)

    def after_tags(self, member: Member, names: Iterable[str], now: str, *, is_syncing: bool) -> None:
        """Note the tags that the contact did not have."""
        if is_syncing:
            return
        for name in names:
            if name not in member.tags:
                self._begin(member, now, cause="tag", name=name)

    def _begin(self, member: Member, now: str, **about: Any) -> None:
        self.begun.append({"at": now, "email": member.profile.email_address, **about})
