"""Fulfil stands what every source must."""

from __future__ import annotations

from typing import ClassVar

from retail_sync.sandbox.client import SandboxControl

from .source_conformance import SourceConformance


class TestFulfil(SourceConformance):
    system = "fulfil"
    pages: ClassVar = {"page_size": 20, "ids_at_once": 9}
    reads: ClassVar = {
        "customers": "party.party*",
        "products": "product.product*",
        "orders": "sale.sale*",
        "returns": "sale.sale*",
    }

    def unheard(self, control: SandboxControl, number: str) -> None:
        control.fault("unknown_state", endpoint="sale.sale*", options={"key": number, "state": "on_ice"})
