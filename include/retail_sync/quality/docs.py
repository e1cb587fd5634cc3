"""The data-quality site: built from the stored results, made to stand by itself, published as rows of Postgres."""

from __future__ import annotations

import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psycopg import Connection

from retail_sync.db.database import Database
from retail_sync.db.leases import Lease, lease
from retail_sync.errors import LeaseTakenError, StopError

from . import results
from .gx import LISTED, quality_context
from .offline import make_offline
from .results import Place

if TYPE_CHECKING:
    from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext

_HTML = "text/html; charset=utf-8"
_LEASE = "quality/docs"
_TURN = timedelta(minutes=5)
#: How often one turn builds the site again because results came while it was building.
_ROUNDS = 5
_NEVER = datetime.min.replace(tzinfo=UTC)

_SAVE = """
    insert into quality.page (path, content_type, body, published_at) values (%s, %s, %s, %s)
        on conflict (path) do update
       set content_type = excluded.content_type, body = excluded.body, published_at = excluded.published_at
"""
_FORGET = "delete from quality.page where path <> all(%s)"
_PUBLISHED = "select coalesce(array_agg(path), '{}'), coalesce(max(published_at), %s) from quality.page"


@dataclass(frozen=True, slots=True)
class _Stock:
    """What is published: the paths of all pages, and the time of the newest result that they know of."""

    paths: frozenset[str]
    until: datetime


def publish(database: Database, holder: str, kept: int = LISTED) -> int:
    """Bring the site up to date with the stored results, and forget those that are too many.

    Free where nothing is new; else it imports Great Expectations. One worker at a time builds: whoever comes meanwhile
    leaves its results to that one, which looks again before it ends.

    Args:
        database: Where results are and pages go.
        holder: Who builds, for people to read.
        kept: How many results stay.

    Returns:
        How many pages were published; 0 where nothing was new or another worker is at it.
    """
    if _news(database) is None:
        return 0
    try:
        with lease(database, _LEASE, holder, _TURN) as turn:
            pages = 0
            for _ in range(_ROUNDS):
                if (until := _news(database)) is None:
                    break
                pages += _rebuild(database, kept, until, turn)
                turn.renew()
            return pages
    except LeaseTakenError:
        return 0


def _published(connection: Connection[Any]) -> _Stock:
    row = connection.execute(_PUBLISHED, [_NEVER]).fetchone()
    return _Stock(frozenset(row[0]), row[1]) if row else _Stock(frozenset(), _NEVER)


def _news(database: Database) -> datetime | None:
    """When the newest result came, if no published page knows of it."""
    with database.connection() as connection:
        newest = results.newest(connection)
        until = _published(connection).until
    return newest if newest and newest > until else None


def _rebuild(database: Database, kept: int, until: datetime, turn: Lease) -> int:
    """One round: forget old results, build what changed, put it in place; returns how many pages were built."""
    with database.connection() as connection:
        results.prune(connection, kept)
        stock = _published(connection)
        fresh = {path_of(key) for key in results.keys(connection, after=stock.until)}
    paths, pages = _build(database, stock.paths - fresh)
    with database.connection() as connection:
        turn.confirm(connection)
        connection.execute(_FORGET, [paths])
        with connection.cursor() as cursor:
            cursor.executemany(_SAVE, [(path, _HTML, html.encode(), until) for path, html in pages.items()])
    return len(pages)


def path_of(key: results.Key) -> str:
    """Where Great Expectations puts the page of a result."""
    return f"validations/{'/'.join(key)}.html"


def _build(database: Database, unchanged: Collection[str]) -> tuple[list[str], dict[str, str]]:
    """Build the site, less the pages of results that are published and unchanged.

    Returns:
        The paths of the whole site, and the pages that were built, made to stand by themselves.

    Raises:
        StopError: Great Expectations left a page out; it only logs why.
    """
    with tempfile.TemporaryDirectory(prefix="quality-site-") as folder:
        site = Path(folder)
        with quality_context(Place(database), site) as context:
            keys = {path_of(key.to_tuple()): key for key in context.validation_results_store.list_keys()}
            # Empty pages in their place, or the index would leave the unchanged ones out.
            for path in keys.keys() & unchanged:
                _touch(site / path)
            changed = [key for path, key in keys.items() if path not in unchanged]
            context.build_data_docs(resource_identifiers=[*changed, *_recall_suites(context)])
        found = {file.relative_to(site).as_posix(): file.read_text("utf-8") for file in site.rglob("*.html")}
    if missing := keys.keys() - found.keys():
        raise StopError(
            f"Great Expectations built no page for {len(missing)} results", fix="See the log for its reason."
        )
    return list(found), {path: make_offline(html, path) for path, html in found.items() if html}


def _touch(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()


def _recall_suites(context: EphemeralDataContext) -> list[Any]:
    """Suites live in code and results name them: make those again that the newest results were judged by."""
    import great_expectations as gx

    newest: dict[str, Any] = {}
    for key in context.validation_results_store.list_keys():
        newest.setdefault(key.to_tuple()[0], key)
    for name, key in newest.items():
        result: Any = context.validation_results_store.get(key)
        judged = [each.expectation_config.to_json_dict() for each in result.results]
        for config in judged:
            config.pop("id", None)
        context.suites.add(gx.ExpectationSuite(name, expectations=judged))
    return list(context.expectations_store.list_keys())


def page(connection: Connection[Any], path: str) -> tuple[str, bytes] | None:
    """The content type and body of a page of the site, or None. `index.html` is where it begins."""
    row = connection.execute("select content_type, body from quality.page where path = %s", [path]).fetchone()
    return (str(row[0]), bytes(row[1])) if row else None
