"""The operators of the upkeep DAG: what is looked at for all pairs, whether or not any run is at work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from retail_sync.pairs.config import Pair
    from retail_sync.steps.announce import Desk


class WatchOperator(BaseOperator):
    """Finds what is late of every pair, and which have stopped, and writes to owners of what they were not told of."""

    ui_color = "#e8f0fe"

    def execute(self, context: Context) -> dict[str, Any]:  # noqa: ARG002 - Airflow's signature
        """Look at every pair; one that can't be looked at keeps none of the others from it.

        Raises:
            WaitError: Some could not be looked at, or some mails not be sent; each is named.
        """
        from retail_sync.errors import WaitError
        from retail_sync.pairs.files import read_all

        pairs, _ = read_all()
        done = {**self._stopped(), **{pair.pair: self._watched(pair) for pair in pairs}}
        if failed := [report["failed"] for report in done.values() if "failed" in report]:
            raise WaitError("; ".join(failed))
        return done

    def _stopped(self) -> dict[str, dict[str, Any]]:
        """What was told of pairs whose files can't be used, by their names."""
        from retail_sync.db.database import Database
        from retail_sync.steps.clock import system_clock
        from retail_sync.steps.stopped import watch_files
        from retail_sync_airflow.hooks.database import RetailSyncDbHook
        from retail_sync_airflow.operators.failures import told_to_airflow

        with told_to_airflow():
            desks = watch_files(Database(RetailSyncDbHook().dsn()), system_clock)
        return {desk.pair.pair: self._told(desk) for desk in desks}

    def _told(self, desk: Desk) -> dict[str, Any]:
        from retail_sync.errors import RetailSyncError
        from retail_sync.steps.announce import announce
        from retail_sync_airflow.mails import sender_of

        try:
            return {"mails": announce(desk, sender_of(desk.pair))}
        except RetailSyncError as error:
            return {"failed": str(error)}

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
