"""Notice: everything that waits for a person becomes an exception, and is closed once its cause is gone.

It looks at what stands in the books, never at what a run remembers, so that it is right after any step failed.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from psycopg import Connection

from retail_sync.consent import causes as consent
from retail_sync.delivery import brake, catalogue
from retail_sync.errors import RetailSyncError
from retail_sync.exceptions.entries import gather, settle
from retail_sync.exceptions.escalation import escalations
from retail_sync.model.capabilities import Capabilities
from retail_sync.people import causes as identity
from retail_sync.quality import causes as quality
from retail_sync.reconcile.raised import RAISED

from .context import Road
from .failed_runs import FAMILY, LOCK, gather_failed_runs
from .lifetime import WITHHELD
from .perform import Report

#: First parts of the subjects that are opened and closed here.
FAMILIES = (
    FAMILY, "rule", "correction", "refused", "outbox", "reconcile", "consent", "brake", "catalogue", "lifetime",
    "identity",
)  # fmt: skip

_REFUSED = """
    insert into wrong
    select 'refused.' || stream, exceptions.source_name(stream, key, null),
           initcap(%(source_system)s) || ' gave it in a form that can''t be read: ' || reason || '.',
           'operations',
           'Mend it at the source; if it is right there, tell the maintainers of the source''s mapping.'
      from stage.refused
     where account = %(source)s and stream = any (%(streams)s)
"""

# Of each object its newest row counts, and what stops the rows behind it. An opt-out has no cause left once the record
# or the contact that it is for no longer says yes, and nothing of a person has once no record is theirs any more.
_TROUBLED = """
    create temporary table troubled on commit drop as
    select row_id, account, pair, kind, object_id, person_id, state, code,
           nullif(rtrim(btrim(words), '.'), '') as words, needs,
           state = 'held' and code is not distinct from 'needs' as waits
      from delivery.outbox
     where pair = %(pair)s and state in ('rejected', 'held', 'unknown') and code is distinct from 'brake'
       and (state = 'unknown' or state = 'held' and row = 'step'
            or not exists (select from delivery.outbox as newer
                            where newer.account = outbox.account and newer.object_id = outbox.object_id
                              and newer.pair = outbox.pair and newer.row_id > outbox.row_id
                              and newer.state <> 'superseded'))
       and (person_id is null
            or exists (select from people.customer where customer.person_id = outbox.person_id)
            or exists (select from people.order_value where order_value.person_id = outbox.person_id))
       and (operation <> 'opt_out'
            or exists (select from people.customer
                        where account = %(source)s and customer.pair = outbox.pair
                          and customer.key = outbox.vendor_key and customer.opted_in)
            or exists (select from consent.mirror
                        where mirror.account = outbox.account and mirror.vendor_key = outbox.vendor_key
                          and mirror.status in ('subscribed', 'pending')))
"""
_WAITING = """
    create temporary table waiting on commit drop as
    select object_id, unnest(needs) as need from troubled where waits
"""
# A refused store can hold a hundred thousand rows: without figures the planner would compare each with each.
_FIGURES = "analyze troubled, waiting"

_BEHIND = """
    create temporary table behind on commit drop as
    with recursive behind (cause, object_id) as (
        select troubled.object_id, waiting.object_id
          from troubled join waiting on waiting.need = troubled.object_id
         where not troubled.waits
         union
        select behind.cause, waiting.object_id from behind join waiting on waiting.need = behind.object_id
    )
    select cause, object_id from behind
"""

# What only waits for something else is counted under that, and stands for itself only where that is none of the pair's.
_OUTBOX = """
    insert into wrong
    select 'outbox.' || state,
           exceptions.record_name(pair, %(source)s, kind, object_id, person_id),
           case state when 'rejected' then vendor.name || ' refuses it: ' || coalesce(words, 'it says not why') || '.'
                      when 'unknown' then vendor.name || ' never answered, so it may be there or not.'
                      else 'It is held back: ' || coalesce(words, code, 'a person has to decide') || '.' end
               || case when others.number = 1 then ' One more waits for it.'
                       when others.number > 1 then ' ' || others.number || ' more wait for it.' else '' end,
           coalesce(advice.owner, 'operations'),
           coalesce(advice.next_step,
                    case state when 'unknown' then 'Nothing, if the next run settles it; else look it up at '
                                                   || vendor.name || '.'
                               else 'Look at it at ' || vendor.name || ' and at the source; it is sent again when the '
                                    || 'record or the pair''s mapping changes.' end)
               || case when state = 'unknown'
                       then ' Then say which: `retail-sync unknown settle ' || pair || ' ' || row_id
                            || ' --arrived`, or `--lost`, which sends it again.'
                       else '' end
      from troubled
     cross join lateral (select initcap(case when account = %(source)s then %(source_system)s
                                             else %(destination_system)s end)) as vendor (name)
      left join (select cause as object_id, count(*) as number from behind group by 1) as others using (object_id)
      left join unnest(%(codes)s::text[], %(turns)s::text[], %(advised)s::text[])
           as advice (code, owner, next_step) using (code)
     where not waits or not exists (select from behind where behind.object_id = troubled.object_id)
"""

_UNDELIVERED = (_TROUBLED, _WAITING, _FIGURES, _BEHIND, _OUTBOX)


def notice(road: Road, run_id: str) -> Report:
    """Open an exception for everything of the pair that waits for a person, and close those whose cause is gone.

    These are: failed runs, records that rules set aside, vendor objects that can't be read, rows that were refused,
    held or never answered, what the newest read-back found, and where the two sides disagree about consent.

    Returns:
        `open`, `opened`, `closed`: how many exceptions; `escalated`, if any were.
    """
    parameters = {**_parameters(road), "run_id": run_id}
    with road.database.connection() as connection:
        asked = (
            *quality.CAUSES,
            _REFUSED,
            *_UNDELIVERED,
            *RAISED,
            brake.WAITING,
            catalogue.WRONG,
            WITHHELD,
            *consent.causes(road.pair, writes=road.writes_consent),
            *identity.CAUSES,
        )
        _gather(connection, asked, parameters)
        settled = settle(connection, road.pair.pair, FAMILIES, run_id=run_id, now=road.clock())
        escalated = escalations(connection, road.pair, road.clock())
    return {**asdict(settled), **({"escalated": len(escalated)} if escalated else {})}


def _gather(connection: Connection[Any], statements: tuple[str, ...], parameters: dict[str, Any]) -> None:
    # Two runs of a pair may end at once; what the later one sees must not be older than what the first has written.
    connection.execute(LOCK, parameters)
    gather(connection)
    gather_failed_runs(connection, parameters)
    for statement in statements:
        connection.execute(statement, parameters)


def _parameters(road: Road) -> dict[str, Any]:
    pair = road.pair
    able = _capabilities(road)
    advice = able.advice if able else {}
    return {
        "pair": pair.pair,
        "source": pair.source.account,
        "source_system": pair.source.system,
        "now": road.clock(),
        **consent.parameters(pair, shows_own_opt_in=able is not None and able.shows_own_opt_in),
        "destination": pair.destination.account,
        "destination_system": pair.destination.system,
        "heals": pair.reconcile.heal and pair.schedule.audit is not None,
        "streams": list(pair.streams),
        **quality.parameters(),
        "codes": list(advice),
        "turns": [owner for owner, _ in advice.values()],
        "advised": [next_step for _, next_step in advice.values()],
    }


def _capabilities(road: Road) -> Capabilities | None:
    """What the destination can do and says what to do about; None where it can't be opened, which is no fault here."""
    try:
        return road.destination.capabilities
    except RetailSyncError:
        return None
