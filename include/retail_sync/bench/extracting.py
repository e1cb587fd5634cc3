"""Extract and stage: a shop's orders over HTTP into versions, the watermark moved at the end."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from retail_sync.steps.extract import extract
from retail_sync.steps.open_run import open_run
from retail_sync.steps.requests import RunRequest

from . import canned, floors, tasks
from .figures import Extent, Figure
from .ground import Ground, road
from .usage import Meter, Usage

_SIZES = (10_000, 100_000)
_MILLION = 1_000_000
_RATE, _CPU_PER_100K, _MEMORY = 11_000, 7.5, 120
_MARK = f"≥ {_RATE:,}/s, ≤ {_CPU_PER_100K} CPU s per 100k, ≤ {_MEMORY} MB"


def measure(ground: Ground, extent: Extent) -> Iterator[Figure]:
    """Read shops of growing size, and the floor of that; a million orders where the longest sizes are wanted."""
    for size in _SIZES:
        yield extent.median(partial(_ours, ground, extent.of(size, 200)))
    yield extent.median(partial(_floor, ground, extent.of(_SIZES[-1], 200)))
    if extent.full:
        yield _ours(ground, extent.of(_MILLION, 200))


def _ours(ground: Ground, size: int) -> Figure:
    with canned.serving("canned_shop", orders=size) as url, ground.database("extract") as dsn:
        usage = tasks.run("extracting:read_shop", Usage, url=url, dsn=dsn, orders=size)
    figure = Figure(what="extract + stage", size=f"{size:,} orders", usage=usage, count=size, mark=_MARK)
    figure.holds = figure.rate >= _RATE and usage.own_cpu * 100_000 / size <= _CPU_PER_100K and usage.peak_mb <= _MEMORY
    return figure


def _floor(ground: Ground, size: int) -> Figure:
    with canned.serving("canned_shop", orders=size) as url, ground.database("extract") as dsn:
        usage = tasks.run("extracting:read_plainly", Usage, url=url, dsn=dsn, orders=size)
    return Figure(what="floor: fetch, flatten, copy", size=f"{size:,} orders", usage=usage, count=size, floor=True)


def read_shop(url: str, dsn: str, orders: int) -> Usage:
    """The step `extract` of a first run, with the shop's own quotas looked up and its lock taken."""
    way = road(dsn, source=url)
    open_run(way, "bench", RunRequest(streams=("orders",)))
    _ = way.source
    with Meter(dsn) as meter:
        report = extract(way, "bench", "orders")
    assert report["new_versions"] == orders, report  # noqa: S101 - a measurement of something else is none
    return meter.usage


def read_plainly(url: str, dsn: str, orders: int) -> Usage:
    """The floor of the same."""
    with Meter(dsn) as meter:
        staged = floors.extract(url, dsn)
    assert staged == orders, staged  # noqa: S101 - a measurement of something else is none
    return meter.usage
