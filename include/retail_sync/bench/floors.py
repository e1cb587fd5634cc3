"""Floors: what anybody would write in forty lines, which does the same reading and writing and promises nothing.

No lock, no hash, no history, no retry, no order of versions, no crash safety: what is slower than this pays for those.
"""

from __future__ import annotations

import json
import time
from typing import Any

import psycopg
import requests

_CHUNK = 20_000
_TIMEOUT = 60


def extract(url: str, dsn: str) -> int:
    """Page through a shop's orders into a table; returns how many there were."""
    rows, after, staged = [], None, 0
    with requests.Session() as session, psycopg.connect(dsn) as connection:
        connection.execute("create table plain (key text primary key, updated_at timestamptz, doc jsonb)")
        connection.execute("create temporary table page (like plain)")
        while True:
            body = {"query": "query Orders { page: orderConnection }", "variables": {"first": 100, "after": after}}
            page = session.post(f"{url}/graphql", json=body, timeout=_TIMEOUT).json()["data"]["page"]
            rows += [_flat(edge["node"]) for edge in page["edges"]]
            after = page["pageInfo"]["endCursor"]
            done = not page["pageInfo"]["hasNextPage"]
            if done or len(rows) >= _CHUNK:
                staged += _upsert(connection, rows)
                rows = []
            if done:
                return staged


def _flat(node: dict[str, Any]) -> tuple[str, str, str]:
    order = {
        "key": node["id"],
        "number": node["number"],
        "status": node["status"].lower(),
        "email": node["customer"]["email"],
        "placed_at": node["createdAt"],
        "total": node["grandTotal"]["value"],
        "currency": node["grandTotal"]["currency"]["code"],
        "lines": [
            {"sku": line["productSize"]["SKU"], "quantity": line["quantity"], "total": line["lineValue"]["value"]}
            for line in node["lines"]
        ],
        "shipments": [{"tracking": parcel["trackingNumber"]} for parcel in node["shipments"]],
    }
    return node["id"], node["updatedAt"], json.dumps(order)


def _upsert(connection: psycopg.Connection[Any], rows: list[tuple[str, str, str]]) -> int:
    connection.execute("truncate page")
    with connection.cursor().copy("copy page from stdin") as copy:
        for row in rows:
            copy.write_row(row)
    done = connection.execute(
        """
        insert into plain select * from page
            on conflict (key) do update set updated_at = excluded.updated_at, doc = excluded.doc
        """
    )
    connection.commit()
    return done.rowcount


def push(url: str, dsn: str, batch: int, rate: float | None) -> int:
    """Send what waits in the outbox, batch by batch and at a rate, and mark it; returns how much there was."""
    sent, began = 0, time.monotonic()
    with requests.Session() as session, psycopg.connect(dsn) as connection:
        while rows := connection.execute(
            "select row_id, payload from delivery.outbox where state = 'pending' order by row_id limit %s", [batch]
        ).fetchall():
            if rate:
                time.sleep(max(0.0, began + sent / batch / rate - time.monotonic()))
            body = {"members": [payload for _, payload in rows], "update_existing": True}
            session.post(f"{url}/3.0/lists/plain", json=body, timeout=_TIMEOUT).raise_for_status()
            done = [row_id for row_id, _ in rows]
            connection.execute("update delivery.outbox set state = 'delivered' where row_id = any (%s)", [done])
            connection.commit()
            sent += len(done)
    return sent


def plan(dsn: str) -> int:
    """Read the changed orders and sum up their people, and queue both; returns how much was queued."""
    changed = """
        select order_value.person_id, person.email, version.doc
          from stage.current
          join stage.version using (version_id)
          join people.order_value on order_value.key = current.key
          join people.person using (person_id)
         where current.stream = 'orders' and current.change_seq > 1
    """
    sums = "select person_id, sum(net_base), count(*) from people.order_value where person_id = any (%s) group by 1"
    with psycopg.connect(dsn) as connection:
        connection.execute("create table plain_outbox (object_id text, payload jsonb)")
        orders = connection.execute(changed).fetchall()
        emails = {person_id: email for person_id, email, _ in orders}
        queued = [(f"order:{doc['key']}", json.dumps(_payload(doc))) for _, _, doc in orders]
        for person_id, spent, count in connection.execute(sums, [list(emails)]):
            member = {"email_address": emails[person_id], "merge_fields": {"LTV": str(spent), "ORDERS": count}}
            queued.append((f"member:{person_id}", json.dumps(member)))
        with connection.cursor().copy("copy plain_outbox from stdin") as copy:
            for row in queued:
                copy.write_row(row)
    return len(queued)


def _payload(order: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": order["number"],
        "order_total": order["total"],
        "lines": [{"id": line["key"], "quantity": line["quantity"]} for line in order["lines"]],
    }


def parse(dags: int) -> dict[str, Any]:
    """As many DAGs of five tasks as a loop makes in one file."""
    from airflow.providers.standard.operators.empty import EmptyOperator
    from airflow.sdk import DAG, chain

    found: dict[str, Any] = {}
    for number in range(dags):
        with DAG(dag_id=f"plain_{number}", schedule=None) as dag:
            chain(*[EmptyOperator(task_id=f"step_{step}") for step in range(5)])
        found[dag.dag_id] = dag
    return found


def ask(urls: dict[str, str], dsn: str) -> None:
    """One question to each side and one to the database."""
    with requests.Session() as session, psycopg.connect(dsn) as connection:
        connection.execute("select max(until) from stage.watermark").fetchone()
        for name, path in (("centra", "/graphql"), ("mailchimp", "/3.0/ping")):
            session.get(f"{urls[name]}{path}", timeout=_TIMEOUT)
