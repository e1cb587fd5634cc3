"""What Airflow does with an error, by the groups of `retail_sync.errors`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule

from retail_sync.errors import ConfigurationError, FencedError, IncompleteReadError, RecordError, StopError

#: The first rule that fits decides. A read that ended short, and a lease that was lost, are well again once what
#: disturbed them is over; of the rest of their group, and of the others here, nothing is made better by waiting.
#: Whatever else goes wrong may pass.
_POLICY = ExceptionRetryPolicy(
    rules=[
        RetryRule(IncompleteReadError, RetryAction.RETRY, reason="It is read again from where it began."),
        RetryRule(FencedError, RetryAction.RETRY, reason="Another worker has taken it over; it is looked at again."),
        RetryRule(ConfigurationError, RetryAction.FAIL, reason="A person must mend a file, a connection or a setting."),
        RetryRule(StopError, RetryAction.FAIL, reason="Going on would do harm."),
        RetryRule(RecordError, RetryAction.FAIL, reason="One record must not stop the others: a fault of ours."),
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
