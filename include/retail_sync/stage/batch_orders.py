"""The columns of an order that rules judge."""

from __future__ import annotations

# With tax stated in the lines the parts make the total; where a market adds tax, they do with it. Whichever is nearer.
# Each document is taken apart once: every look into a long one unpacks it whole. `doc` is what channel rules look at.
# Numbers are read as wide as they may be: one that is beyond reason must fail a rule, not the statement.
#: Parameters: the pattern of refused addresses, the pair's currency, those of `channel`, when the run was opened.
ORDERS = """
    insert into quality.batch_orders
        (run_id, key, version_id, times_read, number, email, address_refused, channel, channel_detail, status,
         status_source, currency, placed_at, days_off, total, parts_total, amount_gap, refunded, refund_excess,
         line_count, lines_unusable, lines_no_product, fine_prices, shipped_count, shipped_no_url, shipped_no_number,
         repeated_tracking, rate_unfit, number_shared)
    select run_id, key, version_id, times_read, number, email, address_refused, channel, channel_detail, status,
           status_source, currency, placed_at, days_off, total, parts_total, total - parts_total, refunded,
           refunded - greatest(total, captured),
           line_count, lines_unusable, lines_no_product, fine_prices, shipped_count, shipped_no_url, shipped_no_number,
           repeated_tracking, rate_unfit, false
      from (
           select whole.run_id, whole.key, whole.version_id, whole.times_read,
                  whole.number, whole.email, whole.status, whole.status_source, whole.currency, whole.placed_at,
                  whole.total,
                  whole.email ~ %s::text as address_refused,
                  case when whole.total <> 0 and whole.status <> 'cancelled'
                            and (whole.rate <= 0 or case when whole.currency = %s then abs(whole.rate - 1) > 0.01
                                                         else whole.rate = 1 end)
                       then whole.currency || ' at a rate of ' || trim_scale(whole.rate) end as rate_unfit,
                  {channel} as channel,
                  (select string_agg(name || '=' || value, ', ' order by name)
                     from jsonb_each_text(whole.channel) as fact (name, value)) as channel_detail,
                  greatest(extract(epoch from whole.placed_at - %s::timestamptz) / 86400 - 1,
                           extract(epoch from timestamptz '1990-01-01 00:00:00+00' - whole.placed_at) / 86400,
                           0) as days_off,
                  case when abs(whole.total - figures.parts - figures.tax) < abs(whole.total - figures.parts)
                       then figures.parts + figures.tax else figures.parts end as parts_total,
                  money.*, lines.line_count, lines.lines_unusable, lines.lines_no_product, lines.fine_prices, parcels.*
             from (
                  select sealed.run_id, sealed.key, sealed.version_id, sealed.times_read, part.*,
                         people.email_of(sealed.doc) as email, jsonb_build_object('channel', part.channel) as doc
                    from sealed
                   cross join lateral jsonb_to_record(sealed.doc) as part(
                         number text, channel jsonb, status text, status_source text, currency text,
                         placed_at timestamptz, rate numeric, total numeric, shipping numeric, shipping_tax numeric,
                         tax numeric, other_charges numeric, discount numeric, lines jsonb, shipments jsonb,
                         payments jsonb)
                  ) as whole
            cross join lateral (
                  select count(*) as line_count,
                         coalesce(sum(total), 0) as total,
                         count(*) filter (where coalesce(quantity, 0) + coalesce(cancelled, 0) < 1
                                             or coalesce(unit_price, -1) < 0) as lines_unusable,
                         count(*) filter (where coalesce(kind, 'goods') in ('goods', 'bundle_item')
                                            and (sku is null or product_key is null or variant_key is null)
                                         ) as lines_no_product,
                         count(*) filter (where unit_price <> round(unit_price, 2)) as fine_prices
                    from jsonb_to_recordset(whole.lines) as line(
                         total numeric, quantity numeric, cancelled numeric, unit_price numeric, kind text, sku text,
                         product_key text, variant_key text)) as lines
            cross join lateral (
                  select lines.total + coalesce(whole.shipping, 0) + coalesce(whole.other_charges, 0)
                             - coalesce(whole.discount, 0) as parts,
                         coalesce(whole.tax, 0) + coalesce(whole.shipping_tax, 0) as tax) as figures
            cross join lateral (
                  select coalesce(sum(amount) filter (where kind = 'refunded'), 0) as refunded,
                         coalesce(sum(amount) filter (where kind = 'captured'), 0) as captured
                    from jsonb_to_recordset(whole.payments) as payment(kind text, succeeded boolean, amount numeric)
                   where succeeded) as money
            cross join lateral (
                  select count(*) as shipped_count,
                         count(*) filter (where tracking_url is null and not is_untracked) as shipped_no_url,
                         count(*) filter (where (carrier is null or number is null) and not is_untracked
                                         ) as shipped_no_number,
                         count(number) - count(distinct number) as repeated_tracking
                    from (select tracking_url, coalesce(untracked, false) as is_untracked,
                                 nullif(btrim(carrier), '') as carrier, nullif(btrim(tracking_number), '') as number
                            from jsonb_to_recordset(whole.shipments) as sent(
                                 shipped boolean, untracked boolean, tracking_url text, carrier text,
                                 tracking_number text)
                           where shipped) as parcel) as parcels) as row
"""

# Found once for all, as an array: nothing is known yet of the rows of a run, and a planner that expects one of them
# would gather the numbers anew for each.
_TWINS = """
    update quality.batch_orders
       set number_shared = true
     where run_id = %(run_id)s
       and key = any (array(select key
                              from (select key, count(*) over (partition by number) as bearers
                                      from quality.batch_orders
                                     where run_id = %(run_id)s and number is not null) as numbered
                             where bearers > 1))
"""
_KNOWN = """
    update quality.batch_orders as batch
       set number_shared = true
     where run_id = %(run_id)s
       and exists (select from people.order_value as known
                    where known.pair = %(pair)s and known.number = batch.number and known.key <> batch.key)
"""
#: Orders whose number is that of another key, of the same run or accepted before.
SHARED_NUMBERS = (_TWINS, _KNOWN)
