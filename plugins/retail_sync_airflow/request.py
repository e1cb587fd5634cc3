"""From Airflow's context to a run request: scheduled, by hand, with the form, by an asset, or as a backfill's slot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from retail_sync.steps.requests import Dag, RunRequest, Trigger, read_request

if TYPE_CHECKING:
    from airflow.sdk import Context

_TRIGGERS: dict[str, Trigger] = {
    "scheduled": "scheduled",
    "manual": "manual",
    "backfill": "backfill",
    "asset_triggered": "asset",
}
_FORM = ("since", "until", "streams", "dry_run", "full_refresh")


def request_from(context: Context, dag: Dag) -> RunRequest:
    """What a run is asked to do.

    Only the form and backfills give a window. A context without logical date (by hand, by an asset) has no interval,
    and a scheduled run needs none: it reads from its watermark. A person's own window goes before a backfill's slot.

    Raises:
        ConfigurationError: The form holds something that can't be.
    """
    run = context["dag_run"]
    trigger = _TRIGGERS.get(str(getattr(run.run_type, "value", run.run_type)), "manual")
    form = _form(run)
    slot = _slot(context) if trigger == "backfill" and not {"since", "until"} & form.keys() else {}
    return read_request({"dag": dag, "trigger": trigger, **slot, **form})


def entered_in(run: Any) -> RunRequest:
    """What was entered in the form of a run, by itself.

    Raises:
        ConfigurationError: It can't be.
    """
    return read_request(_form(run))


def _slot(context: Context) -> dict[str, Any]:
    start, end = context.get("data_interval_start"), context.get("data_interval_end")
    if start is None or end is None or start >= end:
        return {}
    return {"since": start, "until": end, "by": "created"}


def _form(run: Any) -> dict[str, Any]:
    """What was entered, and not what the form would show by now: a run that is cleared is asked for the same again."""
    entered = run.conf or {}
    return {key: entered[key] for key in _FORM if entered.get(key) not in (None, "", [])}
