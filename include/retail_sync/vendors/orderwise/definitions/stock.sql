-- OrderWise export definition for Retail Sync: the free stock of products, one row for each variant; of a kit one row
-- for each of its parts, since a kit has no stock of its own.
--
-- Install
--   As the definition of orders tells, under the name "Retail Sync stock"; its number goes to
--   source.settings.definitions.stock. "schema" means what it means there.
--   Where only some warehouses serve the shop, sum what variant_stock_location has of theirs (vsl_free_stock_quantity)
--   instead.
--
-- Key
--   pd_id
--
-- Parameters (times are local times of this server, such as 2026-05-01T13:00:00.000)
--   @since     DATETIME       nothing that was calculated then or before
--   @until     DATETIME       nothing that was calculated later
--   @by        NVARCHAR(10)   'changed': products of which a variant, or a part of a kit, was calculated in that time;
--                             'listed': those of @ids
--   @ids       NVARCHAR(MAX)  products, such as ',17,18,25,'
--   @last_id   INT            only products behind this one; 0 at first
--   @page      INT            so many products at most
--
-- Columns
--   rows_here           INT       rows of this answer; one row says so even where there is no product
--   keys_left           INT       products from here on, these included; NULL where there are none
--   pd_id               INT       the product
--   variant_id          INT       NULL where the product has none
--   kit                 BIT
--   free                FLOAT     may be below zero
--   calculated_at       DATETIME
--   part_id             INT       of a kit: a variant that is in it; schema
--   part_quantity       FLOAT     how many of it are in one kit; schema
--   part_free           FLOAT
--   part_calculated_at  DATETIME
SELECT COUNT(*) OVER () AS rows_here,
       page.keys_left,
       page.pd_id,
       variant.vad_id AS variant_id,
       setting.vas_kit_variant AS kit,
       held.vasq_free_stock_quantity AS free,
       held.vasq_stock_levels_last_calculated AS calculated_at,
       part.vbc_vad_id AS part_id,
       part.vbc_quantity AS part_quantity,
       part_held.vasq_free_stock_quantity AS part_free,
       part_held.vasq_stock_levels_last_calculated AS part_calculated_at
  FROM (SELECT 1 AS asked) AS question
  LEFT JOIN (SELECT TOP (CAST(@page AS INT)) chosen.pd_id, COUNT(*) OVER () AS keys_left
               FROM (SELECT moved.vad_pd_id AS pd_id
                       FROM variant_stock_quantity AS counted
                       JOIN variant_detail AS moved ON moved.vad_id = counted.vasq_vad_id
                      WHERE @by = 'changed' AND counted.vasq_stock_levels_last_calculated > @since
                        AND counted.vasq_stock_levels_last_calculated <= @until
                      UNION
                     SELECT kit.vad_pd_id
                       FROM variant_stock_quantity AS counted_part
                       JOIN variant_bom_component AS component ON component.vbc_vad_id = counted_part.vasq_vad_id
                       JOIN variant_bom AS bom ON bom.vb_id = component.vbc_vb_id
                       JOIN variant_detail AS kit ON kit.vad_id = bom.vb_vad_id
                      WHERE @by = 'changed' AND counted_part.vasq_stock_levels_last_calculated > @since
                        AND counted_part.vasq_stock_levels_last_calculated <= @until
                      UNION
                     SELECT asked_for.pd_id
                       FROM product_detail AS asked_for
                      WHERE @by = 'listed'
                        AND CHARINDEX(',' + CAST(asked_for.pd_id AS NVARCHAR(12)) + ',', @ids) > 0
                    ) AS chosen
              WHERE chosen.pd_id > @last_id
              ORDER BY chosen.pd_id) AS page ON 1 = 1
  LEFT JOIN variant_detail AS variant ON variant.vad_pd_id = page.pd_id
  LEFT JOIN variant_setting AS setting ON setting.vas_vad_id = variant.vad_id
  LEFT JOIN variant_stock_quantity AS held ON held.vasq_vad_id = variant.vad_id
  LEFT JOIN variant_bom AS made ON made.vb_vad_id = variant.vad_id AND setting.vas_kit_variant = 1
  LEFT JOIN variant_bom_component AS part ON part.vbc_vb_id = made.vb_id
  LEFT JOIN variant_stock_quantity AS part_held ON part_held.vasq_vad_id = part.vbc_vad_id
 ORDER BY page.pd_id, variant.vad_id
