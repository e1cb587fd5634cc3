"""Pairs that would overwrite each other are not run: neither of them, until their files say who owns what (ID-7)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from retail_sync.errors import ConfigurationError
from retail_sync.pairs import files
from retail_sync.pairs.config import Pair
from retail_sync.pairs.overlaps import overlaps
from retail_sync.vendors.registry import place_of


def refuse_contradicted(pair: Pair) -> None:
    """Let only a pair go on whose file agrees with the others about their destination.

    Of the other files those alone are looked at that name the same account or the same connection.

    Raises:
        ConfigurationError: It doesn't; each other file is named.
    """
    if wrong := [said for other in _neighbours(pair) for said in overlaps([pair, other], place_of)]:
        fix = "None of them runs until `retail-sync pairs validate` finds all of them right."
        raise ConfigurationError("; ".join(wrong), record=f"{pair.pair}.yaml", fix=fix)


def _neighbours(pair: Pair) -> Iterator[Pair]:
    end = pair.destination
    for path in sorted(files.folder().glob("*.yaml")):
        # A file that can't be used runs nothing, and is reported as such.
        with suppress(OSError, ValueError, ConfigurationError):
            other = _holding(path, end.account, end.connection)
            if other is not None and other.pair != pair.pair:
                yield other


def _holding(path: Path, *names: str) -> Pair | None:
    """The pair of a file, if that holds one of these names."""
    text = path.read_text(encoding="utf-8")
    return files.read(path) if any(name in text for name in names) else None
