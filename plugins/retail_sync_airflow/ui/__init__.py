"""Pages inside Airflow's interface: data quality, exceptions, and what a run did. Loaded by the api-server alone."""
