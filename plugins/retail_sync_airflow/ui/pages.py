"""The pages' templates: everything that is put into them is escaped, and times are shown in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import Request  # noqa: TID253 - this module is the api-server's alone
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse  # noqa: TID253

_FOLDER = Path(__file__).parent
STYLE = _FOLDER / "style.css"


def page(request: Request, template: str, shown: Mapping[str, Any], status: int = 200) -> HTMLResponse:
    """A page.

    Args:
        request: What asked for it; links stay below where the application is mounted.
        template: The template's file.
        shown: What it shows, by the names that it uses.
        status: The answer's status.
    """
    here = str(request.scope.get("root_path", ""))
    return HTMLResponse(_templates().get_template(template).render(shown, here=here), status_code=status)


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"utc": _utc, "duration": _length, "run_path": _run_path, "plainly": _plainly}
    return environment


def _utc(moment: datetime | str | None) -> str:
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}" if moment else ""


def _length(length: timedelta) -> str:
    seconds = length.total_seconds()
    return f"{seconds:.1f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def _run_path(name: str) -> str:
    """A run's name in the books as a path: DAG, then Airflow's own id."""
    dag, _, run = name.partition("/")
    return f"{quote(dag)}/{quote(run)}"


def _plainly(word: str) -> str:
    return word.replace("_", " ")
