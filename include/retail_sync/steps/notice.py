"""Notice: everything that waits for a person becomes an exception, and is closed once its cause is gone.

It looks at what stands in the books, never at what a run remembers, so that it is right after any step failed.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from psycopg import Connection

from retail_sync.errors import RetailSyncError
from retail_sync.exceptions.entries import gather, settle
from retail_sync.quality.catalogue import CATALOGUE

from .context import Road
from .perform import Report

#: First parts of the subjects that are opened and closed here.
FAMILIES = ("run", "rule", "refused", "outbox", "reconcile", "consent")

_LOCK = "select pg_advisory_xact_lock(hashtextextended('retail_sync.notice.' || %(pair)s, 0))"

# Of each sort of run the newest that has ended, or that is ending now.
_RUNS = """
    insert into wrong
    select 'run.failed', run.dag || ' run',
           'Step ' || failed.step || ' failed' || coalesce(': ' || nullif(failed.report ->> 'why', ''), '.'),
           'operations',
           'Mend the cause, then clear the step with what follows. The run is ' || run.run_id || '.'
      from (select distinct on (dag) run_id, dag
              from road.run
             where pair = %(pair)s and not dry_run and (state <> 'open' or run_id = %(run_id)s)
             order by dag, opened_at desc) as run
     cross join lateral (
           select step, report from road.step
            where step.run_id = run.run_id and state = 'failed' and step <> 'close_run'
            order by started_at
            limit 1) as failed
"""

_RULES = """
    insert into wrong
    select 'rule.' || kept.rule,
           exceptions.source_name(kept.stream, kept.key, version.doc ->> 'number'),
           case kept.effect when 'hold_event' then 'Its mail is held back by a rule'
                            else 'It is set aside by a rule' end
               || coalesce(': ' || known.description, ': ' || kept.rule || '.')
               || coalesce(' Here: ' || kept.detail || '.', ''),
           kept.owner,
           coalesce(known.next_step, 'Look at the record at the source.')
      from quality.quarantine as kept
      left join unnest(%(rules)s::text[], %(descriptions)s::text[], %(next_steps)s::text[])
           as known (rule, description, next_step) using (rule)
      left join stage.version on version.version_id = kept.version_id
     where kept.pair = %(pair)s and kept.account = %(source)s and kept.effect <> 'exclude'
       and kept.released_at is null
"""

_REFUSED = """
    insert into wrong
    select 'refused.' || stream, exceptions.source_name(stream, key, null),
           initcap(%(source_system)s) || ' gave it in a form that can''t be read: ' || reason || '.',
           'operations',
           'Mend it at the source; if it is right there, tell the maintainers of the source''s mapping.'
      from stage.refused
     where account = %(source)s and stream = any (%(streams)s)
"""

# Of each object its newest row counts. An opt-out has no cause left once its customer no longer says yes, and nothing
# of a person has once no record is theirs any more.
_TROUBLED = """
    create temporary table troubled on commit drop as
    select row_id, account, pair, kind, object_id, person_id, state, code,
           nullif(rtrim(btrim(words), '.'), '') as words, needs,
           state = 'held' and code is not distinct from 'needs' as waits
      from delivery.outbox
     where pair = %(pair)s and state in ('rejected', 'held', 'unknown')
       and not exists (select from delivery.outbox as newer
                        where newer.account = outbox.account and newer.object_id = outbox.object_id
                          and newer.pair = outbox.pair and newer.row_id > outbox.row_id
                          and newer.state <> 'superseded')
       and (person_id is null
            or exists (select from people.customer where customer.person_id = outbox.person_id)
            or exists (select from people.order_value where order_value.person_id = outbox.person_id))
       and (operation <> 'opt_out' or exists (
            select from people.customer
             where customer.pair = outbox.pair and customer.person_id = outbox.person_id and customer.opted_in
               and outbox.object_id like '%%:' || customer.key))
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
      from troubled
     cross join lateral (select initcap(case when account = %(source)s then %(source_system)s
                                             else %(destination_system)s end)) as vendor (name)
      left join (select cause as object_id, count(*) as number from behind group by 1) as others using (object_id)
      left join unnest(%(codes)s::text[], %(turns)s::text[], %(advised)s::text[])
           as advice (code, owner, next_step) using (code)
     where not waits or not exists (select from behind where behind.object_id = troubled.object_id)
"""

_UNDELIVERED = (_TROUBLED, _WAITING, _FIGURES, _BEHIND, _OUTBOX)

_FINDINGS = """
    insert into wrong
    select 'reconcile.' || finding.verdict,
           case when outbox.row_id is null then replace(finding.kind, '_', ' ') || ' ' || finding.vendor_key
                else exceptions.record_name(finding.pair, %(source)s, outbox.kind, outbox.object_id, outbox.person_id)
            end,
           case finding.verdict
                when 'missing' then 'It was sent to ' || vendor.name || ' and is not there any more.'
                when 'extra' then vendor.name || ' holds it, and nothing here has put it there.'
                else vendor.name || ' holds other values than were sent: ' || array_to_string(finding.fields, ', ')
                     || '.' end,
           'operations',
           case finding.verdict
                when 'extra' then 'Remove it at ' || vendor.name || ' if nobody needs it.'
                else 'Find out who changed it at ' || vendor.name || '; it is sent again when the record changes.' end
      from reconcile.finding
      left join delivery.ledger
        on ledger.account = %(destination)s and ledger.pair = finding.pair and ledger.kind = finding.kind
       and ledger.vendor_key = finding.vendor_key
      left join delivery.outbox on outbox.row_id = ledger.row_id
     cross join lateral (select initcap(%(destination_system)s)) as vendor (name)
     where finding.run_id = (select run.run_id
                               from road.run join road.step using (run_id)
                              where run.pair = %(pair)s and not run.dry_run
                                and step.step = 'reconcile' and step.state = 'done'
                              order by step.finished_at desc
                              limit 1)
"""

# A contact that was created as subscribed and never seen since counts as subscribed.
_SOURCE_OPT_OUTS = """
    insert into wrong
    select 'consent.source_opt_out', 'customer ' || customer.key,
           initcap(%(source_system)s) || ' says no to marketing since '
               || to_char(customer.opted_out_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC; '
               || initcap(%(destination_system)s) || ' still says yes.',
           'marketing',
           'Ask the customer or look where the no came from; if it stands, unsubscribe the contact at '
               || initcap(%(destination_system)s) || '.'
      from people.customer
      join people.person using (person_id)
      left join consent.mirror on mirror.account = %(destination)s and mirror.email = person.email
     where customer.pair = %(pair)s and customer.opted_out_at is not null and customer.opted_in is false
       and not customer.anonymised
       and coalesce(mirror.status in ('subscribed', 'pending'),
                    exists (select from consent.proof
                             where proof.account = %(destination)s and proof.email = person.email))
"""


def notice(road: Road, run_id: str) -> Report:
    """Open an exception for everything of the pair that waits for a person, and close those whose cause is gone.

    These are: failed runs, records that rules set aside, vendor objects that can't be read, rows that were refused,
    held or never answered, what the newest read-back found, and opt-outs at the source where the pair raises them.

    Returns:
        `open`, `opened`, `closed`: how many exceptions.
    """
    parameters = {**_parameters(road), "run_id": run_id}
    raised = (_SOURCE_OPT_OUTS,) if road.pair.consent.source_opt_out == "raise" else ()
    with road.database.connection() as connection:
        _gather(connection, (_RUNS, _RULES, _REFUSED, *_UNDELIVERED, _FINDINGS, *raised), parameters)
        settled = settle(connection, road.pair.pair, FAMILIES, run_id=run_id, now=road.clock())
    return asdict(settled)


def _gather(connection: Connection[Any], statements: tuple[str, ...], parameters: dict[str, Any]) -> None:
    # Two runs of a pair may end at once; what the later one sees must not be older than what the first has written.
    connection.execute(_LOCK, parameters)
    gather(connection)
    for statement in statements:
        connection.execute(statement, parameters)


def _parameters(road: Road) -> dict[str, Any]:
    pair = road.pair
    advice = _advice(road)
    return {
        "pair": pair.pair,
        "source": pair.source.account,
        "source_system": pair.source.system,
        "destination": pair.destination.account,
        "destination_system": pair.destination.system,
        "streams": list(pair.streams),
        "rules": list(CATALOGUE),
        "descriptions": [rule.description for rule in CATALOGUE.values()],
        "next_steps": [rule.next_step for rule in CATALOGUE.values()],
        "codes": list(advice),
        "turns": [owner for owner, _ in advice.values()],
        "advised": [next_step for _, next_step in advice.values()],
    }


def _advice(road: Road) -> dict[str, tuple[str, str]]:
    """What to do about a refusal, by its code. A destination that can't be opened gives none, and that is no fault."""
    try:
        return dict(road.destination.capabilities.advice)
    except RetailSyncError:
        return {}
