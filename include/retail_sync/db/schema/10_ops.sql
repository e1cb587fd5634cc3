-- Leases and budgets: what keeps workers out of each other's way.
create schema ops;

-- Long work takes a lease; the token grows with every holder, so that a late one can be told from the present one.
create table ops.lease (
    name        text primary key,
    holder      text not null,
    token       bigint not null,
    expires_at  timestamptz not null
);

-- One token bucket per account and sort of call, shared by every worker and pair.
create table ops.budget (
    name          text primary key,
    rate          double precision,
    burst         double precision,
    tokens        double precision not null,
    refilled_at   timestamptz not null,
    paused_until  timestamptz
);

-- Simultaneous connections of an account: a row is a slot that somebody holds until it expires.
create table ops.slot (
    name        text not null,
    number      integer not null,
    holder      text,
    expires_at  timestamptz,
    primary key (name, number)
);

-- What people did: released, corrected, unmasked, closed. Nothing here is ever changed.
create table ops.act (
    act_id   bigint generated always as identity primary key,
    at       timestamptz not null,
    who      text not null,
    what     text not null,
    pair     text not null,
    record   text not null,
    because  text not null,
    details  jsonb not null default '{}'
);
create index act_by_record on ops.act (record, at);
