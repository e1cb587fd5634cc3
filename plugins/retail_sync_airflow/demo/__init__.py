"""The demo: the pairs' DAGs run on Airflow against sandboxes, for two days and a night, and the result is measured.

`python -m retail_sync_airflow.demo` does it in the environment of a `House`; `retail-sync demo` prepares that.
"""
