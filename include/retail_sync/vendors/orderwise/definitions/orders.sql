-- OrderWise export definition for Retail Sync: orders, one row each.
--
-- Install
--   1. In OrderWise: E-Commerce, API Export Definitions, Add. Call it "Retail Sync orders" and paste this text whole.
--   2. Show the column "Export Definition ID" in the grid. Put that number into the pair file, under
--      source.settings.definitions.orders.
--   3. Give the API user's group the right to run it, and run `retail-sync check`.
--   Columns marked "schema" stand on names that OrderWise does not publish: compare them with your own database, and
--   replace what is called otherwise. Columns marked "agreed" stand on analysis fields, which mean what your company
--   says they mean: name your own fields there, or write NULL for what you do not keep. Never change what stands behind
--   AS, and never the parameters: both are the contract.
--   A further column whose name begins with channel_ is handed to the pair's channel rules, without that beginning.
--
-- Key
--   oh_id
--
-- Parameters (times are local times of this server, such as 2026-05-01T13:00:00.000)
--   @since          DATETIME       nothing that happened then or before
--   @until          DATETIME       nothing that happened later
--   @by             NVARCHAR(10)   'changed': ordered, amended, despatched or paid in that time; 'created': ordered
--                                  in it
--   @credit_types   NVARCHAR(100)  order types that are credits, such as ',4,': left out here
--   @last_id        INT            only orders behind this one; 0 at first
--   @page           INT            so many orders at most
--
-- Columns
--   rows_here          INT            rows of this answer; one row says so even where there is no order
--   keys_left          INT            orders from here on, these included; NULL where there are none
--   server_time        DATETIME       this server's clock, so that its zone can be checked
--   oh_id              INT            the order
--   order_number       NVARCHAR(30)   OrderWise's number of it
--   shop_number        NVARCHAR(30)   the shop's or marketplace's number of it; schema
--   order_type         INT            1 order, 4 credit, and so on
--   ordered_at         DATETIME
--   amended_at         DATETIME
--   despatched_at      DATETIME       when the last of its despatches left
--   status             NVARCHAR(60)   your own text, mapped under source.settings.statuses
--   customer_id        INT            the account that it is booked to
--   customer_email     NVARCHAR(255)  that account's address; schema
--   currency           NVARCHAR(3)    ISO 4217; schema
--   exchange_rate      FLOAT          one unit of it in your own currency; schema
--   total_gross        FLOAT          with tax and delivery, without what was cancelled; schema
--   total_vat          FLOAT          schema
--   delivery_gross     FLOAT          schema
--   delivery_net       FLOAT          schema
--   discount_gross     FLOAT          taken off the whole order, as a positive figure; schema
--   surcharge_gross    FLOAT          put on the whole order; schema
--   voucher            NVARCHAR(60)   schema
--   paid               FLOAT          what has come in for it; schema
--   paid_at            DATETIME       when the last of that came; schema
--   delivery_name      NVARCHAR(100)  schema, as are all that follow down to delivery_email
--   delivery_contact   NVARCHAR(100)
--   delivery_line_1    NVARCHAR(100)
--   delivery_line_2    NVARCHAR(100)
--   delivery_line_3    NVARCHAR(100)
--   delivery_town      NVARCHAR(60)
--   delivery_county    NVARCHAR(60)
--   delivery_postcode  NVARCHAR(20)
--   delivery_country   NVARCHAR(60)
--   delivery_code      NVARCHAR(2)    ISO 3166
--   delivery_phone     NVARCHAR(60)
--   delivery_email     NVARCHAR(255)  the shopper's own address, also where the account is the web shop's
--   affiliate          NVARCHAR(255)  agreed; NULL where you keep none
--   exchange_of        NVARCHAR(255)  the number of the order that this one replaces; agreed; NULL where you keep none
--   channel_session    NVARCHAR(60)   the e-commerce session that sent it; schema
--   channel_order_type NVARCHAR(60)   schema
--   channel_account    NVARCHAR(3)    yes for an account customer, which is a trade customer
--   channel_sales_rep  NVARCHAR(60)   whose customer it is
SELECT COUNT(*) OVER () AS rows_here,
       page.keys_left,
       GETDATE() AS server_time,
       page.oh_id,
       header.oh_order_number AS order_number,
       header.oh_ecommerce_order_number AS shop_number,
       header.oh_sot_id AS order_type,
       header.oh_datetime AS ordered_at,
       detail.ohd_last_amended_datetime AS amended_at,
       (SELECT MAX(dh_datetime) FROM delivery_header WHERE dh_oh_id = page.oh_id) AS despatched_at,
       state.os_description AS status,
       header.oh_cd_id AS customer_id,
       customer.cd_statement_email AS customer_email,
       money.c_code AS currency,
       header.oh_exchange_rate AS exchange_rate,
       total.oht_gross AS total_gross,
       total.oht_vat AS total_vat,
       total.oht_delivery_gross AS delivery_gross,
       total.oht_delivery_net AS delivery_net,
       (SELECT SUM(ohs_gross) FROM order_header_dissur WHERE ohs_oh_id = page.oh_id AND ohs_gross > 0)
           AS discount_gross,
       (SELECT SUM(-ohs_gross) FROM order_header_dissur WHERE ohs_oh_id = page.oh_id AND ohs_gross < 0)
           AS surcharge_gross,
       (SELECT MAX(ohs_code) FROM order_header_dissur WHERE ohs_oh_id = page.oh_id AND ohs_gross > 0) AS voucher,
       (SELECT SUM(op_amount) FROM order_payment WHERE op_oh_id = page.oh_id) AS paid,
       (SELECT MAX(op_datetime) FROM order_payment WHERE op_oh_id = page.oh_id) AS paid_at,
       delivery.oda_name AS delivery_name,
       delivery.oda_contact AS delivery_contact,
       delivery.oda_address_1 AS delivery_line_1,
       delivery.oda_address_2 AS delivery_line_2,
       delivery.oda_address_3 AS delivery_line_3,
       delivery.oda_town AS delivery_town,
       delivery.oda_county AS delivery_county,
       delivery.oda_postcode AS delivery_postcode,
       delivery.oda_country AS delivery_country,
       delivery.oda_country_code AS delivery_code,
       delivery.oda_telephone AS delivery_phone,
       delivery.oda_email AS delivery_email,
       analysis.oha_c_1 AS affiliate,
       analysis.oha_c_2 AS exchange_of,
       shop.es_name AS channel_session,
       kind.sot_description AS channel_order_type,
       CASE WHEN customer.cd_account_customer = 1 THEN 'yes' ELSE 'no' END AS channel_account,
       rep.ud_username AS channel_sales_rep
  FROM (SELECT 1 AS asked) AS question
  LEFT JOIN (SELECT TOP (CAST(@page AS INT)) chosen.oh_id, COUNT(*) OVER () AS keys_left
               FROM (SELECT touched.oh_id
                       FROM order_header AS touched
                      WHERE touched.oh_datetime > @since AND touched.oh_datetime <= @until
                      UNION
                     SELECT amended.ohd_oh_id
                       FROM order_header_detail AS amended
                      WHERE @by = 'changed' AND amended.ohd_last_amended_datetime > @since
                        AND amended.ohd_last_amended_datetime <= @until
                      UNION
                     SELECT despatch.dh_oh_id
                       FROM delivery_header AS despatch
                      WHERE @by = 'changed' AND despatch.dh_datetime > @since AND despatch.dh_datetime <= @until
                      UNION
                     SELECT payment.op_oh_id
                       FROM order_payment AS payment
                      WHERE @by = 'changed' AND payment.op_datetime > @since AND payment.op_datetime <= @until
                    ) AS chosen
               JOIN order_header AS sold ON sold.oh_id = chosen.oh_id
              WHERE chosen.oh_id > @last_id
                AND CHARINDEX(',' + CAST(sold.oh_sot_id AS NVARCHAR(12)) + ',', @credit_types) = 0
              ORDER BY chosen.oh_id) AS page ON 1 = 1
  LEFT JOIN order_header AS header ON header.oh_id = page.oh_id
  LEFT JOIN order_header_detail AS detail ON detail.ohd_oh_id = page.oh_id
  LEFT JOIN order_header_total AS total ON total.oht_oh_id = page.oh_id
  LEFT JOIN order_header_analysis AS analysis ON analysis.oha_oh_id = page.oh_id
  LEFT JOIN order_delivery_address AS delivery ON delivery.oda_oh_id = page.oh_id
  LEFT JOIN order_status AS state ON state.os_id = header.oh_os_id
  LEFT JOIN sales_order_type AS kind ON kind.sot_id = header.oh_sot_id
  LEFT JOIN ecommerce_session AS shop ON shop.es_id = header.oh_es_id
  LEFT JOIN currency AS money ON money.c_id = header.oh_c_id
  LEFT JOIN customer_detail AS customer ON customer.cd_id = header.oh_cd_id
  LEFT JOIN customer_profile AS profile ON profile.cp_customer_id = header.oh_cd_id
  LEFT JOIN user_detail AS rep ON rep.ud_id = profile.cp_sales_rep
 ORDER BY page.oh_id
