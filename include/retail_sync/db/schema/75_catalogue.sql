-- Catalogues that go whole, as files: the door out for what no outbox row can hold, since a file replaces all before it.
-- `waiting`: to be brought, or to be laid ready. `held`: it has lost too many rows, and waits for a person, who may drop it. `refused`: by the
-- destination. `content` is gzipped; `hash` is that of the plain text.
create table delivery.catalogue (
    file_id     bigint generated always as identity primary key,
    account     text not null,
    pair        text not null,
    run_id      text not null,
    rows        integer not null,
    hash        bytea not null,
    content     bytea not null,
    made_at     timestamptz not null,
    state       text not null
                check (state in ('waiting', 'held', 'published', 'refused', 'dropped', 'superseded')),
    approved    boolean not null default false,
    decided_at  timestamptz,
    decided_by  text,
    words       text
);
create index catalogue_newest on delivery.catalogue (pair, account, file_id desc);
