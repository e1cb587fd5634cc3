"""Tells the story and writes its report; exits with 0 only if nothing of it is wrong, as `verdict` says."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from pathlib import Path
from typing import Any

from rich.console import Console

from retail_sync.sandbox.client import SandboxControl

from .figures import by_family
from .story import Story
from .tables import tables
from .verdict import what_is_wrong

_out = Console()


def main() -> int:
    """Run the demo with the sandboxes that the command line names."""
    options = _options()
    # Airflow reads it when it is first imported, which is when the first DAG runs.
    os.environ.setdefault("AIRFLOW__LOGGING__LOGGING_LEVEL", "ERROR")
    logging.disable(logging.INFO)
    sandboxes = {name: SandboxControl(url) for name, url in (pair.split("=", 1) for pair in options.sandbox)}
    story = Story(options.pair, sandboxes, customers=options.customers, orders=options.orders, seed=options.seed)
    try:
        report = tell(story, options.look)
    finally:
        story.close()
    options.report.parent.mkdir(parents=True, exist_ok=True)
    options.report.write_text(json.dumps(report, indent=2, default=str) + "\n", encoding="utf-8")
    for table in tables(report):
        _out.print(table)
    return _end(report, options.report)


def tell(story: Story, look: str) -> dict[str, Any]:
    """Tell the story chapter by chapter; return the report, in which `look` is the command that looks into it."""
    pairs: dict[str, Any] = {pair.pair: {"runs": []} for pair in story.pairs}
    report = {"look": look, "pairs": pairs, "sources": {name: {} for name in story.source_writes()}}
    _out.print(f"[bold]The shop opens[/]: {story.invent():,} things happened in eighteen months.")
    _chapter(story, report, "first")
    _chapter(story, report, "unchanged")
    _out.print(f"[bold]A day goes by[/]: {story.live_on():,} things happened.")
    _chapter(story, report, "a day later")
    _chapter(story, report, "night", at_night=True)
    _out.print("Every object is read back and compared.")
    for pair, compared in story.compare():
        pairs[pair.pair]["reconciliation"] = compared
        pairs[pair.pair]["money"] = story.money(pair)
        pairs[pair.pair]["exceptions"] = by_family(story.exceptions(pair))
    return report


def _chapter(story: Story, report: dict[str, Any], label: str, *, at_night: bool = False) -> None:
    _out.print(f"[bold]Run[/]: {label}")
    before = story.source_writes()
    for told in story.run(label, at_night=at_night):
        report["pairs"][told.pair]["runs"].append(told.figures)
        writes = told.figures["outbound_writes"]
        _out.print(f"  {told.pair}: {writes:,} writes, {told.figures['seconds']} s")
    for account, writes in story.source_writes().items():
        report["sources"][account][label] = writes - before[account]


def _end(report: dict[str, Any], where: Path) -> int:
    wrong = what_is_wrong(report)
    for line in wrong:
        _out.print(f"[red]{line}[/]")
    _out.print(f"The report is {where}.")
    return 1 if wrong else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Run pairs on Airflow against sandboxes.")
    parser.add_argument("--pair", action="append", required=True)
    parser.add_argument("--sandbox", action="append", required=True, help="connection=URL")
    parser.add_argument("--customers", type=int, default=2000)
    parser.add_argument("--orders", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--report", type=Path, required=True)
    parser.add_argument("--look", default="retail-sync", help="The command that looks into it afterwards.")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
