"""The Airflow side: factory, hooks, operators. Thin on purpose; what is done is done by `retail_sync.steps`."""
