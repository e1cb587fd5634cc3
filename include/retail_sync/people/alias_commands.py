"""Aliases by command: added and removed by people, each with who and when; plan brings them in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from retail_sync.db.acts import Act
from retail_sync.errors import ConfigurationError
from retail_sync.pairs.aliases import alias_of, side
from retail_sync.pairs.config import Pair

from .aliases import commands, in_force, listed

_LOCK = "select pg_advisory_xact_lock(hashtextextended('retail_sync.plan.' || %(pair)s, 0))"
_ADD = """
    with added as (
        insert into people.alias (pair, alias, stands_for, origin, since, said_by)
        values (%(pair)s, %(alias)s, %(stands_for)s, 'command', %(at)s, %(said_by)s)
            on conflict (pair, alias, origin) do nothing
     returning pair, alias, stands_for, origin, said_by)
    insert into people.alias_change (at, pair, alias, stands_for, action, origin, said_by, because)
    select %(at)s, pair, alias, stands_for, 'added', origin, said_by, %(because)s from added
"""
_REMOVE = """
    with removed as (
        delete from people.alias
         where pair = %(pair)s and alias = %(alias)s and origin = 'command'
     returning pair, alias, stands_for, origin)
    insert into people.alias_change (at, pair, alias, stands_for, action, origin, said_by, because)
    select %(at)s, pair, alias, stands_for, 'removed', origin, %(said_by)s, %(because)s from removed
"""
_LIST = """
    select said.alias, said.stands_for, said.origin, said.since, said.said_by, force.stands_for as leads_to,
           said.origin = 'command' and exists (select from people.alias as listed
                                                where listed.pair = said.pair and listed.alias = said.alias
                                                  and listed.origin = 'file') as overruled
      from people.alias as said
      left join people.alias_in_force as force using (pair, alias)
     where pair = %(pair)s
     order by alias, origin
"""


@dataclass(frozen=True, slots=True)
class Said:
    """An alias as it was said.

    Attributes:
        origin: `file` or `command`.
        leads_to: What it comes to in the end; None until the next plan has read it.
        overruled: Whether the file says something of the same alias, and goes before this.
    """

    alias: str
    stands_for: str
    origin: str
    since: datetime
    said_by: str | None
    leads_to: str | None
    overruled: bool


def listing(connection: Connection[Any], pair: Pair) -> list[Said]:
    """All aliases of a pair, those of the file as plan last read it."""
    with connection.cursor(row_factory=class_row(Said)) as cursor:
        return cursor.execute(_LIST, {"pair": pair.pair}).fetchall()


def add(connection: Connection[Any], pair: Pair, alias: str, primary: str, act: Act) -> bool:
    """Add an alias; the next plan brings it in force.

    Returns:
        Whether it was new; False where a command has said the same before.

    Raises:
        ConfigurationError: It can't be an alias, contradicts another, or leads in a circle.
    """
    try:
        line = alias_of((alias, primary), "this")
    except ValueError as error:
        raise ConfigurationError(f"the alias {error}", fix="Give two addresses, or two of customer:<key>.") from None
    connection.execute(_LOCK, {"pair": pair.pair})
    in_force(listed(pair), [*commands(connection, pair), line], "aliases")
    parameters = {"pair": pair.pair, "alias": line.alias, "stands_for": line.primary, **_said(act)}
    return connection.execute(_ADD, parameters).rowcount > 0


def remove(connection: Connection[Any], pair: Pair, alias: str, act: Act) -> None:
    """Remove an alias that a command has added; the next plan takes it out of force.

    Raises:
        ConfigurationError: No command has added it; one of the file is removed there.
    """
    try:
        parameters = {"pair": pair.pair, "alias": side(alias, "alias"), **_said(act)}
    except ValueError as error:
        raise ConfigurationError(str(error), fix="Give an address, or customer:<key>.") from None
    connection.execute(_LOCK, parameters)
    if not connection.execute(_REMOVE, parameters).rowcount:
        raise ConfigurationError(
            "no command has added this alias", record=pair.pair, fix="See `aliases list`; the file's are removed there."
        )


def _said(act: Act) -> dict[str, Any]:
    return {"at": act.at, "said_by": act.who, "because": act.because}
