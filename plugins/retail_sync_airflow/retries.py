"""What Airflow does with an error, by the groups of `retail_sync.errors`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule

from retail_sync.errors import ConfigurationError, StopError

#: Nothing but a person, or nothing at all, makes these better. Whatever else goes wrong may pass.
_POLICY = ExceptionRetryPolicy(
    rules=[
        RetryRule(ConfigurationError, RetryAction.FAIL, reason="A person must mend a file, a connection or a setting."),
        RetryRule(StopError, RetryAction.FAIL, reason="Going on would do harm."),
    ]
)


def retries() -> dict[str, Any]:
    """Arguments for every task: what waiting may heal is tried again for half an hour, the rest fails at once."""
    return {
        "retries": 5,
        "retry_delay": timedelta(seconds=30),
        "retry_exponential_backoff": 2,
        "max_retry_delay": timedelta(minutes=15),
        "retry_policy": _POLICY,
    }
