"""What read-backs found and nobody puts right by itself, as exceptions."""

from __future__ import annotations

# Of every sort of read-back the newest counts. What has been delivered since it was seen, or is on its way, is no
# longer as it was found; what only stands behind something that is gone is told there.
_STANDING = """
    create temporary table standing_finding on commit drop as
    with newest as (
        select distinct run_id
          from (select distinct on (step.step) run.run_id
                  from road.run join road.step using (run_id)
                 where run.pair = %(pair)s and not run.dry_run and step.step in ('reconcile', 'audit', 'drift')
                   and step.state = 'done'
                 order by step.step, step.finished_at desc) as read_back
    )
    select finding.kind, finding.verdict, finding.fields, finding.barred,
           case when outbox.row_id is null then replace(finding.kind, '_', ' ') || ' ' || finding.vendor_key
                else exceptions.record_name(finding.pair, %(source)s, outbox.kind, outbox.object_id, outbox.person_id)
            end as record
      from reconcile.finding
      join newest using (run_id)
      left join delivery.ledger
        on ledger.account = %(destination)s and ledger.pair = finding.pair and ledger.kind = finding.kind
       and ledger.vendor_key = finding.vendor_key
      left join delivery.outbox on outbox.row_id = ledger.row_id
     where finding.pair = %(pair)s and finding.healing is null
       and coalesce(finding.barred, '') not in ('behind', 'planned')
       and not coalesce(finding.verdict <> 'archived' and ledger.delivered_at > finding.seen_at, false)
       and not exists (select from delivery.outbox as coming
                        where coming.account = %(destination)s and coming.pair = finding.pair
                          and coming.object_id = ledger.object_id
                          and coming.state in ('pending', 'claimed') and coming.queued_at >= finding.seen_at)
"""

_FINDINGS = """
    insert into wrong
    select 'reconcile.' || verdict, record,
           case when verdict = 'missing' and barred = 'contact'
                then 'The contact was sent to ' || there.name || ' and is not there any more: somebody deleted it, or '
                     || 'it changed its address there. It is not made again.'
                when verdict = 'missing' then 'It was sent to ' || there.name || ' and is not there any more.'
                when verdict = 'extra' then there.name || ' holds it, and nothing here has put it there.'
                when verdict = 'archived'
                then 'It is archived at ' || there.name || ', so that nothing reaches it, and says yes to marketing at '
                     || here.name || '.'
                else there.name || ' holds other values than were sent: ' || array_to_string(fields, ', ') || '.' end,
           case when barred = 'contact' then 'marketing' else 'operations' end,
           case when verdict = 'missing' and barred = 'contact'
                then 'If that was a mistake, add the contact at ' || there.name || ' again; if the person wants no '
                     || 'mail, take the yes back at ' || here.name || '. Else close this.'
                when verdict = 'archived'
                then 'Unarchive it at ' || there.name || ', or take the yes back at ' || here.name || '.'
                when verdict = 'extra' then 'Remove it at ' || there.name || ' if nobody needs it, or close this.'
                when barred = 'stuck'
                then 'It was planned again and nothing was sent: trace the record, and see what ' || here.name
                     || ' says of it.'
                when barred = 'container'
                then 'Restore it at ' || there.name || '. What stood in it is gone with it and was not compared.'
                when barred = 'troubled' then 'Settle what stopped its newest change; that is another exception.'
                when barred = 'off'
                then 'Find out who changed it at ' || there.name || '; with reconcile.heal on, an audit puts it right.'
                when %(heals)s
                then 'Find out who changed it at ' || there.name || '; the nightly audit puts it right.'
                else 'Find out who changed it at ' || there.name || '; it is sent again when the record changes.' end
      from standing_finding
     cross join lateral (select initcap(%(destination_system)s)) as there (name)
     cross join lateral (select initcap(%(source_system)s)) as here (name)
     where barred is distinct from 'many'
"""

# Thousands of the same sort are one cause.
_MANY = """
    insert into wrong
    select 'reconcile.many',
           replace(kind, '_', ' ') || 's',
           count(*) || ' of them are not at ' || initcap(%(destination_system)s) || ' as they were sent ('
               || count(*) filter (where verdict = 'missing') || ' missing), which is more than an audit puts right.',
           'operations',
           'Find out what happened at ' || initcap(%(destination_system)s)
               || '. To send them again, raise reconcile.heal_at_most and start the audit.'
      from standing_finding
     where barred = 'many'
     group by kind
"""

_TOTALS = """
    insert into wrong
    select 'reconcile.totals', 'order totals',
           count(*) || ' orders from ' || min(day) || ' to ' || max(day) || ' come to other amounts at '
               || initcap(%(destination_system)s) || ' than at ' || initcap(%(source_system)s)
               || case when bool_or(proof = 'ledger') then ', by what it has answered that it took,' else '' end
               || ' and nothing here explains it.',
           'finance',
           '`retail-sync totals ' || %(pair)s || ' --orders` lists them.'
      from reconcile.total_difference
     where pair = %(pair)s and why is null
    having count(*) > 0
"""

#: They gather into `wrong`, in this order. Parameters: pair, source, destination, source_system, destination_system,
#: heals.
RAISED = (_STANDING, _FINDINGS, _MANY, _TOTALS)
