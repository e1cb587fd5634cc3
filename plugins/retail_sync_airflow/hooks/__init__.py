"""Hooks: how Airflow's connections become the vendors' clients and the product's database."""
