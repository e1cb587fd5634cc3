"""Every error of the package, grouped by what the reader should do.

An error carries fields, not only a sentence: which record, what is wrong, what to do. It survives pickling, because
tasks cross processes, and it never holds a secret or a message body: whoever raises it passes only what may be shown.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any


class RetailSyncError(Exception):
    """The root of all errors here.

    Args:
        what: What is wrong, in plain words.
        fix: What the reader should do about it.
        record: The record it is about, such as `order 10231`, where there is one.
        fields: Further facts for the log, free of secrets and addresses.
    """

    def __init__(self, what: str, *, fix: str = "", record: str | None = None, **fields: Any) -> None:
        super().__init__(what)
        self.what = what
        self.fix = fix
        self.record = record
        self.fields = fields

    def __str__(self) -> str:
        about = f"{self.record}: " if self.record else ""
        end = "" if self.what.endswith((".", "!", "?")) else "."
        todo = f"{end} {self.fix}" if self.fix else ""
        return f"{about}{self.what}{todo}"

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.what, self.fix, self.record, self.fields)


def _rebuild(
    kind: type[RetailSyncError], what: str, fix: str, record: str | None, fields: dict[str, Any]
) -> RetailSyncError:
    return kind(what, fix=fix, record=record, **fields)


class ConfigurationError(RetailSyncError):
    """Fix the pair file, a connection or the vendor's settings; trying again does not help."""


class CredentialsError(ConfigurationError):
    """The vendor refused who we are: a token that has expired, was revoked or is wrong."""


class PermissionMissingError(ConfigurationError):
    """The vendor knows us and refuses this call: a permission is missing on the token."""


class SchemaDriftError(ConfigurationError):
    """The vendor's live account differs from what the package expects of it."""


class WaitError(RetailSyncError):
    """Wait and try again; the next try may well succeed.

    Args:
        what: What is wrong, in plain words.
        retry_at: When the other side asked to be tried again, if it said so (aware UTC).
    """

    def __init__(
        self, what: str, *, retry_at: datetime | None = None, fix: str = "", record: str | None = None, **fields: Any
    ) -> None:
        super().__init__(what, fix=fix, record=record, retry_at=retry_at, **fields)
        self.retry_at = retry_at


class RateLimitedError(WaitError):
    """The vendor asked us to slow down."""


class UnreachableError(WaitError):
    """No usable answer: a connection refused or cut, a deadline passed, a fault on the other side.

    A write that ended so may or may not have been done: `sent` tells whether the request had left.
    """

    @property
    def sent(self) -> bool:
        """Whether the request may have reached the vendor."""
        return bool(self.fields.get("sent", True))


class LeaseTakenError(WaitError):
    """Another worker holds the lease for this work."""


class PeakHoursError(WaitError):
    """The source is not to be asked for this before its peak hours are over."""


class RecordError(RetailSyncError):
    """Set this record aside with its reason; the others go on."""


class RejectedError(RecordError):
    """The vendor refused this record, in its own words."""


class StopError(RetailSyncError):
    """Stop: going on would do harm or hide a fault of ours."""


class IncompleteReadError(StopError):
    """A read ended short: pages were missing, repeated or cut. The watermark stays where it is."""


class FencedError(StopError):
    """Our lease ran out and somebody else has taken the work over."""


class RulesDisagreeError(StopError):
    """Great Expectations and the SQL pass counted differently for one rule: a fault in the rule itself."""
