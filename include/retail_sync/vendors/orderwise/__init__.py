"""OrderWise, an ERP: a source over export definitions that are installed at the customer, and over its REST API.

May import what `vendors` may; only `sandbox` may import sqlglot, and it imports nothing of its siblings.
"""

from __future__ import annotations

from retail_sync.vendors.role import SourceOnly

VENDOR = SourceOnly("orderwise", "OrderWise")
