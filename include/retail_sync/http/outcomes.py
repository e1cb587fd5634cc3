"""Turning what a call came to into the error that its caller understands."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from retail_sync.errors import (
    ConfigurationError,
    CredentialsError,
    PermissionMissingError,
    RateLimitedError,
    RejectedError,
    RetailSyncError,
    UnreachableError,
    WaitError,
)
from retail_sync.http.failures import Action, FaultError, FaultKind
from retail_sync.http.messages import Answer, Call
from retail_sync.http.problems import problem

_KINDS: dict[Action, tuple[type[RetailSyncError], str]] = {
    Action.SLOW_DOWN: (RateLimitedError, "It is tried again by itself."),
    Action.RENEW: (CredentialsError, "Put a valid token into the connection."),
    Action.DENY: (PermissionMissingError, "Give the token this permission at the vendor."),
    Action.REJECT: (RejectedError, ""),
    Action.MISCONFIGURED: (ConfigurationError, "See whether the connection's host is right."),
}


def error(
    call: Call, outcome: Answer | FaultError, action: Action, retry_at: datetime | None, secrets: tuple[str, ...]
) -> RetailSyncError:
    """The error for a call that is given up.

    Args:
        call: The call. Only its method and endpoint are told.
        outcome: What its last try brought.
        action: What the table said of it.
        retry_at: When the vendor asked to be tried again, if it did.
        secrets: What must not be shown.
    """
    about = f"{call.method} {call.endpoint}"
    if isinstance(outcome, FaultError):
        return _of_fault(about, outcome, action)
    words = problem(outcome, secrets)
    said = f"{about} was answered with {outcome.status}" + (f": {words}" if words else "")
    kind, fix = _KINDS.get(action, (UnreachableError, ""))
    facts: dict[str, Any] = {"fix": fix, "endpoint": call.endpoint, "status": outcome.status}
    if issubclass(kind, WaitError):
        facts["retry_at"] = retry_at
    return kind(said, **facts)


def _of_fault(about: str, fault: FaultError, action: Action) -> RetailSyncError:
    if action is Action.MISCONFIGURED:
        fix = "See whether the connection's host is right." if fault.kind is not FaultKind.SIZE else ""
        return ConfigurationError(f"{about}: {fault.what}", fix=fix)
    return UnreachableError(f"{about}: {fault.what}", sent=fault.sent)
