"""Windows: what a run reads follows from the watermark, and no outage leaves a gap."""

from __future__ import annotations

from datetime import timedelta

import pytest

from retail_sync.model.reading import StreamFacts, Window
from retail_sync.pairs.config import StreamConfig
from retail_sync.stage.windows import BEGINNING, advanced, live, requested, whole

from .memory_shop import NOON

FACTS = StreamFacts(overlap=timedelta(minutes=10), lag=timedelta(minutes=1))
MINUTE = timedelta(minutes=1)


@pytest.mark.req("DAG-2")
def test_first_read_is_from_the_beginning_or_as_far_back_as_the_pair_says() -> None:
    everything = live(FACTS, StreamConfig(), None, NOON)
    limited = live(FACTS, StreamConfig(first_read=timedelta(days=90)), None, NOON)

    assert everything is not None
    assert everything.window == Window(BEGINNING, NOON - MINUTE, "changed")
    assert limited is not None
    assert limited.window.since == NOON - timedelta(days=90)


@pytest.mark.req("DAG-2")
def test_the_next_read_reaches_back_behind_the_watermark_however_long_the_outage_was() -> None:
    watermark = NOON - timedelta(days=2)
    plan = live(FACTS, StreamConfig(), watermark, NOON)

    assert plan is not None
    assert plan.window == Window(watermark - 10 * MINUTE, NOON - MINUTE, "changed")
    assert plan.moves_watermark


@pytest.mark.req("DAG-4")
def test_a_stream_that_was_read_within_its_cadence_is_not_due() -> None:
    hourly = StreamConfig(cadence=timedelta(hours=1))

    assert live(FACTS, hourly, NOON - 30 * MINUTE, NOON) is None
    assert live(FACTS, hourly, NOON - 61 * MINUTE, NOON) is not None
    assert live(FACTS, StreamConfig(), NOON - MINUTE, NOON) is None


@pytest.mark.req("DAG-4")
def test_the_pair_file_goes_before_the_sources_own_overlap_and_lag() -> None:
    config = StreamConfig(overlap=timedelta(hours=1), lag=timedelta(0))
    plan = live(FACTS, config, NOON - 5 * MINUTE, NOON)

    assert plan is not None
    assert plan.window == Window(NOON - 65 * MINUTE, NOON, "changed")


@pytest.mark.req("DAG-3")
def test_a_window_that_was_asked_for_never_moves_the_watermark() -> None:
    plan = requested(FACTS, NOON - 5 * MINUTE, NOON, "changed")

    assert not plan.moves_watermark
    assert plan.window == Window(NOON - 5 * MINUTE, NOON, "changed")


@pytest.mark.req("DAG-3")
def test_a_stream_without_a_time_of_change_is_read_by_creation() -> None:
    created_only = StreamFacts(by_change=False)

    assert requested(created_only, None, NOON, "changed").window == Window(BEGINNING, NOON, "created")
    assert requested(FACTS, None, NOON, "created").window.by == "created"


@pytest.mark.req("DAG-2")
def test_a_watermark_goes_neither_back_nor_over_a_gap() -> None:
    watermark = NOON

    assert advanced(watermark, Window(NOON - MINUTE, NOON + MINUTE)) == NOON + MINUTE
    assert advanced(watermark, Window(NOON, NOON + MINUTE)) == NOON + MINUTE
    assert advanced(watermark, Window(NOON + MINUTE, NOON + 2 * MINUTE)) is None
    assert advanced(watermark, Window(NOON - 2 * MINUTE, NOON - MINUTE)) is None


@pytest.mark.req("DAG-4", "CAT-1")
def test_only_the_catalogue_run_reads_all_of_a_stream_and_no_sooner_than_its_cadence() -> None:
    catalogue, hourly = StreamFacts(whole=True), StreamConfig(cadence=timedelta(hours=1))
    everything, changes = whole(catalogue, hourly, None, NOON), live(catalogue, StreamConfig(), NOON - MINUTE * 5, NOON)

    assert everything is not None
    assert (everything.window, everything.whole) == (Window(BEGINNING, NOON - MINUTE, "changed"), True)
    assert changes is not None
    assert (changes.window.since, changes.whole) == (NOON - MINUTE * 15, False)
    assert whole(catalogue, hourly, NOON - MINUTE * 31, NOON) is None
    assert whole(catalogue, hourly, NOON - MINUTE * 61, NOON) is not None


@pytest.mark.req("DAG-2")
def test_what_was_recorded_after_it_was_asked_for_has_not_been_read() -> None:
    """A clock that is ahead makes windows that reach into the source's future."""
    plan = live(FACTS, StreamConfig(), NOON - timedelta(days=1), NOON + timedelta(hours=2))

    assert plan is not None
    assert plan.reached(NOON).until == NOON - MINUTE
    assert plan.reached(plan.window.until + MINUTE) == plan.window
    assert plan.reached(None) == plan.window
