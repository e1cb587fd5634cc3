"""How a command ends on an error: one clear line for those that we know, the whole trace for the rest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console

from retail_sync.errors import ConfigurationError, RetailSyncError, WaitError

_err = Console(stderr=True)


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn our own errors into a line on standard error and an exit status: 2 to mend, 3 to try again, 1 the rest."""
    try:
        yield
    except RetailSyncError as error:
        _err.print(f"[red]{type(error).__name__}[/]: {error}", highlight=False)
        status = 2 if isinstance(error, ConfigurationError) else 3 if isinstance(error, WaitError) else 1
        raise typer.Exit(status) from None
