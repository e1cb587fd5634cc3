-- Per pair: accepted records, who is who, what each order is worth, and the facts of each person.
create schema people;

-- The normal form of an address, as `model.email.normalise` makes it.
create function people.email_of(doc jsonb) returns text
    language sql immutable parallel safe
    return nullif(lower(normalize(btrim(doc ->> 'email', E' \t\r\n'), nfc)), '');

-- Rows that a run writes again and again are given room on their pages, so that it is done in place.

-- The version of each record that rules let through last. An excluded one is known and counts for nothing.
create table people.accepted (
    pair         text not null,
    stream       text not null,
    key          text not null,
    version_id   bigint not null,
    change_seq   bigint not null,
    excluded     boolean not null default false,
    hold_event   boolean not null default false,
    run_id       text not null,
    primary key (pair, stream, key)
) with (fillfactor = 85);

create table people.person (
    person_id   bigint generated always as identity primary key,
    pair        text not null,
    email       text not null,
    created_at  timestamptz not null,
    unique (pair, email)
);

-- Source customers by person. A yes to marketing was given after `last_no_at` and not later than `first_yes_at`;
-- `opted_out_at` is when a yes was first seen to have become a no.
create table people.customer (
    pair          text not null,
    key           text not null,
    person_id     bigint not null references people.person,
    version_id    bigint not null,
    registered    boolean not null,
    opted_in      boolean,
    opted_in_at   timestamptz,
    opted_out_at  timestamptz,
    first_yes_at  timestamptz,
    last_no_at    timestamptz,
    updated_at    timestamptz not null,
    anonymised    boolean not null default false,
    primary key (pair, key)
) with (fillfactor = 85);
create index customer_by_person on people.customer (person_id);
create index customer_opted_out on people.customer (pair) where opted_out_at is not null;

-- An order's worth after every return, refund and cancellation, in its own currency and in the pair's.
create table people.order_value (
    pair             text not null,
    key              text not null,
    number           text not null,
    person_id        bigint not null references people.person,
    version_id       bigint not null,
    excluded         boolean not null,
    placed_at        timestamptz not null,
    currency         text not null,
    gross            numeric not null,
    reduced          numeric not null,
    net              numeric not null,
    net_base         numeric not null,
    counted          boolean not null,
    market           text,
    skus             text[] not null default '{}',
    collections      text[] not null default '{}',
    -- Null where nothing was bought, as in an order of nothing but shipping.
    full_price       boolean,
    awaiting_return  boolean not null default false,
    awaiting_refund  boolean not null default false,
    returned         jsonb not null default '{}',
    primary key (pair, key)
) with (fillfactor = 85);
create index order_value_by_person on people.order_value (person_id);
create index order_value_by_number on people.order_value (pair, number);

create table people.fact (
    person_id  bigint primary key references people.person,
    facts      jsonb not null,
    run_id     text not null
) with (fillfactor = 85);

-- Which order a return belongs to, so that the one finds the other whichever comes first.
create table people.return_of (
    pair          text not null,
    key           text not null,
    order_number  text,
    version_id    bigint not null,
    primary key (pair, key)
);
create index return_of_order on people.return_of (pair, order_number);

-- Variants that orders name and no product feed does: kept, so that a product is never listed without them.
create table people.stub_variant (
    pair          text not null,
    product_key   text not null,
    variant_key   text not null,
    sku           text,
    product_name  text not null,
    variant_name  text,
    primary key (pair, product_key, variant_key)
);
