"""Aliases in force: what the list and the commands say, and who has to be looked at again where that has changed.

The file goes before commands. Both are read by plan, in its transaction: a dry run shows what a new list would do.
"""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path
from typing import Any

from psycopg import Connection

from retail_sync.pairs import files
from retail_sync.pairs.aliases import Alias, read, resolve
from retail_sync.pairs.config import Pair

from .scope import Scope

_COMMANDS = """
    select alias, stands_for, alias_id from people.alias where pair = %(pair)s and origin = 'command' order by alias_id
"""
_LAST_HASH = "select hash from people.alias_list where pair = %(pair)s"
_NOTE_HASH = """
    insert into people.alias_list (pair, hash, read_at) values (%(pair)s, %(hash)s, %(now)s)
        on conflict (pair) do update set hash = excluded.hash, read_at = excluded.read_at
"""

_LISTED = """
    create temporary table listed on commit drop as
    select * from unnest(%(aliases)s::text[], %(stands_for)s::text[]) as said (alias, stands_for)
"""
_KEEP_FILE = """
    with gone as (
        delete from people.alias
         where pair = %(pair)s and origin = 'file'
           and (alias, stands_for) not in (select alias, stands_for from listed)
     returning alias, stands_for),
    come as (
        insert into people.alias (pair, alias, stands_for, origin, since)
        select %(pair)s, alias, stands_for, 'file', %(now)s
          from listed
         where not exists (select from people.alias
                            where alias.pair = %(pair)s and alias.origin = 'file' and alias.alias = listed.alias
                              and alias.stands_for = listed.stands_for)
            on conflict (pair, alias, origin) do update
           set stands_for = excluded.stands_for, since = excluded.since
     returning alias, stands_for)
    insert into people.alias_change (at, pair, alias, stands_for, action, origin)
    select %(now)s, %(pair)s, alias, stands_for, 'removed', 'file' from gone
     union all
    select %(now)s, %(pair)s, alias, stands_for, 'added', 'file' from come
"""

_CHANGED = """
    create temporary table changed_alias on commit drop as
    select alias
      from (select alias, stands_for from people.alias_in_force where pair = %(pair)s) as before
      full join unnest(%(aliases)s::text[], %(stands_for)s::text[]) as now (alias, stands_for) using (alias)
     where before.stands_for is distinct from now.stands_for
"""
_ENFORCE = """
    with gone as (
        delete from people.alias_in_force where pair = %(pair)s and alias in (select alias from changed_alias))
    insert into people.alias_in_force (pair, alias, stands_for)
    select %(pair)s, alias, stands_for
      from unnest(%(aliases)s::text[], %(stands_for)s::text[]) as now (alias, stands_for)
      join changed_alias using (alias)
        on conflict (pair, alias) do update set stands_for = excluded.stands_for
"""

# Whose address or record is an alias now or was one.
_STIR = """
    insert into stirred (person_id)
    select person_id
      from changed_alias join people.address on address.pair = %(pair)s and address.email = changed_alias.alias
     union
    select person_id
      from changed_alias
      join people.customer on customer.pair = %(pair)s and 'customer:' || customer.key = changed_alias.alias
        on conflict do nothing
"""


def list_file(pair: Pair) -> Path | None:
    """Where a pair's alias file lies: beside the pair files, unless its path says otherwise."""
    return files.folder() / pair.identity.aliases if pair.identity.aliases else None


def listed(pair: Pair) -> list[Alias]:
    """What the alias file of a pair says; nothing where it has none.

    Raises:
        ConfigurationError: It has bad lines, or contradicts itself.
    """
    path = list_file(pair)
    if path is None:
        return []
    lines = read(path)
    resolve(lines, path.name)
    return lines


def commands(connection: Connection[Any], pair: Pair) -> list[Alias]:
    """What commands have said of a pair, the oldest first."""
    said = connection.execute(_COMMANDS, {"pair": pair.pair})
    return [Alias(alias, stands_for, f"entry {number}") for alias, stands_for, number in said]


def enforce(connection: Connection[Any], scope: Scope) -> int:
    """Bring the aliases in force in line with the list, and stir up the people concerned.

    Returns:
        How many aliases are new, gone, or lead elsewhere.

    Raises:
        ConfigurationError: The file has bad lines, or the list contradicts itself.
    """
    path = list_file(scope.pair)
    content = path.read_bytes() if path is not None and path.is_file() else b""
    said = commands(connection, scope.pair)
    digest = blake2b(repr((path and path.name, content, said)).encode(), digest_size=16).digest()
    last = connection.execute(_LAST_HASH, scope.parameters()).fetchone()
    if bytes(last[0]) == digest if last is not None else path is None and not said:
        return 0
    return _enforce(connection, scope, path, said, digest)


def _enforce(connection: Connection[Any], scope: Scope, path: Path | None, said: list[Alias], digest: bytes) -> int:
    lines = listed(scope.pair)
    force = in_force(lines, said, path.name if path is not None else "aliases")
    file_said = {"aliases": [line.alias for line in lines], "stands_for": [line.primary for line in lines]}
    connection.execute(_LISTED, file_said)
    parameters = scope.parameters(aliases=list(force), stands_for=list(force.values()), hash=digest)
    for statement in (_KEEP_FILE, _CHANGED, _ENFORCE, _STIR, _NOTE_HASH):
        connection.execute(statement, parameters)
    row = connection.execute("select count(*) from changed_alias").fetchone()
    return int(row[0]) if row else 0


def in_force(lines: list[Alias], said: list[Alias], source: str) -> dict[str, str]:
    """What the file and the commands come to together: where both know an alias, the file decides.

    Raises:
        ConfigurationError: They contradict themselves or lead in a circle.
    """
    in_file = {line.alias for line in lines}
    return resolve([*lines, *(line for line in said if line.alias not in in_file)], source)
