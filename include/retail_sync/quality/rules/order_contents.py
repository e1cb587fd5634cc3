"""Rules about what an order is made of: its lines and its parcels."""

from __future__ import annotations

from retail_sync.quality.rule import Rule

from .every import none_of

LINES = (
    Rule(
        id="order_lines_missing",
        stream="orders",
        owner="ecommerce",
        effect="warn",
        description="An order has a line.",
        next_step="Nothing, if only shipping or a service was sold; it counts, and says nothing of what was bought.",
        fails="line_count < 1",
        expectation="ExpectColumnValuesToBeBetween",
        arguments={"column": "line_count", "min_value": 1},
    ),
    none_of(
        "order_line_unusable",
        "orders",
        "lines_unusable",
        owner="ecommerce",
        effect="warn",
        description="Each line of an order is of a piece or more, cancelled ones included, at no price below zero.",
        next_step="Correct the line's quantity or price at the source; a line of no pieces is left out.",
        detail="lines_unusable || ' of ' || line_count || ' lines'",
    ),
    none_of(
        "order_line_product",
        "orders",
        "lines_no_product",
        owner="ecommerce",
        effect="warn",
        description="Each line of an order names its SKU, product and variant.",
        next_step="Tie the line to a product at the source. Until then one with a SKU goes by what that SKU is known "
        "as, and one without is sent as a service.",
        detail="lines_no_product || ' of ' || line_count || ' lines'",
    ),
    Rule(
        id="order_price_digits",
        stream="orders",
        owner="finance",
        effect="warn",
        description="A price of more than two decimals leaves no remainder between an order's total and its lines.",
        next_step="Look at how the source rounds the price; what is left over is the total less the lines.",
        fails="fine_prices > 0 and abs(amount_gap) > 0",
        expectation="ExpectColumnValuesToBeBetween",
        arguments={"column": "fine_prices_off", "max_value": 0},
        detail="fine_prices || ' prices, ' || amount_gap || ' left over'",
    ),
)

PARCELS = (
    none_of(
        "order_tracking_url",
        "orders",
        "shipped_no_url",
        owner="operations",
        effect="hold_event",
        description="A parcel that was sent, and can be followed, has a tracking URL.",
        next_step="Add the carrier's template to include/carriers.yaml, or the tracking number at the source.",
        detail="shipped_no_url || ' of ' || shipped_count || ' parcels'",
    ),
    none_of(
        "order_tracking_number",
        "orders",
        "shipped_no_number",
        owner="operations",
        effect="warn",
        description="A parcel that was sent, and can be followed, has a carrier and a tracking number.",
        next_step="Enter them at the source. If the service has no tracking, name it under untracked in "
        "include/carriers.yaml.",
        detail="shipped_no_number || ' of ' || shipped_count || ' parcels'",
    ),
    none_of(
        "order_tracking_repeated",
        "orders",
        "repeated_tracking",
        owner="operations",
        effect="warn",
        description="No two parcels of an order have one tracking number.",
        next_step="Nothing, if two shipments left in one box; else correct the number at the source.",
        detail="repeated_tracking || ' repeated'",
    ),
)
