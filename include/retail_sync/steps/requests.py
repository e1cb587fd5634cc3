"""What a run is asked to do, however it was started."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from retail_sync.errors import ConfigurationError
from retail_sync.model.reading import By
from retail_sync.model.records import Stream

Dag = Literal["live", "consent", "history", "audit", "catalogue"]
Trigger = Literal["scheduled", "manual", "backfill", "asset", "cli"]


def _in_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


Moment = Annotated[datetime, AfterValidator(_in_utc)]


class RunRequest(BaseModel):
    """The form of a run. Nothing given means: what is due, of every stream of the DAG.

    A time without an offset is UTC. `until` without `since` reads from the beginning, `since` without `until` up to
    now. `streams` are those to read and to work on.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    dag: Dag = "live"
    trigger: Trigger = "manual"
    since: Moment | None = None
    until: Moment | None = None
    by: By = "changed"
    streams: tuple[Stream, ...] | None = None
    dry_run: bool = Field(False, description="Show what would be sent, and send nothing.")
    full_refresh: bool = Field(False, description="Look at every accepted record again.")

    @model_validator(mode="after")
    def _in_order(self) -> RunRequest:
        if self.since and self.until and self.since >= self.until:
            raise ValueError("since must be before until")
        return self


def read_request(content: dict[str, Any]) -> RunRequest:
    """A request from a form, a configuration or the command line.

    Raises:
        ConfigurationError: A key is unknown, or a value is of a wrong form; each is named.
    """
    try:
        return RunRequest.model_validate(content)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, item['loc'])) or 'request'}: {item['msg']}" for item in error.errors())
        raise ConfigurationError(wrong, record="run request", fix="Mend the form and start again.") from None
