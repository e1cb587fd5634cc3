"""Who owns what of an audience that several pairs feed (ID-7)."""

from __future__ import annotations

from pydantic import Field

from .part import Part


class Owned(Part):
    """What a pair fills of its audience, of all that it maps; the rest is another pair's to fill."""

    fields: list[str] | None = Field(None, description="Contact fields; all that are mapped unless given.")
    tags: list[str] | None = Field(None, description="Facts that become tags; all that are mapped unless given.")


def owned(mapped: list[str], given: list[str] | None, what: str) -> list[str]:
    """The names that a pair owns of those that it maps.

    Raises:
        ValueError: It claims one that it does not map.
    """
    if given is None:
        return mapped
    if unmapped := [name for name in given if name not in mapped]:
        raise ValueError(f"destination.owns.{what} names what is not mapped: {', '.join(unmapped)}")
    return [name for name in mapped if name in given]
