"""Orders that were answered before, as JSON: whoever reads an unchanged shop again gets the same bytes at once."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import msgspec

from retail_sync.vendors.centra.sandbox.nodes import Node

_MOST_BYTES = 128_000_000
_encode = msgspec.json.Encoder().encode


class Shelf:
    """Answers to selections of orders, kept until anything in the books changes.

    An order leads to its customer, its products and their stock, so that its own state is not enough to go by.

    Args:
        revision: The books' count of changes.
    """

    def __init__(self, revision: Callable[[], int]) -> None:
        self._revision = revision
        self._kept: dict[tuple[int, str], msgspec.Raw] = {}
        self._bytes = 0
        self._of = -1
        self._numbers = count()

    def keeping(self, project: Callable[[Node], Any]) -> Callable[[Node], Any]:
        """A selection of orders that keeps what it answers."""
        number = next(self._numbers)

        def read(node: Node) -> msgspec.Raw:
            if self._of != self._revision() or self._bytes > _MOST_BYTES:
                self._kept, self._bytes, self._of = {}, 0, self._revision()
            kept = self._kept.get((number, node["id"]))
            if kept is None:
                encoded = _encode(project(node))
                kept = self._kept[number, node["id"]] = msgspec.Raw(encoded)
                self._bytes += len(encoded)
            return kept

        return read
