-- Per pair: accepted records, who is who, what each order is worth, and the facts of each person.
create schema people;

-- Small letters for capitals, the same in every locale and every version: those of `model.email.SMALL`.
create function people.in_small_letters(address text) returns text
    language sql immutable parallel safe
    return translate(
               replace(lower(address collate "C"), 'İ', U&'i\0307'),
               'ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞĀĂĄĆĈĊČĎĐĒĔĖĘĚĜĞĠĢĤĦĨĪĬĮĲĴĶĹĻĽĿŁŃŅŇŊŌŎŐŒŔŖŘŚŜŞŠŢŤŦŨŪŬŮŰŲŴŶŸŹŻŽƁƂƄƆƇƉ'
               'ƊƋƎƏƐƑƓƔƖƗƘƜƝƟƠƢƤƦƧƩƬƮƯƱƲƳƵƷƸƼǄǅǇǈǊǋǍǏǑǓǕǗǙǛǞǠǢǤǦǨǪǬǮǱǲǴǶǷǸǺǼǾȀȂȄȆȈȊȌȎȐȒȔȖȘȚȜȞȠȢȤȦȨȪȬȮȰȲȺȻȽȾɁɃɄɅɆɈ'
               'ɊɌɎͰͲͶͿΆΈΉΊΌΎΏΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΪΫϏϘϚϜϞϠϢϤϦϨϪϬϮϴϷϹϺϽϾϿЀЁЂЃЄЅІЇЈЉЊЋЌЍЎЏАБВГДЕЖЗИЙКЛМНОПРСТУФХ'
               'ЦЧШЩЪЫЬЭЮЯѠѢѤѦѨѪѬѮѰѲѴѶѸѺѼѾҀҊҌҎҐҒҔҖҘҚҜҞҠҢҤҦҨҪҬҮҰҲҴҶҸҺҼҾӀӁӃӅӇӉӋӍӐӒӔӖӘӚӜӞӠӢӤӦӨӪӬӮӰӲӴӶӸӺӼӾԀԂԄԆԈԊԌԎԐԒԔԖ'
               'ԘԚԜԞԠԢԤԦԨԪԬԮḀḂḄḆḈḊḌḎḐḒḔḖḘḚḜḞḠḢḤḦḨḪḬḮḰḲḴḶḸḺḼḾṀṂṄṆṈṊṌṎṐṒṔṖṘṚṜṞṠṢṤṦṨṪṬṮṰṲṴṶṸṺṼṾẀẂẄẆẈẊẌẎẐẒẔẞẠẢẤẦẨẪẬẮẰẲ'
               'ẴẶẸẺẼẾỀỂỄỆỈỊỌỎỐỒỔỖỘỚỜỞỠỢỤỦỨỪỬỮỰỲỴỶỸỺỼỾς',
               'àáâãäåæçèéêëìíîïðñòóôõöøùúûüýþāăąćĉċčďđēĕėęěĝğġģĥħĩīĭįĳĵķĺļľŀłńņňŋōŏőœŕŗřśŝşšţťŧũūŭůűųŵŷÿźżžɓƃƅɔƈɖ'
               'ɗƌǝəɛƒɠɣɩɨƙɯɲɵơƣƥʀƨʃƭʈưʊʋƴƶʒƹƽǆǆǉǉǌǌǎǐǒǔǖǘǚǜǟǡǣǥǧǩǫǭǯǳǳǵƕƿǹǻǽǿȁȃȅȇȉȋȍȏȑȓȕȗșțȝȟƞȣȥȧȩȫȭȯȱȳⱥȼƚⱦɂƀʉʌɇɉ'
               'ɋɍɏͱͳͷϳάέήίόύώαβγδεζηθικλμνξοπρστυφχψωϊϋϗϙϛϝϟϡϣϥϧϩϫϭϯθϸϲϻͻͼͽѐёђѓєѕіїјљњћќѝўџабвгдежзийклмнопрстуфх'
               'цчшщъыьэюяѡѣѥѧѩѫѭѯѱѳѵѷѹѻѽѿҁҋҍҏґғҕҗҙқҝҟҡңҥҧҩҫҭүұҳҵҷҹһҽҿӏӂӄӆӈӊӌӎӑӓӕӗәӛӝӟӡӣӥӧөӫӭӯӱӳӵӷӹӻӽӿԁԃԅԇԉԋԍԏԑԓԕԗ'
               'ԙԛԝԟԡԣԥԧԩԫԭԯḁḃḅḇḉḋḍḏḑḓḕḗḙḛḝḟḡḣḥḧḩḫḭḯḱḳḵḷḹḻḽḿṁṃṅṇṉṋṍṏṑṓṕṗṙṛṝṟṡṣṥṧṩṫṭṯṱṳṵṷṹṻṽṿẁẃẅẇẉẋẍẏẑẓẕßạảấầẩẫậắằẳ'
               'ẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹỻỽỿσ');

-- The normal form of an address that is not plain ASCII.
create function people.email_of_signs(address text) returns text
    language sql immutable parallel safe
    return nullif(btrim(normalize(people.in_small_letters(normalize(address, nfc)), nfc),
                        E'\t\n\x0b\f\r\x1c\x1d\x1e\x1f \u0085\u00a0\u1680\u180e\u2000\u2001\u2002\u2003\u2004'
                        '\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u2028\u2029\u202f\u205f\u2060\u3000\ufeff'), '');

-- The normal form of a record's address, as `model.email.normalise` makes it. Hardly any is not plain ASCII, and for those
-- that are it is cheap.
create function people.email_of(doc jsonb) returns text
    language sql immutable parallel safe
    return case when octet_length(doc ->> 'email') = char_length(doc ->> 'email')
                then nullif(lower(btrim(doc ->> 'email', E'\t\n\x0b\f\r\x1c\x1d\x1e\x1f ') collate "C"), '')
                else people.email_of_signs(doc ->> 'email') end;

-- Rows that a run writes again and again are given room on their pages, so that it is done in place.

-- The version of each record that rules let through last. An excluded one is known and counts for nothing.
create table people.accepted (
    pair         text not null,
    stream       text not null,
    key          text not null,
    version_id   bigint not null,
    change_seq   bigint not null,
    excluded     boolean not null default false,
    hold_event   boolean not null default false,
    run_id       text not null,
    primary key (pair, stream, key)
) with (fillfactor = 85);

create table people.person (
    person_id   bigint generated always as identity primary key,
    pair        text not null,
    email       text not null,
    created_at  timestamptz not null,
    unique (pair, email)
);

-- Addresses that a person's records and orders carry beside the person's own: those of aliases, and former ones.
create table people.link (
    pair       text not null,
    email      text not null,
    person_id  bigint not null references people.person,
    primary key (pair, email, person_id)
);
create index link_by_person on people.link (person_id);

-- Every address that is a person's. Consent goes by it: whoever leaves under one of them has left.
create view people.address as
    select pair, person_id, email from people.person
     union all
    select pair, person_id, email from people.link;

-- What stands for what, as it was said: addresses, or customers of the source as `customer:<key>`.
create table people.alias (
    alias_id    bigint generated always as identity primary key,
    pair        text not null,
    alias       text not null,
    stands_for  text not null,
    origin      text not null check (origin in ('file', 'command')),
    since       timestamptz not null,
    said_by     text,
    unique (pair, alias, origin)
);

-- What that comes to, chains followed and the file before commands: what plan goes by.
create table people.alias_in_force (
    pair        text not null,
    alias       text not null,
    stands_for  text not null,
    primary key (pair, alias)
);
create index alias_by_stands_for on people.alias_in_force (pair, stands_for);

-- What the list was made of when plan last read it.
create table people.alias_list (
    pair     text primary key,
    hash     bytea not null,
    read_at  timestamptz not null
);

-- Every alias that came or went, whoever said so.
create table people.alias_change (
    change_id  bigint generated always as identity primary key,
    at         timestamptz not null,
    pair       text not null,
    alias      text not null,
    stands_for   text not null,
    action      text not null check (action in ('added', 'removed')),
    origin      text not null,
    said_by     text,
    because     text
);

-- Addresses that a source customer had, until it changed them: its past orders still carry them.
create table people.former_address (
    pair       text not null,
    key        text not null,
    email      text not null,
    until      timestamptz not null,
    primary key (pair, key, email)
);
create index former_address_by_email on people.former_address (pair, email);

-- Source customers by person, each with its own address in normal form; who is anonymised has none. `merged`: it has become
-- another record, and leads where that does. `came_late`: it is older than its person, and was read only afterwards. A yes
-- to marketing was given after `last_no_at` and not later than `first_yes_at`; `opted_out_at` is when a yes was first seen
-- to have become a no. `last_yes_at` and `last_no_at` are when the page was asked for that said so last: by our own clock,
-- and the source said so then or later.
create table people.customer (
    pair          text not null,
    key           text not null,
    person_id     bigint not null references people.person,
    email         text,
    merged        boolean not null default false,
    version_id    bigint not null,
    registered    boolean not null,
    opted_in      boolean,
    opted_in_at   timestamptz,
    opted_out_at  timestamptz,
    first_yes_at  timestamptz,
    last_yes_at   timestamptz,
    last_no_at    timestamptz,
    updated_at    timestamptz not null,
    anonymised    boolean not null default false,
    came_late     boolean not null default false,
    primary key (pair, key)
) with (fillfactor = 85);
create index customer_by_person on people.customer (person_id);
create index customer_by_email on people.customer (pair, email);
create index customer_late_yes on people.customer (pair) where came_late and opted_in;
create index customer_opted_out on people.customer (pair) where opted_out_at is not null;

-- An order's worth after every return, refund and cancellation, in its own currency and in the pair's.
create table people.order_value (
    pair             text not null,
    key              text not null,
    number           text not null,
    person_id        bigint not null references people.person,
    email            text,
    customer_key     text,
    version_id       bigint not null,
    excluded         boolean not null,
    placed_at        timestamptz not null,
    currency         text not null,
    gross            numeric not null,
    reduced          numeric not null,
    net              numeric not null,
    net_base         numeric not null,
    -- What an amount of the order is multiplied by for the pair's currency.
    rate             numeric not null default 1,
    counted          boolean not null,
    market           text,
    skus             text[] not null default '{}',
    collections      text[] not null default '{}',
    -- Null where nothing was bought, as in an order of nothing but shipping.
    full_price       boolean,
    awaiting_return  boolean not null default false,
    awaiting_refund  boolean not null default false,
    refunded_at      timestamptz,
    returned         jsonb not null default '{}',
    -- By SKU, when it was first seen to be on its way back; and since when the money for it is owed.
    returned_skus    jsonb not null default '{}',
    refund_due_since timestamptz,
    cart_key         text,
    primary key (pair, key)
) with (fillfactor = 85);
create index order_value_by_cart on people.order_value (pair, cart_key) where cart_key is not null;
create index order_value_by_person on people.order_value (person_id);
create index order_value_by_customer on people.order_value (pair, customer_key);
create index order_value_by_number on people.order_value (pair, number);

create table people.fact (
    person_id  bigint primary key references people.person,
    facts      jsonb not null,
    run_id     text not null
) with (fillfactor = 85);

-- Which order a return belongs to, so that the one finds the other whichever comes first.
create table people.return_of (
    pair          text not null,
    key           text not null,
    order_number  text,
    version_id    bigint not null,
    primary key (pair, key)
);
create index return_of_order on people.return_of (pair, order_number);

-- Variants that orders name and no product feed does: kept, so that a product is never listed without them.
create table people.stub_variant (
    pair          text not null,
    product_key   text not null,
    variant_key   text not null,
    sku           text,
    product_name  text not null,
    variant_name  text,
    primary key (pair, product_key, variant_key)
);

create index stub_variant_by_sku on people.stub_variant (pair, sku);

-- Every variant that was ever accepted, and whether it can be bought. `restocks` counts how often it has come back since
-- it is known, `restocked_at` is when it was last seen to.
create table people.variant (
    pair          text not null,
    product_key   text not null,
    variant_key   text not null,
    sku           text not null,
    in_stock      boolean not null,
    restocks      integer not null default 0,
    restocked_at  timestamptz,
    primary key (pair, product_key, variant_key)
);
create index variant_by_key on people.variant (pair, variant_key);
create index variant_by_sku on people.variant (pair, sku);

-- Who wants to be told that a variant is back; `email` in normal form.
create table people.signup (
    pair         text not null,
    key          text not null,
    variant_key  text not null,
    email        text not null,
    created_at   timestamptz not null,
    primary key (pair, key, variant_key)
);
create index signup_by_variant on people.signup (pair, variant_key);

-- Carts as they were accepted last; `email` in normal form.
create table people.cart (
    pair        text not null,
    key         text not null,
    email       text,
    updated_at  timestamptz not null,
    version_id  bigint not null,
    primary key (pair, key)
);
create index cart_by_email on people.cart (pair, email);
