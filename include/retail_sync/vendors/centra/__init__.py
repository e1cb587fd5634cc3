"""Centra, a commerce system: a source over its GraphQL Integration API.

May import what `vendors` may; only `sandbox` may import graphql-core, and it imports nothing of its siblings.
"""

from __future__ import annotations

from retail_sync.vendors.role import SourceOnly

VENDOR = SourceOnly("centra", "Centra")
