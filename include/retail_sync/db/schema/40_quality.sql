-- Rules: the rows that they judge, their verdicts, what is set aside, and the evidence.
create schema quality;

-- Sealed copies of the columns that rules judge; one table per stream, rows of many runs.
create table quality.batch_orders (
    run_id             text not null,
    key                text not null,
    version_id         bigint not null,
    number             text,
    email              text,
    channel            text,
    channel_detail     text,
    status             text,
    status_source      text,
    currency           text,
    placed_at          timestamptz,
    total              numeric,
    parts_total        numeric,
    amount_gap         numeric,
    line_count         integer,
    shipped_count      integer,
    shipped_no_url     integer,
    times_read         integer not null default 1,
    primary key (run_id, key)
);
create index batch_orders_by_number on quality.batch_orders (run_id, number);

create table quality.batch_customers (
    run_id       text not null,
    key          text not null,
    version_id   bigint not null,
    email        text,
    registered   boolean,
    opted_in     boolean,
    times_read   integer not null default 1,
    primary key (run_id, key)
);
create table quality.batch_returns (
    run_id        text not null,
    key           text not null,
    version_id    bigint not null,
    order_key     text,
    order_number  text,
    status        text,
    currency      text,
    total         numeric,
    lines_total   numeric,
    refunded      numeric,
    -- Filled by validate before anything is judged, so that an order which comes in meanwhile changes no verdict.
    order_known   boolean,
    times_read    integer not null default 1,
    primary key (run_id, key)
);
create table quality.batch_products (
    run_id         text not null,
    key            text not null,
    version_id     bigint not null,
    number         text,
    name           text,
    variant_count  integer,
    no_sku         integer,
    repeated_sku   integer,
    times_read     integer not null default 1,
    primary key (run_id, key)
);

-- What Great Expectations reads: the rows of the run that the connection is set to, and no others; without that setting
-- it is an error. Expectations pass NULL, so a NULL that is a failure is shown as an empty text.
create view quality.sealed_customers as
select key, coalesce(email, '') as email, opted_in, times_read
  from quality.batch_customers
 where run_id = current_setting('retail_sync.run_id');

create view quality.sealed_orders as
select key,
       coalesce(btrim(email), '') as email_text,
       nullif(btrim(email), '') as email_given,
       channel,
       coalesce(status, '') as status,
       coalesce(currency, '') as currency,
       amount_gap / (coalesce(line_count, 0) + 1) as gap_per_part,
       shipped_no_url,
       times_read
  from quality.batch_orders
 where run_id = current_setting('retail_sync.run_id');

create view quality.sealed_returns as
select key,
       coalesce(status, '') as status,
       coalesce(currency, '') as currency,
       refunded - total as refund_excess,
       order_known,
       times_read
  from quality.batch_returns
 where run_id = current_setting('retail_sync.run_id');

create view quality.sealed_products as
select key, no_sku, repeated_sku, times_read
  from quality.batch_products
 where run_id = current_setting('retail_sync.run_id');

create table quality.verdict (
    run_id   text not null,
    stream   text not null,
    key      text not null,
    rule     text not null,
    effect   text not null check (effect in ('exclude', 'hold_record', 'hold_event', 'warn', 'stop')),
    detail   text,
    primary key (run_id, stream, key, rule)
);

-- What is set aside now, under which rule; plan writes it, a clean verdict or a person takes it out again.
create table quality.quarantine (
    pair         text not null,
    account      text not null,
    stream       text not null,
    key          text not null,
    rule         text not null,
    effect       text not null,
    owner        text not null,
    version_id   bigint not null,
    change_seq   bigint not null,
    detail       text,
    run_id       text not null,
    opened_at    timestamptz not null,
    seen_at      timestamptz not null,
    released_at  timestamptz,
    released_by  text,
    primary key (pair, account, stream, key, rule)
);

-- What the verdicts make of each row of a run's work set. An excluded row is excluded whatever else is wrong with it.
-- A rule that a person has released for exactly this version counts as passed.
create function quality.judged(run text)
returns table (stream text, key text, version_id bigint, change_seq bigint, excluded boolean, held boolean,
               hold_event boolean)
language sql stable as $$
    select work.stream, work.key, work.version_id, work.change_seq,
           coalesce(found.excluded, false),
           coalesce(found.held and not found.excluded, false),
           coalesce(found.hold_event, false)
      from road.work as work
      join road.run as of_run using (run_id)
     cross join lateral (
           select bool_or(verdict.effect = 'exclude') as excluded,
                  bool_or(verdict.effect in ('hold_record', 'stop')) as held,
                  bool_or(verdict.effect = 'hold_event') as hold_event
             from quality.verdict as verdict
            where verdict.run_id = work.run_id and verdict.stream = work.stream and verdict.key = work.key
              and not exists (
                  select from quality.quarantine as kept
                   where kept.pair = of_run.pair and kept.stream = work.stream and kept.key = work.key
                     and kept.rule = verdict.rule and kept.version_id = work.version_id
                     and kept.released_at is not null)) as found
     where work.run_id = run
$$;

-- The results store of Great Expectations; `key` is its own.
create table quality.validation_result (
    key     text[] primary key,
    run_id  text,
    body    jsonb not null,
    at      timestamptz not null default now()
);
create index validation_result_newest on quality.validation_result (at desc);

-- The data-quality site, page by page, published whole; its assets ship in the package.
create table quality.page (
    path          text primary key,
    content_type  text not null,
    body          bytea not null,
    published_at  timestamptz not null
);
