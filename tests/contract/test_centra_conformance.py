"""Centra stands what every source must."""

from __future__ import annotations

from typing import ClassVar

from retail_sync.sandbox.client import SandboxControl

from .source_conformance import SourceConformance


class TestCentra(SourceConformance):
    system = "centra"
    pages: ClassVar = {"page_size": 20, "list_size": 9, "product_size": 9, "prefetch": False}
    reads: ClassVar = {
        "customers": "customers",
        "products": "products",
        "orders": "orderConnection",
        "returns": "returns",
    }

    def unheard(self, control: SandboxControl, number: str) -> None:
        options = {"key": int(number), "status": "ON_ICE"}
        control.fault("edited_while_paging", endpoint="orderConnection", options=options)
