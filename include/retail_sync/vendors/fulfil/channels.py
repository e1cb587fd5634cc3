"""Where sales come from: read once, since every sale names one."""

from __future__ import annotations

from collections import Counter
from functools import cached_property

from retail_sync.errors import SchemaDriftError
from retail_sync.vendors.fulfil import paging
from retail_sync.vendors.fulfil.client import FulfilClient, Question
from retail_sync.vendors.fulfil.domains import EVERYTHING
from retail_sync.vendors.fulfil.payloads import ChannelRow
from retail_sync.vendors.fulfil.settings import Settings
from retail_sync.vendors.fulfil.shapes import Shape, UnfitError


class Channels:
    """The channels of an account.

    Args:
        client: The account.
        shape: What is asked of a channel.
        settings: The pair file's settings.
    """

    def __init__(self, client: FulfilClient, shape: Shape[ChannelRow], settings: Settings) -> None:
        self._client = client
        self._shape = shape
        self._settings = settings

    def of(self, number: int | None) -> ChannelRow | None:
        """The channel of an id."""
        return self._by_id.get(number) if number is not None else None

    def is_anonymous(self, party: int | None) -> bool:
        """Whether a party stands for all guests of a channel (CONFIRMED field), and so for nobody."""
        return party in self._anonymous

    @property
    def rows(self) -> list[ChannelRow]:
        """All channels, archived ones too: old sales name them."""
        return list(self._by_id.values())

    @property
    def currency(self) -> str | None:
        """The currency of list prices: the settings', else what most channels sell in."""
        said = Counter(channel.currency for channel in self.rows if channel.currency)
        return self._settings.currency or next((code for code, _ in said.most_common(1)), None)

    @cached_property
    def _by_id(self) -> dict[int, ChannelRow]:
        question = Question(self._shape.model, self._shape.fields, EVERYTHING)
        try:
            found = [
                self._shape.fit(row)
                for page in paging.pages(self._client, question, self._settings.page_size)
                for row in page.rows
            ]
        except UnfitError as error:
            raise SchemaDriftError(
                f"a channel is not as expected: {error}", record="sale.channel", fix="Run `retail-sync check`."
            ) from None
        return {channel.id: channel for channel in found}

    @cached_property
    def _anonymous(self) -> frozenset[int | None]:
        return frozenset(channel.anonymous_customer for channel in self.rows if channel.anonymous_customer)
