"""When the demo ends well: every way in which its report may be broken is told, and ends it with another status."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from retail_sync_airflow.demo.verdict import what_is_wrong

LABELS = ("first", "unchanged", "a day later", "night")
GOOD: dict[str, Any] = {
    "look": "retail-sync",
    "pairs": {
        "centra_to_mailchimp": {
            "runs": [{"label": label, "outbound_writes": 5 * (label != "unchanged")} for label in LABELS],
            "reconciliation": {
                "missing": 0,
                "extra": 0,
                "different": 0,
                "by_kind": {"member": {"sampled": 3}, "cart": {"sampled": 0}},
            },
            "money": {"by_currency": {}, "differ": {"is held back": 1}},
        }
    },
    "sources": {"centra_main": {label: int(label != "unchanged") for label in LABELS}},
}


def pair(report: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = report["pairs"]["centra_to_mailchimp"]
    return found


@pytest.mark.req("REC-1", "DAG-3")
def test_a_demo_ends_well_where_both_sides_agree_and_nothing_new_is_nothing_written() -> None:
    assert what_is_wrong(GOOD) == []


@pytest.mark.req("REC-1", "ORD-7")
@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda report: pair(report)["reconciliation"].update(missing=2), "centra_to_mailchimp: 2 missing"),
        (lambda report: pair(report)["reconciliation"].update(extra=1), "centra_to_mailchimp: 1 extra"),
        (lambda report: pair(report)["reconciliation"].update(different=3), "centra_to_mailchimp: 3 different"),
        (
            lambda report: pair(report)["reconciliation"].update(by_kind={"member": {"sampled": 0}}),
            "centra_to_mailchimp: nothing was there to be compared",
        ),
        (
            lambda report: pair(report)["money"]["differ"].update(unexplained=4),
            "centra_to_mailchimp: both sides count 4 orders differently, for no known reason",
        ),
        (
            lambda report: pair(report)["runs"][1].update(outbound_writes=7),
            "centra_to_mailchimp: the unchanged run wrote 7 times",
        ),
        (
            lambda report: report["sources"]["centra_main"].update(unchanged=1),
            "centra_main: the unchanged runs wrote 1 times to this source",
        ),
    ],
)
def test_whatever_is_broken_is_told(spoil: Callable[[dict[str, Any]], object], expected: str) -> None:
    report = deepcopy(GOOD)
    spoil(report)
    assert what_is_wrong(report) == [expected]
