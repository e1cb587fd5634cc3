-- Consent: what destinations hold, and the permanent record of who left.
-- Keys begin with what tells contacts apart: there are few accounts, and whoever looks for one contact must not be led
-- to all of an account by figures that are not up to date.
create schema consent;

-- The mirror of a destination's contacts, by account (audience) and normalised address. `opt_in_*` is what the destination
-- says of how a contact came to be subscribed; `opt_in_own` that the contact did it with its own hand. `still_in`: it has
-- left, and something else that the destination keeps under the address may still be written to.
create table consent.mirror (
    account     text not null,
    email       text not null,
    vendor_key  text not null,
    status      text not null,
    changed_at  timestamptz,
    reason      text,
    fields      jsonb not null default '{}',
    opt_in_at   timestamptz,
    opt_in_ip   text,
    opt_in_via  text,
    opt_in_own  boolean not null default false,
    still_in    boolean not null default false,
    seen_at     timestamptz not null,
    primary key (email, account)
);
create index mirror_by_vendor_key on consent.mirror (vendor_key, account);

-- The permanent record. An address that left is never created as subscribed; only the contact's own yes, which the
-- destination can prove and which is newer, makes `is_out` false again. `status` is how it left, `since` when: by the
-- destination's clock if `since_theirs`, else by ours. `known_at` is when we first knew, by ours. `own_yes_at` is the
-- newest yes by the contact's own hand. `is_back`: the destination shows it as subscribed all the same. `origin`: who said
-- that it left (destination, delivery, audit).
create table consent.record (
    account       text not null,
    email         text not null,
    is_out        boolean not null,
    status        text not null,
    since         timestamptz not null,
    since_theirs  boolean not null default false,
    known_at      timestamptz,
    own_yes_at    timestamptz,
    is_back       boolean not null default false,
    reason        text,
    origin        text not null,
    updated_at    timestamptz not null,
    primary key (email, account)
);
create index record_out on consent.record (account) where is_out;

-- Contacts that we have put away ourselves when two became one: being archived, they have not left.
create table consent.put_away (
    account     text not null,
    vendor_key  text not null,
    status      text,
    at          timestamptz not null,
    primary key (account, vendor_key)
);

-- Every turn of the record, oldest first; nothing here is ever changed.
create table consent.history (
    history_id  bigint generated always as identity primary key,
    account     text not null,
    email       text not null,
    is_out      boolean not null,
    status      text not null,
    since       timestamptz not null,
    own_yes_at  timestamptz,
    reason      text,
    origin      text not null,
    at          timestamptz not null
);
create index history_by_email on consent.history (email, account);

create function consent.keep_first() returns trigger language plpgsql as $$
begin
    insert into consent.history (account, email, is_out, status, since, own_yes_at, reason, origin, at)
    select account, email, is_out, status, since, own_yes_at, reason, origin, updated_at from after where is_out;
    return null;
end $$;

create function consent.keep_turn() returns trigger language plpgsql as $$
begin
    insert into consent.history (account, email, is_out, status, since, own_yes_at, reason, origin, at)
    select account, email, after.is_out, after.status, after.since, after.own_yes_at, after.reason, after.origin,
           after.updated_at
      from after
      join before using (account, email)
     where (after.is_out, after.status) is distinct from (before.is_out, before.status)
        or (after.is_out and after.since is distinct from before.since);
    return null;
end $$;

create trigger record_keep_first after insert on consent.record
    referencing new table as after for each statement execute function consent.keep_first();
create trigger record_keep_turn after update on consent.record
    referencing old table as before new table as after for each statement execute function consent.keep_turn();

-- Whether a leaving under one address keeps another one of the same person out, too: an address that was put away, by an
-- admin or since it became the other, says nothing of that.
create function consent.bars(left_under text, left_as text, email text) returns boolean
language sql immutable as $$
    select left_under = email or left_as not in ('archived', 'removed')
$$;

-- Whether a person may be written to for marketing: the destination shows the contact as subscribed, and no address of
-- theirs has left.
create function consent.may_market(to_account text, whom bigint) returns boolean
language sql stable as $$
    select exists (select from people.person
                     join consent.mirror on mirror.account = to_account and mirror.email = person.email
                    where person.person_id = whom and mirror.status = 'subscribed')
       and not exists (select from people.person
                         join people.address using (person_id)
                         join consent.record on record.account = to_account and record.email = address.email
                        where person.person_id = whom and record.is_out
                          and consent.bars(record.email, record.status, person.email))
$$;

-- Note that addresses have left, seen by us and not by their status: by our own clock. Who had left before keeps how.
create function consent.leave(account text, emails text[], status text, origin text, at timestamptz) returns void
language sql as $$
    insert into consent.record as kept (account, email, is_out, status, since, known_at, origin, updated_at)
    select account, email, true, status, at, at, origin, at from unnest(emails) as email
        on conflict (account, email) do update
       set is_out = true, status = excluded.status, since = excluded.since, since_theirs = false,
           known_at = excluded.known_at, origin = excluded.origin, updated_at = excluded.updated_at
     where not kept.is_out
$$;

-- Note that somebody has taken contacts away, given with their keys: their addresses have left. One that never confirmed
-- has nothing to leave.
create function consent.note_removed(of_account text, emails text[], keys text[], origin text, at timestamptz)
returns void language sql as $$
    select consent.leave(of_account, array_agg(taken.email), 'removed', origin, at)
      from unnest(emails) as taken (email)
      left join consent.mirror on mirror.account = of_account and mirror.email = taken.email
     where mirror.status is distinct from 'pending';

    insert into consent.mirror (account, email, vendor_key, status, seen_at)
    select of_account, taken.email, taken.key, 'removed', at
      from unnest(emails, keys) as taken (email, key)
        on conflict (email, account) do update set status = excluded.status, seen_at = excluded.seen_at;
$$;

-- Proof of opt-in for each contact that was created as subscribed, or as pending where it had to confirm.
create table consent.proof (
    account      text not null,
    email        text not null,
    pair         text not null,
    source       text not null,
    record_key   text not null,
    opted_in_at  timestamptz,
    seen_at      timestamptz not null,
    created_at   timestamptz not null,
    created_as   text not null default 'subscribed',
    run_id       text not null,
    primary key (account, email, created_at)
);

-- How far a destination's contacts have been read: `until` is the newest change of them, by its own clock; `read_at` is
-- when that was, by ours.
create table consent.watermark (
    account  text primary key,
    until    timestamptz,
    read_at  timestamptz not null
);
