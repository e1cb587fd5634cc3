-- OrderWise export definition for Retail Sync: products, one row for each price of each variant, or one where a variant
-- has no price. A price is of one currency.
--
-- Install
--   As the definition of orders tells, under the name "Retail Sync products"; its number goes to
--   source.settings.definitions.products. "schema" and "agreed" mean what they mean there.
--
-- Key
--   pd_id
--
-- Parameters (times are local times of this server, such as 2026-05-01T13:00:00.000)
--   @since     DATETIME       nothing that happened then or before
--   @until     DATETIME       nothing that happened later
--   @by        NVARCHAR(10)   'changed': the product, a variant or a price was entered or amended in that time;
--                             'created': a variant was entered in it; 'all'; 'listed': those of @ids
--   @ids       NVARCHAR(MAX)  products, such as ',17,18,25,'
--   @last_id   INT            only products behind this one; 0 at first
--   @page      INT            so many products at most
--
-- Columns
--   rows_here           INT            rows of this answer; one row says so even where there is no product
--   keys_left           INT            products from here on, these included; NULL where there are none
--   pd_id               INT            the product
--   product_code        NVARCHAR(60)
--   product_name        NVARCHAR(255)
--   amended_at          DATETIME       schema
--   brand               NVARCHAR(255)  agreed
--   collection          NVARCHAR(255)  agreed
--   image               NVARCHAR(500)  the address of a picture; agreed
--   variant_id          INT            NULL where the product has none
--   sku                 NVARCHAR(60)   may end with blanks
--   variant_name        NVARCHAR(255)
--   colour              NVARCHAR(255)  agreed
--   size                NVARCHAR(255)  agreed
--   variant_created_at  DATETIME
--   variant_amended_at  DATETIME
--   sold_alone          BIT            0 for what is only a part of a kit
--   discontinued        BIT
--   currency            NVARCHAR(3)    of the price; schema
--   price_gross         FLOAT          with tax
--   price_amended_at    DATETIME
SELECT COUNT(*) OVER () AS rows_here,
       page.keys_left,
       page.pd_id,
       product.pd_product_code AS product_code,
       product.pd_description AS product_name,
       product.pd_last_amended_datetime AS amended_at,
       analysis.pa_c_1 AS brand,
       analysis.pa_c_2 AS collection,
       analysis.pa_m_1 AS image,
       variant.vad_id AS variant_id,
       variant.vad_variant_code AS sku,
       variant.vad_description AS variant_name,
       looks.vaa_c_1 AS colour,
       looks.vaa_c_2 AS size,
       variant.vad_input_datetime AS variant_created_at,
       variant.vad_last_amended_datetime AS variant_amended_at,
       variant.vad_sale_variant AS sold_alone,
       setting.vas_discontinued_product AS discontinued,
       money.c_code AS currency,
       price.vafp_rsp_inc_vat AS price_gross,
       price.vafp_last_amended_datetime AS price_amended_at
  FROM (SELECT 1 AS asked) AS question
  LEFT JOIN (SELECT TOP (CAST(@page AS INT)) chosen.pd_id, COUNT(*) OVER () AS keys_left
               FROM (SELECT amended.pd_id
                       FROM product_detail AS amended
                      WHERE @by = 'changed' AND amended.pd_last_amended_datetime > @since
                        AND amended.pd_last_amended_datetime <= @until
                      UNION
                     SELECT entered.vad_pd_id
                       FROM variant_detail AS entered
                      WHERE (@by = 'changed' OR @by = 'created')
                        AND entered.vad_input_datetime > @since AND entered.vad_input_datetime <= @until
                      UNION
                     SELECT varied.vad_pd_id
                       FROM variant_detail AS varied
                      WHERE @by = 'changed' AND varied.vad_last_amended_datetime > @since
                        AND varied.vad_last_amended_datetime <= @until
                      UNION
                     SELECT priced.vad_pd_id
                       FROM variant_foreign_price AS marked
                       JOIN variant_detail AS priced ON priced.vad_id = marked.vafp_vad_id
                      WHERE @by = 'changed' AND marked.vafp_last_amended_datetime > @since
                        AND marked.vafp_last_amended_datetime <= @until
                      UNION
                     SELECT asked_for.pd_id
                       FROM product_detail AS asked_for
                      WHERE @by = 'all'
                         OR @by = 'listed'
                        AND CHARINDEX(',' + CAST(asked_for.pd_id AS NVARCHAR(12)) + ',', @ids) > 0
                    ) AS chosen
              WHERE chosen.pd_id > @last_id
              ORDER BY chosen.pd_id) AS page ON 1 = 1
  LEFT JOIN product_detail AS product ON product.pd_id = page.pd_id
  LEFT JOIN product_analysis AS analysis ON analysis.pa_pd_id = page.pd_id
  LEFT JOIN variant_detail AS variant ON variant.vad_pd_id = page.pd_id
  LEFT JOIN variant_analysis AS looks ON looks.vaa_vad_id = variant.vad_id
  LEFT JOIN variant_setting AS setting ON setting.vas_vad_id = variant.vad_id
  LEFT JOIN variant_foreign_price AS price ON price.vafp_vad_id = variant.vad_id
  LEFT JOIN currency AS money ON money.c_id = price.vafp_c_id
 ORDER BY page.pd_id, variant.vad_id
