"""Which steps a DAG's runs take, and where each is found. The modules load when a step is first done."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from retail_sync.model.records import BROUGHT, STREAMS, Stream

from .perform import Report, Step
from .requests import Dag

_ROAD = ("seal", "validate", "plan", "load", "reconcile")
#: What comes between `open_run` and `close_run`. `extract` is done once for each stream, in this order.
STEPS: dict[Dag, tuple[str, ...]] = {
    "live": ("extract", *_ROAD),
    "history": ("extract", *_ROAD),
    "catalogue": ("extract", "seal", "validate", "plan", "drift", "load", "publish", "reconcile"),
    "consent": ("consent",),
    "audit": ("audit", "load"),
}
#: What a dry run leaves out: it shows what would be sent.
_OUTWARD = {"drift", "load", "publish", "reconcile"}


def steps_of(dag: Dag, streams: Sequence[Stream], *, dry_run: bool = False) -> list[str]:
    """The names of a run's steps in their order, as they stand in the books: `extract:orders`, `seal`, `plan`."""
    names: list[str] = []
    for step in STEPS[dag]:
        if step == "extract":
            names += [f"extract:{stream}" for stream in _in_order(dag) if stream in streams and stream not in BROUGHT]
        elif not (dry_run and step in _OUTWARD):
            names.append(step)
    return names


def _in_order(dag: Dag) -> Sequence[Stream]:
    """A history reads customers after the orders that name them: only those that nobody has read yet."""
    return [*STREAMS[1:], STREAMS[0]] if dag == "history" else STREAMS


def function_of(name: str) -> Step:
    """The step of that name, as `step(road, run_id)`.

    Args:
        name: As `steps_of` gives it.
    """
    module, _, stream = name.partition(":")
    function = getattr(import_module(f"retail_sync.steps.{module}"), module)
    if not stream:
        return _step(function)

    def of_stream(road: object, run_id: str) -> Report:
        report: Report = function(road, run_id, stream)
        return report

    return of_stream


def _step(function: Step) -> Step:
    return function
