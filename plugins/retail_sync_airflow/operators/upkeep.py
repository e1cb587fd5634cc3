"""The operators of the upkeep DAG: what is looked at for all pairs, whether or not any run is at work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from retail_sync.pairs.config import Pair


class WatchOperator(BaseOperator):
    """Finds what is late of every pair, and writes to the owners of what they have not been told of."""

    ui_color = "#e8f0fe"

    def execute(self, context: Context) -> dict[str, Any]:  # noqa: ARG002 - Airflow's signature
        """Look at every pair; one that can't be looked at keeps none of the others from it.

        Raises:
            WaitError: Some could not be looked at, or some mails not be sent; each is named.
        """
        from retail_sync.errors import WaitError
        from retail_sync.pairs.files import read_all

        pairs, _ = read_all()
        done = {pair.pair: self._watched(pair) for pair in pairs}
        if failed := [report["failed"] for report in done.values() if "failed" in report]:
            raise WaitError("; ".join(failed))
        return done

    def _watched(self, pair: Pair) -> dict[str, Any]:
        from retail_sync.errors import RetailSyncError
        from retail_sync.steps.announce import announce
        from retail_sync.steps.context import open_road
        from retail_sync.steps.upkeep import watch
        from retail_sync_airflow.hooks.connections import airflow_connections
        from retail_sync_airflow.hooks.database import RetailSyncDbHook
        from retail_sync_airflow.mails import sender_of
        from retail_sync_airflow.operators.failures import told_to_airflow

        try:
            with told_to_airflow():
                road = open_road(pair, airflow_connections, RetailSyncDbHook().dsn())
                return {**watch(road), "mails": announce(road, sender_of(pair))}
        except RetailSyncError as error:
            return {"failed": str(error)}


class TidyOperator(BaseOperator):
    """Brings the data-quality site up to date where a run has left that to others."""

    ui_color = "#e8f0fe"

    def execute(self, context: Context) -> dict[str, Any]:  # noqa: ARG002 - Airflow's signature
        """Tidy up."""
        from retail_sync.db.database import Database
        from retail_sync.steps.upkeep import tidy
        from retail_sync_airflow.hooks.database import RetailSyncDbHook
        from retail_sync_airflow.operators.failures import told_to_airflow

        with told_to_airflow():
            return tidy(Database(RetailSyncDbHook().dsn()))
