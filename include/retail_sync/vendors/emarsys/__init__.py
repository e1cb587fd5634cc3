"""SAP Emarsys, a marketing platform: a destination over its Core API and, beside it, the interface of its sales data.

May import what `vendors` may; `sandbox` imports nothing of its siblings.
"""

from __future__ import annotations

from retail_sync.vendors.role import DestinationOnly

VENDOR = DestinationOnly("emarsys", "Emarsys")
