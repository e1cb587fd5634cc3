"""The pages as an application that Airflow's api-server mounts. Every route is authenticated, and all only read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, fields
from functools import cache
from pathlib import Path, PurePosixPath

from fastapi import FastAPI, HTTPException, Request  # noqa: TID253 - this module is the api-server's alone
from starlette.responses import HTMLResponse, RedirectResponse, Response  # noqa: TID253

from retail_sync.consent.by_hand import Leaving, to_take_off
from retail_sync.db.database import Database
from retail_sync.errors import ConfigurationError
from retail_sync.exceptions.entries import entries
from retail_sync.operate import overview
from retail_sync.operate.foreseen import foreseen
from retail_sync.operate.spreadsheet import as_csv
from retail_sync.pairs.config import Owners
from retail_sync.pairs.files import find, read_all
from retail_sync.quality import docs
from retail_sync.quality.offline import asset
from retail_sync_airflow.hooks.database import RetailSyncDbHook

from .access import Readable, require, signed_in, to_log_in
from .pages import STYLE, page
from .security import SecurityHeaders

_TYPES = {".css": "text/css", ".js": "text/javascript", ".woff2": "font/woff2", ".ttf": "font/ttf"}
_INDEX = "index.html"
#: How many exceptions, or rows of a dry run, one page shows.
_LISTED = 500
#: Assets change with the package only.
_KEPT = {"Cache-Control": "private, max-age=3600"}


def build_app() -> FastAPI:
    """The application."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, dependencies=[signed_in])
    app.add_middleware(SecurityHeaders)
    app.add_exception_handler(HTTPException, to_log_in)  # type: ignore[arg-type]
    for path, route in _ROUTES.items():
        app.add_api_route(path, route, methods=["GET", "HEAD"], response_class=HTMLResponse, response_model=None)
    return app


def database() -> Database:
    """The product's own database."""
    return _kept(RetailSyncDbHook().dsn())


@cache
def _kept(dsn: str) -> Database:
    """The database with its free connections, from one request to the next."""
    return Database(dsn)


def _index(request: Request, readable: Readable) -> Response:
    with database().connection() as connection:
        shown = {
            "pairs": sorted(readable),
            "runs": overview.newest_runs(connection, readable),
            "aside": overview.set_aside(connection, readable),
            "validations": overview.validations(connection, readable),
            "open": overview.open_by_owner(connection, readable),
        }
    return page(request, "index.html", shown)


def _exceptions(request: Request, readable: Readable, pair: str = "", owner: str = "") -> Response:
    if pair:
        require(pair, readable)
    with database().connection() as connection:
        found = [one for one in entries(connection, pair or None, owner or None) if one.pair in readable]
    shown = {
        "pair": pair,
        "owner": owner,
        "pairs": sorted(readable),
        "owners": list(Owners.model_fields),
        "entries": found,
        "by_hand": sorted({one.pair for one in found if one.subject == "consent.by_hand"}),
        "limit": _LISTED,
    }
    return page(request, "exceptions.html", shown)


def _leavings(readable: Readable, pair: str) -> Response:
    """The list for the source's users of customers whom they are to take off their mailing list."""
    require(pair, readable)
    try:
        of = find(pair)
    except ConfigurationError:
        raise HTTPException(404, "The file of this pair can't be used.") from None
    with database().connection() as connection:
        found = to_take_off(connection, of)
    text = as_csv([field.name for field in fields(Leaving)], map(astuple, found))
    named = {"Content-Disposition": f'attachment; filename="{pair}-to-take-off.csv"', "Cache-Control": "no-store"}
    return Response(text, media_type="text/csv; charset=utf-8", headers=named)


def _run(request: Request, readable: Readable, dag_id: str, run_id: str) -> Response:
    name = f"{dag_id}/{run_id}"
    with database().connection() as connection:
        run = overview.run_of(connection, name)
        if run is None:
            return _missing(request, f"{name} is not a run of a pair, or none of its tasks has begun.")
        require(run.pair, readable)
        steps = overview.steps_of_run(connection, name)
        judged = overview.validations(connection, [run.pair], name)
        judged_before = overview.judged_before(connection, name)
        rows, in_all = foreseen(connection, name, _LISTED)
    shown = {"run": run, "steps": steps, "validations": judged, "judged_before": judged_before}
    return page(request, "run.html", shown | {"foreseen": rows, "foreseen_in_all": in_all})


def _docs(request: Request, readable: Readable, path: str) -> Response:
    """A page of the data-quality site, or one of its assets.

    Its index names every pair. Who may not read all of them is led to our own, which lists the same of theirs.
    """
    if file := asset(path):
        return _file(file)
    shown = _shown_on(path)
    if path == _INDEX and readable and not shown <= readable:
        return RedirectResponse(f"{request.scope.get('root_path', '')}/", status_code=302)
    for pair in shown:
        require(pair, readable)
    with database().connection() as connection:
        found = docs.page(connection, path)
    if found is None:
        return _missing(request, "Nothing has been validated yet, or the page was taken away: only newer ones stay.")
    kind, body = found
    return Response(body, media_type=kind)


def _shown_on(path: str) -> set[str]:
    """The pairs that a page of the data-quality site tells of: that of its suite, or all where it lists them."""
    parts = PurePosixPath(path).parts
    if len(parts) > 1:
        return {parts[1].removesuffix(".html").rpartition("-")[0]}
    pairs, _ = read_all()
    return {pair.pair for pair in pairs}


def _missing(request: Request, why: str) -> Response:
    return page(request, "missing.html", {"why": why}, status=404)


def _style() -> Response:
    return _file(STYLE)


def _file(file: Path) -> Response:
    kind = _TYPES.get(file.suffix, "application/octet-stream")
    return Response(file.read_bytes(), media_type=kind, headers=_KEPT)


_ROUTES: dict[str, Callable[..., Response]] = {
    "/": _index,
    "/exceptions": _exceptions,
    "/leavings/{pair}.csv": _leavings,
    "/runs/{dag_id}/{run_id:path}": _run,
    "/docs/{path:path}": _docs,
    "/style.css": _style,
}
