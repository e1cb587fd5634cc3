"""Alias lists: addresses and source customers that are somebody else's, written one a line.

Two columns, `alias` and `primary`; both are addresses, or both are customers of the source as `customer:<key>`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from retail_sync.errors import ConfigurationError
from retail_sync.model.email import normalise

COLUMNS = ("alias", "primary")
#: What a customer of the source begins with.
CUSTOMER = "customer:"
_ADDRESS = re.compile(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+\.[^\s@,;<>\".]{2,}")
#: How many bad lines one error names.
_NAMED = 10


class Alias(NamedTuple):
    """One line: what stands for what, in normal form, and where it was said (`line 7`, `entry 3`)."""

    alias: str
    primary: str
    said_in: str


def read(path: Path) -> list[Alias]:
    """The lines of an alias file.

    Raises:
        ConfigurationError: It can't be read, or lines of it can't be used; each is named by its number.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.reader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no CSV in UTF-8"
        raise ConfigurationError(f"can't be read: {why}", record=path.name, fix="Mend the file.") from None
    if not lines or tuple(name.strip().lower() for name in lines[0]) != COLUMNS:
        raise ConfigurationError("line 1 is no header", record=path.name, fix=f"Begin with {','.join(COLUMNS)}.")
    found: list[Alias] = []
    bad: list[str] = []
    for number, cells in enumerate(lines[1:], start=2):
        if any(cell.strip() for cell in cells):
            try:
                found.append(alias_of(cells, f"line {number}"))
            except ValueError as error:
                bad.append(f"line {number}: {error}")
    _refuse(bad, path.name)
    return found


def alias_of(cells: Sequence[str], said_in: str) -> Alias:
    """An alias from what was written.

    Raises:
        ValueError: It can't be one; the text says why and holds no address.
    """
    if len(cells) != len(COLUMNS):
        raise ValueError(f"has {len(cells)} columns, not {len(COLUMNS)}")
    alias, primary = map(side, cells, COLUMNS)
    if alias.startswith(CUSTOMER) != primary.startswith(CUSTOMER):
        raise ValueError("mixes an address with a customer")
    if alias == primary:
        raise ValueError("names itself")
    return Alias(alias, primary, said_in)


def side(text: str, column: str) -> str:
    """One side of an alias in normal form.

    Raises:
        ValueError: It is neither an address nor a customer; the text names the column.
    """
    written = text.strip()
    if written.startswith(CUSTOMER):
        key = written.removeprefix(CUSTOMER).strip()
        if not key:
            raise ValueError(f"the {column} names no customer")
        return CUSTOMER + key
    address = normalise(written) or ""
    if not _ADDRESS.fullmatch(address):
        raise ValueError(f"the {column} is no address" if address else f"the {column} is empty")
    return address


def resolve(said: Iterable[Alias], source: str) -> dict[str, str]:
    """What each alias comes to in the end, chains followed.

    Args:
        said: The lines.
        source: Where they are from, for errors.

    Raises:
        ConfigurationError: An alias has two primaries, or a chain comes back to itself.
    """
    lines: dict[str, Alias] = {}
    bad: list[str] = []
    for line in said:
        known = lines.setdefault(line.alias, line)
        if known.primary != line.primary:
            bad.append(f"{known.said_in} and {line.said_in} give one alias two primaries")
    _refuse(bad, source)
    _refuse(list(_circles(lines)), source)
    return {alias: _end(line, lines) for alias, line in lines.items()}


def _circles(lines: Mapping[str, Alias]) -> Iterable[str]:
    told: set[str] = set()
    for line in lines.values():
        trail: dict[str, None] = {}
        alias = line.alias
        while alias in lines and alias not in trail and alias not in told:
            trail[alias] = None
            alias = lines[alias].primary
        if alias in trail:
            circle = list(trail)[list(trail).index(alias) :]
            yield f"{', '.join(lines[one].said_in for one in circle)} lead back to where they begin"
        told.update(trail)


def _end(line: Alias, lines: Mapping[str, Alias]) -> str:
    primary = line.primary
    while primary in lines:
        primary = lines[primary].primary
    return primary


def _refuse(bad: list[str], source: str) -> None:
    if bad:
        more = f"; and {len(bad) - _NAMED} more" if len(bad) > _NAMED else ""
        raise ConfigurationError("; ".join(bad[:_NAMED]) + more, record=source, fix="Mend these lines.")
