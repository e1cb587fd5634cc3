"""`retail-sync within FOLDER COMMAND`: look into what a demo has left behind, with any command of this program."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from retail_sync.errors import ConfigurationError
from retail_sync.operate.house import House

from .failures import told_plainly

#: Everything behind the folder belongs to the other command.
PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "allow_interspersed_args": False}


def within(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="The folder that a demo has kept its servers' data in.")],
) -> None:
    """Run another command, such as `exceptions` or `trace`, on the database that a demo has left in a folder."""
    with told_plainly():
        if not (folder / "postgres").is_dir():
            raise ConfigurationError(f"nothing was kept in {folder}", fix="Run `retail-sync demo` first.")
        with House(folder) as house:
            os.environ["RETAIL_SYNC_DSN"] = house.dsn
            context.find_root().command.main(context.args, prog_name="retail-sync")
