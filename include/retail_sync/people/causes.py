"""What is wrong about identity: statements that add to `wrong`, as `exceptions.entries.gather` makes it."""

from __future__ import annotations

# Bringing a contact back is a permissive change, which no run makes.
_PUT_AWAY = """
    insert into wrong
    select 'identity.put_away', 'person ' || person.person_id,
           'Its contact was archived when two people became one. They have been parted again, and the contact is still '
               || 'archived.',
           'marketing',
           'Bring the contact back at ' || initcap(%(destination_system)s)
               || case when put_away.status in ('subscribed', 'pending')
                       then '; it was ' || put_away.status || ' before.'
                       else ', without marketing.' end
      from consent.put_away
      join consent.mirror using (account, vendor_key)
      join people.person on person.pair = %(pair)s and person.email = mirror.email
     where put_away.account = %(destination)s and mirror.status = 'archived'
       and (exists (select from people.customer
                     where customer.person_id = person.person_id and not customer.anonymised)
            or exists (select from people.order_value
                        where order_value.person_id = person.person_id and not order_value.excluded))
"""

# The contact was made of an order before anybody had read its customer's record, so without the yes that stood there.
_LATE_YES = """
    insert into wrong
    select 'identity.late_yes', 'customer ' || customer.key,
           'Its contact was made before this record was read, as one that gets no marketing; the record says yes.',
           'marketing',
           'Ask the customer to sign up at ' || initcap(%(destination_system)s)
               || ', or subscribe the contact there by hand with this record as the evidence.'
      from people.customer
      join people.person using (person_id)
      join consent.mirror on mirror.account = %(destination)s and mirror.email = person.email
     where customer.pair = %(pair)s and customer.came_late and customer.opted_in and not customer.anonymised
       and mirror.status = 'transactional'
       and not exists (select from people.address
                         join consent.record on record.account = %(destination)s and record.email = address.email
                        where address.person_id = customer.person_id and record.is_out)
"""

#: What `notice` asks of this room.
CAUSES = (_PUT_AWAY, _LATE_YES)
