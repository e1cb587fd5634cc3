"""Suspects: objects whose mirror differs from the ledger, read a second time before anybody is told.

The first reading takes minutes and the pair goes on meanwhile. What differs then counts only if it still does when it
is read by itself, while its ledger row stands as it did and no row of it is under way.
"""

from __future__ import annotations

from typing import Any

import msgspec
from psycopg import Connection

from retail_sync.consent.strays import look_up
from retail_sync.db.database import Database
from retail_sync.delivery.fingerprint import fingerprint
from retail_sync.model.delivery import Held
from retail_sync.model.ports import Clock, Destination

from .audit import Audit
from .fields import changed_fields
from .mirror import chunks

_CHUNK = 500

_CLEAR = "delete from reconcile.suspect where pair = %(pair)s and kind = %(kind)s"

_SUSPECT = """
    insert into reconcile.suspect (pair, kind, vendor_key, object_id, row_id)
    select distinct on (vendor_key) %(pair)s, %(kind)s, vendor_key, ours.object_id, ours.row_id
      from (select vendor_key, object_id, row_id, hash from delivery.ledger
             where account = %(account)s and pair = %(pair)s and kind = %(kind)s and not gone) as ours
      full join (select vendor_key, hash from reconcile.mirror
                  where pair = %(pair)s and kind = %(kind)s) as theirs using (vendor_key)
     where ours.hash is distinct from theirs.hash
       and (ours.object_id is not null or (%(exclusive)s and not exists (
            select from delivery.ledger
             where ledger.account = %(account)s and ledger.kind = %(kind)s and ledger.vendor_key = theirs.vendor_key
               and not ledger.gone)))
     order by vendor_key, ours.row_id desc
"""

_KEYS = "select vendor_key from reconcile.suspect where pair = %(pair)s and kind = %(kind)s and not is_read"

_ADDRESSES = """
    select distinct person.email
      from reconcile.suspect
      join delivery.outbox using (row_id)
      join people.person using (person_id)
     where suspect.pair = %(pair)s and suspect.kind = %(kind)s and suspect.is_read and suspect.seen is null
"""

_EXPECTED = """
    select suspect.vendor_key, ledger.payload
      from reconcile.suspect
      join delivery.ledger
        on ledger.account = %(account)s and ledger.pair = suspect.pair and ledger.object_id = suspect.object_id
     where suspect.pair = %(pair)s and suspect.kind = %(kind)s and suspect.vendor_key = any (%(keys)s)
"""

_SEEN = """
    update reconcile.suspect
       set is_read = true, seen = given.seen, hash = given.hash,
           fields = array(select jsonb_array_elements_text(given.fields))
      from unnest(%(keys)s::text[], %(seen)s::jsonb[], %(hashes)s::bytea[], %(fields)s::jsonb[])
        as given (vendor_key, seen, hash, fields)
     where suspect.pair = %(pair)s and suspect.kind = %(kind)s and suspect.vendor_key = given.vendor_key
"""


def suspect(database: Database, destination: Destination, audit: Audit, kind: str) -> int:
    """Compare a kind's mirror with the ledger, and read what differs a second time.

    Returns:
        How many objects looked different at first.
    """
    exclusive = kind in destination.capabilities.exclusive
    with database.connection() as connection:
        forget(connection, audit, kind)
        count = connection.execute(_SUSPECT, audit.parameters(kind=kind, exclusive=exclusive)).rowcount
    read_again(database, destination, audit, kind)
    return count


def read_again(database: Database, destination: Destination, audit: Audit, kind: str) -> None:
    """Read the suspects of a kind one by one, and note what is there of each."""
    with database.connection() as connection:
        keys = [key for (key,) in connection.execute(_KEYS, audit.parameters(kind=kind))]
    if keys:
        for chunk in chunks(iter(destination.read(kind, keys)), _CHUNK):
            with database.connection() as connection:
                _note(connection, audit, kind, chunk)


def strays(database: Database, destination: Destination, audit: Audit, kind: str, clock: Clock) -> frozenset[str]:
    """The addresses of suspects that are missing contacts, and that the destination holds all the same.

    Of more than the audit may put right none is looked up.

    Raises:
        WaitError: The destination did not tell.
    """
    if kind != audit.contact_kind:
        return frozenset()
    with database.connection() as connection:
        emails = [email for (email,) in connection.execute(_ADDRESSES, audit.parameters(kind=kind))]
    if not emails or len(emails) > audit.at_most:
        return frozenset()
    return look_up(database, destination, audit.account, emails, clock)


def forget(connection: Connection[Any], audit: Audit, kind: str) -> None:
    """Drop what was read of the suspects of a kind: it holds what people wrote."""
    connection.execute(_CLEAR, audit.parameters(kind=kind))


def _note(connection: Connection[Any], audit: Audit, kind: str, read: list[Held]) -> None:
    keys = [held.vendor_key for held in read]
    expected = dict(connection.execute(_EXPECTED, audit.parameters(kind=kind, keys=keys)).fetchall())
    payloads = [held.payload for held in read]
    fields = [
        changed_fields(expected.get(held.vendor_key) or {}, held.payload) if held.payload is not None else []
        for held in read
    ]
    connection.execute(
        _SEEN,
        audit.parameters(
            kind=kind,
            keys=keys,
            seen=[None if payload is None else msgspec.json.encode(payload).decode() for payload in payloads],
            hashes=[None if payload is None else fingerprint(payload) for payload in payloads],
            fields=[msgspec.json.encode(names).decode() for names in fields],
        ),
    )
