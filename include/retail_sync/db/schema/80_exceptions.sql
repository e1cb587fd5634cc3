-- What is wrong, about which record, and whose turn it is.
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
    closed_by     text
);
create unique index entry_open on exceptions.entry (pair, subject, record) where closed_at is null;

-- What people call an object that was sent: `order 10231` by its number, else `member 17`, `product 55`, `merge field LTV`.
create function exceptions.record_name(pair text, source text, kind text, object_id text, person bigint) returns text
language sql stable as $$
    select coalesce(
        (select 'order ' || value.number
           from people.order_value as value
          where value.pair = record_name.pair and value.person_id = person
            and value.key = split_part(object_id, ':' || source || ':', 2)),
        replace(kind, '_', ' ') || ' ' || substring(object_id from '[^:]*$'))
$$;

-- What people call a record of a source.
create function exceptions.source_name(stream text, key text, number text) returns text
language sql immutable as $$
    select left(stream, -1) || ' ' || case when stream = 'orders' then coalesce(number, key) else key end
$$;

-- What a run's read-back found.
create schema reconcile;
create table reconcile.finding (
    run_id      text not null,
    pair        text not null,
    kind        text not null,
    vendor_key  text not null,
    verdict     text not null check (verdict in ('missing', 'extra', 'different')),
    fields      text[] not null default '{}',
    seen_at     timestamptz not null,
    primary key (run_id, kind, vendor_key, verdict)
);
