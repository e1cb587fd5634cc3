"""Ometria, a marketing platform for shops: a destination over its Data API v2, one collection of contacts per source.

May import what `vendors` may; `sandbox` imports nothing of its siblings.
"""

from __future__ import annotations

from retail_sync.vendors.role import DestinationOnly

VENDOR = DestinationOnly("ometria", "Ometria")
