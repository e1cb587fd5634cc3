"""The product's own database, by Airflow's Postgres hook."""

from __future__ import annotations

import os

from airflow.providers.postgres.hooks.postgres import PostgresHook


class RetailSyncDbHook(PostgresHook):
    """The connection `retail_sync_db`; `RETAIL_SYNC_DSN` stands in where a machine brings its own server."""

    conn_name_attr = "retail_sync_conn_id"
    default_conn_name = "retail_sync_db"
    hook_name = "Retail Sync database"

    def dsn(self) -> str:
        """The DSN, as libpq reads it."""
        return os.environ.get("RETAIL_SYNC_DSN") or str(self.get_uri())
