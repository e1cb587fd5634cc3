"""The pair file: one source, one destination, and every rule between them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from retail_sync.model.records import STREAMS, Stream

from .durations import Duration
from .schedules import Cron, Timezone

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
#: Two underscores set apart what follows a pair's name in the names of its DAGs.
PairName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$", max_length=60)]
Effect = Literal["exclude", "hold_record", "hold_event", "warn", "stop"]
Owner = Literal["marketing", "ecommerce", "cx", "operations", "finance"]
ChannelClass = Literal["dtc", "wholesale", "marketplace"]


class Part(BaseModel):
    """A part of a pair file; an unknown key is an error that names it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceEnd(Part):
    """Where records come from. Pairs with the same `account` share what is staged."""

    system: Name
    connection: str
    account: Name
    settings: dict[str, Any] = Field(default_factory=dict, description="The vendor's own settings, checked by it.")


class DestinationEnd(Part):
    """Where contacts and orders go. Pairs with the same `account` share its rate limits, ledger and consent record."""

    system: Name
    connection: str
    account: Name
    settings: dict[str, Any] = Field(default_factory=dict, description="The vendor's own settings, checked by it.")


class Schedule(Part):
    """When the pair's DAGs run, as cron texts in `timezone`; null leaves a DAG to be started by hand."""

    timezone: Timezone = "UTC"
    live: Cron | None = "*/5 * * * *"
    consent: Cron | None = "*/15 * * * *"
    history: Cron | None = "0 2 * * *"


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

    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    tax: bool = True
    shipping: bool = True


class Segments(Part):
    """Thresholds of the segmentation facts."""

    vip_from: Decimal = Decimal(1000)
    replenish_after: Duration | None = None
    return_ages_out: Duration = timedelta(days=60)


class ContactField(Part):
    """A contact field of the destination: which value fills it, and its type there."""

    value: str
    type: str = "text"
    label: str = ""
    length: int | None = None


class Mapping(Part):
    """What becomes what at the destination."""

    fields: dict[str, ContactField] = Field(default_factory=dict)
    tags: list[str] = Field(default_factory=list, description="Facts that become tags: collections, buyer_state, ...")
    order_statuses: dict[str, str] = Field(default_factory=dict)


class Consent(Part):
    """Who decides, and what happens to people who never said yes."""

    without_consent: Literal["transactional", "skip"] = "transactional"
    double_opt_in: bool = False
    source_opt_out: Literal["raise", "apply"] = "raise"
    write_back: bool = True


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


class Reconcile(Part):
    """How much of the destination is read back after a run."""

    sample: int = Field(50, ge=0)
    full_below: int = Field(20_000, ge=0, description="Up to how many objects of a kind all of its keys are compared.")


class History(Part):
    """Which orders the nightly history run reads again."""

    days: int = Field(30, ge=1)


class Deadline(Part):
    """How long a run may take before its owners are told."""

    run: Duration = timedelta(minutes=30)


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
    consent: Consent = Consent()
    rules: dict[str, RuleOverride] = Field(default_factory=dict)
    owners: Owners = Owners()
    mail: Mail = Mail()
    load: Load = Load()
    reconcile: Reconcile = Reconcile()
    history: History = History()
    deadline: Deadline = Deadline()
