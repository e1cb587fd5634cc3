"""How the invented merchant is set up, and which of the vendor's unknowns it settles in which way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec
from msgspec import Struct

#: How dates go out: with an ISO string and parts as newer servers do, parts alone as older ones, or days as bare text.
DateForm = Literal["both", "parts", "bare_days"]


class Token(Struct, frozen=True, forbid_unknown_fields=True):
    """An API token.

    Attributes:
        value: What the client sends, as key, as bearer or as the user of Basic.
        models: The models that its user may use; None for all.
        writes: Whether its user may change anything.
        expires_at: When it stops to work; None for never.
    """

    value: str
    models: frozenset[str] | None = None
    writes: bool = True
    expires_at: datetime | None = None


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """The merchant.

    Attributes:
        tokens: The tokens that are let in.
        company_currency: The currency that the company keeps its books in.
        limit_scale: Factor on the ten requests a second that merchants have.
        retry_after: Whether a refusal for too many requests says when to come back. Seen by one integrator only.
        date_form: How dates go out.
        ids_a_request: How many ids fit into the address of a request. ASSUMED: integrators failed above a hundred.
        children_touch: Whether a new or changed line, parcel, return or contact counts as an edit of what it belongs
            to. ASSUMED: it does not.
        newsletter: Where the merchant keeps who wants its newsletter; the vendor has no field of its own for it.
        newsletter_name: The name of that category, metafield or tag.
        credit_notes: How money that goes back is booked: as a customer invoice below zero, or as a credit note of its
            own type with a positive total. ASSUMED: either.
        credit_names_return: Whether the lines of a credit note name the return's lines. ASSUMED: they do.
        cancelled_word: The state of a cancelled sale. ASSUMED: as in the open ancestor.
        held_state: The state of sales that wait for somebody, where the merchant has added one; None for an exception.
        guests_share_a_party: Whether guests of the web shop are booked on its anonymous customer, as those of
            marketplaces are.
        tracking: Whether a shipment's tracking number is text or the id of a tracking record. ASSUMED: either.
        tracking_urls: Whether a shipment knows where it can be followed. ASSUMED: it does not.
        warehouses: Their codes. Stock that is sold lies in the first but for a fifth, which lies in the others.
    """

    tokens: tuple[Token, ...] = (Token("fulfil-sandbox-key"),)
    company_currency: str = "SEK"
    limit_scale: float = 100.0
    retry_after: bool = False
    date_form: DateForm = "both"
    ids_a_request: int = 120
    children_touch: bool = False
    newsletter: Literal["category", "metafield", "tag"] = "category"
    newsletter_name: str = "Newsletter"
    credit_notes: Literal["negative_invoice", "credit_note"] = "negative_invoice"
    credit_names_return: bool = True
    cancelled_word: str = "cancel"
    held_state: str | None = None
    guests_share_a_party: bool = False
    tracking: Literal["text", "record"] = "text"
    tracking_urls: bool = False
    warehouses: tuple[str, ...] = ("MAIN", "STORE")


def read_settings(given: Mapping[str, Any]) -> Settings:
    """Settings from plain JSON values.

    Raises:
        msgspec.ValidationError: A name or a value that does not exist.
    """
    return msgspec.convert(dict(given), Settings)
