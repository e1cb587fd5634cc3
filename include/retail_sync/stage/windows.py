"""Which span of time a run reads of a stream."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from retail_sync.model.reading import By, StreamFacts, Window
from retail_sync.pairs.config import StreamConfig

#: Before anything that a shop could have recorded: where the very first read begins.
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
#: So old may be what another pair of the account has read, for a run to make do with it: less than live runs lie apart.
SHARED_FOR = timedelta(minutes=4)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to read of a stream.

    Attributes:
        window: The span to read.
        moves_watermark: Whether a complete read advances the watermark.
        followed_seq: Of a stream that follows another: the change of that one up to which its records are read.
        whole: Whether that is all of it, so that what does not come is gone.
        lag: How far the window stays behind the clock.
    """

    window: Window
    moves_watermark: bool
    followed_seq: int = 0
    whole: bool = False
    lag: timedelta = timedelta()

    def reached(self, asked_at: datetime | None) -> Window:
        """What has truly been read: what was recorded after it was asked for can't be in it, whatever its window says.

        Args:
            asked_at: When the first page was asked for, by the source's clock where ours is ahead; None without pages.
        """
        if asked_at is None:
            return self.window
        return replace(self.window, until=min(self.window.until, asked_at - self.lag))


def live(
    facts: StreamFacts, config: StreamConfig, watermark: datetime | None, at: datetime, *, by_another: bool = False
) -> Plan | None:
    """What a run that was given no window reads: `(watermark - overlap, at - lag]`, so that an outage leaves no gap.

    Args:
        facts: The source's own overlap and lag, where the pair file gives none.
        config: The stream's part of the pair file.
        watermark: Up to where the stream has been read completely; None if never.
        at: When the run was opened (aware UTC).
        by_another: Whether it was another pair that has read so far.

    Returns:
        None where the stream is not due: what has been read is younger than its cadence, or another pair has just read.
    """
    lag = lag_of(facts, config)
    until = at - lag
    if watermark is None:
        return Plan(Window(_first(config, at), until, _by(facts)), moves_watermark=True, lag=lag)
    if until <= watermark or until - watermark < _enough(config, by_another=by_another):
        return None
    overlap = facts.overlap if config.overlap is None else config.overlap
    return Plan(Window(watermark - overlap, until, _by(facts)), moves_watermark=True, lag=lag)


def whole(
    facts: StreamFacts, config: StreamConfig, read_at: datetime | None, at: datetime, *, by_another: bool = False
) -> Plan | None:
    """What a catalogue run that was given no window reads: everything, whatever moved its time of change.

    Args:
        facts: The source's own lag, where the pair file gives none.
        config: The stream's part of the pair file.
        read_at: When all of it was last read; None if never.
        at: When the run was opened (aware UTC).
        by_another: Whether it was another pair that has read last.

    Returns:
        None where the stream is not due: another pair of the account has just read it.
    """
    lag = lag_of(facts, config)
    until = at - lag
    if read_at is not None and until - read_at < _enough(config, by_another=by_another):
        return None
    return Plan(Window(BEGINNING, until, _by(facts)), moves_watermark=True, whole=True, lag=lag)


def requested(facts: StreamFacts, since: datetime | None, until: datetime, by: By) -> Plan:
    """What a run that was given a window reads. It says nothing about what lies around it: the watermark stays."""
    return Plan(Window(since or BEGINNING, until, by if facts.by_change else "created"), moves_watermark=False)


def lag_of(facts: StreamFacts, config: StreamConfig) -> timedelta:
    """How far windows of a stream stay behind the clock: the pair file goes before what the source says of itself."""
    return facts.lag if config.lag is None else config.lag


def advanced(watermark: datetime, window: Window) -> datetime | None:
    """Where a complete read of the window puts the watermark; None where it would leave a gap or go back."""
    if window.since > watermark or window.until <= watermark:
        return None
    return window.until


def _enough(config: StreamConfig, *, by_another: bool) -> timedelta:
    """How young what was read must be for a run to read nothing."""
    return max(config.cadence, SHARED_FOR) if by_another else config.cadence


def _first(config: StreamConfig, at: datetime) -> datetime:
    return BEGINNING if config.first_read is None else at - config.first_read


def _by(facts: StreamFacts) -> By:
    return "changed" if facts.by_change else "created"
