"""What is set aside, as people look at it and let it go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from retail_sync.db import acts
from retail_sync.db.acts import Act, Object
from retail_sync.errors import ConfigurationError
from retail_sync.model.records import Stream
from retail_sync.pairs.config import Pair
from retail_sync.stage.corrections import Place

from .rule import EFFECTS

_LIST = """
    select kept.pair, kept.account, kept.stream, kept.key,
           exceptions.source_name(kept.stream, kept.key, version.doc ->> 'number') as record,
           kept.rule, kept.effect, kept.owner, kept.detail, kept.version_id, kept.opened_at, kept.released_at,
           kept.released_by,
           coalesce(current.version_id <> kept.version_id, true) as is_old
      from quality.quarantine as kept
      left join stage.version using (version_id)
      left join stage.current
        on current.account = kept.account and current.stream = kept.stream and current.key = kept.key
     where (%(pair)s::text is null or kept.pair = %(pair)s)
       and (%(stream)s::text is null or kept.stream = %(stream)s)
       and (%(key)s::text is null or kept.key = %(key)s)
       and (%(rule)s::text is null or kept.rule = %(rule)s)
       and (%(owner)s::text is null or kept.owner = %(owner)s)
       and (%(excluded)s or kept.effect <> 'exclude')
     order by kept.pair, kept.opened_at, kept.stream, kept.key, kept.rule
"""

# What people call an order is its number; its key is the source's own affair.
_KEY = """
    select key from stage.current where account = %(account)s and stream = %(stream)s and key = %(named)s
     union all
    select kept.key
      from quality.quarantine as kept join stage.version using (version_id)
     where kept.account = %(account)s and kept.stream = %(stream)s and version.doc ->> 'number' = %(named)s
     union all
    select key from people.order_value
     where pair = %(pair)s and number = %(named)s and %(stream)s = 'orders'
     limit 1
"""

_NAME = """
    select exceptions.source_name(stream, current.key, version.doc ->> 'number')
      from stage.current join stage.version using (version_id, account, stream)
     where account = %s and stream = %s and current.key = %s
"""

_RELEASE = """
    update quality.quarantine
       set released_at = %(at)s, released_by = %(who)s
     where pair = %(pair)s and account = %(account)s and rule = %(rule)s and released_at is null
       and (stream, key, version_id)
           in (select * from unnest(%(streams)s::text[], %(keys)s::text[], %(versions)s::bigint[]))
"""
_DUE = """
    insert into road.due (pair, stream, key, reason, due_at)
    select %(pair)s, stream, key, 'released', %(at)s
      from unnest(%(streams)s::text[], %(keys)s::text[]) as one (stream, key)
        on conflict (pair, stream, key, reason) do update set due_at = least(due.due_at, excluded.due_at)
"""


@dataclass(frozen=True, slots=True)
class Aside:
    """A record that a rule sets aside.

    Attributes:
        record: What people call it, such as `order 10231`.
        detail: What the rule says of this record; free of addresses.
        is_old: Whether another version of the record is staged by now, which the next run judges anew.
    """

    pair: str
    account: str
    stream: Stream
    key: str
    record: str
    rule: str
    effect: str
    owner: str
    detail: str | None
    version_id: int
    opened_at: datetime
    released_at: datetime | None
    released_by: str | None
    is_old: bool


def set_aside(
    connection: Connection[Any],
    *,
    pair: str | None = None,
    stream: str | None = None,
    key: str | None = None,
    rule: str | None = None,
    owner: str | None = None,
    excluded: bool = False,
) -> list[Aside]:
    """What is set aside, the oldest first; what is merely excluded only where that is asked for."""
    asked = {"pair": pair, "stream": stream, "key": key, "rule": rule, "owner": owner, "excluded": excluded}
    with connection.cursor(row_factory=class_row(Aside)) as cursor:
        return cursor.execute(_LIST, asked).fetchall()


def place_of(connection: Connection[Any], pair: Pair, stream: Stream, named: str) -> Place:
    """The staged record of that key; an order may be called by its number.

    Raises:
        ConfigurationError: There is none.
    """
    given = {"account": pair.source.account, "stream": stream, "named": named, "pair": pair.pair}
    row = connection.execute(_KEY, given).fetchone()
    if row is None:
        raise ConfigurationError(
            f"there is no {stream[:-1]} of that key",
            record=pair.pair,
            fix="`retail-sync quarantine list` shows what is.",
        )
    return Place(pair.source.account, stream, row[0])


def name_of(connection: Connection[Any], place: Place) -> str:
    """What people call a staged record."""
    row = connection.execute(_NAME, [place.account, place.stream, place.key]).fetchone()
    return str(row[0]) if row else f"{place.stream[:-1]} {place.key}"


def release(connection: Connection[Any], pair: Pair, place: Place, rule: str, act: Act) -> str:
    """Let a record go that a rule sets aside: this version of it counts as passed, and goes with the next run.

    Returns:
        The record, as people call it.

    Raises:
        ConfigurationError: The rule does not set it aside, or not so that it can be released.
    """
    found = set_aside(connection, pair=pair.pair, stream=place.stream, key=place.key, rule=rule, excluded=True)
    if not found:
        raise ConfigurationError(
            f"the rule {rule} does not set it aside",
            record=f"{place.stream[:-1]} {place.key}",
            fix="`retail-sync quarantine show` names the rules that do.",
        )
    (one,) = found
    if why_not := _why_not(one):
        reason, instead = why_not
        raise ConfigurationError(reason, record=one.record, fix=instead)
    _release(connection, pair, rule, found, act)
    return one.record


def release_all(connection: Connection[Any], pair: Pair, rule: str, act: Act) -> Sequence[Aside]:
    """Let everything go that a rule sets aside and that can be released; each of it is kept as an act.

    Returns:
        What was released.
    """
    found = [one for one in set_aside(connection, pair=pair.pair, rule=rule) if not _why_not(one)]
    if found:
        _release(connection, pair, rule, found, act)
    return found


def _release(connection: Connection[Any], pair: Pair, rule: str, released: Sequence[Aside], act: Act) -> None:
    parameters = {
        "pair": pair.pair,
        "account": pair.source.account,
        "rule": rule,
        "at": act.at,
        "who": act.who,
        "streams": [one.stream for one in released],
        "keys": [one.key for one in released],
        "versions": [one.version_id for one in released],
    }
    connection.execute(_RELEASE, parameters)
    connection.execute(_DUE, parameters)
    acts.note(connection, act, *(Object(pair.pair, one.record, _details(one)) for one in released))


def _details(one: Aside) -> Mapping[str, Any]:
    return {"stream": one.stream, "key": one.key, "rule": one.rule, "version": one.version_id, "detail": one.detail}


def _why_not(one: Aside) -> tuple[str, str] | None:
    """Why a record can't be released, and what to do instead."""
    if one.released_at is not None:
        return f"{one.released_by} has released it already", "It goes with the next run."
    if one.is_old:
        return "it has changed since it was set aside", "Nothing: the next run judges it anew."
    if one.effect == "exclude":
        return (
            f"it {EFFECTS['exclude']}",
            "If it is no such order, correct what it says of its channel, or change the pair's channel rules.",
        )
    if one.effect == "hold_field":
        return f"it {EFFECTS['hold_field']}", "Correct the value: the destination would refuse it as it is."
    return None
