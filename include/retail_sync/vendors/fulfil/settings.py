"""What a pair file may say under `source.settings`.

Every default that is ASSUMED says so; a live account that differs is met by changing the setting, not the code.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from retail_sync.model.records import OrderStatus

TechnicalName = Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_.]*$")]


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except ZoneInfoNotFoundError:
        raise ValueError(f"there is no time zone {name!r}") from None
    return name


class Part(BaseModel):
    """A part of the settings; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Names(Part):
    """Fields that no public document lists, each by the name it is ASSUMED to have; null where there is none."""

    address_email: TechnicalName | None = Field("email", description="Of an address: the e-mail a guest gave with it.")
    address_phone: TechnicalName | None = Field("phone", description="Of an address.")
    currency_digits: TechnicalName | None = Field("currency.digits", description="Of a sale: its decimals; null: two.")
    line_origin: TechnicalName | None = Field("origin", description="Of a returned line: the line that it takes back.")
    line_taxes: TechnicalName | None = Field(
        "taxes", description="Of a line: ids of account.tax. null: the header's ratio."
    )
    line_list_price: TechnicalName | None = Field(
        "gross_unit_price", description="Of a line: its price before discounts."
    )
    line_shipping: TechnicalName | None = Field("shipment_cost", description="Set on a line that charges for shipping.")
    line_gift_card: TechnicalName | None = Field("is_gift_card", description="True of a line that sells a gift card.")
    line_company_amount: TechnicalName | None = Field(
        "amount_cpny_ccy_cache", description="Of a line: its amount in the company's currency."
    )
    shipment_moves: TechnicalName | None = Field(
        "outgoing_moves", description="What a parcel holds; null: not readable."
    )
    return_moves: TechnicalName | None = Field("incoming_moves", description="What a return holds; null: not readable.")
    shipped_at: TechnicalName | None = Field(None, description="Of a shipment: the time at which it left.")
    tracking_url: TechnicalName | None = Field(None, description="Of a shipment: where it can be followed.")
    invoice_lines: TechnicalName | None = Field(
        "lines", description="Of an invoice: what it is for; null: not readable."
    )
    template_code: TechnicalName | None = Field(None, description="Of a template: its number; null: its id.")
    template_brand: TechnicalName | None = Field(None, description="Of a template: its brand.")
    template_collection: TechnicalName | None = Field("account_category.name", description="Of a template. SEEN.")
    template_media: TechnicalName | None = Field(None, description="Of a template: ids of its pictures.")


class Consent(Part):
    """Where the merchant keeps who wants its newsletter: Fulfil has no field of its own for it (SEEN)."""

    strategy: Literal["category", "metafield", "contact_mechanism"] = "category"
    name: str = Field("Newsletter", description="The name of the category, or the key of the metafield or tag.")
    yes: str = Field("yes", description="What a metafield or tag says of who wants it.")
    no: str = Field("no", description="What an opt-out writes into a metafield or tag.")
    metafield_model: TechnicalName = Field("metafield.value", description="Where metafields live. ASSUMED.")
    metafield_list: TechnicalName = Field("metafields", description="Of a party: ids of its metafields. ASSUMED.")
    tag: str = Field("data", description="The name of contact mechanisms that hold a fact, as `key:value`. SEEN.")
    parties_at_once: int = Field(100, ge=1, le=100, description="Opt-outs per request.")


class Attribution(Part):
    """Keys of a sale's `metadata` (CONFIRMED field, ASSUMED use) that tell where the order came from."""

    campaign: str | None = None
    affiliate: str | None = None
    cart: str | None = None
    exchange_of: str | None = Field(None, description="The number of the order that it replaces; else its origin.")


class Settings(Part):
    """Everything that can be set of a Fulfil account."""

    auth: Literal["key", "bearer"] = Field("key", description="A personal token, or one of OAuth. CONFIRMED: both.")
    body: Literal["list", "object"] = Field("list", description="The form of search_read's body. Both were SEEN.")
    rate: float = Field(3.0, gt=0, description="Requests per second. SEEN: nine or ten are allowed to a merchant.")
    slots: int = Field(1, ge=1, le=4, description="Requests at once.")
    page_size: int = Field(500, ge=1, le=500, description="Rows per page. SEEN: 500 at most.")
    ids_at_once: int = Field(500, ge=1, le=500, description="Ids per request; they stand in its body.")
    timezone: Annotated[str, AfterValidator(_zone)] = Field("UTC", description="Of days, which have no time.")
    states: dict[str, OrderStatus] = Field(
        default_factory=dict, description="Further states of sales, or other meanings of known ones."
    )
    held_states: tuple[str, ...] = Field((), description="States in which a sale waits for somebody.")
    booked_states: tuple[str, ...] = Field(
        ("posted", "paid"), description="States in which a credit note is money that went back. ASSUMED."
    )
    sources: tuple[str, ...] = Field((), description="Further sources of channels that the pair's rules know.")
    market: Literal["country", "channel", "price_list", "warehouse"] = Field(
        "country", description="What stands for an order's market, for which Fulfil has no word."
    )
    shipping_codes: tuple[str, ...] = Field((), description="SKUs of lines that charge for shipping.")
    gift_card_codes: tuple[str, ...] = Field((), description="SKUs that are gift cards.")
    rates: dict[str, Decimal] = Field(
        default_factory=dict, description="Rates to the company's currency of orders that tell none themselves."
    )
    currency: str | None = Field(
        None, pattern="^[A-Z]{3}$", description="The currency of list prices; null: the channels' most used one."
    )
    list_price_tax: Decimal = Field(
        Decimal(0), ge=0, description="Per cent of tax to put on list prices. ASSUMED: they hold it already."
    )
    warehouses: tuple[int, ...] = Field((), description="Ids of warehouses whose stock counts; none: all. ASSUMED.")
    stock_field: TechnicalName = Field("quantity_available", description="Which of the computed quantities is stock.")
    transactions: TechnicalName | None = Field(
        "payment_gateway.transaction", description="What a gateway did. ASSUMED; null: the sale's own sums."
    )
    refunds: Literal["credit_notes", "transactions"] = Field(
        "credit_notes", description="Which of the two tells that money went back; never both, since it went once."
    )
    tracking_model: TechnicalName = Field(
        "shipment.tracking", description="What a tracking number that is an id leads to. ASSUMED."
    )
    media_model: TechnicalName = Field("product.media", description="Where pictures live, by `url`. ASSUMED.")
    merged_into: TechnicalName | None = Field(
        None, description="Of an archived party: the party that it has become. ASSUMED; null: an archived one is gone."
    )
    customers_only: bool = Field(True, description="Whether parties that are no customers are left out.")
    names: Names = Names()
    consent: Consent = Consent()
    attribution: Attribution = Attribution()
