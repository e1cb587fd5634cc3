-- A shop that was read and planned long ago: so many orders, two people for every five of them, five hundred products.
-- Nothing of it waits: cursors stand at its end. Order numbers begin with a letter, since a sandbox beside it has the plain
-- ones. Placeholders are bound.

create table shop_order as
select number,
       1 + floor(people * power((hashint4(number::integer)::bigint + 2147483648) / 4294967296.0, 1.3))::bigint as person,
       timestamptz '2024-11-01 12:00+00' + number %% 540 * interval '1 day' as placed_at,
       1 + number * 7 %% 500 as one, 1 + number * 13 %% 500 as other,
       99 + number %% 400 as price, number %% 100 = 0 as will_change
  from generate_series(1, %(orders)s::bigint) as number
 cross join (select greatest(1, %(orders)s::bigint * 2 / 5) as people) as shop;

insert into people.person (pair, email, created_at)
select %(pair)s, 'buyer' || number || '@mail.test', %(now)s from generate_series(1, %(orders)s::bigint * 2 / 5) as number;

insert into stage.version (account, stream, key, hash, source_time, request_time, change_seq, lane, doc)
select %(account)s, 'products', 'p' || number, decode(md5('p' || number), 'hex'), %(now)s, %(now)s, 1, 'live',
       format($${"key":"p%%1$s","number":"P%%1$s","name":"Shirt %%1$s","updated_at":"2026-01-01T00:00:00Z",
                "collection":"Autumn","variants":[{"key":"v%%1$s","sku":"S%%1$s","name":"M"}]}$$, number)::jsonb
  from generate_series(1, 500) as number;

insert into stage.version (account, stream, key, hash, source_time, request_time, change_seq, lane, doc)
select %(account)s, 'customers', 'c' || person_id, decode(md5('c' || person_id), 'hex'), %(now)s, %(now)s, 1, 'live',
       format($${"key":"c%%1$s","email":"%%2$s","created_at":"2024-01-01T00:00:00Z",
                "updated_at":"2026-01-01T00:00:00Z","opted_in":true,"first_name":"Åsa","last_name":"Berg %%1$s",
                "address":{"line1":"Storgatan %%1$s","city":"Stockholm","postcode":"111 22","country":"SE"}}$$,
              person_id, email)::jsonb
  from people.person
 order by person_id;

insert into stage.version (account, stream, key, hash, source_time, request_time, change_seq, lane, doc)
select %(account)s, 'orders', 'o' || number, decode(md5('o' || number), 'hex'), placed_at, placed_at, 1, 'live',
       format($${"key":"o%%1$s","number":"A%%1$s","status":"%%2$s","placed_at":"%%3$s","updated_at":"%%3$s",
                "currency":"SEK","rate":"1","total":"%%4$s","email":"buyer%%5$s@mail.test","customer_key":"c%%5$s",
                "lines":[
                  {"key":"l1","name":"Shirt","quantity":1,"unit_price":"%%6$s","total":"%%6$s","list_price":"%%6$s",
                   "sku":"S%%7$s","product_key":"p%%7$s","variant_key":"v%%7$s","collection":"Autumn"},
                  {"key":"l2","name":"Shirt","quantity":1,"unit_price":"49","total":"49",
                   "sku":"S%%8$s","product_key":"p%%8$s","variant_key":"v%%8$s","collection":"Basics"}],
                "channel":{"store_type":"DIRECT_TO_CONSUMER","market":"Sweden"},"market":"Sweden",
                "payments":[{"key":"1","kind":"captured","succeeded":true,"amount":"%%4$s","at":"%%3$s"}]%%9$s}$$,
              number, case when will_change then 'processing' else 'shipped' end,
              to_char(placed_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), price + 49, person, price, one, other,
              case when will_change then '' else format(
                   ',"shipments":[{"key":"1","number":"1","shipped":true,"carrier":"PostNord",'
                   '"tracking_number":"0037%%1$s","tracking_url":"https://track.post.test/0037%%1$s"}]', number) end
             )::jsonb
  from shop_order
 order by number;

insert into stage.current (account, stream, key, version_id, hash, source_time, request_time, change_seq, lane)
select account, stream, key, version_id, hash, source_time, request_time, change_seq, lane from stage.version;

insert into stage.change_counter (account, stream, last_seq)
select %(account)s, stream, 1 from unnest('{customers,products,orders,returns}'::text[]) as stream;

insert into stage.cursor (pair, dag, lane, account, stream, change_seq)
select %(pair)s, 'live', 'live', account, stream, last_seq from stage.change_counter;

insert into people.accepted (pair, stream, key, version_id, change_seq, run_id)
select %(pair)s, stream, key, version_id, change_seq, 'long_ago' from stage.version;

insert into people.customer
    (pair, key, person_id, email, version_id, registered, opted_in, first_yes_at, updated_at)
select %(pair)s, key, substr(key, 2)::bigint, doc ->> 'email', version_id, true, true, %(now)s, %(now)s
  from stage.version
 where stream = 'customers';

insert into people.order_value
    (pair, key, number, person_id, email, customer_key, version_id, excluded, placed_at, currency, gross, reduced, net,
     net_base, counted, market, skus, collections, full_price)
select %(pair)s, version.key, 'A' || shop_order.number, person, 'buyer' || person || '@mail.test', 'c' || person,
       version_id, false, placed_at, 'SEK', price + 49, 0, price + 49, price + 49, true, 'Sweden', array['S' || one, 'S' || other], array['Autumn', 'Basics'], true
  from shop_order
  join stage.version on version.stream = 'orders' and version.key = 'o' || shop_order.number;

insert into people.fact (person_id, facts, run_id)
select person_id, '{"currency": "SEK"}', 'long_ago' from people.person;
