"""Who decides, and why: what every command takes by which a person changes something, and what is kept of it."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from retail_sync.db.acts import Act, What
from retail_sync.steps.clock import system_clock

Because = Annotated[str, typer.Option(help="Why, for whoever looks next. It is kept.")]
Who = Annotated[str | None, typer.Option("--as", metavar="NAME", help="Who does it, where it is not the user here.")]


def act(what: What, who: str | None, because: str) -> Act:
    """What a person does, now.

    Raises:
        ConfigurationError: No reason was given.
    """
    return Act(what, named(who), because, system_clock())


def named(who: str | None) -> str:
    """Who does it: whom the command names, else the user here."""
    return who or getpass.getuser()
