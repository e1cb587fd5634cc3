-- Rules: the rows that they judge, their verdicts, what is set aside, and the evidence.
create schema quality;

-- Sealed copies of the columns that rules judge; one table per stream, rows of many runs. What a row's verdict takes from
-- other records is copied too, so that one which comes in meanwhile changes no verdict.
create table quality.batch_orders (
    run_id               text not null,
    key                  text not null,
    version_id           bigint not null,
    number               text,
    number_shared        boolean,
    email                text,
    address_refused      boolean,
    channel              text,
    channel_detail       text,
    status               text,
    status_source        text,
    currency             text,
    placed_at            timestamptz,
    days_off             numeric,
    total                numeric,
    parts_total          numeric,
    amount_gap           numeric,
    refunded             numeric,
    refund_excess        numeric,
    line_count           integer,
    lines_unusable       integer,
    lines_no_product     integer,
    fine_prices          integer,
    shipped_count        integer,
    shipped_no_url       integer,
    shipped_no_number    integer,
    repeated_tracking    integer,
    rate_unfit           text,
    times_read           integer not null default 1,
    primary key (run_id, key)
);

create table quality.batch_customers (
    run_id           text not null,
    key              text not null,
    version_id       bigint not null,
    email            text,
    address_refused  boolean,
    registered       boolean,
    anonymised       boolean,
    opted_in         boolean,
    -- Names of contact fields, never what would stand in them.
    fields_cut       text,
    fields_unfit     text,
    times_read       integer not null default 1,
    primary key (run_id, key)
);

create table quality.batch_returns (
    run_id         text not null,
    key            text not null,
    version_id     bigint not null,
    order_key      text,
    order_number   text,
    order_known    boolean,
    status         text,
    currency       text,
    total          numeric,
    lines_total    numeric,
    line_count     integer,
    lines_unknown  integer,
    refunded       numeric,
    times_read     integer not null default 1,
    primary key (run_id, key)
);

-- What is not sold any more needs no price, picture or stock: it counts as none missing.
create table quality.batch_products (
    run_id         text not null,
    key            text not null,
    version_id     bigint not null,
    number         text,
    name           text,
    variant_count  integer,
    no_sku         integer,
    repeated_sku   integer,
    no_price       integer,
    no_stock       integer,
    no_image       boolean,
    times_read     integer not null default 1,
    primary key (run_id, key)
);

create table quality.batch_signups (
    run_id         text not null,
    key            text not null,
    version_id     bigint not null,
    email          text,
    times_read     integer not null default 1,
    primary key (run_id, key)
);

create table quality.batch_carts (
    run_id         text not null,
    key            text not null,
    version_id     bigint not null,
    email          text,
    currency       text,
    times_read     integer not null default 1,
    primary key (run_id, key)
);

create table quality.batch_browses (
    run_id      text not null,
    key         text not null,
    version_id  bigint not null,
    email       text,
    times_read  integer not null default 1,
    primary key (run_id, key)
);

-- Not records but names: the attributes of the run's customers, each once, and whether the pair's mapping uses it.
create table quality.batch_attributes (
    run_id     text not null,
    key        text not null,
    customers  bigint not null,
    is_used    boolean not null,
    primary key (run_id, key)
);

-- What Great Expectations reads: the rows of the run that the connection is set to, and no others; without that setting
-- it is an error. Expectations pass NULL, so a NULL that is a failure is shown as an empty text.
create view quality.sealed_customers as
select key, case when anonymised is not true then coalesce(email, '') end as email, address_refused, opted_in, fields_cut, fields_unfit, times_read
  from quality.batch_customers
 where run_id = current_setting('retail_sync.run_id');

create view quality.sealed_orders as
select key,
       number_shared,
       coalesce(email, '') as email_text,
       nullif(email, '') as email_given,
       address_refused,
       channel,
       coalesce(status, '') as status,
       coalesce(currency, '') as currency,
       days_off,
       total,
       case when status <> 'cancelled' then total end as living_total,
       amount_gap / (coalesce(line_count, 0) + 1) as gap_per_part,
       refund_excess,
       line_count,
       lines_unusable,
       lines_no_product,
       case when abs(amount_gap) > 0 then fine_prices end as fine_prices_off,
       shipped_no_url,
       shipped_no_number,
       repeated_tracking,
       rate_unfit,
       times_read
  from quality.batch_orders
 where run_id = current_setting('retail_sync.run_id');

create view quality.sealed_returns as
select key,
       coalesce(status, '') as status,
       coalesce(currency, '') as currency,
       refunded - total as refund_excess,
       order_known,
       case when line_count < 1 and total > coalesce(refunded, 0) then 1 else 0 end as lines_missing,
       lines_unknown,
       times_read
  from quality.batch_returns
 where run_id = current_setting('retail_sync.run_id');

create view quality.sealed_products as
select key, no_sku, repeated_sku, no_price, no_stock, no_image, times_read
  from quality.batch_products
 where run_id = current_setting('retail_sync.run_id');

create view quality.sealed_signups as
select key, coalesce(email, '') as email, times_read
  from quality.batch_signups
 where run_id = current_setting('retail_sync.run_id');

create view quality.sealed_carts as
select key, coalesce(email, '') as email, coalesce(currency, '') as currency, times_read
  from quality.batch_carts
 where run_id = current_setting('retail_sync.run_id');

create view quality.sealed_browses as
select key, coalesce(email, '') as email, times_read
  from quality.batch_browses
 where run_id = current_setting('retail_sync.run_id');

create view quality.sealed_attributes as
select key, is_used
  from quality.batch_attributes
 where run_id = current_setting('retail_sync.run_id');

create table quality.verdict (
    run_id   text not null,
    stream   text not null,
    key      text not null,
    rule     text not null,
    effect   text not null check (effect in ('exclude', 'hold_record', 'hold_event', 'hold_field', 'warn',
                                             'stop')),
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

-- Attributes of customers that nothing in the pair's mapping uses: one row a name, however many records carry it.
create table quality.unused_attribute (
    pair       text not null,
    name       text not null,
    owner      text not null,
    customers  bigint not null,
    seen_at    timestamptz not null,
    primary key (pair, name)
);

-- Rows of a run that were read again just as they had been judged before: no evidence was made of them anew.
create table quality.judged_before (
    run_id   text not null,
    stream   text not null,
    rows     bigint not null,
    primary key (run_id, stream)
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
