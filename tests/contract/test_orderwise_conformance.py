"""OrderWise stands what every source must."""

from __future__ import annotations

from typing import ClassVar

from retail_sync.pairs.files import find
from retail_sync.sandbox.client import SandboxControl

from .source_conformance import SourceConformance


class TestOrderWise(SourceConformance):
    system = "orderwise"
    # The ids and words of the invented tenant are those of the shipped pair file.
    pages: ClassVar = {**find("orderwise_to_mailchimp").source.settings, "page_size": 7}
    reads: ClassVar = {
        "customers": "export customers",
        "products": "export products",
        "orders": "export orders",
        "returns": "export credits",
    }

    def unheard(self, control: SandboxControl, number: str) -> None:
        options = {"key": number, "status": "On the moon"}
        control.fault("edited_while_paging", endpoint="export orders", options=options)
