-- The tables of the invented OrderWise database, as far as an export definition may read them.
--
-- The engine is sqlite, so types are read loosely: amounts are FLOAT and leave the sandbox rounded, DATETIME is text
-- such as 2018-11-06T11:14:05.087 in the server's local time without a zone, BIT is 0, 1 or NULL.
-- Where nothing is said, table and columns are those that working integrations read. "ASSUMED" marks what no public
-- source shows and this sandbox has decided in some way: the customer's own schema decides in earnest.

-- Lists ---------------------------------------------------------------------------------------------------------------

-- The texts are the customer's own, and exact.
CREATE TABLE order_status (
    os_id INTEGER PRIMARY KEY,
    os_description NVARCHAR(60)
);

-- ASSUMED as a table. 1 order, 2 quote, 3 paused, 4 credit, 5 schedule, 6 bulk; 8, 9 and 11 occur, without a name.
CREATE TABLE sales_order_type (
    sot_id INTEGER PRIMARY KEY,
    sot_description NVARCHAR(60)
);

-- ASSUMED as a table: one e-commerce session for each website or marketplace that sends orders.
CREATE TABLE ecommerce_session (
    es_id INTEGER PRIMARY KEY,
    es_name NVARCHAR(60)
);

-- ASSUMED as a table; c_id is what vafp_c_id names.
CREATE TABLE currency (
    c_id INTEGER PRIMARY KEY,
    c_code NVARCHAR(3),
    c_symbol NVARCHAR(5)
);

CREATE TABLE vat_rate (
    vr_id INTEGER PRIMARY KEY,
    vr_vat_rate FLOAT,
    vr_vat_code NVARCHAR(20)
);

CREATE TABLE stock_location (
    sl_id INTEGER PRIMARY KEY,
    sl_name NVARCHAR(60)
);

-- A despatch is followed at cod_tracking_url_prefix + its consignment number + cod_tracking_url_suffix.
-- A prefix that is NULL or empty belongs to a courier for whom nobody has entered one. ASSUMED: cod_name.
CREATE TABLE courier_detail (
    cod_id INTEGER PRIMARY KEY,
    cod_name NVARCHAR(60),
    cod_tracking_url_prefix NVARCHAR(255),
    cod_tracking_url_suffix NVARCHAR(255)
);

-- ASSUMED: dm_description. A method without a courier (dm_cod_id NULL) is collection or the like.
CREATE TABLE delivery_method (
    dm_id INTEGER PRIMARY KEY,
    dm_description NVARCHAR(60),
    dm_cod_id INTEGER
);

-- Customers -----------------------------------------------------------------------------------------------------------

-- Evidenced: cd_id, cd_statement_name, cd_invoice_name, cd_account_customer. ASSUMED: the rest, called as in REST.
-- The invoice block is NULL where it is the same as the statement's.
-- cd_statement_email may hold several addresses, and cd_statement_website what is no website: people have typed it.
-- cd_closed: the account is not used any longer, such as one that was merged into cd_merged_into_id.
CREATE TABLE customer_detail (
    cd_id INTEGER PRIMARY KEY,
    cd_account_number NVARCHAR(30),
    cd_statement_name NVARCHAR(100),
    cd_statement_address_1 NVARCHAR(100),
    cd_statement_address_2 NVARCHAR(100),
    cd_statement_address_3 NVARCHAR(100),
    cd_statement_town NVARCHAR(60),
    cd_statement_county NVARCHAR(60),
    cd_statement_postcode NVARCHAR(20),
    cd_statement_country NVARCHAR(60),
    cd_statement_country_code NVARCHAR(2),
    cd_statement_email NVARCHAR(255),
    cd_statement_website NVARCHAR(255),
    cd_statement_telephone NVARCHAR(60),
    cd_invoice_name NVARCHAR(100),
    cd_invoice_email NVARCHAR(255),
    cd_account_customer BIT,
    cd_on_hold BIT,
    cd_closed BIT,
    cd_merged_into_id INTEGER,
    cd_c_id INTEGER,
    cd_input_datetime DATETIME,
    cd_last_amended_datetime DATETIME
);
CREATE INDEX customer_detail_amended ON customer_detail (cd_last_amended_datetime);
CREATE INDEX customer_detail_account ON customer_detail (cd_account_number);

-- ASSUMED as a table. cc_id counts over all customers.
CREATE TABLE customer_contact (
    cc_id INTEGER PRIMARY KEY,
    cc_cd_id INTEGER,
    cc_name NVARCHAR(100),
    cc_email NVARCHAR(255),
    cc_telephone NVARCHAR(60),
    cc_mobile NVARCHAR(60),
    cc_fax NVARCHAR(60),
    cc_input_datetime DATETIME,
    cc_last_amended_datetime DATETIME
);
CREATE INDEX customer_contact_customer ON customer_contact (cc_cd_id);
CREATE INDEX customer_contact_amended ON customer_contact (cc_last_amended_datetime);

-- Evidenced: cp_customer_id, cp_sales_rep and the two of user_detail. Internal accounts have no representative.
CREATE TABLE customer_profile (
    cp_customer_id INTEGER PRIMARY KEY,
    cp_sales_rep INTEGER
);

CREATE TABLE user_detail (
    ud_id INTEGER PRIMARY KEY,
    ud_username NVARCHAR(60)
);

-- Analysis fields mean what the customer says they mean; they are the same fifty everywhere. ASSUMED: the tables for
-- customers, contacts and orders, by the pattern of those for products and variants.
-- Here: l_1 of a contact or of a customer (a setting) is the newsletter, with the time of its last change in d_1;
-- d_2 of a customer is the date of birth.
CREATE TABLE customer_analysis (
    ca_cd_id INTEGER PRIMARY KEY,
    ca_c_1 NVARCHAR(255), ca_c_2 NVARCHAR(255), ca_c_3 NVARCHAR(255), ca_c_4 NVARCHAR(255), ca_c_5 NVARCHAR(255),
    ca_c_6 NVARCHAR(255), ca_c_7 NVARCHAR(255), ca_c_8 NVARCHAR(255), ca_c_9 NVARCHAR(255), ca_c_10 NVARCHAR(255),
    ca_d_1 DATETIME, ca_d_2 DATETIME, ca_d_3 DATETIME, ca_d_4 DATETIME, ca_d_5 DATETIME,
    ca_d_6 DATETIME, ca_d_7 DATETIME, ca_d_8 DATETIME, ca_d_9 DATETIME, ca_d_10 DATETIME,
    ca_l_1 BIT, ca_l_2 BIT, ca_l_3 BIT, ca_l_4 BIT, ca_l_5 BIT,
    ca_l_6 BIT, ca_l_7 BIT, ca_l_8 BIT, ca_l_9 BIT, ca_l_10 BIT,
    ca_m_1 NTEXT, ca_m_2 NTEXT, ca_m_3 NTEXT, ca_m_4 NTEXT, ca_m_5 NTEXT,
    ca_m_6 NTEXT, ca_m_7 NTEXT, ca_m_8 NTEXT, ca_m_9 NTEXT, ca_m_10 NTEXT,
    ca_n_1 FLOAT, ca_n_2 FLOAT, ca_n_3 FLOAT, ca_n_4 FLOAT, ca_n_5 FLOAT,
    ca_n_6 FLOAT, ca_n_7 FLOAT, ca_n_8 FLOAT, ca_n_9 FLOAT, ca_n_10 FLOAT
);

CREATE TABLE customer_contact_analysis (
    cca_cc_id INTEGER PRIMARY KEY,
    cca_c_1 NVARCHAR(255), cca_c_2 NVARCHAR(255), cca_c_3 NVARCHAR(255), cca_c_4 NVARCHAR(255), cca_c_5 NVARCHAR(255),
    cca_c_6 NVARCHAR(255), cca_c_7 NVARCHAR(255), cca_c_8 NVARCHAR(255), cca_c_9 NVARCHAR(255), cca_c_10 NVARCHAR(255),
    cca_d_1 DATETIME, cca_d_2 DATETIME, cca_d_3 DATETIME, cca_d_4 DATETIME, cca_d_5 DATETIME,
    cca_d_6 DATETIME, cca_d_7 DATETIME, cca_d_8 DATETIME, cca_d_9 DATETIME, cca_d_10 DATETIME,
    cca_l_1 BIT, cca_l_2 BIT, cca_l_3 BIT, cca_l_4 BIT, cca_l_5 BIT,
    cca_l_6 BIT, cca_l_7 BIT, cca_l_8 BIT, cca_l_9 BIT, cca_l_10 BIT,
    cca_m_1 NTEXT, cca_m_2 NTEXT, cca_m_3 NTEXT, cca_m_4 NTEXT, cca_m_5 NTEXT,
    cca_m_6 NTEXT, cca_m_7 NTEXT, cca_m_8 NTEXT, cca_m_9 NTEXT, cca_m_10 NTEXT,
    cca_n_1 FLOAT, cca_n_2 FLOAT, cca_n_3 FLOAT, cca_n_4 FLOAT, cca_n_5 FLOAT,
    cca_n_6 FLOAT, cca_n_7 FLOAT, cca_n_8 FLOAT, cca_n_9 FLOAT, cca_n_10 FLOAT
);

-- Goods ---------------------------------------------------------------------------------------------------------------

-- ASSUMED: pd_input_datetime, pd_last_amended_datetime.
CREATE TABLE product_detail (
    pd_id INTEGER PRIMARY KEY,
    pd_product_code NVARCHAR(60),
    pd_description NVARCHAR(255),
    pd_input_datetime DATETIME,
    pd_last_amended_datetime DATETIME
);
CREATE INDEX product_detail_amended ON product_detail (pd_last_amended_datetime);

-- Here: c_1 is the brand, c_2 the collection, m_1 the address of a picture. ASSUMED: pa_pd_id.
CREATE TABLE product_analysis (
    pa_pd_id INTEGER PRIMARY KEY,
    pa_c_1 NVARCHAR(255), pa_c_2 NVARCHAR(255), pa_c_3 NVARCHAR(255), pa_c_4 NVARCHAR(255), pa_c_5 NVARCHAR(255),
    pa_c_6 NVARCHAR(255), pa_c_7 NVARCHAR(255), pa_c_8 NVARCHAR(255), pa_c_9 NVARCHAR(255), pa_c_10 NVARCHAR(255),
    pa_d_1 DATETIME, pa_d_2 DATETIME, pa_d_3 DATETIME, pa_d_4 DATETIME, pa_d_5 DATETIME,
    pa_d_6 DATETIME, pa_d_7 DATETIME, pa_d_8 DATETIME, pa_d_9 DATETIME, pa_d_10 DATETIME,
    pa_l_1 BIT, pa_l_2 BIT, pa_l_3 BIT, pa_l_4 BIT, pa_l_5 BIT,
    pa_l_6 BIT, pa_l_7 BIT, pa_l_8 BIT, pa_l_9 BIT, pa_l_10 BIT,
    pa_m_1 NTEXT, pa_m_2 NTEXT, pa_m_3 NTEXT, pa_m_4 NTEXT, pa_m_5 NTEXT,
    pa_m_6 NTEXT, pa_m_7 NTEXT, pa_m_8 NTEXT, pa_m_9 NTEXT, pa_m_10 NTEXT,
    pa_n_1 FLOAT, pa_n_2 FLOAT, pa_n_3 FLOAT, pa_n_4 FLOAT, pa_n_5 FLOAT,
    pa_n_6 FLOAT, pa_n_7 FLOAT, pa_n_8 FLOAT, pa_n_9 FLOAT, pa_n_10 FLOAT
);

-- vad_variant_code is the SKU. vad_sale_variant 0 is not sold by itself, such as a part of a kit.
CREATE TABLE variant_detail (
    vad_id INTEGER PRIMARY KEY,
    vad_pd_id INTEGER,
    vad_variant_code NVARCHAR(60),
    vad_description NVARCHAR(255),
    vad_abv_description NVARCHAR(60),
    vad_ean_code NVARCHAR(20),
    vad_weight FLOAT,
    vad_length FLOAT,
    vad_width FLOAT,
    vad_depth FLOAT,
    vad_uom NVARCHAR(20),
    vad_quantity FLOAT,
    vad_sale_variant BIT,
    vad_commodity_code NVARCHAR(20),
    vad_country_code_of_origin NVARCHAR(2),
    vad_input_datetime DATETIME,
    vad_last_amended_datetime DATETIME
);
CREATE INDEX variant_detail_product ON variant_detail (vad_pd_id);
CREATE INDEX variant_detail_amended ON variant_detail (vad_last_amended_datetime);

-- Here: l_1 is a gift card, c_1 the colour, c_2 the size, n_1 the customer's own number of the variant.
CREATE TABLE variant_analysis (
    vaa_vad_id INTEGER PRIMARY KEY,
    vaa_c_1 NVARCHAR(255), vaa_c_2 NVARCHAR(255), vaa_c_3 NVARCHAR(255), vaa_c_4 NVARCHAR(255), vaa_c_5 NVARCHAR(255),
    vaa_c_6 NVARCHAR(255), vaa_c_7 NVARCHAR(255), vaa_c_8 NVARCHAR(255), vaa_c_9 NVARCHAR(255), vaa_c_10 NVARCHAR(255),
    vaa_d_1 DATETIME, vaa_d_2 DATETIME, vaa_d_3 DATETIME, vaa_d_4 DATETIME, vaa_d_5 DATETIME,
    vaa_d_6 DATETIME, vaa_d_7 DATETIME, vaa_d_8 DATETIME, vaa_d_9 DATETIME, vaa_d_10 DATETIME,
    vaa_l_1 BIT, vaa_l_2 BIT, vaa_l_3 BIT, vaa_l_4 BIT, vaa_l_5 BIT,
    vaa_l_6 BIT, vaa_l_7 BIT, vaa_l_8 BIT, vaa_l_9 BIT, vaa_l_10 BIT,
    vaa_m_1 NTEXT, vaa_m_2 NTEXT, vaa_m_3 NTEXT, vaa_m_4 NTEXT, vaa_m_5 NTEXT,
    vaa_m_6 NTEXT, vaa_m_7 NTEXT, vaa_m_8 NTEXT, vaa_m_9 NTEXT, vaa_m_10 NTEXT,
    vaa_n_1 FLOAT, vaa_n_2 FLOAT, vaa_n_3 FLOAT, vaa_n_4 FLOAT, vaa_n_5 FLOAT,
    vaa_n_6 FLOAT, vaa_n_7 FLOAT, vaa_n_8 FLOAT, vaa_n_9 FLOAT, vaa_n_10 FLOAT
);

CREATE TABLE variant_setting (
    vas_vad_id INTEGER PRIMARY KEY,
    vas_kit_variant BIT,
    vas_discontinued_product BIT
);

CREATE TABLE variant_foreign_price (
    vafp_vad_id INTEGER,
    vafp_c_id INTEGER,
    vafp_rsp_exc_vat FLOAT,
    vafp_rsp_inc_vat FLOAT,
    vafp_vr_id INTEGER,
    vafp_input_datetime DATETIME,
    vafp_last_amended_datetime DATETIME,
    PRIMARY KEY (vafp_vad_id, vafp_c_id)
);
CREATE INDEX variant_foreign_price_amended ON variant_foreign_price (vafp_last_amended_datetime);

-- Free stock may be negative. A kit has none of its own: it is what its parts allow.
CREATE TABLE variant_stock_quantity (
    vasq_vad_id INTEGER PRIMARY KEY,
    vasq_free_stock_quantity FLOAT,
    vasq_stock_levels_last_calculated DATETIME
);
CREATE INDEX variant_stock_quantity_calculated ON variant_stock_quantity (vasq_stock_levels_last_calculated);

CREATE TABLE variant_stock_location (
    vsl_vad_id INTEGER,
    vsl_sl_id INTEGER,
    vsl_free_stock_quantity FLOAT,
    vsl_overall_stock_quantity FLOAT,
    PRIMARY KEY (vsl_vad_id, vsl_sl_id)
);

-- What a kit is made of. ASSUMED: all columns but their prefixes.
CREATE TABLE variant_bom (
    vb_id INTEGER PRIMARY KEY,
    vb_vad_id INTEGER
);
CREATE INDEX variant_bom_kit ON variant_bom (vb_vad_id);

CREATE TABLE variant_bom_component (
    vbc_id INTEGER PRIMARY KEY,
    vbc_vb_id INTEGER,
    vbc_vad_id INTEGER,
    vbc_quantity FLOAT
);
CREATE INDEX variant_bom_component_bom ON variant_bom_component (vbc_vb_id);
CREATE INDEX variant_bom_component_variant ON variant_bom_component (vbc_vad_id);

-- Sales ---------------------------------------------------------------------------------------------------------------

-- Everybody without an account is booked on ONE shared customer, account number WEB. Its orders are told apart
-- by the e-mail address they are delivered to, and a marketplace's orders by their session. Wholesale orders
-- are keyed in, on an account with cd_account_customer 1.
-- Evidenced: oh_id, oh_order_number, oh_datetime, oh_cd_id, oh_sot_id, oh_os_id, oh_sl_id, oh_cust_order_ref,
-- oh_order_complete. ASSUMED:
--   oh_es_id                   the session that sent the order; NULL where it was keyed in
--   oh_ecommerce_order_number  the number that the website or marketplace gave it, which is the one that shoppers know;
--                              NULL where it was keyed in. oh_order_number is OrderWise's own
--   oh_c_id, oh_exchange_rate  the order's currency; one unit of it times the rate is the company's own currency
--   oh_original_oh_id          of a credit: the order that it credits
-- A credit (oh_sot_id 4, by a setting 9 for money without goods) is an order of its own, all of its amounts positive.
CREATE TABLE order_header (
    oh_id INTEGER PRIMARY KEY,
    oh_order_number NVARCHAR(30),
    oh_datetime DATETIME,
    oh_cd_id INTEGER,
    oh_sot_id INTEGER,
    oh_os_id INTEGER,
    oh_sl_id INTEGER,
    oh_cust_order_ref NVARCHAR(60),
    oh_order_complete BIT,
    oh_es_id INTEGER,
    oh_ecommerce_order_number NVARCHAR(30),
    oh_c_id INTEGER,
    oh_exchange_rate FLOAT,
    oh_original_oh_id INTEGER
);
CREATE INDEX order_header_datetime ON order_header (oh_datetime);
CREATE INDEX order_header_customer ON order_header (oh_cd_id);
CREATE INDEX order_header_original ON order_header (oh_original_oh_id);
CREATE INDEX order_header_type ON order_header (oh_sot_id, oh_id);
CREATE INDEX order_header_number ON order_header (oh_ecommerce_order_number);

-- A despatch does not move ohd_last_amended_datetime (a setting). ohd_dm_id is the method of the first despatch.
CREATE TABLE order_header_detail (
    ohd_oh_id INTEGER PRIMARY KEY,
    ohd_dm_id INTEGER,
    ohd_last_amended_datetime DATETIME
);
CREATE INDEX order_header_detail_amended ON order_header_detail (ohd_last_amended_datetime);

-- Evidenced: oht_oh_id, oht_net, oht_total_margin, oht_weight. ASSUMED: the others. oht_net + oht_vat = oht_gross, with
-- delivery and after dissurs; oht_delivery_net and _gross are the part of it that is delivery.
-- A cancelled quantity lowers the total; a cancelled order keeps its lines and its total; a credit lowers nothing here.
CREATE TABLE order_header_total (
    oht_oh_id INTEGER PRIMARY KEY,
    oht_net FLOAT,
    oht_vat FLOAT,
    oht_gross FLOAT,
    oht_delivery_net FLOAT,
    oht_delivery_gross FLOAT,
    oht_total_margin FLOAT,
    oht_weight FLOAT
);

-- Here: c_1 is the affiliate that led to an order of the web shop, c_2 the number of the order whose goods this
-- one replaces (a setting; off). ASSUMED: that OrderWise is told either.
CREATE TABLE order_header_analysis (
    oha_oh_id INTEGER PRIMARY KEY,
    oha_c_1 NVARCHAR(255), oha_c_2 NVARCHAR(255), oha_c_3 NVARCHAR(255), oha_c_4 NVARCHAR(255), oha_c_5 NVARCHAR(255),
    oha_c_6 NVARCHAR(255), oha_c_7 NVARCHAR(255), oha_c_8 NVARCHAR(255), oha_c_9 NVARCHAR(255), oha_c_10 NVARCHAR(255),
    oha_d_1 DATETIME, oha_d_2 DATETIME, oha_d_3 DATETIME, oha_d_4 DATETIME, oha_d_5 DATETIME,
    oha_d_6 DATETIME, oha_d_7 DATETIME, oha_d_8 DATETIME, oha_d_9 DATETIME, oha_d_10 DATETIME,
    oha_l_1 BIT, oha_l_2 BIT, oha_l_3 BIT, oha_l_4 BIT, oha_l_5 BIT,
    oha_l_6 BIT, oha_l_7 BIT, oha_l_8 BIT, oha_l_9 BIT, oha_l_10 BIT,
    oha_m_1 NTEXT, oha_m_2 NTEXT, oha_m_3 NTEXT, oha_m_4 NTEXT, oha_m_5 NTEXT,
    oha_m_6 NTEXT, oha_m_7 NTEXT, oha_m_8 NTEXT, oha_m_9 NTEXT, oha_m_10 NTEXT,
    oha_n_1 FLOAT, oha_n_2 FLOAT, oha_n_3 FLOAT, oha_n_4 FLOAT, oha_n_5 FLOAT,
    oha_n_6 FLOAT, oha_n_7 FLOAT, oha_n_8 FLOAT, oha_n_9 FLOAT, oha_n_10 FLOAT
);

-- ASSUMED as a table: where the order goes, and the shopper's own e-mail address.
CREATE TABLE order_delivery_address (
    oda_oh_id INTEGER PRIMARY KEY,
    oda_name NVARCHAR(100),
    oda_contact NVARCHAR(100),
    oda_address_1 NVARCHAR(100),
    oda_address_2 NVARCHAR(100),
    oda_address_3 NVARCHAR(100),
    oda_town NVARCHAR(60),
    oda_county NVARCHAR(60),
    oda_postcode NVARCHAR(20),
    oda_country NVARCHAR(60),
    oda_country_code NVARCHAR(2),
    oda_telephone NVARCHAR(60),
    oda_email NVARCHAR(255)
);

-- Evidenced: oli_id, oli_oh_id, oli_vad_id, oli_sl_id, oli_qty_required, oli_qty_tbsent, oli_date_required,
-- oli_date_promised, oli_os_id, oli_direct, oli_back_to_back. ASSUMED:
--   oli_line_number, oli_description  as printed; a line without a variant (oli_vad_id NULL) is a text with an amount
--   oli_item_net, oli_item_gross      the price of one
--   oli_item_list_gross               what one costs when it is not marked down
--   oli_vr_id                         its VAT rate
--   oli_qty_cancelled                 what was taken out; oli_qty_required is what was ordered less that
--   oli_original_oli_id               of a credit: the order line that it credits
CREATE TABLE order_line_item (
    oli_id INTEGER PRIMARY KEY,
    oli_oh_id INTEGER,
    oli_line_number INTEGER,
    oli_vad_id INTEGER,
    oli_description NVARCHAR(255),
    oli_sl_id INTEGER,
    oli_qty_required FLOAT,
    oli_qty_tbsent FLOAT,
    oli_qty_cancelled FLOAT,
    oli_item_net FLOAT,
    oli_item_gross FLOAT,
    oli_item_list_gross FLOAT,
    oli_vr_id INTEGER,
    oli_date_required DATETIME,
    oli_date_promised DATETIME,
    oli_os_id INTEGER,
    oli_direct BIT,
    oli_back_to_back BIT,
    oli_original_oli_id INTEGER
);
CREATE INDEX order_line_item_order ON order_line_item (oli_oh_id);

-- ASSUMED as a table: discounts (positive, they lower the total) and surcharges (negative) of a whole order; ohs_code
-- is the voucher, where there was one.
CREATE TABLE order_header_dissur (
    ohs_id INTEGER PRIMARY KEY,
    ohs_oh_id INTEGER,
    ohs_description NVARCHAR(100),
    ohs_code NVARCHAR(60),
    ohs_gross FLOAT
);
CREATE INDEX order_header_dissur_order ON order_header_dissur (ohs_oh_id);

-- ASSUMED as a table: money that has come in for an order. What goes back is a credit.
CREATE TABLE order_payment (
    op_id INTEGER PRIMARY KEY,
    op_oh_id INTEGER,
    op_description NVARCHAR(60),
    op_amount FLOAT,
    op_datetime DATETIME
);
CREATE INDEX order_payment_order ON order_payment (op_oh_id);

-- One row for each despatch, several for an order. Evidenced: dh_oh_id, dh_consignment_number, dh_datetime.
-- ASSUMED: dh_id, dh_number and dh_dm_id, the method by which it really went; NULL where nobody has said so.
CREATE TABLE delivery_header (
    dh_id INTEGER PRIMARY KEY,
    dh_oh_id INTEGER,
    dh_number NVARCHAR(30),
    dh_consignment_number NVARCHAR(60),
    dh_datetime DATETIME,
    dh_dm_id INTEGER
);
CREATE INDEX delivery_header_order ON delivery_header (dh_oh_id);
CREATE INDEX delivery_header_datetime ON delivery_header (dh_datetime);

-- ASSUMED as a table.
CREATE TABLE delivery_line_item (
    dli_id INTEGER PRIMARY KEY,
    dli_dh_id INTEGER,
    dli_oli_id INTEGER,
    dli_qty FLOAT
);
CREATE INDEX delivery_line_item_delivery ON delivery_line_item (dli_dh_id);
CREATE INDEX delivery_line_item_line ON delivery_line_item (dli_oli_id);
