-- Consent: what destinations hold, and the permanent record of who left.
create schema consent;

-- The mirror of a destination's contacts, by account (audience) and normalised address.
create table consent.mirror (
    account     text not null,
    email       text not null,
    vendor_key  text not null,
    status      text not null,
    changed_at  timestamptz,
    reason      text,
    fields      jsonb not null default '{}',
    seen_at     timestamptz not null,
    primary key (account, email)
);
create index mirror_by_vendor_key on consent.mirror (account, vendor_key);

-- Append-only in spirit: `out` never becomes false by itself. An address that once left is never created as subscribed.
create table consent.record (
    account     text not null,
    email       text not null,
    is_out      boolean not null,
    status      text not null,
    since       timestamptz not null,
    reason      text,
    origin      text not null,
    updated_at  timestamptz not null,
    primary key (account, email)
);

-- Proof of opt-in for each contact that was created as subscribed.
create table consent.proof (
    account      text not null,
    email        text not null,
    pair         text not null,
    source       text not null,
    record_key   text not null,
    opted_in_at  timestamptz,
    seen_at      timestamptz not null,
    created_at   timestamptz not null,
    run_id       text not null,
    primary key (account, email, created_at)
);

-- How far the changes of a destination's contacts have been read.
create table consent.watermark (
    account     text primary key,
    until       timestamptz not null,
    updated_at  timestamptz not null
);
