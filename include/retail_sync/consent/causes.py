"""What is wrong about consent: statements that add to `wrong`, as `exceptions.entries.gather` makes it.

They look at what stands, so that each exception closes by itself once both sides agree.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from retail_sync.pairs.config import Pair

from . import contested, leaving
from .contested import CONTESTED
from .leaving import HALF_LEFT, LEFT, RESUBSCRIBED, SOURCE_NOES

_SOURCE = "initcap(%(source_system)s)"
_DESTINATION = "initcap(%(destination_system)s)"
_UTC = "to_char({} at time zone 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC'"

# A contact that was created as subscribed and never seen since counts as subscribed.
_SOURCE_OPT_OUT = f"""
    insert into wrong
    select distinct 'consent.source_opt_out', 'customer ' || no.key,
           {_SOURCE} || ' says no to marketing since ' || {_UTC.format("no.opted_out_at")} || '; '
               || {_DESTINATION} || ' still says yes.',
           'marketing',
           'Ask the customer or look where the no came from; if it stands, unsubscribe the contact at '
               || {_DESTINATION} || '.'
      from (select key, opted_out_at from ({SOURCE_NOES}) as seen
             union
            select customer.key, customer.opted_out_at
              from people.customer
              join people.address using (person_id)
              join consent.proof on proof.account = %(destination)s and proof.email = address.email
             where customer.pair = %(pair)s and customer.opted_out_at is not null and customer.opted_in is false
               and not customer.anonymised
               and not exists (select from consent.mirror
                                where mirror.account = proof.account and mirror.email = proof.email)) as no
"""  # noqa: S608 - constants

_MISSED_AT_DESTINATION = f"""
    insert into wrong
    select distinct 'consent.missed_opt_out', 'customer ' || no.key,
           {_SOURCE} || ' says no to marketing since ' || {_UTC.format("no.opted_out_at")} || ', and '
               || {_DESTINATION} || ' was not brought to say so, too.',
           'marketing',
           'Unsubscribe the contact at ' || {_DESTINATION} || ' by hand, and see why the runs of consent did not.'
      from ({SOURCE_NOES}) as no
     where no.opted_out_at < %(now)s::timestamptz - %(settle)s
"""  # noqa: S608 - constants

_MISSED_AT_SOURCE = f"""
    insert into wrong
    {CONTESTED}
    select 'consent.missed_opt_out', 'customer ' || key,
           'The contact is ' || status || ' at ' || {_DESTINATION} || ' since ' || {_UTC.format("since")} || '; '
               || {_SOURCE} || ' still says yes.',
           'marketing',
           'Take the customer off the newsletter at ' || {_SOURCE} || ' by hand, and see why the runs of consent did '
               || 'not.'
      from contested
     where not newer and known_at < %(now)s::timestamptz - %(settle)s
"""  # noqa: S608 - constants

_HALF_LEFT = f"""
    insert into wrong
    select 'consent.missed_opt_out', 'member ' || half.person_id,
           'The address has left ' || {_DESTINATION} || ' since ' || {_UTC.format("since")}
               || ', and something else that stands there under it may still be written to.',
           'marketing',
           'Unsubscribe all profiles of the address at ' || {_DESTINATION} || ' by hand.'
      from ({HALF_LEFT}) as half
     where half.since < %(now)s::timestamptz - %(settle)s
"""  # noqa: S608 - constants

# Nobody but the source's users can write it there, so that they are told at once.
_BY_HAND = f"""
    insert into wrong
    {CONTESTED}
    select 'consent.by_hand', 'customer ' || key,
           'The contact is ' || status || ' at ' || {_DESTINATION} || ' since ' || {_UTC.format("since")} || '; '
               || {_SOURCE} || ' still says yes, and is not written to by us.',
           'marketing',
           'Take the customer off the mailing list at ' || {_SOURCE}
               || '; `retail-sync consent list` and the page of exceptions have the list.'
      from contested
     where not newer
"""  # noqa: S608 - constants

_NEWER_YES = f"""
    insert into wrong
    {CONTESTED}
    select 'consent.newer_yes', 'customer ' || key,
           'The contact is ' || status || ' at ' || {_DESTINATION} || ' since ' || {_UTC.format("since")}
               || ' and has said yes at ' || {_SOURCE} || ' after that.',
           'marketing',
           'Only the contact can come back: send it the sign-up form of ' || {_DESTINATION} || ', or leave it as it is.'
      from contested
     where newer
"""  # noqa: S608 - constants

_RESUBSCRIBED = f"""
    insert into wrong
    select 'consent.resubscribed', coalesce('member ' || person_id, 'contact ' || vendor_key),
           'It was ' || status || ' since ' || {_UTC.format("since")} || ' and is subscribed again at '
               || {_DESTINATION} || ', without a sign of having said so itself.'
               || case when %(reverts)s then ' It is being unsubscribed again.'
                       when %(leaves_be)s
                       then ' ' || {_DESTINATION} || ' never shows such a sign, so nothing is undone by itself.'
                       else '' end,
           'marketing',
           'Find the import or the hand that did it; unsubscribe the contact unless its new yes can be shown.'
      from ({RESUBSCRIBED}) as back
"""  # noqa: S608 - constants

# What the destination refuses for a time is tried again by itself; where that is long, somebody should know.
_PUT_OFF = """
    insert into wrong
    select 'consent.put_off', exceptions.record_name(pair, %(source)s, kind, object_id, person_id),
           initcap(%(destination_system)s) || ' does not take this contact for now: '
               || coalesce(nullif(rtrim(btrim(words), '.'), ''), code) || '.',
           coalesce(advice.owner, 'operations'),
           coalesce(advice.next_step, 'Nothing: it is tried again.')
      from delivery.outbox
      left join unnest(%(codes)s::text[], %(turns)s::text[], %(advised)s::text[])
           as advice (code, owner, next_step) using (code)
     where outbox.account = %(destination)s and outbox.pair = %(pair)s and outbox.state = 'pending'
       and outbox.code is not null and outbox.closed_at is null
       and outbox.available_at > %(now)s::timestamptz + %(long)s
"""


def causes(pair: Pair, *, writes: bool) -> tuple[str, ...]:
    """The statements for a pair; they take `parameters(pair)` and what notice tells all statements.

    Args:
        pair: The pair.
        writes: Whether leavings are written to its source.
    """
    at_source = (_SOURCE_OPT_OUT,) if pair.consent.source_opt_out == "raise" else (_MISSED_AT_DESTINATION,)
    way_back = _MISSED_AT_SOURCE if writes else _BY_HAND
    return (*at_source, way_back, _NEWER_YES, _RESUBSCRIBED, _HALF_LEFT, _PUT_OFF)


def parameters(pair: Pair, *, shows_own_opt_in: bool) -> dict[str, Any]:
    """What the statements are told of a pair, beside what notice tells all statements.

    Args:
        pair: The pair.
        shows_own_opt_in: Whether its destination shows who has said yes with their own hand.
    """
    reverts = leaving.reverts(pair, shows_own_opt_in=shows_own_opt_in)
    return contested.parameters(pair) | {
        "left": list(LEFT),
        "reverts": reverts,
        "leaves_be": pair.consent.resubscribed == "revert" and not reverts,
        "long": timedelta(hours=1),
    }
