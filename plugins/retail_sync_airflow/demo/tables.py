"""The demo's closing tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.table import Table

_GROUPS = (
    ("audited", "by the audit found"),
    ("extracted", "extracted"),
    ("staged", "staged as new"),
    ("set_aside", "set aside by"),
)


def tables(report: dict[str, Any]) -> Iterator[Table]:
    """The tables of a demo's report: of each pair its runs, what was compared, what waits for whom; of the sources."""
    for name, pair in report["pairs"].items():
        yield _runs(name, pair["runs"])
        yield _comparison(name, pair["reconciliation"])
        yield _money(name, pair["money"], report["look"])
        yield _exceptions(name, pair["exceptions"], report["look"])
    yield _sources(report["sources"])


def _runs(name: str, runs: list[dict[str, Any]]) -> Table:
    table = Table(title=f"{name}: what each run did", title_justify="left")
    table.add_column("")
    for run in runs:
        table.add_column(run["label"], justify="right")
    for label, cells in _rows(runs):
        table.add_row(label, *cells)
    return table


def _rows(runs: list[dict[str, Any]]) -> Iterator[tuple[str, list[str]]]:
    for group, says in _GROUPS:
        for name in sorted({name for run in runs for name in run[group]}):
            yield f"{says} {name}", [str(run[group].get(name, 0)) for run in runs]
    yield "people looked at", [str(run["people"]) for run in runs]
    for group in ("queued", "delivered", "rejected", "held", "unknown"):
        for kind in sorted({kind for run in runs for kind in run[group]}):
            yield f"{group} {kind}", [str(run[group].get(kind, 0)) for run in runs]
    yield "opt-outs written back", [str(run["opt_outs_written_back"]) for run in runs]
    yield "writes that the destination counted", [str(run["outbound_writes"]) for run in runs]
    yield "seconds", [str(run["seconds"]) for run in runs]


def _comparison(name: str, found: dict[str, Any]) -> Table:
    table = Table(title=f"{name}: both sides compared", title_justify="left")
    for column in ("kind", "ours", "compared", "missing", "extra", "different", "proof"):
        table.add_column(column, justify="left" if column in {"kind", "proof"} else "right")
    for kind, proof in found["proof"].items():
        # What can't be read has no line: nothing of it was compared.
        line = found["by_kind"].get(kind, {})
        figures = [line.get(column, "-") for column in ("sampled", "missing", "extra", "different")]
        table.add_row(kind, str(found["ours"].get(kind, 0)), *map(str, figures), proof.replace("_", " "))
    table.caption = ", ".join(f"{key} {value}" for key, value in found["theirs"].items())
    return table


def _money(name: str, found: dict[str, Any], look: str) -> Table:
    table = Table(title=f"{name}: both sides' orders, as the night's audit read them", title_justify="left")
    for column in ("currency", "orders", "net", "orders there", "total there", "proof"):
        table.add_column(column, justify="left" if column in {"currency", "proof"} else "right")
    for currency, line in sorted(found["by_currency"].items()):
        ours = (str(line["orders"]), f"{line['net']:,.2f}")
        theirs = (str(line["held"]), f"{line['held_total']:,.2f}")
        table.add_row(currency, *ours, *theirs, line["proof"].replace("_", " "))
    differ = ", ".join(f"{count} {why}" for why, count in sorted(found["differ"].items()))
    table.caption = f"Orders that differ: {differ or 'none'}. Each of them: {look} totals {name} --orders"
    return table


def _sources(sources: dict[str, dict[str, int]]) -> Table:
    table = Table(title="writes that each source counted", title_justify="left")
    table.add_column("source")
    for label in next(iter(sources.values())):
        table.add_column(label, justify="right")
    for account, chapters in sources.items():
        table.add_row(account, *map(str, chapters.values()))
    return table


def _exceptions(name: str, found: dict[str, Any], look: str) -> Table:
    table = Table(title=f"{name}: open exceptions", title_justify="left")
    for column in ("family", "open", "of which", "whose turn"):
        table.add_column(column, justify="right" if column == "open" else "left")
    for family, line in found.items():
        table.add_row(family, str(line["open"]), _counts(line["subjects"]), _counts(line["owners"]))
    table.caption = f"Each with its record, cause and next step: {look} exceptions --pair {name}"
    return table


def _counts(counts: dict[str, int]) -> str:
    return "\n".join(f"{count} {name}" for name, count in sorted(counts.items()))
