"""Windows: what a run reads follows from the watermark, and no outage leaves a gap."""

from __future__ import annotations

from datetime import timedelta

import pytest

from retail_sync.model.ports import StreamFacts, Window
from retail_sync.pairs.config import StreamConfig
from retail_sync.stage.windows import BEGINNING, advanced, live, requested

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


@pytest.mark.req("CAT-1")
def test_a_stream_whose_changes_no_filter_finds_is_read_whole_when_it_is_due() -> None:
    facts = StreamFacts(whole=True, lag=timedelta(minutes=1))
    config = StreamConfig.model_validate({"cadence": "1h"})
    read = NOON

    assert live(facts, config, read, read + timedelta(minutes=30)) is None
    plan = live(facts, config, read, read + timedelta(minutes=90))
    assert plan is not None
    assert plan.window == Window(BEGINNING, read + timedelta(minutes=89))
