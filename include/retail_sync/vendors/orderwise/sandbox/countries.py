"""Names of countries, as somebody has typed them into addresses."""

from __future__ import annotations

_NAMES = {
    "AT": "Austria", "AU": "Australia", "BE": "Belgium", "CH": "Switzerland", "DE": "Germany", "DK": "Denmark",
    "ES": "Spain", "FI": "Finland", "FR": "France", "GB": "United Kingdom", "GR": "Greece", "IE": "Ireland",
    "IS": "Iceland", "IT": "Italy", "JE": "Channel Islands", "NL": "Netherlands", "NO": "Norway", "PL": "Poland",
    "PT": "Portugal", "SE": "Sweden", "US": "United States",
}  # fmt: skip


def country_name(code: str) -> str:
    """The name of a country by its ISO 3166 alpha-2 code; the code where nobody knows better."""
    return _NAMES.get(code, code)
