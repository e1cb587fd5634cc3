"""Plan: from verdicts to outbox rows, in one transaction under one lock per pair. A dry run commits none of it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from psycopg import Connection

from retail_sync.db.crash import crash_point
from retail_sync.delivery.brake import Planned, hold_unusual
from retail_sync.delivery.moves import retire
from retail_sync.delivery.queue import Queueing, queue_differences
from retail_sync.model.delivery import PRIORITY
from retail_sync.people.accept import accept
from retail_sync.people.carts import note_carts
from retail_sync.people.facts import compute_facts
from retail_sync.people.goods import tie_lines
from retail_sync.people.identity import identify
from retail_sync.people.passing import set_timers
from retail_sync.people.scope import Scope
from retail_sync.people.stock import note_stock
from retail_sync.people.stubs import add_stubs
from retail_sync.people.values import value_orders
from retail_sync.quality.quarantine import apply_verdicts

from .agenda import Agenda
from .context import Road
from .live_pairs import is_live
from .rehearsal import rest_of_run
from .runs import Run, read_run
from .wanted import retired, wanted

_LOCK = "select pg_advisory_xact_lock(hashtextextended('retail_sync.plan.' || %s, 0))"

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


def plan(road: Road, run_id: str) -> dict[str, Any]:
    """Plan a sealed and validated run.

    Returns:
        `people`: how many were recomputed; `touched`: records by stream; `queued`: rows by kind and operation; for a
        dry run also `rows`, as `rehearsal.rest_of_run` gives them; `held`: why all of that waits for approval, if it
        does.
    """
    run = read_run(road.database, run_id)
    with road.database.connection() as connection:
        report = _plan(connection, road, run)
        if report["dry_run"]:
            connection.rollback()
        crash_point("plan.before_commit")
    crash_point("plan.committed")
    return report


def _plan(connection: Connection[Any], road: Road, run: Run) -> dict[str, Any]:
    connection.execute(_LOCK, (road.pair.pair,))
    scope = Scope(road.pair, run.run_id, road.clock())
    apply_verdicts(connection, run.run_id, road.pair, scope.now)
    touched = accept(connection, scope)
    identify(connection, scope)
    note_stock(connection, scope)
    tie_lines(connection, scope)
    value_orders(connection, scope)
    stubs = add_stubs(connection, scope)
    note_carts(connection, scope)
    persons = compute_facts(connection, scope)
    set_timers(connection, scope)
    queued = _queue(connection, road, scope, PRIORITY["history" if run.lane == "history" else "state"])
    held = _hold_unusual(connection, road, scope)
    connection.execute(_CURSORS, scope.parameters())
    connection.execute(_CONSUME_DUE, scope.parameters())
    report: dict[str, Any] = {"people": persons, "touched": touched, "stub_products": stubs, "queued": queued}
    report["dry_run"] = run.dry_run
    if held:
        report["held"] = held
    if run.dry_run:
        report["rows"] = rest_of_run(connection, road, run)
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
    agenda = Agenda()
    queued = queue_differences(connection, wanted(connection, destination, scope, agenda), queueing)
    agenda.write(connection, scope)
    if withdrawn := retire(connection, agenda.withdrawn, asdict(queueing), PRIORITY["withdraw"]):
        queued["withdrawn"] = {"delete": withdrawn}
    if taken_back := retire(connection, retired(connection, destination, scope), asdict(queueing)):
        queued["taken_back"] = {"delete": taken_back}
    return queued


def _hold_unusual(connection: Connection[Any], road: Road, scope: Scope) -> str | None:
    pair = road.pair
    live = is_live(connection, pair.pair)
    planned = Planned(
        run_id=scope.run_id,
        pair=pair.pair,
        account=pair.destination.account,
        now=scope.now,
        is_live=live,
        spared=tuple(wanted.object_id for wanted in road.destination.structure(live=live)),
    )
    return hold_unusual(connection, pair.brake, planned)
