"""`retail-sync`: the whole command line."""

from __future__ import annotations

import typer

from . import aliases, catalogue, consent, exceptions, pairs, quarantine, sandbox, unknown
from .bench import bench
from .brake import approve, reject
from .bring import bring
from .demo import demo
from .history import history
from .records import trace
from .requirements import requirements
from .road import check, migrate, plan, run
from .rules import rules
from .totals import audit, totals
from .up import up
from .within import PASSED_ON, within

app = typer.Typer(
    help="Keeps a marketing platform true to a shop or an ERP.", no_args_is_help=True, pretty_exceptions_enable=False
)
for command in (
    run, plan, check, audit, totals, history, bring, migrate, approve, reject, trace, rules, requirements, demo, up,
    bench,
):  # fmt: skip
    app.command()(command)
app.command(context_settings=PASSED_ON)(within)
app.add_typer(aliases.app, name="aliases")
app.add_typer(catalogue.app, name="catalogue")
app.add_typer(consent.app, name="consent")
app.add_typer(exceptions.app, name="exceptions")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(unknown.app, name="unknown")
app.add_typer(pairs.app, name="pairs")
app.add_typer(sandbox.app, name="sandbox")
