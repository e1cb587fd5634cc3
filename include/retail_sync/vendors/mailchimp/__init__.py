"""Mailchimp, a marketing platform: a destination over its Marketing API 3.0, one audience with the store tied to it.

May import what `vendors` may; `sandbox` imports nothing of its siblings.
"""

from __future__ import annotations

from retail_sync.vendors.role import DestinationOnly

VENDOR = DestinationOnly("mailchimp", "Mailchimp", apart=("audience",))
