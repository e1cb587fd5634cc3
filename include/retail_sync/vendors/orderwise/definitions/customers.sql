-- OrderWise export definition for Retail Sync: customers, one row for each of their contacts, or one where there is
-- none.
--
-- Install
--   As the definition of orders tells, under the name "Retail Sync customers"; its number goes to
--   source.settings.definitions.customers. "schema" and "agreed" mean what they mean there.
--   Which analysis fields hold consent and the date of birth is said in the pair file, under source.settings.consent
--   and source.settings.birth_date: nothing is to be changed here for them.
--   A further column whose name begins with attribute_ becomes an attribute of the customer, without that beginning.
--
-- Key
--   cd_id
--
-- Parameters (times are local times of this server, such as 2026-05-01T13:00:00.000)
--   @since       DATETIME       nothing that happened then or before
--   @until       DATETIME       nothing that happened later
--   @by          NVARCHAR(10)   'changed': entered or amended in that time, the customer or a contact; 'created':
--                               entered in it; 'all'; 'listed': those of @ids
--   @ids         NVARCHAR(MAX)  customers, such as ',17,18,25,'
--   @flag        INT            the analysis flag that is the consent, 1 to 10
--   @flag_date   INT            the analysis date that tells when it changed, 1 to 10; 0 for none
--   @birth_date  INT            the analysis date that is a customer's date of birth, 1 to 10; 0 for none
--   @last_id     INT            only customers behind this one; 0 at first
--   @page        INT            so many customers at most
--
-- Columns
--   rows_here           INT            rows of this answer; one row says so even where there is no customer
--   keys_left           INT            customers from here on, these included; NULL where there are none
--   cd_id               INT            the customer; all of its columns but two are schema
--   name                NVARCHAR(100)  not schema
--   email               NVARCHAR(255)  may hold several addresses, or something else
--   phone               NVARCHAR(60)
--   line_1              NVARCHAR(100)
--   line_2              NVARCHAR(100)
--   line_3              NVARCHAR(100)
--   town                NVARCHAR(60)
--   county              NVARCHAR(60)
--   postcode            NVARCHAR(20)
--   country             NVARCHAR(60)
--   code                NVARCHAR(2)    ISO 3166
--   merged_into         INT            the customer that this one has become
--   created_at          DATETIME
--   amended_at          DATETIME
--   flag                BIT            the consent flag of the customer
--   flag_at             DATETIME
--   birth_date          DATETIME
--   contact_id          INT            schema, as are all that follow down to contact_flag_at
--   contact_name        NVARCHAR(100)
--   contact_email       NVARCHAR(255)
--   contact_phone       NVARCHAR(60)
--   contact_created_at  DATETIME
--   contact_amended_at  DATETIME
--   contact_flag        BIT            the consent flag of the contact
--   contact_flag_at     DATETIME
--   attribute_category  NVARCHAR(10)   trade for an account customer, else retail; not schema
SELECT COUNT(*) OVER () AS rows_here,
       page.keys_left,
       page.cd_id,
       customer.cd_statement_name AS name,
       customer.cd_statement_email AS email,
       customer.cd_statement_telephone AS phone,
       customer.cd_statement_address_1 AS line_1,
       customer.cd_statement_address_2 AS line_2,
       customer.cd_statement_address_3 AS line_3,
       customer.cd_statement_town AS town,
       customer.cd_statement_county AS county,
       customer.cd_statement_postcode AS postcode,
       customer.cd_statement_country AS country,
       customer.cd_statement_country_code AS code,
       customer.cd_merged_into_id AS merged_into,
       customer.cd_input_datetime AS created_at,
       customer.cd_last_amended_datetime AS amended_at,
       CASE @flag WHEN 1 THEN own.ca_l_1 WHEN 2 THEN own.ca_l_2 WHEN 3 THEN own.ca_l_3 WHEN 4 THEN own.ca_l_4
                  WHEN 5 THEN own.ca_l_5 WHEN 6 THEN own.ca_l_6 WHEN 7 THEN own.ca_l_7 WHEN 8 THEN own.ca_l_8
                  WHEN 9 THEN own.ca_l_9 WHEN 10 THEN own.ca_l_10 END AS flag,
       CASE @flag_date WHEN 1 THEN own.ca_d_1 WHEN 2 THEN own.ca_d_2 WHEN 3 THEN own.ca_d_3 WHEN 4 THEN own.ca_d_4
                       WHEN 5 THEN own.ca_d_5 WHEN 6 THEN own.ca_d_6 WHEN 7 THEN own.ca_d_7 WHEN 8 THEN own.ca_d_8
                       WHEN 9 THEN own.ca_d_9 WHEN 10 THEN own.ca_d_10 END AS flag_at,
       CASE @birth_date WHEN 1 THEN own.ca_d_1 WHEN 2 THEN own.ca_d_2 WHEN 3 THEN own.ca_d_3 WHEN 4 THEN own.ca_d_4
                        WHEN 5 THEN own.ca_d_5 WHEN 6 THEN own.ca_d_6 WHEN 7 THEN own.ca_d_7 WHEN 8 THEN own.ca_d_8
                        WHEN 9 THEN own.ca_d_9 WHEN 10 THEN own.ca_d_10 END AS birth_date,
       contact.cc_id AS contact_id,
       contact.cc_name AS contact_name,
       contact.cc_email AS contact_email,
       COALESCE(contact.cc_mobile, contact.cc_telephone) AS contact_phone,
       contact.cc_input_datetime AS contact_created_at,
       contact.cc_last_amended_datetime AS contact_amended_at,
       CASE @flag WHEN 1 THEN its.cca_l_1 WHEN 2 THEN its.cca_l_2 WHEN 3 THEN its.cca_l_3 WHEN 4 THEN its.cca_l_4
                  WHEN 5 THEN its.cca_l_5 WHEN 6 THEN its.cca_l_6 WHEN 7 THEN its.cca_l_7 WHEN 8 THEN its.cca_l_8
                  WHEN 9 THEN its.cca_l_9 WHEN 10 THEN its.cca_l_10 END AS contact_flag,
       CASE @flag_date WHEN 1 THEN its.cca_d_1 WHEN 2 THEN its.cca_d_2 WHEN 3 THEN its.cca_d_3 WHEN 4 THEN its.cca_d_4
                       WHEN 5 THEN its.cca_d_5 WHEN 6 THEN its.cca_d_6 WHEN 7 THEN its.cca_d_7 WHEN 8 THEN its.cca_d_8
                       WHEN 9 THEN its.cca_d_9 WHEN 10 THEN its.cca_d_10 END AS contact_flag_at,
       CASE WHEN customer.cd_account_customer = 1 THEN 'trade' ELSE 'retail' END AS attribute_category
  FROM (SELECT 1 AS asked) AS question
  LEFT JOIN (SELECT TOP (CAST(@page AS INT)) chosen.cd_id, COUNT(*) OVER () AS keys_left
               FROM (SELECT entered.cd_id
                       FROM customer_detail AS entered
                      WHERE (@by = 'changed' OR @by = 'created')
                        AND entered.cd_input_datetime > @since AND entered.cd_input_datetime <= @until
                      UNION
                     SELECT amended.cd_id
                       FROM customer_detail AS amended
                      WHERE @by = 'changed' AND amended.cd_last_amended_datetime > @since
                        AND amended.cd_last_amended_datetime <= @until
                      UNION
                     SELECT called.cc_cd_id
                       FROM customer_contact AS called
                      WHERE @by = 'changed' AND called.cc_last_amended_datetime > @since
                        AND called.cc_last_amended_datetime <= @until
                      UNION
                     SELECT asked_for.cd_id
                       FROM customer_detail AS asked_for
                      WHERE @by = 'all'
                         OR @by = 'listed'
                        AND CHARINDEX(',' + CAST(asked_for.cd_id AS NVARCHAR(12)) + ',', @ids) > 0
                    ) AS chosen
              WHERE chosen.cd_id > @last_id
              ORDER BY chosen.cd_id) AS page ON 1 = 1
  LEFT JOIN customer_detail AS customer ON customer.cd_id = page.cd_id
  LEFT JOIN customer_analysis AS own ON own.ca_cd_id = page.cd_id
  LEFT JOIN customer_contact AS contact ON contact.cc_cd_id = page.cd_id
  LEFT JOIN customer_contact_analysis AS its ON its.cca_cc_id = contact.cc_id
 ORDER BY page.cd_id, contact.cc_id
