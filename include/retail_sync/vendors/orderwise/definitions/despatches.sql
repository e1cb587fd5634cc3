-- OrderWise export definition for Retail Sync: the despatches of some orders, one row for each line that one carries.
--
-- Install
--   As the definition of orders tells, under the name "Retail Sync despatches"; its number goes to
--   source.settings.definitions.despatches. "schema" means what it means there.
--
-- Key
--   dh_id
--
-- Parameters
--   @ids       NVARCHAR(MAX)  the orders, such as ',17,18,25,'
--   @from_id   INT            the least of them, so that an index finds them
--   @to_id     INT            the greatest of them
--   @last_id   INT            only despatches behind this one; 0 at first
--   @page      INT            so many despatches at most
--
-- Columns
--   rows_here        INT            rows of this answer; one row says so even where there is no despatch
--   keys_left        INT            despatches from here on, these included; NULL where there are none
--   dh_id            INT            the despatch; schema
--   oh_id            INT            its order
--   number           NVARCHAR(30)   schema
--   consignment      NVARCHAR(60)   the courier's number of it
--   despatched_at    DATETIME
--   method           NVARCHAR(60)   how it went, else how it should go; schema
--   courier          NVARCHAR(60)   schema
--   tracking_prefix  NVARCHAR(255)  it is followed at prefix + consignment + suffix
--   tracking_suffix  NVARCHAR(255)
--   line_id          INT            an order line that it carries; NULL where none is noted; schema
--   quantity         FLOAT          how much of that line; schema
SELECT COUNT(*) OVER () AS rows_here,
       page.keys_left,
       page.dh_id,
       despatch.dh_oh_id AS oh_id,
       despatch.dh_number AS number,
       despatch.dh_consignment_number AS consignment,
       despatch.dh_datetime AS despatched_at,
       method.dm_description AS method,
       courier.cod_name AS courier,
       courier.cod_tracking_url_prefix AS tracking_prefix,
       courier.cod_tracking_url_suffix AS tracking_suffix,
       carried.dli_oli_id AS line_id,
       carried.dli_qty AS quantity
  FROM (SELECT 1 AS asked) AS question
  LEFT JOIN (SELECT TOP (CAST(@page AS INT)) sent.dh_id, COUNT(*) OVER () AS keys_left
               FROM delivery_header AS sent
              WHERE sent.dh_oh_id >= @from_id AND sent.dh_oh_id <= @to_id
                AND CHARINDEX(',' + CAST(sent.dh_oh_id AS NVARCHAR(12)) + ',', @ids) > 0
                AND sent.dh_id > @last_id
              ORDER BY sent.dh_id) AS page ON 1 = 1
  LEFT JOIN delivery_header AS despatch ON despatch.dh_id = page.dh_id
  LEFT JOIN order_header_detail AS detail ON detail.ohd_oh_id = despatch.dh_oh_id
  LEFT JOIN delivery_method AS method ON method.dm_id = COALESCE(despatch.dh_dm_id, detail.ohd_dm_id)
  LEFT JOIN courier_detail AS courier ON courier.cod_id = method.dm_cod_id
  LEFT JOIN delivery_line_item AS carried ON carried.dli_dh_id = page.dh_id
 ORDER BY page.dh_id
