-- What is wrong, about which record, and whose turn it is. `told_at` is when its owner was written to, `escalated_at` since
-- when it is somebody else's affair too, and `escalation_told_at` when those were written to.
create schema exceptions;

create table exceptions.entry (
    exception_id  bigint generated always as identity primary key,
    pair          text not null,
    subject       text not null,
    record        text not null,
    cause         text not null,
    owner         text not null,
    next_step     text not null,
    run_id        text,
    opened_at     timestamptz not null,
    seen_at       timestamptz not null,
    closed_at     timestamptz,
    closed_by     text,
    told_at       timestamptz,
    snoozed_until timestamptz,
    escalated_at  timestamptz,
    escalated_to  text,
    escalation_told_at timestamptz,
    -- Of one that a person has closed: when its cause was seen to be gone. Until then the same cause opens none.
    gone_at       timestamptz
);
create unique index entry_open on exceptions.entry (pair, subject, record) where closed_at is null;
create index entry_judged on exceptions.entry (pair, subject, record)
    where closed_at is not null and closed_by <> 'cause gone' and gone_at is null;

-- What people call an object that was sent: `order 10231` by its number; what stands for a person by a record of theirs at
-- the source, as `customer 55 (member)` or, of a guest, `order 10231 (member)`; else `product 55`, `merge field LTV`.
create function exceptions.record_name(pair text, source text, kind text, object_id text, person bigint) returns text
language sql stable as $$
    select coalesce(
        (select 'order ' || value.number
           from people.order_value as value
          where value.pair = record_name.pair and value.person_id = person
            and value.key = split_part(object_id, ':' || source || ':', 2)),
        (select name || ' (' || replace(kind, '_', ' ') || ')'
           from (select 1 as turn, 'customer ' || min(customer.key) as name
                   from people.customer
                  where customer.pair = record_name.pair and customer.person_id = person
                  union all
                 select 2, 'order ' || min(value.number)
                   from people.order_value as value
                  where value.pair = record_name.pair and value.person_id = person) as known
          where split_part(object_id, '@', 1) = kind || ':' || person and name is not null
          order by turn
          limit 1),
        replace(kind, '_', ' ') || ' ' || substring(object_id from '([^:@]*)(@[^:]*)?$'))
$$;

-- What people call a record of a source.
create function exceptions.source_name(stream text, key text, number text) returns text
language sql immutable as $$
    select left(stream, -1) || ' ' || case when stream = 'orders' then coalesce(number, key) else key end
$$;
