"""Who is who: a person of a pair is one address in its normal form; source customers and orders lead to it.

- An address leads to itself, or to what it is an alias of; so does the record of a source customer, or the record that
  it has become.
- An order is of the account whose address it carries. When an account changes its address, its past orders go with it,
  and so does what guests had bought under the old one before, unless another account has that by now; what is bought
  under it afterwards is somebody else's.
- Whom everything leaves for an address that is nobody's stays the same person under that address. Where it is
  somebody's already, the two are that one; the other has nothing left and is taken back from the destination.

The normal form is `model.email.normalise`'s; `people.email_of` is the same in SQL.
"""

from __future__ import annotations

from typing import Any

from psycopg import Connection

from . import aliases, links, owners, records
from .scope import Scope

# Read once, since a run's orders lie all over the stage: what follows works on this copy.
_ORDERS = """
    create temporary table order_doc on commit drop as
    select touched_order.key, version_id, touched_order.excluded, touched_order.hold_event,
           people.email_of(version.doc) as email, version.doc, said.*
      from touched_order
      join stage.version using (version_id)
     cross join lateral jsonb_to_record(version.doc) as said(
           number text, status text, placed_at timestamptz, currency text, rate numeric, total numeric, tax numeric,
           shipping numeric, shipping_tax numeric, market text, customer_key text)
"""


def identify(connection: Connection[Any], scope: Scope) -> None:
    """Make people of the addresses that a run touches, and point its customers and orders at them.

    Leaves the tables `order_doc`, what each touched order says, `order_owner`, whose it is and was, and `leaver`, what
    has left whom.

    Raises:
        ConfigurationError: The alias list can't be used.
    """
    records.prepare(connection)
    aliases.enforce(connection, scope)
    records.find_addresses(connection, scope)
    connection.execute(_ORDERS, scope.parameters())
    connection.execute("analyze order_doc (key, number, email, customer_key)")
    records.find_followers(connection, scope)
    owners.find_owners(connection, scope)
    links.link(connection, scope)
