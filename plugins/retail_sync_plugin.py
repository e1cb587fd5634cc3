"""What Airflow loads of this product at start. Everything behind it is imported when it is asked for."""

from airflow.plugins_manager import AirflowPlugin


class RetailSyncPlugin(AirflowPlugin):
    """Retail Sync in Airflow."""

    name = "retail_sync"
