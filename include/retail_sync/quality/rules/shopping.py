"""Rules about what people do in the shop before they buy: sign-ups, carts, browsing."""

from __future__ import annotations

from retail_sync.model.records import Stream
from retail_sync.quality.rule import Rule

from .every import EMAIL, currency


def _address(stream: Stream, record: str) -> Rule:
    """Somebody is behind it."""
    return Rule(
        id=f"{record}_email",
        stream=stream,
        owner="ecommerce",
        effect="hold_record",
        description=f"A {record} names an e-mail address that can be written to.",
        next_step="Nothing, if it is a single one. If there are many, see what the shop passes on.",
        fails=f"email is null or email !~ '{EMAIL}'",
        expectation="ExpectColumnValuesToMatchRegex",
        arguments={"column": "email", "regex": EMAIL},
        detail="case when email <> '' then 'malformed' else 'missing' end",
    )


SHOPPING = (
    _address("signups", "signup"),
    _address("carts", "cart"),
    currency("carts", "cart"),
    _address("browses", "browse"),
)
