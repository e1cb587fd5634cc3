"""What channels and countries are called."""

from __future__ import annotations

from collections.abc import Mapping

#: Affiliates that are marketplaces, with the source of their channel. ASSUMED: the codes of the vendor's connectors.
MARKETPLACES: Mapping[str, str] = {"amazon": "amazon_mws", "zalando": "zalando", "boozt": "boozt"}

_COUNTRIES: Mapping[str, str] = {
    "AU": "Australia", "AT": "Austria", "BE": "Belgium", "CH": "Switzerland", "CY": "Cyprus", "DE": "Germany",
    "DK": "Denmark", "ES": "Spain", "FI": "Finland", "FR": "France", "GB": "United Kingdom", "IE": "Ireland",
    "IT": "Italy", "JP": "Japan", "NL": "Netherlands", "NO": "Norway", "PL": "Poland", "PT": "Portugal",
    "SE": "Sweden", "US": "United States",
}  # fmt: skip


def country_name(code: str) -> str:
    """A country's name, or its code where the name is not at hand."""
    return _COUNTRIES.get(code, code)
