"""Parties with how they are reached, where they live and what merchants have hung on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from retail_sync.vendors.fulfil.children import Children
from retail_sync.vendors.fulfil.payloads import AddressRow, MechanismRow, MetafieldRow, PartyRow
from retail_sync.vendors.fulfil.shapes import Shapes, UnfitError


@dataclass(frozen=True, slots=True)
class Party:
    """A party with what hangs on it, archived details included."""

    row: PartyRow
    mechanisms: Sequence[MechanismRow]
    addresses: Sequence[AddressRow]
    metafields: Sequence[MetafieldRow]

    def first(self, *kinds: str) -> str | None:
        """The first way to reach it of the first of these kinds that there is, as the party itself shows it."""
        for kind in kinds:
            for one in self.mechanisms:
                if one.type == kind and one.active is not False and (one.value or "").strip():
                    return one.value
        return None


class Parties:
    """Brings what hangs on parties.

    Args:
        children: Brings rows by their ids.
        shapes: What is asked for.
    """

    def __init__(self, children: Children, shapes: Shapes) -> None:
        self._children = children
        self._shapes = shapes

    def whole(self, rows: Sequence[PartyRow], *, addresses: bool = True) -> list[Party | tuple[str, str]]:
        """These parties with what hangs on them; instead of one that can't be taken apart, its key and the reason."""
        shapes, bring = self._shapes, self._children.bring
        mechanisms = bring(shapes.mechanisms, [one for row in rows for one in row.contact_mechanisms])
        homes = bring(shapes.addresses, [one for row in rows if addresses for one in row.addresses])
        metafields = bring(shapes.metafields, [one for row in rows for one in row.metafields])
        found: list[Party | tuple[str, str]] = []
        for row in rows:
            try:
                found.append(
                    Party(
                        row=row,
                        mechanisms=mechanisms.of(row.contact_mechanisms),
                        addresses=homes.of(row.addresses) if addresses else (),
                        metafields=metafields.of(row.metafields),
                    )
                )
            except UnfitError as error:
                found.append((str(row.id), str(error)))
        return found
