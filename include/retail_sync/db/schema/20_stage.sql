-- What sources said: versions of canonical records, kept once per source account.
create schema stage;

create table stage.version (
    version_id    bigint generated always as identity primary key,
    account       text not null,
    stream        text not null,
    key           text not null,
    hash          bytea not null,
    source_time   timestamptz not null,
    request_time  timestamptz not null,
    change_seq    bigint not null,
    lane          text not null check (lane in ('live', 'history')),
    staged_at     timestamptz not null default now(),
    doc           jsonb not null
);
create index version_by_key on stage.version (account, stream, key);
-- Open returns are read again in every run: finding them must not mean reading all versions.
create index version_of_open_return on stage.version (account, key)
    where stream = 'returns' and doc ->> 'status' = 'open';

-- The newest version of each record, ordered by (source time, request time). A record that is read again unchanged
-- only moves its times: the free space lets that be done in place. No foreign key: it would cost a look-up per row,
-- and only the merge and the pruning write here.
create table stage.current (
    account       text not null,
    stream        text not null,
    key           text not null,
    version_id    bigint not null,
    hash          bytea not null,
    source_time   timestamptz not null,
    request_time  timestamptz not null,
    change_seq    bigint not null,
    lane          text not null,
    primary key (account, stream, key)
) with (fillfactor = 85);
create index current_by_change on stage.current (account, stream, change_seq);

-- One number per transaction that stages, drawn under this row's lock, so that numbers become visible in their order.
create table stage.change_counter (
    account   text not null,
    stream    text not null,
    last_seq  bigint not null default 0,
    primary key (account, stream)
);

-- `followed_seq`, of a stream that follows another: up to which change of that one its own records have been read.
-- `whole_at`: when all of the stream was last read.
create table stage.watermark (
    account       text not null,
    stream        text not null,
    until         timestamptz not null,
    followed_seq  bigint not null default 0,
    whole_at      timestamptz,
    run_id        text not null,
    updated_at    timestamptz not null default now(),
    primary key (account, stream)
);

-- How far the runs of one pair and DAG have consumed the changes of a stream.
create table stage.cursor (
    pair        text not null,
    dag         text not null,
    lane        text not null,
    account     text not null,
    stream      text not null,
    change_seq  bigint not null,
    primary key (pair, dag, lane, account, stream)
);

-- Vendor objects that could not become canonical, with the reason; gone once they can.
create table stage.refused (
    account     text not null,
    stream      text not null,
    key         text not null,
    reason      text not null,
    run_id      text not null,
    seen_at     timestamptz not null,
    primary key (account, stream, key)
);

-- Corrections of records by people. One is in force as long as its version is the current one: that version stands under
-- the hash of what the source says, so that only a change of that puts another one in its place. `changes` and `before`
-- are by path, what a person has set and what the source says there (null where it says nothing).
create table stage.correction (
    account     text not null,
    stream      text not null,
    key         text not null,
    version_id  bigint not null,
    changes     jsonb not null,
    before      jsonb not null,
    owner       text not null,
    who         text not null,
    because     text not null,
    at          timestamptz not null,
    primary key (account, stream, key)
);
