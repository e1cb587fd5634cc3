"""Orders that are on their way for too long, and streams that are quiet for too long."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from psycopg import Connection

from retail_sync.model.delivery import PRIORITY
from retail_sync.pairs.config import Pair

from .deadlines import limit_of

# Orders whose newest version no plan has taken up yet. A record that is set aside has an exception of its rule, and one
# that a run has just read is that run's business for as long as the run is in time.
_UNPLANNED = """
    insert into wrong (subject, record, cause, owner, next_step)
    select 'deadline.record',
           exceptions.source_name('orders', current.key, version.doc ->> 'number'),
           'It was placed or changed at ' || initcap(%(source_system)s) || ' at ' || {changed}
               || ' and is not at ' || initcap(%(destination_system)s) || ': it was read at ' || {read}
               || ', and no run has planned it.',
           'operations', %(next_step)s
      from stage.current
      join stage.version using (version_id)
     where current.account = %(source)s and current.stream = 'orders'
       and current.change_seq > coalesce((select max(change_seq)
                                            from stage.cursor
                                           where cursor.pair = %(pair)s and cursor.dag = 'live'
                                             and cursor.account = %(source)s and cursor.stream = 'orders'), 0)
       and current.lane = 'live'
       and current.source_time + %(allowed)s <= %(now)s
       and not exists (select from people.accepted as known
                        where known.pair = %(pair)s and known.stream = 'orders' and known.key = current.key
                          and known.change_seq >= current.change_seq)
       and not exists (select from quality.quarantine as aside
                        where aside.pair = %(pair)s and aside.account = %(source)s and aside.stream = 'orders'
                          and aside.key = current.key and aside.change_seq >= current.change_seq)
       and not exists (select from road.run
                        where run.pair = %(pair)s and run.dag = 'live' and run.state = 'open'
                          and run.opened_at <= version.request_time
                          and coalesce(run.working_since, run.opened_at) + %(run_allowed)s > %(now)s)
"""

# Orders with a row that waits to be sent. One whose version was planned before is rendered anew, and counts from its
# queueing. What is held, refused or unknown has an exception of its own.
_UNSENT = """
    insert into wrong (subject, record, cause, owner, next_step)
    select distinct on (value.key)
           'deadline.record', 'order ' || value.number,
           'It was placed or changed at ' || initcap(%(source_system)s) || ' at ' || {changed}
               || ' and is not at ' || initcap(%(destination_system)s) || ': it was queued at ' || {queued}
               || ', and has not been sent.',
           'operations', %(next_step)s
      from delivery.outbox
      join people.order_value as value
        on value.person_id = outbox.person_id and value.pair = outbox.pair
       and value.key = split_part(outbox.object_id, ':' || %(source)s || ':', 2)
      join stage.current
        on current.account = %(source)s and current.stream = 'orders' and current.key = value.key
      join stage.version on version.version_id = current.version_id
     where outbox.account = %(destination)s and outbox.pair = %(pair)s and outbox.closed_at is null
       and outbox.state in ('pending', 'claimed') and outbox.priority < %(history)s
       and case when exists (select from road.work
                              where work.run_id = outbox.run_id and work.stream = 'orders' and work.key = value.key
                                and work.version_id = current.version_id and work.reason = 'changed')
                then current.source_time else outbox.queued_at end + %(allowed)s <= %(now)s
       and not exists (select from road.run
                        where run.run_id = outbox.run_id and run.state = 'open'
                          and run.opened_at <= version.request_time
                          and coalesce(run.working_since, run.opened_at) + %(run_allowed)s > %(now)s)
     order by value.key, outbox.row_id
"""

# What a stream brought is looked for behind the place where a run stood that long ago; without one there is nothing to
# compare with. It is counted up to where the stream was read, so that an outage is no silence. Orders that were quiet
# in the same hours of one of the last four weeks are quiet as usual.
_QUIET = """
    insert into wrong (subject, record, cause, owner, next_step)
    select 'deadline.quiet', stream || ' stream',
           initcap(%(source_system)s) || ' has brought nothing new for more than ' || {length} || '.',
           'ecommerce',
           'See that the shop takes orders and that ' || initcap(%(source_system)s) || ' shows what is new.'
      from unnest(%(quiet)s::text[], %(lengths)s::interval[]) as watched (stream, length)
      join stage.watermark using (stream)
     cross join lateral (select watermark.until - length as since) as begins
     cross join lateral (
           select max(bound.change_seq) as change_seq
             from road.run as before
             join road.work_bound as bound using (run_id)
            where before.pair = %(pair)s and before.dag = 'live' and before.opened_at <= since
              and bound.stream = watched.stream) as stood
     where watermark.account = %(source)s and stood.change_seq is not null
       and not exists (
           select from stage.current join stage.version using (version_id)
            where current.account = %(source)s and current.stream = watched.stream
              and current.change_seq > stood.change_seq
              and coalesce((version.doc ->> 'placed_at')::timestamptz, version.source_time) > since)
       and (stream <> 'orders' or not exists (
           select from generate_series(1, 4) as week (number)
            where exists (select from people.order_value
                           where pair = %(pair)s and placed_at < since - week.number * interval '7 days')
              and not exists (
                  select from people.order_value
                   where pair = %(pair)s and placed_at > since - week.number * interval '7 days'
                     and placed_at <= watermark.until - week.number * interval '7 days')))
"""

# A stream that was only ever put off since it was last read.
_DEFERRED = """
    insert into wrong (subject, record, cause, owner, next_step)
    select 'deadline.deferred', stream || ' stream',
           'It waits for the end of the peak hours of ' || initcap(%(source_system)s) || ' since ' || {since} || '.',
           'operations', 'Start a run by hand at a quiet hour, or give the stream more hours in the pair file.'
      from (select stream, min(read.started_at) as since
              from road.stream_read as read join road.run using (run_id)
             where run.pair = %(pair)s and read.state = 'deferred'
               and read.started_at > coalesce(
                   (select max(done.finished_at)
                      from road.stream_read as done join road.run as of_done using (run_id)
                     where of_done.pair = %(pair)s and done.stream = read.stream and done.state = 'complete'),
                   '-infinity')
             group by stream) as put_off
     where since + %(deferred)s <= %(now)s
"""

_IS_LIVE = "select from road.live_pair where pair = %(pair)s"


def _utc(moment: str) -> str:
    return f"to_char({moment} at time zone 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC'"


_TIMES = {
    "changed": _utc("current.source_time"),
    "read": _utc("version.request_time"),
    "queued": _utc("outbox.queued_at"),
    "since": _utc("since"),
    "length": "(extract(epoch from length) / 60)::integer || ' minutes'",
}


def gather_overdue(connection: Connection[Any], pair: Pair, now: datetime) -> None:
    """Put among what is wrong the orders and the streams of a pair that are late.

    A pair's first load and its history are nobody's deadline: records count once the pair is live.
    """
    given = _parameters(pair, now)
    late = [_DEFERRED, *([_QUIET] if pair.deadline.quiet else [])]
    if pair.deadline.record is not None and connection.execute(_IS_LIVE, given).fetchone() is not None:
        late += [_UNPLANNED, _UNSENT]
    for statement in late:
        connection.execute(statement.format(**_TIMES), given)


def _parameters(pair: Pair, now: datetime) -> dict[str, Any]:
    return {
        "pair": pair.pair,
        "now": now,
        "source": pair.source.account,
        "source_system": pair.source.system,
        "destination": pair.destination.account,
        "destination_system": pair.destination.system,
        "allowed": pair.deadline.record,
        "run_allowed": limit_of(pair, "live"),
        "history": PRIORITY["history"],
        "deferred": pair.deadline.deferred,
        "quiet": list(pair.deadline.quiet),
        "lengths": list(pair.deadline.quiet.values()),
        "next_step": f"Look at the newest runs of {pair.pair}: mend what failed or is slow, and clear it.",
    }
