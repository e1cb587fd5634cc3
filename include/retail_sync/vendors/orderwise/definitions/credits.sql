-- OrderWise export definition for Retail Sync: credits, one row each. They are order headers of certain types, and
-- their amounts are positive; what is read takes them off the order that they credit.
--
-- Install
--   As the definition of orders tells, under the name "Retail Sync credits"; its number goes to
--   source.settings.definitions.credits. "schema" means what it means there.
--
-- Key
--   oh_id
--
-- Parameters (times are local times of this server, such as 2026-05-01T13:00:00.000)
--   @since          DATETIME       nothing that happened then or before
--   @until          DATETIME       nothing that happened later
--   @by             NVARCHAR(10)   'changed': made or amended in that time; 'created': made in it
--   @credit_types   NVARCHAR(100)  order types that are credits, such as ',4,'
--   @last_id        INT            only credits behind this one; 0 at first
--   @page           INT            so many credits at most
--
-- Columns
--   rows_here             INT           rows of this answer; one row says so even where there is no credit
--   keys_left             INT           credits from here on, these included; NULL where there are none
--   oh_id                 INT           the credit
--   order_type            INT           4 credit, or what else counts as one
--   credited_at           DATETIME
--   amended_at            DATETIME
--   status                NVARCHAR(60)  your own text, mapped under source.settings.statuses
--   customer_id           INT
--   currency              NVARCHAR(3)   ISO 4217; schema
--   total_gross           FLOAT         with tax; schema
--   original_id           INT           the order that it credits; schema
--   original_number       NVARCHAR(30)  OrderWise's number of that
--   original_shop_number  NVARCHAR(30)  the shop's number of that; schema
SELECT COUNT(*) OVER () AS rows_here,
       page.keys_left,
       page.oh_id,
       credit.oh_sot_id AS order_type,
       credit.oh_datetime AS credited_at,
       detail.ohd_last_amended_datetime AS amended_at,
       state.os_description AS status,
       credit.oh_cd_id AS customer_id,
       money.c_code AS currency,
       total.oht_gross AS total_gross,
       original.oh_id AS original_id,
       original.oh_order_number AS original_number,
       original.oh_ecommerce_order_number AS original_shop_number
  FROM (SELECT 1 AS asked) AS question
  LEFT JOIN (SELECT TOP (CAST(@page AS INT)) chosen.oh_id, COUNT(*) OVER () AS keys_left
               FROM (SELECT made.oh_id
                       FROM order_header AS made
                      WHERE made.oh_datetime > @since AND made.oh_datetime <= @until
                      UNION
                     SELECT amended.ohd_oh_id
                       FROM order_header_detail AS amended
                      WHERE @by = 'changed' AND amended.ohd_last_amended_datetime > @since
                        AND amended.ohd_last_amended_datetime <= @until
                    ) AS chosen
               JOIN order_header AS noted ON noted.oh_id = chosen.oh_id
              WHERE chosen.oh_id > @last_id
                AND CHARINDEX(',' + CAST(noted.oh_sot_id AS NVARCHAR(12)) + ',', @credit_types) > 0
              ORDER BY chosen.oh_id) AS page ON 1 = 1
  LEFT JOIN order_header AS credit ON credit.oh_id = page.oh_id
  LEFT JOIN order_header_detail AS detail ON detail.ohd_oh_id = page.oh_id
  LEFT JOIN order_header_total AS total ON total.oht_oh_id = page.oh_id
  LEFT JOIN order_status AS state ON state.os_id = credit.oh_os_id
  LEFT JOIN currency AS money ON money.c_id = credit.oh_c_id
  LEFT JOIN order_header AS original ON original.oh_id = credit.oh_original_oh_id
 ORDER BY page.oh_id
