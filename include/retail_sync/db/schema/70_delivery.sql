-- The only door out: what is queued, what the destination holds, and what was ever changed.
create schema delivery;

-- A row is written again when it is claimed and when it has ended. No index hangs on what a claim changes, and pages leave
-- room, so that a claim is done in place.
create table delivery.outbox (
    row_id        bigint generated always as identity primary key,
    account       text not null,
    pair          text not null,
    kind          text not null,
    object_id     text not null,
    vendor_key    text not null,
    person_id     bigint,
    row           text not null check (row in ('state', 'step')),
    operation     text not null check (operation in ('create', 'update', 'delete', 'opt_out')),
    payload       jsonb not null,
    birth         jsonb not null default '{}',
    evidence      jsonb,
    hash          bytea not null,
    needs         text[] not null default '{}',
    priority      integer not null,
    run_id        text not null,
    state         text not null default 'pending'
                  check (state in ('pending', 'claimed', 'delivered', 'rejected', 'held', 'superseded', 'unknown')),
    attempt       integer not null default 0,
    claim_token   bigint,
    available_at  timestamptz not null default '-infinity',
    queued_at     timestamptz not null,
    closed_at     timestamptz,
    code          text,
    words         text
) with (fillfactor = 50);
-- Finished rows carry `closed_at`, troubled ones a `code`.
create index outbox_open on delivery.outbox (account, priority, kind, row_id) where closed_at is null;
create index outbox_in_trouble on delivery.outbox (pair) where code is not null;
create index outbox_newest on delivery.outbox (object_id, account, pair, row_id desc);
create index outbox_by_run on delivery.outbox using brin (run_id) with (autosummarize = on);

-- A worker's claims: rows carry its token; once it has expired, whoever comes next may take them over.
create table delivery.worker (
    token       bigint generated always as identity primary key,
    account     text not null,
    holder      text not null,
    expires_at  timestamptz not null
);

-- What the destination holds of each object, as far as one pair owns it.
create table delivery.ledger (
    account       text not null,
    object_id     text not null,
    pair          text not null,
    kind          text not null,
    vendor_key    text not null,
    payload       jsonb not null,
    hash          bytea not null,
    row_id        bigint not null,
    delivered_at  timestamptz not null,
    gone          boolean not null default false,
    primary key (object_id, account, pair)
) with (fillfactor = 70);
create index ledger_by_vendor_key on delivery.ledger (account, kind, vendor_key);

create table delivery.audit (
    audit_id    bigint generated always as identity primary key,
    at          timestamptz not null,
    row_id      bigint not null,
    run_id      text not null,
    account     text not null,
    pair        text not null,
    kind        text not null,
    object_id   text not null,
    vendor_key  text not null,
    operation   text not null,
    old         jsonb,
    new         jsonb,
    result      text not null,
    code        text,
    words       text
);
create index audit_by_object on delivery.audit (object_id, account);
