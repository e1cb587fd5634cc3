"""The upkeep DAG: deadlines, mails and tidying, for all pairs (airflow finds files that say dag)."""

from retail_sync_airflow.upkeep import upkeep

dag = upkeep()
