"""Who may see what: Airflow's own session decides, for every page, by the DAGs that it lets a user read."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote, urlsplit

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import AccessView
from airflow.api_fastapi.core_api.security import GetUserDep, requires_access_view
from airflow.configuration import conf
from fastapi import Depends, HTTPException, Request  # noqa: TID253 - this module is the api-server's alone
from fastapi.exception_handlers import http_exception_handler  # noqa: TID253
from starlette.responses import RedirectResponse, Response  # noqa: TID253

from retail_sync.pairs.files import read_all

UNAUTHORISED = 401

#: Every route asks for it: Airflow protects nothing of a plugin by itself.
signed_in = Depends(requires_access_view(AccessView.WEBSITE))


def _readable_pairs(user: GetUserDep) -> frozenset[str]:
    """The pairs whose DAG the user may read; those too that have stopped since their file broke."""
    dags = get_auth_manager().get_authorized_dag_ids(user=user, method="GET")
    pairs, broken = read_all()
    return frozenset(({pair.pair for pair in pairs} | {item.path.stem for item in broken}) & dags)


Readable = Annotated[frozenset[str], Depends(_readable_pairs)]


def require(pair: str, readable: frozenset[str]) -> None:
    """Let only those go on who may read a pair.

    Raises:
        HTTPException: The user may not; status 403.
    """
    if pair not in readable:
        raise HTTPException(403, "Forbidden")


def base_path() -> str:
    """The path below which Airflow's interface lives; empty at the root of its host."""
    return urlsplit(str(conf.get("api", "base_url", fallback="") or "")).path.rstrip("/")


async def to_log_in(request: Request, error: HTTPException) -> Response:
    """Send a browser whose session is missing or over to Airflow's log-in, and back when that is done."""
    wants_page = "text/html" in request.headers.get("accept", "")
    if error.status_code != UNAUTHORISED or not wants_page:
        return await http_exception_handler(request, error)
    back = quote(request.url.path + (f"?{request.url.query}" if request.url.query else ""), safe="/")
    return RedirectResponse(f"{base_path()}/api/v2/auth/login?next={back}", status_code=302)
