"""What is true of OrderWise, as settings and tables.

CONFIRMED was seen in at least two integrations that run, SEEN in one. ASSUMED was not: it stands as a named setting or
as a column of an export definition, and `retail-sync check` tells where the installation differs.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from retail_sync.errors import ConfigurationError
from retail_sync.model.reading import StreamFacts
from retail_sync.model.records import OrderStatus, Stream

#: CONFIRMED paths, beneath the base URL.
TOKEN_PATH = "/token/gettoken"  # noqa: S105 - it is where one is asked for
EXPORT_PATH = "/system/export-definition/{number}"
#: SEEN.
CUSTOMERS_PATH = "/customers"
CUSTOMER_PATH = "/customers/{customer}"
CONTACTS_PATH = "/customers/{customer}/customer-contacts"
#: ASSUMED, by the pattern of `/customers/{id}`.
CONTACT_PATH = "/customers/{customer}/customer-contacts/{contact}"

#: CONFIRMED: integrations that kept a token for longer were refused.
TOKEN_LIFE = timedelta(minutes=55)

ExportName = Literal["orders", "order_lines", "despatches", "credits", "customers", "products", "stock"]
EXPORTS: tuple[ExportName, ...] = get_args(ExportName)

OrderType = Literal["order", "credit", "ignored"]
#: A status as the pair file calls it; `held` is a confirmed order that must wait.
StatusWord = Literal["pending", "confirmed", "processing", "shipped", "cancelled", "held"]
#: What an order is by that, and whether it is on hold.
ORDER_STATUS: dict[str, tuple[OrderStatus, bool]] = {
    "pending": ("pending", False),
    "confirmed": ("confirmed", False),
    "processing": ("processing", False),
    "shipped": ("shipped", False),
    "cancelled": ("cancelled", False),
    "held": ("confirmed", True),
}


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"there is no time zone {name!r}") from None
    return name


_Field = Annotated[int, Field(ge=1, le=10)]


class Consent(BaseModel):
    """Where the installation keeps consent. ASSUMED: OrderWise has no field of its own, so one is agreed on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    holder: Literal["contact", "customer"] = Field("contact", description="Whose flag it is.")
    flag: _Field = Field(1, description="Which of the ten analysis flags it is: 1 stands for l_1.")
    changed_at: _Field | None = Field(
        None, description="The analysis date that tells when the flag changed, if one is."
    )


class Settings(BaseModel):
    """What a pair file may say under `source.settings`.

    Every default that is ASSUMED says so; an installation that differs is met by changing the setting, not the code.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    definitions: dict[ExportName, int] = Field(
        default_factory=dict, description="The number under which each export definition is installed."
    )
    timezone: Annotated[str, AfterValidator(_zone)] = Field(
        "Europe/London", description="The zone of the SQL server. ASSUMED: its times are local, and name none (SEEN)."
    )
    statuses: dict[str, StatusWord] = Field(
        default_factory=dict, description="The installation's own status texts, exact; one that is not here is unknown."
    )
    order_types: dict[int, OrderType] = Field(
        {1: "order", 4: "credit"},
        description="What each order type is. CONFIRMED: 1 is an order, 4 a credit. 9 is a credit for some. One that "
        "is not here is refused and counted.",
    )
    web_accounts: frozenset[int] = Field(
        frozenset(), description="Customers on which the orders of many people are booked; they are nobody themselves."
    )
    order_number: Literal["shop", "orderwise"] = Field(
        "shop", description="Whose number an order goes by: the shop's, where there is one, or OrderWise's own."
    )
    rate: Literal["to_base", "from_base"] = Field(
        "to_base", description="ASSUMED: an amount times its order's exchange rate is in the company's own currency."
    )
    consent: Consent = Consent()
    birth_date: _Field | None = Field(
        None, description="The analysis date that is a customer's date of birth, if one is."
    )
    write_back: bool = Field(
        False,
        description="Write opt-outs. ASSUMED: PUT takes the analysis of a customer or contact as it does a variant's.",
    )
    customers: Literal["definition", "rest"] = Field(
        "definition", description="How customers are read; by REST all of them are, each time, without their consent."
    )
    rest_contacts: Literal["none", "without_email", "all"] = Field(
        "without_email", description="For which customers REST is asked for contacts: a call for each."
    )
    rest_page: int = Field(1000, ge=1, le=10_000, description="Customers per REST call.")
    page_size: int = Field(1000, ge=1, le=10_000, description="Orders, credits or customers per call.")
    product_size: int = Field(250, ge=1, le=10_000, description="Products per call.")
    child_size: int = Field(10_000, ge=1, le=100_000, description="Lines or despatches per call.")
    timeout: float = Field(60.0, gt=0, description="Seconds that one call may take.")
    rate_limit: float = Field(
        1.0, gt=0, description="Calls a second. ASSUMED: no limit is known; one runs at this pace."
    )
    slots: int = Field(1, ge=1, description="Calls at once.")
    plain_http: bool = Field(
        False, description="Allow unencrypted calls to another machine, as within a VPN: the password goes with them."
    )

    @property
    def credit_types(self) -> list[int]:
        """The order types that are credits."""
        return sorted(number for number, kind in self.order_types.items() if kind == "credit")

    @property
    def streams(self) -> dict[Stream, StreamFacts]:
        """What is true of each stream."""
        return STREAMS | ({"customers": CUSTOMERS_BY_REST} if self.customers == "rest" else {})

    @property
    def lacking(self) -> list[ExportName]:
        """Export definitions that are needed and have no number."""
        needed = (name for name in EXPORTS if name != "customers" or self.customers == "definition")
        return [name for name in needed if name not in self.definitions]


def settings(given: Any) -> Settings:
    """Read the pair file's settings.

    Raises:
        ConfigurationError: A key is unknown or of a wrong type, each is named; or an export definition has no number.
    """
    try:
        own = Settings.model_validate(dict(given))
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise ConfigurationError(wrong, record="source.settings", fix="Mend these keys of the pair file.") from None
    if own.lacking:
        raise ConfigurationError(
            f"no number is given for {', '.join(own.lacking)}",
            record="source.settings.definitions",
            fix="Install these definitions in OrderWise and name the number that it shows for each.",
        )
    return own


#: How far windows reach back: transactions that are open while a window is read, and despatches that are keyed in late.
OVERLAP = timedelta(minutes=30)

STREAMS: dict[Stream, StreamFacts] = {
    # Contacts, prices, despatches and payments have times of their own, and may be taken back.
    "customers": StreamFacts(named_by="orders", goes_back=True, overlap=OVERLAP),
    "products": StreamFacts(whole=True, heavy=True, goes_back=True, overlap=OVERLAP),
    "orders": StreamFacts(goes_back=True, overlap=OVERLAP),
    # A credit is an order header of its own: it is found by its own times.
    "returns": StreamFacts(overlap=OVERLAP),
}
#: SEEN: nothing selects customers by time there.
CUSTOMERS_BY_REST = StreamFacts(by_change=False, heavy=True, overlap=timedelta(0))
