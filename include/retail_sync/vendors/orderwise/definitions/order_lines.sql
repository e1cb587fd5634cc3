-- OrderWise export definition for Retail Sync: the lines of some orders and credits, one row each.
--
-- Install
--   As the definition of orders tells, under the name "Retail Sync order lines"; its number goes to
--   source.settings.definitions.order_lines. "schema" and "agreed" mean what they mean there.
--
-- Key
--   oli_id
--
-- Parameters
--   @ids       NVARCHAR(MAX)  the orders, such as ',17,18,25,'
--   @from_id   INT            the least of them, so that an index finds them
--   @to_id     INT            the greatest of them
--   @last_id   INT            only lines behind this one; 0 at first
--   @page      INT            so many lines at most
--
-- Columns
--   rows_here         INT            rows of this answer; one row says so even where there is no line
--   keys_left         INT            lines from here on, these included; NULL where there are none
--   oli_id            INT            the line
--   oh_id             INT            its order or credit
--   variant_id        INT            NULL for a line of text with an amount
--   product_id        INT
--   sku               NVARCHAR(60)   may end with blanks
--   name              NVARCHAR(255)  as printed; schema
--   colour            NVARCHAR(255)  agreed
--   size              NVARCHAR(255)  agreed
--   quantity          FLOAT          what was ordered less what was cancelled
--   cancelled         FLOAT          what was cancelled; schema
--   item_gross        FLOAT          the price of one, with tax; schema
--   list_gross        FLOAT          what one costs when it is not marked down, with tax; schema
--   collection        NVARCHAR(255)  agreed
--   gift_card         BIT            agreed
--   sold_alone        BIT            0 for what is only a part of a kit
--   original_line_id  INT            of a credit: the line that it credits; schema
SELECT COUNT(*) OVER () AS rows_here,
       page.keys_left,
       page.oli_id,
       line.oli_oh_id AS oh_id,
       line.oli_vad_id AS variant_id,
       variant.vad_pd_id AS product_id,
       variant.vad_variant_code AS sku,
       COALESCE(line.oli_description, variant.vad_description) AS name,
       analysis.vaa_c_1 AS colour,
       analysis.vaa_c_2 AS size,
       line.oli_qty_required AS quantity,
       line.oli_qty_cancelled AS cancelled,
       line.oli_item_gross AS item_gross,
       line.oli_item_list_gross AS list_gross,
       product.pa_c_2 AS collection,
       analysis.vaa_l_1 AS gift_card,
       variant.vad_sale_variant AS sold_alone,
       COALESCE(line.oli_original_oli_id,
                (SELECT MIN(credited.oli_id)
                   FROM order_line_item AS credited
                  WHERE credited.oli_oh_id = header.oh_original_oh_id AND credited.oli_vad_id = line.oli_vad_id))
           AS original_line_id
  FROM (SELECT 1 AS asked) AS question
  LEFT JOIN (SELECT TOP (CAST(@page AS INT)) item.oli_id, COUNT(*) OVER () AS keys_left
               FROM order_line_item AS item
              WHERE item.oli_oh_id >= @from_id AND item.oli_oh_id <= @to_id
                AND CHARINDEX(',' + CAST(item.oli_oh_id AS NVARCHAR(12)) + ',', @ids) > 0
                AND item.oli_id > @last_id
              ORDER BY item.oli_id) AS page ON 1 = 1
  LEFT JOIN order_line_item AS line ON line.oli_id = page.oli_id
  LEFT JOIN order_header AS header ON header.oh_id = line.oli_oh_id
  LEFT JOIN variant_detail AS variant ON variant.vad_id = line.oli_vad_id
  LEFT JOIN variant_analysis AS analysis ON analysis.vaa_vad_id = line.oli_vad_id
  LEFT JOIN product_analysis AS product ON product.pa_pd_id = variant.vad_pd_id
 ORDER BY page.oli_id
