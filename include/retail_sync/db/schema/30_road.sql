-- Runs: their windows, what they read, what they work on.
create schema road;

-- `opened_at` is where the run stands in time: every stream is read up to it, whenever its task comes round.
-- `working_since` is when it was begun again after it had ended: its deadline counts from there.
-- `recheck` says why every accepted key is looked at again in this run: a changed pair file, a full refresh.
-- `carriers` is a short hash of the tracking URL templates that held parcels were last tried with.
create table road.run (
    run_id        text primary key,
    pair          text not null,
    dag           text not null check (dag in ('live', 'consent', 'history', 'audit', 'catalogue')),
    lane          text not null check (lane in ('live', 'history')),
    trigger       text not null,
    window_since  timestamptz,
    window_until  timestamptz,
    window_by     text not null default 'changed' check (window_by in ('changed', 'created')),
    streams       text[] not null,
    dry_run       boolean not null default false,
    full_refresh  boolean not null default false,
    fingerprint   text not null,
    carriers      text,
    recheck       text,
    state         text not null default 'open' check (state in ('open', 'closed', 'failed')),
    opened_at     timestamptz not null,
    working_since timestamptz,
    sealed        boolean not null default false,
    closed_at     timestamptz,
    request       jsonb not null default '{}',
    report        jsonb
);
create index run_by_pair on road.run (pair, opened_at desc);

-- Runs that were queued and had not begun when their deadline came; what has begun has a row above instead.
create table road.unbegun (
    run_id     text primary key,
    pair       text not null,
    dag        text not null,
    queued_at  timestamptz not null
);

-- Runs that failed before they had books, by what kept them from being opened.
create table road.unopened (
    run_id     text primary key,
    pair       text not null,
    dag        text not null,
    failed_at  timestamptz not null,
    why        text not null
);

-- Whom a pair's file names, as it last could be read: somebody has to be told once it can't.
create table road.known_pair (
    pair    text primary key,
    owners  jsonb not null,
    mail    jsonb not null
);

-- One line per step of a run, rewritten by every try of it.
create table road.step (
    run_id       text not null references road.run on delete cascade,
    step         text not null,
    state        text not null check (state in ('running', 'done', 'failed', 'deferred')),
    started_at   timestamptz not null,
    finished_at  timestamptz,
    report       jsonb not null default '{}',
    primary key (run_id, step)
);

-- What was read of each stream. The window stays when the step is tried again.
create table road.stream_read (
    run_id        text not null references road.run on delete cascade,
    stream        text not null,
    state         text not null check (state in ('reading', 'complete', 'not_due', 'deferred', 'failed')),
    window_since  timestamptz,
    window_until  timestamptz,
    window_by     text,
    pages         bigint not null default 0,
    extracted     bigint not null default 0,
    duplicates    bigint not null default 0,
    refused       bigint not null default 0,
    new_versions  bigint not null default 0,
    started_at    timestamptz not null,
    finished_at   timestamptz,
    primary key (run_id, stream)
);

-- The slots in which a history reads a stream, so that one that was broken off goes on where it was.
create table road.slot (
    run_id        text not null references road.run on delete cascade,
    stream        text not null,
    number        integer not null,
    since         timestamptz not null,
    until         timestamptz not null,
    state         text not null default 'waiting' check (state in ('waiting', 'reading', 'complete')),
    pages         bigint not null default 0,
    extracted     bigint not null default 0,
    refused       bigint not null default 0,
    new_versions  bigint not null default 0,
    started_at    timestamptz,
    finished_at   timestamptz,
    primary key (run_id, stream, number)
);

-- Every key that the run read from the source, and how often within one query (the last that it came in).
create table road.key_read (
    run_id  text not null,
    stream  text not null,
    key     text not null,
    query   integer not null default 0,
    times   integer not null default 1,
    primary key (run_id, stream, key)
);

-- The work set, frozen by seal: every key pinned to a version.
create table road.work (
    run_id      text not null,
    stream      text not null,
    key         text not null,
    version_id  bigint not null,
    change_seq  bigint not null,
    reason      text not null,
    primary key (run_id, stream, key)
);

-- How far seal looked; plan moves the cursors to here, and never back.
create table road.work_bound (
    run_id      text not null references road.run on delete cascade,
    stream      text not null,
    change_seq  bigint not null,
    primary key (run_id, stream)
);

-- Keys that some later run must look at again: quarantine released, a timer, a changed pair file.
create table road.due (
    pair    text not null,
    stream  text not null,
    key     text not null,
    reason  text not null,
    due_at  timestamptz not null,
    primary key (pair, stream, key, reason)
);

-- Pairs whose first load is over: only then may anything at their destination mail people. Their lifetime facts are told
-- from `published_at` on, when their history had reconciled.
create table road.live_pair (
    pair          text primary key,
    run_id        text not null,
    live_at       timestamptz not null,
    published_at  timestamptz
);
