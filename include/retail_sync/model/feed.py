"""The port of a catalogue that a destination takes only whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from .people import Listing


class Feed(Protocol):
    """A catalogue as one file. Every file replaces the one before it: what it lacks is gone at the destination.

    Attributes:
        columns: The names of its columns.
        least: The share of the last file's rows that a new one must have; with fewer it waits for a person.
        pushed: Whether we bring it. Else the destination fetches it, from where the interface serves it.
    """

    columns: Sequence[str]
    least: float
    pushed: bool

    def rows(self, listing: Listing) -> Iterator[Sequence[str]]:
        """The rows of a product, in the order of `columns`; none where the destination could do nothing with it."""
        ...

    def push(self, content: bytes) -> str:
        """Bring a whole file. It may be brought again, since it replaces itself.

        Args:
            content: The file, gzipped: CSV in UTF-8 with a header.

        Returns:
            What the destination refuses of it, in its words; empty where it was taken.

        Raises:
            WaitError: Try again later.
            ConfigurationError: It takes nothing until a person acts.
        """
        ...
