"""What Airflow loads of this product at start. Everything behind it is imported when it is asked for."""

from functools import cached_property
from typing import Any

from airflow.plugins_manager import AirflowPlugin


class RetailSyncPlugin(AirflowPlugin):
    """Retail Sync in Airflow: its pages, and what its deadlines are counted from."""

    name = "retail_sync"

    # Airflow takes properties for these lists, which its annotations do not say.
    @cached_property
    def fastapi_apps(self) -> list[dict[str, Any]]:  # type: ignore[override]
        """The pages, and the catalogues that destinations fetch; only the api-server asks for them."""
        from retail_sync_airflow.hooks.connections import airflow_connections
        from retail_sync_airflow.ui.app import build_app, database
        from retail_sync_airflow.ui.feed import FEED_PREFIX, build_feed
        from retail_sync_airflow.ui.views import PREFIX

        feed = build_feed(database, airflow_connections)
        return [
            {"app": build_app(), "url_prefix": PREFIX, "name": "Retail Sync"},
            {"app": feed, "url_prefix": FEED_PREFIX, "name": "Retail Sync catalogues"},
        ]

    @cached_property
    def external_views(self) -> list[dict[str, Any]]:  # type: ignore[override]
        """Where the interface shows them."""
        from retail_sync_airflow.ui.views import views

        return views()

    @cached_property
    def deadline_references(self) -> list[type]:  # type: ignore[override]
        """From where deadlines of runs are counted."""
        from retail_sync_airflow.deadlines import RunQueued

        return [RunQueued]
