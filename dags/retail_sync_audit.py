"""The audit DAG of every pair file in `include/pairs` (airflow finds files that say dag)."""

from retail_sync_airflow.factory import dags

globals().update(dags("audit"))
