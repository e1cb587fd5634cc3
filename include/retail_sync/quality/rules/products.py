"""Rules about products. What is not sold any more may lack price, picture and stock."""

from __future__ import annotations

from retail_sync.quality.rule import Rule

from .every import none_of, repeated

_OF_VARIANTS = "{column} || ' of ' || variant_count || ' variants'"

PRODUCTS = (
    repeated("products", "product"),
    none_of(
        "product_sku_missing",
        "products",
        "no_sku",
        owner="ecommerce",
        effect="warn",
        description="Every variant of a product has a SKU.",
        next_step="Give the variant a SKU at the source.",
        detail=_OF_VARIANTS.format(column="no_sku"),
    ),
    none_of(
        "product_sku_repeated",
        "products",
        "repeated_sku",
        owner="ecommerce",
        effect="warn",
        description="No SKU stands for two variants.",
        next_step="Give each variant a SKU of its own at the source.",
        detail="repeated_sku || ' repeated'",
    ),
    none_of(
        "product_price_missing",
        "products",
        "no_price",
        owner="ecommerce",
        effect="warn",
        description="Every variant that is sold has a price in the pair's currency.",
        next_step="Put the variant on a price list of that currency; until then its price reads as nothing.",
        detail=_OF_VARIANTS.format(column="no_price"),
    ),
    none_of(
        "product_stock_unknown",
        "products",
        "no_stock",
        owner="ecommerce",
        effect="warn",
        description="The source counts the stock of every variant that is sold.",
        next_step="Nothing, if it is made to order: it reads as in stock. Else turn on its stock at the source.",
        detail=_OF_VARIANTS.format(column="no_stock"),
    ),
    Rule(
        id="product_image_missing",
        stream="products",
        owner="ecommerce",
        effect="warn",
        description="A product that is sold has a picture.",
        next_step="Add a picture at the source; mails show the product without one.",
        fails="no_image",
        expectation="ExpectColumnValuesToNotBeInSet",
        arguments={"column": "no_image", "value_set": [True]},
    ),
)
