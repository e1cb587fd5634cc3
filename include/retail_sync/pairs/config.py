"""The pair file: one source, one destination, and every rule between them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from retail_sync.model.records import STREAMS, Stream

from .brake import Brake
from .browsing import Browsing
from .carts import Carts
from .consent import Consent
from .deadlines import Deadline
from .durations import Duration
from .escalation import Escalation
from .identity import Identity
from .ownership import Owned, owned
from .part import Effect, Name, Owner, PairName, Part
from .peak import Peak
from .schedules import Cron, Timezone
from .shipments import Shipments
from .stock import Stock
from .triggers import Triggers
from .upkeep import History, Reconcile

ChannelClass = Literal["dtc", "wholesale", "marketplace"]


class SourceEnd(Part):
    """Where records come from. Pairs with the same `account` share what is staged."""

    system: Name
    connection: str
    account: Name
    settings: dict[str, Any] = Field(default_factory=dict, description="The vendor's own settings, checked by it.")
    peak: Peak | None = Field(None, description="When what weighs on the system must wait.")


class DestinationEnd(Part):
    """Where contacts and orders go. Pairs with the same `account` share its rate limits, ledger and consent record."""

    system: Name
    connection: str
    account: Name
    settings: dict[str, Any] = Field(default_factory=dict, description="The vendor's own settings, checked by it.")
    owns: Owned = Field(Owned(), description="What this pair fills, where other pairs feed the same audience.")


class Schedule(Part):
    """When the pair's DAGs run, as cron texts in `timezone`; null leaves a DAG to be started by hand."""

    timezone: Timezone = "UTC"
    live: Cron | None = "*/5 * * * *"
    consent: Cron | None = "*/15 * * * *"
    catalogue: Cron | None = "20 * * * *"
    history: Cron | None = "0 2 * * *"
    audit: Cron | None = "0 3 * * *"


class StreamConfig(Part):
    """How one stream is read. What is not given comes from the source's own facts."""

    cadence: Duration = timedelta(0)
    overlap: Duration | None = None
    lag: Duration | None = None
    first_read: Duration | None = Field(None, description="How far back the first read reaches; null is everything.")


class ChannelRule(Part):
    """Orders whose channel facts are among these values are of this class; the first rule that fits wins."""

    when: dict[str, list[str]]
    is_: ChannelClass = Field(alias="is")


class Value(Part):
    """What an order is worth to lifetime value."""

    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = Field(
        description="The currency of the source's books, to which the rate of each of its orders leads."
    )
    tax: bool = True
    shipping: bool = True


class Segments(Part):
    """Thresholds of the segmentation facts."""

    vip_from: Decimal = Decimal(1000)
    replenish_after: Duration | None = None
    return_ages_out: Duration = Field(
        timedelta(days=60), description="How long a return is read again, and money may be awaited for it."
    )
    just_bought_for: Duration = Field(timedelta(days=14), description="How long what was bought counts as just bought.")
    recently_returned_for: Duration = Field(
        timedelta(days=30), description="How long what came back counts as recently returned."
    )


class ContactField(Part):
    """A contact field of the destination: which value fills it, and its type there."""

    value: str
    type: str = "text"
    label: str = ""
    length: int | None = None
    choices: list[str] = Field(default_factory=list, description="What a field may hold that offers a choice.")


class Mapping(Part):
    """What becomes what at the destination."""

    fields: dict[str, ContactField] = Field(default_factory=dict)
    tags: list[str] = Field(default_factory=list, description="Facts that become tags: collections, buyer_state, ...")
    order_statuses: dict[str, str] = Field(
        default_factory=dict, description="The destination's word for each state of an order that sets nothing off."
    )
    unused_attributes: list[str] = Field(
        default_factory=list, description="Attributes of the source's customers that nothing here uses, on purpose."
    )


class RuleOverride(Part):
    """What a pair changes about a rule."""

    enabled: bool = True
    effect: Effect | None = None
    owner: Owner | None = None
    threshold: float | None = Field(None, ge=0, le=1, description="Share of failing rows above which the run stops.")


class Owners(Part):
    """Mail addresses by role; an exception goes to its owner's."""

    marketing: list[str] = Field(default_factory=list)
    ecommerce: list[str] = Field(default_factory=list)
    cx: list[str] = Field(default_factory=list)
    operations: list[str] = Field(default_factory=list)
    finance: list[str] = Field(default_factory=list)


class Mail(Part):
    """Who is written to when a run fails, through which SMTP connection."""

    connection: str = "smtp_default"
    sender: str | None = None
    to: list[str] = Field(default_factory=list)


class Load(Part):
    """How the outbox is emptied."""

    shards: int = Field(1, ge=1, le=16)
    share: float = Field(0.8, gt=0, le=1, description="Which part of the account's limits this installation may use.")
    lease: Duration = timedelta(seconds=60)


class Pair(Part):
    """A pair file, whole."""

    pair: PairName
    description: str = ""
    source: SourceEnd
    destination: DestinationEnd
    schedule: Schedule = Schedule()
    streams: dict[Stream, StreamConfig] = Field(default_factory=lambda: {name: StreamConfig() for name in STREAMS})
    channels: list[ChannelRule]
    value: Value
    segments: Segments = Segments()
    mapping: Mapping = Mapping()
    triggers: Triggers = Triggers()
    shipments: Shipments = Shipments()
    stock: Stock = Stock()
    carts: Carts = Carts()
    browsing: Browsing = Browsing()
    identity: Identity = Identity()
    consent: Consent = Consent()
    rules: dict[str, RuleOverride] = Field(default_factory=dict)
    owners: Owners = Owners()
    escalation: Escalation = Escalation()
    mail: Mail = Mail()
    load: Load = Load()
    brake: Brake = Brake()
    reconcile: Reconcile = Reconcile()
    history: History = History()
    deadline: Deadline = Deadline()

    @model_validator(mode="after")
    def _owns_what_it_maps(self) -> Pair:
        _ = self.owned_fields, self.owned_tags
        return self

    @property
    def owned_fields(self) -> dict[str, ContactField]:
        """The contact fields that this pair fills."""
        names = owned(list(self.mapping.fields), self.destination.owns.fields, "fields")
        return {name: self.mapping.fields[name] for name in names}

    @property
    def owned_tags(self) -> list[str]:
        """The facts that this pair makes tags of."""
        return owned(self.mapping.tags, self.destination.owns.tags, "tags")
