"""Rules about returns."""

from __future__ import annotations

from retail_sync.model.records import ReturnStatus
from retail_sync.quality.rule import Rule

from .every import CENT, currency, none_of, repeated, status

RETURNS = (
    repeated("returns", "return"),
    Rule(
        id="return_order_unknown",
        stream="returns",
        owner="ecommerce",
        effect="warn",
        description="The order of a return has been read.",
        next_step="Nothing, if the order is older than the first read. Else run the history DAG over its date.",
        fails="order_known is false",
        expectation="ExpectColumnValuesToNotBeInSet",
        arguments={"column": "order_known", "value_set": [False]},
        detail="'order ' || coalesce(order_number, order_key, 'not named')",
    ),
    status("returns", "return", ReturnStatus, "status"),
    currency("returns", "return"),
    Rule(
        id="return_lines_missing",
        stream="returns",
        owner="ecommerce",
        effect="warn",
        description="A return has a line, unless it is money alone that went back.",
        next_step="Say at the source what came back; until then its money counts and its goods are taken as kept.",
        fails="line_count < 1 and total > coalesce(refunded, 0)",
        expectation="ExpectColumnValuesToBeBetween",
        arguments={"column": "lines_missing", "max_value": 0},
    ),
    none_of(
        "return_line_unknown",
        "returns",
        "lines_unknown",
        owner="ecommerce",
        effect="warn",
        description="Each line of a return names a line of its order.",
        next_step="Tie the line to the order's at the source; until then its money counts, and its goods as kept.",
        detail="lines_unknown || ' of ' || line_count || ' lines'",
    ),
    Rule(
        id="return_amounts",
        stream="returns",
        owner="finance",
        effect="warn",
        description="No more is refunded for a return than it was worth.",
        next_step="Look at the refund at the source; if it pays for more than the goods, nothing is wrong.",
        fails=f"refunded - total > {CENT}",
        expectation="ExpectColumnValuesToBeBetween",
        arguments={"column": "refund_excess", "max_value": CENT},
        detail="'refunded ' || refunded || ' of ' || total",
    ),
)
