"""Retail Sync: everything that does not know Airflow."""
