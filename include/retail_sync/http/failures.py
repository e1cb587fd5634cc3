"""What to do on which answer or fault: a table, of which a vendor or one endpoint may change lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from retail_sync.http.messages import Answer


class Action(Enum):
    """What the client does with an answer, or with the want of one."""

    #: Hand it to the caller.
    ANSWER = "answer"
    #: Try again where that is safe, else `UnreachableError`.
    RETRY = "retry"
    #: Everybody waits, then try again: the call was refused, not done. At last `RateLimitedError`.
    SLOW_DOWN = "slow down"
    #: Get a new token and try once more, else `CredentialsError`.
    RENEW = "renew"
    #: `PermissionMissingError`.
    DENY = "deny"
    #: `RejectedError`, in the vendor's words.
    REJECT = "reject"
    #: `ConfigurationError`.
    MISCONFIGURED = "misconfigured"


class FaultKind(Enum):
    """The ways in which a try can bring no whole answer."""

    #: No connection came about.
    CONNECT = "connect"
    #: The other side's certificate is not to be trusted.
    CERTIFICATE = "certificate"
    #: A deadline passed.
    DEADLINE = "deadline"
    #: The connection was cut, or the body is shorter than announced.
    CUT = "cut"
    #: The body is larger than allowed.
    SIZE = "size"
    #: The body is not of the kind that was expected: a page for people, or broken JSON.
    UNREADABLE = "unreadable"


class FaultError(Exception):
    """A try that brought no whole answer.

    Args:
        kind: What happened.
        sent: Whether the request may have reached the vendor.
        what: What happened, in plain words free of secrets.
    """

    def __init__(self, kind: FaultKind, what: str, *, sent: bool) -> None:
        super().__init__(what)
        self.kind = kind
        self.what = what
        self.sent = sent


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table.

    Attributes:
        statuses: The statuses that it is about: `range(500, 600)`, `(404,)`.
        action: What is done.
        endpoints: The endpoints that it is about; none stands for all.
        when: A further condition on the answer.
    """

    statuses: Sequence[int]
    action: Action
    endpoints: frozenset[str] = frozenset()
    when: Callable[[Answer], bool] | None = None

    def fits(self, endpoint: str, answer: Answer) -> bool:
        """Whether the line is about this answer."""
        return (
            answer.status in self.statuses
            and (not self.endpoints or endpoint in self.endpoints)
            and (self.when is None or self.when(answer))
        )


_RULES = (
    Rule(range(200, 300), Action.ANSWER),
    Rule((401,), Action.RENEW),
    Rule((403,), Action.DENY),
    Rule((429,), Action.SLOW_DOWN),
    Rule((408, 425), Action.RETRY),
    # A redirect is never followed: it would take our credentials along.
    Rule((407, *range(300, 400)), Action.MISCONFIGURED),
    Rule(range(400, 500), Action.REJECT),
    Rule(range(500, 600), Action.RETRY),
)
_FAULTS = {
    FaultKind.CERTIFICATE: Action.MISCONFIGURED,
    FaultKind.SIZE: Action.MISCONFIGURED,
}


@dataclass(frozen=True, slots=True)
class FailureTable:
    """What to do on which answer: the first rule that fits, the vendor's own before the usual ones.

    Attributes:
        rules: The vendor's own lines.
        faults: What the vendor wants done otherwise where no whole answer came.
    """

    rules: Sequence[Rule] = ()
    faults: Mapping[FaultKind, Action] = field(default_factory=dict)

    def on_answer(self, endpoint: str, answer: Answer) -> Action:
        """The action for a whole answer. A status that no rule knows is tried again."""
        fitting = (rule.action for rule in (*self.rules, *_RULES) if rule.fits(endpoint, answer))
        return next(fitting, Action.RETRY)

    def on_fault(self, fault: FaultError) -> Action:
        """The action where no whole answer came."""
        return self.faults.get(fault.kind) or _FAULTS.get(fault.kind, Action.RETRY)
