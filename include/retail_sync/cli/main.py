"""`retail-sync`: the whole command line."""

from __future__ import annotations

import typer

from . import pairs, sandbox
from .bench import bench
from .demo import demo
from .records import exceptions, trace
from .requirements import requirements
from .road import check, migrate, plan, run
from .up import up

app = typer.Typer(
    help="Keeps a marketing platform true to a shop or an ERP.", no_args_is_help=True, pretty_exceptions_enable=False
)
for command in (run, plan, check, migrate, exceptions, trace, requirements, demo, up, bench):
    app.command()(command)
app.add_typer(pairs.app, name="pairs")
app.add_typer(sandbox.app, name="sandbox")
