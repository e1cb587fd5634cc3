"""A server that behaves like Mailchimp's Marketing API 3.0, with an account that remembers and its traps.

`build(settings)` gives it. Written from the API's contract alone: may import only `sandbox.kit`, `sandbox.world` and
its own modules, nothing of the vendor's client side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from retail_sync.vendors.mailchimp.sandbox.server import build
from retail_sync.vendors.mailchimp.sandbox.settings import AudienceSetup, Settings

__all__ = ["AudienceSetup", "Settings", "build", "serving"]


def serving(ends: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Settings with an audience for each that the ends of pairs name."""
    audiences = dict.fromkeys(str(end["audience"]) for end in ends if end.get("audience"))
    return {"audiences": [{"id": audience} for audience in audiences]} if audiences else {}
