"""`rules`: what records are judged by, for one pair or as the package ships them."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from retail_sync.pairs.files import find
from retail_sync.quality.catalogue import CATALOGUE, rules_of
from retail_sync.quality.rule import EFFECTS, Rule

from .failures import told_plainly
from .tables import AsJson, print_json, table

_out = Console()

_HEADS = ("rule, owner, effect", "what is right, and what to do where it is not")


def rules(
    pair: Annotated[str | None, typer.Argument(help="As this pair's file changes them.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """List the rules: what is right, whose turn it is else, what becomes of the record, and when a run stops."""
    with told_plainly():
        found = rules_of(find(pair)) if pair else tuple(CATALOGUE.values())
    if as_json:
        print_json([_shown(rule) for rule in found])
        return
    shown = table(_HEADS, [_cells(rule) for rule in found], f"{len(found)} rules")
    shown.columns[0].no_wrap = shown.show_lines = True
    _out.print(shown)
    for effect in dict.fromkeys(rule.effect for rule in found):
        _out.print(f"{effect}: the record {EFFECTS[effect]}.")


def _shown(rule: Rule) -> dict[str, object]:
    return {
        "rule": rule.id,
        "stream": rule.stream,
        "description": rule.description,
        "owner": rule.owner,
        "effect": rule.effect,
        "threshold": rule.threshold,
        "next_step": rule.next_step,
    }


def _cells(rule: Rule) -> list[str]:
    stops = "" if rule.threshold is None else f"\nstops above {rule.threshold:.0%}"
    return [f"{rule.id}\n{rule.owner}, {rule.effect}{stops}", f"{rule.description}\n→ {rule.next_step}"]
