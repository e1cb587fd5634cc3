"""Rows that a destination took and refused afterwards: they count as refused, in its own words, not as delivered."""

from __future__ import annotations

from datetime import datetime

import msgspec

from retail_sync.db.database import Database
from retail_sync.model.ports import Destination

# Whatever else was sent of an object since has its own receipt.
_REFUSE = """
    with said as (
        select distinct on (receipt, vendor_key) *
          from json_to_recordset(%(refusals)s::json)
            as refusal (receipt text, vendor_key text, code text, words text)),
    refused as (
        update delivery.outbox
           set state = 'rejected', code = said.code, words = said.words, receipt = null
          from said
         where outbox.receipt = said.receipt and outbox.state = 'delivered' and outbox.account = %(account)s
           and outbox.pair = %(pair)s and outbox.vendor_key = said.vendor_key
     returning row_id, run_id, account, pair, kind, object_id, outbox.vendor_key, operation, step, payload,
               outbox.code, outbox.words),
    remembered as (
        update delivery.step
           set result = 'rejected', ended_at = %(now)s
          from refused
         where step.object_id = refused.object_id and step.account = refused.account and step.pair = refused.pair
           and step.step = refused.step and step.row_id = refused.row_id),
    forgotten as (
        update delivery.ledger
           set gone = true
          from refused
         where ledger.object_id = refused.object_id and ledger.account = refused.account
           and ledger.pair = refused.pair and ledger.row_id = refused.row_id)
    insert into delivery.audit
        (at, row_id, run_id, account, pair, kind, object_id, vendor_key, operation, old, result, code, words)
    select %(now)s, row_id, run_id, account, pair, kind, object_id, vendor_key, operation, payload, 'rejected', code,
           words
      from refused
"""


def note_refused(database: Database, destination: Destination, account: str, pair: str, now: datetime) -> int:
    """Ask a destination what it has refused late, and end those rows as refused; return how many there were.

    Raises:
        WaitError: The destination is not to be had.
    """
    refusals = list(destination.refused_late())
    if not refusals:
        return 0
    said = msgspec.json.encode(refusals).decode()
    with database.connection() as connection:
        given = {"refusals": said, "account": account, "pair": pair, "now": now}
        return connection.execute(_REFUSE, given).rowcount
