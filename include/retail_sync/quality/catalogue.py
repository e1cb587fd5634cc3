"""Every rule of the package, and the rules of a pair."""

from __future__ import annotations

from typing import Any, get_args

from retail_sync.errors import ConfigurationError
from retail_sync.model.records import OrderStatus, ReturnStatus, Stream
from retail_sync.pairs.config import Pair

from .rule import Rule

# What Mailchimp, Emarsys and Ometria all take: one @, no blanks or list marks, no empty label, a last label of two or
# more. Blanks around it are forgiven, since `model.email.normalise` removes them. No [:classes:], so that no layer
# between here and Postgres takes a colon for a parameter.
_ATOM = r"""[^\s@<>(),;:"\\.]"""
EMAIL = rf"^\s*{_ATOM}+(\.{_ATOM}+)*@({_ATOM}+\.)+{_ATOM}{_ATOM}+\s*$"
CURRENCY = "^[A-Z]{3}$"
#: A source may round every line and the shipping by itself: a cent each is no fault.
CENT = 0.01


def _known(statuses: Any) -> list[str]:
    return [status for status in get_args(statuses) if status != "unknown"]


def _quoted(values: list[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def _repeated(stream: Stream, record: str) -> Rule:
    return Rule(
        id=f"{record}_repeated",
        stream=stream,
        owner="operations",
        effect="warn",
        description=f"Each {record} comes once in what the source answers.",
        next_step="Nothing, if it is rare: the newest one counts. If it is not, tell the source's support.",
        fails="times_read > 1",
        expectation="ExpectColumnValuesToBeBetween",
        arguments={"column": "times_read", "max_value": 1},
        detail="'read ' || times_read || ' times'",
    )


def _currency(stream: Stream, record: str) -> Rule:
    return Rule(
        id=f"{record}_currency",
        stream=stream,
        owner="finance",
        effect="hold_record",
        description=f"Each {record} states its currency as three capital letters (ISO 4217).",
        next_step=f"Set the currency of the {record} at the source.",
        fails=f"currency is null or currency !~ '{CURRENCY}'",
        expectation="ExpectColumnValuesToMatchRegex",
        arguments={"column": "currency", "regex": CURRENCY},
        detail="coalesce('currency ' || currency, 'no currency')",
        threshold=0.2,
    )


def _status(stream: Stream, record: str, statuses: Any, detail: str) -> Rule:
    known = _known(statuses)
    return Rule(
        id=f"{record}_status",
        stream=stream,
        owner="ecommerce",
        effect="hold_record",
        description=f"The status of each {record} is one that the mapping knows.",
        next_step="Tell the maintainers of the source's mapping what this status means.",
        fails=f"status is null or status not in ({_quoted(known)})",
        expectation="ExpectColumnValuesToBeInSet",
        arguments={"column": "status", "value_set": known},
        detail=detail,
        threshold=0.2,
    )


def _channel(name: str) -> Rule:
    return Rule(
        id=f"order_{name}",
        stream="orders",
        owner="ecommerce",
        effect="exclude",
        description=f"An order is not {name}; such orders are counted and stay out of the destination.",
        next_step="Nothing: it is as the pair's channel rules say.",
        fails=f"channel = '{name}'",
        expectation="ExpectColumnValuesToNotBeInSet",
        arguments={"column": "channel", "value_set": [name]},
        detail="channel_detail",
    )


CUSTOMERS = (
    _repeated("customers", "customer"),
    Rule(
        id="customer_email",
        stream="customers",
        owner="cx",
        effect="hold_record",
        description="A customer has an e-mail address that can be written to.",
        next_step="Correct the address at the source.",
        fails=f"email is null or email !~ '{EMAIL}'",
        expectation="ExpectColumnValuesToMatchRegex",
        arguments={"column": "email", "regex": EMAIL},
        detail="case when btrim(email) <> '' then 'malformed' else 'missing' end",
        threshold=0.2,
    ),
    Rule(
        id="customer_consent",
        stream="customers",
        owner="marketing",
        effect="warn",
        description="A customer record says yes or no to marketing. Where it is silent, nobody is subscribed.",
        next_step="Find out why the source has no consent for this customer; it is never guessed.",
        fails="opted_in is null",
        expectation="ExpectColumnValuesToNotBeNull",
        arguments={"column": "opted_in"},
    ),
)

ORDERS = (
    _repeated("orders", "order"),
    _channel("wholesale"),
    _channel("marketplace"),
    Rule(
        id="order_channel_unknown",
        stream="orders",
        owner="ecommerce",
        effect="hold_record",
        description="An order's channel is one that the pair's rules know.",
        next_step="Add a channel rule to the pair file that says what such orders are.",
        fails="channel is null",
        expectation="ExpectColumnValuesToNotBeNull",
        arguments={"column": "channel"},
        detail="channel_detail",
        threshold=0.2,
    ),
    Rule(
        id="order_email_missing",
        stream="orders",
        owner="cx",
        effect="hold_record",
        description="An order has an e-mail address.",
        next_step="Add the buyer's address to the order at the source.",
        fails="email is null or btrim(email) = ''",
        expectation="ExpectColumnValueLengthsToBeBetween",
        arguments={"column": "email_text", "min_value": 1},
        threshold=0.5,
    ),
    Rule(
        id="order_email",
        stream="orders",
        owner="cx",
        effect="hold_record",
        description="The e-mail address of an order, where it has one, can be written to.",
        next_step="Correct the address at the source.",
        fails=f"btrim(email) <> '' and email !~ '{EMAIL}'",
        expectation="ExpectColumnValuesToMatchRegex",
        arguments={"column": "email_given", "regex": EMAIL},
        threshold=0.2,
    ),
    _status("orders", "order", OrderStatus, "coalesce('at the source: ' || status_source, status)"),
    _currency("orders", "order"),
    Rule(
        id="order_amounts",
        stream="orders",
        owner="finance",
        effect="hold_record",
        description="Lines, shipping and discounts of an order add up to its total, a cent a line forgiven.",
        next_step="Compare the order's total with its lines at the source.",
        fails=f"abs(amount_gap) > {CENT} * (coalesce(line_count, 0) + 1)",
        expectation="ExpectColumnValuesToBeBetween",
        arguments={"column": "gap_per_part", "min_value": -CENT, "max_value": CENT},
        detail="'total ' || total || ', parts ' || parts_total",
        threshold=0.2,
    ),
    Rule(
        id="order_tracking_url",
        stream="orders",
        owner="operations",
        effect="hold_event",
        description="A parcel that was sent, and can be followed, has a tracking URL.",
        next_step="Add the carrier's template to include/carriers.yaml, or the tracking number at the source.",
        fails="shipped_no_url > 0",
        expectation="ExpectColumnValuesToBeBetween",
        arguments={"column": "shipped_no_url", "max_value": 0},
        detail="shipped_no_url || ' of ' || shipped_count || ' parcels'",
    ),
)

RETURNS = (
    _repeated("returns", "return"),
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
    _status("returns", "return", ReturnStatus, "status"),
    _currency("returns", "return"),
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

PRODUCTS = (
    _repeated("products", "product"),
    Rule(
        id="product_sku_missing",
        stream="products",
        owner="ecommerce",
        effect="warn",
        description="Every variant of a product has a SKU.",
        next_step="Give the variant a SKU at the source.",
        fails="no_sku > 0",
        expectation="ExpectColumnValuesToBeBetween",
        arguments={"column": "no_sku", "max_value": 0},
        detail="no_sku || ' of ' || variant_count || ' variants'",
    ),
    Rule(
        id="product_sku_repeated",
        stream="products",
        owner="ecommerce",
        effect="warn",
        description="No SKU stands for two variants.",
        next_step="Give each variant a SKU of its own at the source.",
        fails="repeated_sku > 0",
        expectation="ExpectColumnValuesToBeBetween",
        arguments={"column": "repeated_sku", "max_value": 0},
        detail="repeated_sku || ' repeated'",
    ),
)

#: All rules, by id.
CATALOGUE: dict[str, Rule] = {rule.id: rule for rule in CUSTOMERS + ORDERS + RETURNS + PRODUCTS}


def rules_of(pair: Pair) -> tuple[Rule, ...]:
    """The rules that a pair is judged by, with its overrides, in the order of the catalogue.

    Raises:
        ConfigurationError: The pair file overrides a rule that there is not.
    """
    if unknown := sorted(pair.rules.keys() - CATALOGUE.keys()):
        raise ConfigurationError(
            f"overrides the unknown rule {unknown[0]!r}", record=pair.pair, fix=f"Known are: {', '.join(CATALOGUE)}."
        )
    found = ((rule, pair.rules.get(rule.id)) for rule in CATALOGUE.values() if rule.stream in pair.streams)
    return tuple(rule.changed_by(override) for rule, override in found if override is None or override.enabled)


def rules_by_stream(rules: tuple[Rule, ...]) -> dict[Stream, tuple[Rule, ...]]:
    """The same rules, by the stream that they judge."""
    streams = dict.fromkeys(rule.stream for rule in rules)
    return {stream: tuple(rule for rule in rules if rule.stream == stream) for stream in streams}
