"""The product's own database, by Airflow's Postgres hook."""

from __future__ import annotations

import os

from airflow.providers.postgres.hooks.postgres import PostgresHook
from airflow.sdk.log import mask_secret
from psycopg.conninfo import conninfo_to_dict

from retail_sync.steps.connections import dsn_from

from .connections import parts_of


class RetailSyncDbHook(PostgresHook):
    """The connection `retail_sync_db`; `RETAIL_SYNC_DSN` stands in where a machine brings its own server."""

    conn_name_attr = "retail_sync_conn_id"
    default_conn_name = "retail_sync_db"
    hook_name = "Retail Sync database"

    def dsn(self) -> str:
        """The DSN, as libpq reads it. Its password is masked in logs from now on."""
        if named := os.environ.get("RETAIL_SYNC_DSN"):
            if password := conninfo_to_dict(named).get("password"):
                mask_secret(str(password))
            return named
        return dsn_from(parts_of(self.get_connection(self.get_conn_id())))
