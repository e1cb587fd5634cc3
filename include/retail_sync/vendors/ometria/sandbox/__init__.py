"""A server that behaves like Ometria's Data API v2, with an account that remembers and its traps.

`build(settings)` gives it. Written from the API's contract alone: may import only `sandbox.kit`, `sandbox.world` and
its own modules, nothing of the vendor's client side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from retail_sync.vendors.ometria.sandbox.server import build
from retail_sync.vendors.ometria.sandbox.settings import Settings

__all__ = ["HURRY", "Settings", "build", "serving"]

#: Settings of a pair's end here, where nobody is to be spared: an account that is served with them grants such rates.
HURRY: Mapping[str, Any] = {
    "push_rate": 1000.0,
    "data_rate": 1000.0,
    "poll_from": 0.02,
    "poll_to": 1.0,
    "settle_for": 0.2,
}
#: What the account's allowances are called at a pair's end, and here.
_RATES = {"push_rate": "push_per_second", "data_rate": "data_per_second"}


def serving(ends: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Settings of an account that was granted the rates which the ends of pairs count on, where they name any."""
    granted: dict[str, Any] = {}
    for end in ends:
        for name, ours in _RATES.items():
            if end.get(name):
                granted[ours] = max(float(end[name]), granted.get(ours, 0.0))
    return granted
