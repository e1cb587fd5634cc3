"""Load, spread over workers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .road import RoadOperator, without_content

if TYPE_CHECKING:
    from airflow.sdk import Context


class LoadOperator(RoadOperator):
    """One of several workers that empty a pair's outbox together.

    They share nothing but the outbox: each claims what the others have not.

    Args:
        shard: Which of them, from 0. The first stands in the books as `load`, the others beside it.
    """

    def __init__(self, *, shard: int, **arguments: Any) -> None:
        super().__init__(step="load", **arguments)
        self.shard = shard

    def execute(self, context: Context) -> dict[str, Any]:
        """Send what no other worker has claimed."""
        from retail_sync.steps.load import load
        from retail_sync_airflow.operators.failures import told_to_airflow

        name = f"load:{self.shard}" if self.shard else "load"
        with told_to_airflow():
            return without_content(self.perform(context, name, load))
