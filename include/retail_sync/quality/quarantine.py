"""What is set aside: verdicts of a run become rows that stay until the record is clean or a person releases them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from psycopg import Connection

from retail_sync.pairs.config import Pair

from .attributes import used_attributes
from .catalogue import rules_of

# Rows of the run's work set that no later run has planned or set aside already: clearing an old plan undoes nothing.
# A verdict sets aside unless it only warns, or its row is excluded anyway.
_STANDING = """
    with standing as (
        select work.stream, work.key, work.version_id, work.change_seq
          from road.work
         where work.run_id = %(run_id)s
           and not exists (
               select from people.accepted as later
                where later.pair = %(pair)s and later.stream = work.stream and later.key = work.key
                  and later.change_seq > work.change_seq)
           and not exists (
               select from quality.quarantine as later
                where later.pair = %(pair)s and later.account = %(account)s
                  and later.stream = work.stream and later.key = work.key
                  and later.change_seq > work.change_seq)
    ), aside as (
        select verdict.stream, verdict.key, verdict.rule, verdict.effect, verdict.detail
          from quality.verdict
         where verdict.run_id = %(run_id)s and verdict.effect <> 'warn'
           and (verdict.effect = 'exclude' or not exists (
               select from quality.verdict as other
                where other.run_id = verdict.run_id and other.stream = verdict.stream and other.key = verdict.key
                  and other.effect = 'exclude'))
    )
"""

_SET_ASIDE = f"""
    {_STANDING}
    insert into quality.quarantine as kept
        (pair, account, stream, key, rule, effect, owner, version_id, change_seq, detail, run_id, opened_at, seen_at)
    select %(pair)s, %(account)s, stream, key, rule, aside.effect, coalesce(owning.owner, 'operations'),
           standing.version_id, standing.change_seq, aside.detail, %(run_id)s, %(now)s, %(now)s
      from aside
      join standing using (stream, key)
      left join unnest(%(rules)s::text[], %(owners)s::text[]) as owning (rule, owner) using (rule)
        on conflict (pair, account, stream, key, rule) do update
       set effect      = excluded.effect,
           owner       = excluded.owner,
           version_id  = excluded.version_id,
           change_seq  = excluded.change_seq,
           detail      = excluded.detail,
           run_id      = excluded.run_id,
           seen_at     = excluded.seen_at,
           opened_at   = case when kept.released_at is not null and kept.version_id <> excluded.version_id
                              then excluded.opened_at else kept.opened_at end,
           released_at = case when kept.version_id = excluded.version_id then kept.released_at end,
           released_by = case when kept.version_id = excluded.version_id then kept.released_by end
"""  # noqa: S608 - both parts are constants

_TAKE_OUT = f"""
    {_STANDING}
    delete from quality.quarantine as kept
     using standing
     where kept.pair = %(pair)s and kept.account = %(account)s
       and kept.stream = standing.stream and kept.key = standing.key
       and not exists (
           select from aside
            where aside.stream = kept.stream and aside.key = kept.key and aside.rule = kept.rule)
"""  # noqa: S608 - both parts are constants


# Attributes are told of once each, in a table of names; one that the mapping has come to use is forgotten.
_UNUSED = """
    insert into quality.unused_attribute (pair, name, owner, customers, seen_at)
    select %(pair)s, key, coalesce(owning.owner, 'marketing'), customers, %(now)s
      from quality.batch_attributes
      join quality.verdict using (run_id, key)
      left join unnest(%(rules)s::text[], %(owners)s::text[]) as owning (rule, owner) using (rule)
     where run_id = %(run_id)s and verdict.stream = 'attributes'
        on conflict (pair, name) do update
       set owner = excluded.owner, customers = excluded.customers, seen_at = excluded.seen_at
"""
_USED = """
    delete from quality.unused_attribute
     where pair = %(pair)s and (name = any (%(used)s::text[]) or not %(told)s)
"""


def apply_verdicts(connection: Connection[Any], run_id: str, pair: Pair, now: datetime) -> dict[str, int]:
    """Set aside what the verdicts of a run hold or exclude, and take out what they found clean. For plan's transaction.

    What becomes of each row of the work set is then told by the SQL function `quality.judged(run_id)`, one row each:
    `excluded` (not for this destination; nothing else about it matters), `held` (its last accepted version stays),
    `hold_event` (it counts, its shipping news waits). A rule that a person has released counts as passed for the
    version that was released; the next version is judged anew.

    Returns:
        `set_aside`: how many (record, rule) are set aside by this run; `closed`: how many no longer are.
    """
    rules = rules_of(pair)
    parameters = {
        "run_id": run_id,
        "pair": pair.pair,
        "account": pair.source.account,
        "now": now,
        "rules": [rule.id for rule in rules],
        "owners": [rule.owner for rule in rules],
        "used": used_attributes(pair.mapping),
        "told": any(rule.stream == "attributes" for rule in rules),
    }
    for statement in (_UNUSED, _USED):
        connection.execute(statement, parameters)
    closed = connection.execute(_TAKE_OUT, parameters).rowcount
    return {"set_aside": connection.execute(_SET_ASIDE, parameters).rowcount, "closed": closed}
