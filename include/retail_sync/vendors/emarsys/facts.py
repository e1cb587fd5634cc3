"""What is true of Emarsys: its limits, its field ids, its words, and a pair's settings.

Facts marked ASSUMED could not be confirmed from a first-party source; where behaviour hangs on one it is a setting.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from retail_sync.pairs.schedules import Timezone

#: Where the API is unless the connection says otherwise, and below which path each way in finds it.
API_HOST = "https://api.emarsys.net"
VERSIONS = {"oauth2": "/api/v3", "wsse": "/api/v2"}
TOKEN_URL = "https://auth.emarsys.net/oauth2/token"  # noqa: S105 - an address
SALES_HOST = "https://admin.scarabresearch.com"

#: Contacts in one write, contacts in one trigger, keys in one reading of contacts.
PER_CALL = 1000
#: Bytes of a write of contacts and of a trigger; the vendor takes 8 and 1 million.
CONTACT_BYTES, EVENT_BYTES = 6_000_000, 900_000
#: Rows in one page of a list of contacts.
PAGE = 10_000
#: Pages overlap by this many rows, since rows shift between them while somebody deletes.
PAGE_OVERLAP = 50
#: Rows in one page of an export's file. ASSUMED: nothing tells how many are given.
EXPORT_PAGE = 10_000
#: Requests of one API user in a minute.
REQUESTS_A_MINUTE = 1000
#: Requests that may go at once after a rest. The allowance is one of minutes (CONFIRMED), so a minute that begins with
#: them must not see more than it: they are no more than a budget leaves of its rate in a minute.
BURST = REQUESTS_A_MINUTE // 50
#: Calls at once. ASSUMED: nothing tells how many are allowed.
CONNECTIONS = 4

EMAIL, OPT_IN = 3, 31
#: Ids of fields that every account has, by the names that mappings use for them.
SYSTEM_FIELDS = {
    "first_name": 1, "last_name": 2, "email": EMAIL, "birth_date": 4, "gender": 5, "title": 9, "address": 10,
    "city": 11, "state": 12, "zip_code": 13, "country": 14, "phone": 15, "company": 18, "optin": OPT_IN, "mobile": 37,
    "salutation": 46,
}  # fmt: skip
#: Characters that one of these holds, unless it is one of the long ones. ASSUMED.
SYSTEM_LENGTH, LONG_FIELDS = 60, frozenset({"address"})
#: Of these, those that take the id of a choice, and those that no pair may fill.
CHOICE_FIELDS = frozenset({"gender", "title", "country", "salutation"})
RESERVED_FIELDS = frozenset({"email", "optin"})
#: What field 31 holds, and what it says of a contact; left empty, nobody has asked yet and no marketing is sent.
OPTED_IN, OPTED_OUT = "1", "2"

#: By the pair file's word, what the field API calls a type, and how many characters it holds.
FIELD_TYPES: dict[str, tuple[str, int | None]] = {
    "text": ("longtext", 255),
    "shorttext": ("shorttext", 60),
    "longtext": ("longtext", 255),
    "largetext": ("largetext", None),
    "number": ("numeric", 24),
    "date": ("date", None),
    "url": ("url", 255),
}

KINDS = ("field", "external_event", "contact", "sale", "event")

#: What the template of a product's address may name.
LINK_PARTS = ("number", "key", "sku", "path")
#: Columns without which no sales data is taken (CONFIRMED).
_REQUIRED = frozenset({"order", "timestamp", "item", "price", "quantity"})
#: Columns of an account's own for what an order came by. That `s_` is a text is CONFIRMED, the names are ours.
ORIGIN_COLUMNS = ("s_affiliate", "s_campaign", "s_coupon")

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$|^[0-9]+$", max_length=60)]


class EmarsysSettings(BaseModel):
    """The `destination.settings` of a pair file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    auth: Literal["oauth2", "wsse"] = Field(
        "oauth2", description="How we say who we are. `wsse` is the older way, with version 2; both end with 2026."
    )
    token_url: str | None = Field(
        None, description="Where tokens are given; tenants of SAP Cloud Identity have their own."
    )
    key_field: Name = Field(
        "retail_sync_id",
        description="The contact field that holds our key, by name or id. Emarsys' support must make an index for it.",
    )
    timezone: Timezone = Field("Europe/Vienna", description="The clock by which exports are asked for and tell times.")
    choices: dict[str, dict[str, str]] = Field(
        default_factory=dict,
        description="By field that offers choices, what a value is called there: `country: {AT: '10', DE: '65'}`.",
    )
    invalid_email: tuple[str, ...] = Field(
        ("2",), description="Values of field 47 that say that an address takes no mail any more. ASSUMED."
    )
    first_read_days: int = Field(
        365, ge=1, description="How far back the first reading asks who unsubscribed, and when."
    )
    changes_until: int = Field(
        1, ge=0, description="Days after today up to which changes are asked for. ASSUMED: the last may not be part."
    )
    export_deadline: float = Field(1800, gt=0, description="Seconds that we wait for one export.")
    poll_from: float = Field(0.2, gt=0, description="Seconds before the first look at an export; doubled each time.")
    poll_to: float = Field(60, gt=0, description="The longest wait between two looks at an export.")
    event_ids: dict[str, str] = Field(
        default_factory=dict, description="Ids of external events by name; others are found by name, or created."
    )
    text_length: int = Field(1000, ge=1, description="Characters of a text in what an event tells. ASSUMED.")
    sales: Literal["api", "file", "none"] = Field(
        "api",
        description="How orders go: appended by the interface, where nothing is sent twice and what was not answered "
        "waits for a person; as files of Sales Data Batch Loads, which replace by order and type; or not at all.",
    )
    merchant: str = Field("", description="The account's id at the interface of sales data; its token: the connection.")
    sales_columns: tuple[str, ...] = Field(
        ("order", "timestamp", "customer", "item", "price", "quantity"),
        description="Columns in the order that was fixed at onboarding, with either `customer` or `email`. "
        "`s_affiliate`, `s_campaign` and `s_coupon` hold what the source says that an order came by.",
    )
    sales_folder: str = Field("", description="Where files of sales data are put, for `sales: file`.")
    sales_per_upload: int = Field(
        200, ge=1, description="Orders in one upload: so many wait for a person where one is not answered."
    )
    sales_types: tuple[str, str] = Field(
        ("purchase", "return"), description="What a file calls rows that add and rows that take off. ASSUMED."
    )
    item: Literal["sku", "variant", "product"] = Field(
        "sku", description="What `item` of sales data names, as the product catalogue at Emarsys does. ASSUMED."
    )
    order_prefix: str = Field(
        "", description="Stands before order numbers, where several shops that number alike feed one account."
    )
    charges_item: str = Field(
        "shipping",
        description="The item of what no line explains: shipping, discounts of the whole order, corrections.",
    )

    catalogue: Literal["fetched", "pushed", "none"] = Field(
        "fetched",
        description="How the product catalogue goes, which replaces the one before it: Emarsys fetches it from where "
        "Airflow's interface serves it, with `catalogue_token` of the connection as password; we bring it; or not.",
    )
    catalogue_least: float = Field(
        0.7, ge=0, le=1, description="A catalogue with a smaller share of the last one's rows waits for a person."
    )
    catalogue_link: str = Field(
        "",
        description="The address of a product that the source gives none of, with {number}, {key}, {sku} or {path} in "
        "it; {path} is what the source knows of it. Without an address an item is left out. ASSUMED: it needs one.",
    )
    catalogue_currencies: tuple[str, ...] = Field(
        (), description="Currencies besides the pair's that have a price column of their own, such as price_EUR."
    )

    @field_validator("catalogue_link")
    @classmethod
    def _link_can_be_made(cls, template: str) -> str:
        try:
            template.format_map(dict.fromkeys(LINK_PARTS, ""))
        except (KeyError, IndexError, ValueError):
            raise ValueError(f"catalogue_link may have {', '.join(LINK_PARTS)} in braces, and no other") from None
        return template

    @model_validator(mode="after")
    def _sales_can_go(self) -> EmarsysSettings:
        if self.sales == "api" and not self.merchant:
            raise ValueError("sales: api needs the merchant's id; or choose file or none")
        if self.catalogue == "pushed" and not self.merchant:
            raise ValueError("catalogue: pushed needs the merchant's id; or choose fetched or none")
        if self.sales == "file" and not self.sales_folder:
            raise ValueError("sales: file needs sales_folder")
        if len({"customer", "email"} & set(self.sales_columns)) != 1:
            raise ValueError("sales_columns must name one of customer and email")
        if missing := sorted(_REQUIRED - set(self.sales_columns)):
            raise ValueError(f"sales_columns lacks {', '.join(missing)}")
        known = _REQUIRED | {"customer", "email", "type", *ORIGIN_COLUMNS}
        if unknown := sorted(set(self.sales_columns) - known):
            raise ValueError(f"sales_columns has no {', '.join(unknown)}; there are {', '.join(sorted(known))}")
        return self
