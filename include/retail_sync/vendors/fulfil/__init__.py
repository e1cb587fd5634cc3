"""Fulfil, an ERP: a source over its REST API (v2), in which reads are PUT requests.

May import what `vendors` may; `sandbox` imports nothing of its siblings.
"""

from __future__ import annotations

from retail_sync.vendors.role import SourceOnly

VENDOR = SourceOnly("fulfil", "Fulfil")
