-- The only door out: what is queued, what the destination holds, and what was ever changed.
create schema delivery;

-- `sets_off`: its values may set something off at the destination, so that it is planned again, not made again, where its
-- object turns out to be gone. A step is useful until `useful_until`; one that is not sent by then has expired.
-- `errand`: what the vendor may still be doing for an earlier try. `receipt`: of a delivered row, by which call the vendor
-- took what it may still refuse. `heir`: of a delete, the one object to which all that hung on this one has gone, if any.
-- `was_new`: of a contact to be created, whether nobody was there right before it was first sent.
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
    step          text not null default '',
    useful_until  timestamptz,
    sets_off      boolean not null default false,
    operation     text not null check (operation in ('create', 'update', 'delete', 'opt_out')),
    payload       jsonb not null,
    birth         jsonb not null default '{}',
    evidence      jsonb,
    hash          bytea not null,
    needs         text[] not null default '{}',
    priority      integer not null,
    run_id        text not null,
    state         text not null default 'pending'
                  check (state in ('pending', 'claimed', 'delivered', 'rejected', 'held', 'superseded', 'unknown',
                                   'expired')),
    attempt       integer not null default 0,
    claim_token   bigint,
    errand        text,
    receipt       text,
    heir          text,
    was_new       boolean not null default false,
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
create index outbox_opt_outs on delivery.outbox (vendor_key, account) where operation = 'opt_out';
create index outbox_receipts on delivery.outbox (receipt) where receipt is not null;
create index outbox_by_run on delivery.outbox (run_id);

-- Steps that have ended: a delivered or expired one is never queued again, a refused one only when its payload changes.
-- It outlives the outbox. `hash` is that of the payload with which the step ended.
create table delivery.step (
    account    text not null,
    object_id  text not null,
    pair       text not null,
    step       text not null,
    result     text not null check (result in ('delivered', 'expired', 'rejected')),
    hash       bytea not null,
    row_id     bigint not null,
    ended_at   timestamptz not null,
    primary key (object_id, account, pair, step)
);

-- What the audit says of a step that was too late; a step without a name is its object.
create function delivery.expiry(step text, useful_until timestamptz) returns text
    language sql stable
    return concat_ws(' ', 'the step', nullif(step, ''), 'was useful until',
                     to_char(useful_until at time zone 'UTC', 'YYYY-MM-DD HH24:MI'), 'UTC');

-- How much each plan queued: what is usual.
create table delivery.planned (
    run_id      text primary key,
    pair        text not null,
    planned_at  timestamptz not null,
    rows        bigint not null
);
create index planned_by_pair on delivery.planned (pair, planned_at desc);

-- Plans that were held since they are far from the usual, and who decided what about them.
create table delivery.brake (
    run_id      text primary key,
    pair        text not null,
    account     text not null,
    rows        bigint not null,
    why         text not null,
    held_at     timestamptz not null,
    decision    text check (decision in ('approved', 'rejected')),
    decided_at  timestamptz,
    decided_by  text
);

-- A worker's claims: rows carry its token; once it has expired, whoever comes next may take them over.
create table delivery.worker (
    token       bigint generated always as identity primary key,
    account     text not null,
    holder      text not null,
    expires_at  timestamptz not null
);

-- What the destination holds of each object, as far as one pair owns it. `moving`: it is to stand under another key, and
-- what needs it waits until it does.
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
    moving        boolean not null default false,
    primary key (object_id, account, pair)
) with (fillfactor = 70);
create index ledger_moving on delivery.ledger (account, pair) where moving;
create index ledger_by_vendor_key on delivery.ledger (account, kind, vendor_key);

-- Whether nothing is queued for these objects that has not been done.
create function delivery.is_settled(of_account text, objects text[]) returns boolean
    language sql stable
    return not exists (
        select from unnest(objects) as needed (object_id)
          join lateral (
               select state, closed_at from delivery.outbox
                where outbox.object_id = needed.object_id and outbox.account = of_account and state <> 'superseded'
                order by row_id desc
                limit 1) as newest on newest.closed_at is null or newest.state = 'rejected');

-- Whether everything that a row needs stands at the destination.
create function delivery.all_stand(account text, needs text[]) returns boolean
    language sql stable
    return not exists (select from unnest(all_stand.needs) as need
                        where not exists (select from delivery.ledger
                                           where ledger.account = all_stand.account and ledger.object_id = need
                                             and not ledger.gone));

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
