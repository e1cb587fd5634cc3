"""Plan: from verdicts to outbox rows, in one transaction under one lock per pair. A dry run commits none of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from psycopg import Connection

from retail_sync.db.crash import crash_point
from retail_sync.delivery import queue
from retail_sync.delivery.queue import Bearer, Queueing
from retail_sync.model.delivery import PRIORITY
from retail_sync.model.ports import Destination
from retail_sync.people import views
from retail_sync.people.accept import accept
from retail_sync.people.facts import compute_facts
from retail_sync.people.identity import identify
from retail_sync.people.scope import Scope
from retail_sync.people.stubs import add_stubs
from retail_sync.people.values import value_orders
from retail_sync.quality.quarantine import apply_verdicts

from .context import Road
from .going_live import is_live, what_going_live_changes

_LOCK = "select pg_advisory_xact_lock(hashtextextended('retail_sync.plan.' || %s, 0))"

_RUN = "select lane, dry_run from road.run where run_id = %s"

# Cursors go to seal's bounds and never back; only then is what seal saw consumed.
_CURSORS = """
    insert into stage.cursor as kept (pair, dag, lane, account, stream, change_seq)
    select run.pair, run.dag, run.lane, %(account)s, work_bound.stream, work_bound.change_seq
      from road.run join road.work_bound using (run_id)
     where run_id = %(run_id)s
        on conflict (pair, dag, lane, account, stream) do update
       set change_seq = greatest(kept.change_seq, excluded.change_seq)
"""

_CONSUME_DUE = """
    delete from road.due
     using road.work, road.run
     where run.run_id = %(run_id)s and work.run_id = run.run_id
       and due.pair = run.pair and due.stream = work.stream and due.key = work.key
       and due.due_at <= run.opened_at
"""

# All that the next load will send: what this plan queued, and what still waits from before.
_PLANNED = """
    select kind, operation, object_id, vendor_key, payload
      from delivery.outbox
     where account = %(destination)s and pair = %(pair)s and state = 'pending'
     order by priority, row_id
"""


def plan(road: Road, run_id: str) -> dict[str, Any]:
    """Plan a sealed and validated run.

    Returns:
        `people`: how many were recomputed; `touched`: records by stream; `queued`: rows by kind and operation; for a
        dry run also `rows`, each change as it would be sent.
    """
    with road.database.connection() as connection:
        report = _plan(connection, road, run_id)
        if report["dry_run"]:
            connection.rollback()
        crash_point("plan.before_commit")
    crash_point("plan.committed")
    return report


def _plan(connection: Connection[Any], road: Road, run_id: str) -> dict[str, Any]:
    connection.execute(_LOCK, (road.pair.pair,))
    run = connection.execute(_RUN, (run_id,)).fetchone()
    assert run is not None  # noqa: S101 - the run is opened before it is planned
    lane, dry_run = run
    scope = Scope(road.pair, run_id, road.clock())
    apply_verdicts(connection, run_id, road.pair, scope.now)
    touched = accept(connection, scope)
    identify(connection, scope)
    value_orders(connection, scope)
    stubs = add_stubs(connection, scope)
    persons = compute_facts(connection, scope)
    queued = _queue(connection, road, scope, PRIORITY["history" if lane == "history" else "state"])
    connection.execute(_CURSORS, scope.parameters())
    connection.execute(_CONSUME_DUE, scope.parameters())
    report = {"people": persons, "touched": touched, "stub_products": stubs, "queued": queued, "dry_run": dry_run}
    if dry_run:
        report["rows"] = _rows(connection, scope)
        if not is_live(connection, road.pair.pair):
            report["rows"] += list(what_going_live_changes(road.destination))
    return report


def _queue(connection: Connection[Any], road: Road, scope: Scope, priority: int) -> dict[str, dict[str, int]]:
    destination = road.destination
    queueing = Queueing(
        account=road.pair.destination.account,
        pair=road.pair.pair,
        run_id=scope.run_id,
        now=scope.now,
        priority=priority,
        contact_kind=destination.capabilities.contact_kind,
    )
    queue.prepare(connection)
    queue.want(connection, _wanted(connection, destination, scope))
    return queue.queue_differences(connection, queueing)


def _wanted(connection: Connection[Any], destination: Destination, scope: Scope) -> Iterator[Bearer]:
    """Everything that touched records make the destination want, in building order."""
    live = is_live(connection, scope.pair.pair)
    yield from (Bearer(wanted) for wanted in destination.structure(live=live))
    silent: set[int] = set()
    for person, evidence in views.people(connection, scope):
        opted_in = person.wish == "opted_in" and not person.known_out
        proof = {"source": scope.pair.source.account, **evidence} if evidence and opted_in else None
        about_them = destination.person(person)
        if not about_them:
            silent.add(person.person_id)
        for wanted in about_them:
            is_contact = wanted.kind == destination.capabilities.contact_kind
            yield Bearer(wanted, person.person_id, proof if is_contact else None)
    for listing in views.listings(connection, scope):
        yield from (Bearer(wanted) for wanted in destination.listing(listing))
    # Who is no contact there, by the pair's choice, has no orders there either.
    for sold in views.orders(connection, scope):
        if sold.person_id not in silent:
            yield from (Bearer(wanted, sold.person_id) for wanted in destination.order(sold))


def _rows(connection: Connection[Any], scope: Scope) -> list[dict[str, Any]]:
    columns = ("kind", "operation", "object_id", "vendor_key", "payload")
    planned = connection.execute(_PLANNED, scope.parameters())
    return [dict(zip(columns, row, strict=True)) for row in planned]
