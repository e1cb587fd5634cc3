"""Pair files that can't be used, as an import error of Airflow's own; every other dag goes on."""

from retail_sync.errors import ConfigurationError
from retail_sync_airflow.factory import broken

if wrong := broken():
    raise ConfigurationError("; ".join(wrong))
