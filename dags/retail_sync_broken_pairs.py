"""Pair files that can't be used, as an import error of Airflow's own; every other dag goes on."""

from retail_sync.errors import ConfigurationError
from retail_sync.pairs.files import read_all

_, broken = read_all()
if broken:
    raise ConfigurationError("; ".join(item.error for item in broken))
