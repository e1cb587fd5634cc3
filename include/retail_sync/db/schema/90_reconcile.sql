-- Reading the destination back: what it holds, what was found, and both sides' figures.
create schema reconcile;

-- What a read-back found. `object_id` and `person_id` are those of the ledger's object, where it has one; `healing` is the
-- outbox row that puts the object right, `barred` says why none does.
create table reconcile.finding (
    run_id      text not null,
    pair        text not null,
    kind        text not null,
    vendor_key  text not null,
    verdict     text not null check (verdict in ('missing', 'extra', 'different', 'archived')),
    fields      text[] not null default '{}',
    seen_at     timestamptz not null,
    object_id   text,
    person_id   bigint,
    healing     bigint,
    barred      text,
    primary key (run_id, kind, vendor_key, verdict)
);
create index finding_by_object on reconcile.finding (pair, kind, vendor_key);

-- How a figure is known. `read_back`: objects were read from the destination; `counted`: it states the figure itself;
-- `ledger`: it has answered that it took them, and lets nothing be read.
create domain reconcile.proof as text check (value in ('read_back', 'counted', 'ledger'));

-- Every object that the destination holds, as the newest full read saw it: the hash of the owned fields, and the money of
-- what is a sale. Sales that can't be read stand here as the ledger has them. No content.
create table reconcile.mirror (
    pair        text not null,
    kind        text not null,
    vendor_key  text not null,
    hash        bytea not null,
    sold_at     timestamptz,
    currency    text,
    total       numeric,
    primary key (pair, kind, vendor_key)
);

-- How far the newest audit has come with each kind, and how it knows of its objects. The mirror of a kind is whole once it
-- is `read`.
create table reconcile.reading (
    pair         text not null,
    kind         text not null,
    run_id       text not null,
    state        text not null check (state in ('reading', 'read', 'compared')),
    proof        reconcile.proof not null default 'read_back',
    objects      bigint not null default 0,
    started_at   timestamptz not null,
    finished_at  timestamptz,
    primary key (pair, kind)
);

-- Objects whose mirror differs from the ledger, until they have been read a second time and judged.
create table reconcile.suspect (
    pair        text not null,
    kind        text not null,
    vendor_key  text not null,
    object_id   text,
    row_id      bigint,
    is_read     boolean not null default false,
    seen        jsonb,
    hash        bytea,
    fields      text[] not null default '{}',
    primary key (pair, kind, vendor_key)
);

-- Orders of a day on both sides: what the source's come to, and what the destination counts. Where it holds everything in
-- one currency, the source's are turned into that.
create table reconcile.total (
    pair        text not null,
    day         date not null,
    currency    text not null,
    orders      bigint not null,
    gross       numeric not null,
    reduced     numeric not null,
    net         numeric not null,
    held        bigint not null,
    held_total  numeric not null,
    proof       reconcile.proof not null,
    primary key (pair, day, currency)
);

-- Orders that the two sides count differently. `why` is null where nothing explains it.
create table reconcile.total_difference (
    pair        text not null,
    record      text not null,
    day         date not null,
    currency    text not null,
    net         numeric,
    held_total  numeric,
    why         text,
    proof       reconcile.proof not null,
    primary key (pair, record, currency)
);

-- Figures of what the destination holds, beside those by day.
create table reconcile.stated (
    pair     text not null,
    name     text not null,
    value    text not null,
    proof    reconcile.proof not null,
    run_id   text not null,
    read_at  timestamptz not null,
    primary key (pair, name)
);
