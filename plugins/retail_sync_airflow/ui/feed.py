"""Catalogues at an address: a destination fetches its file from here, with a token of its own instead of a session.

Any user name will do; the password is `catalogue_token` in the extra of the pair's destination connection. Where that
is missing nobody gets anything.
"""

from __future__ import annotations

import gzip
import hmac
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Annotated

from fastapi import Depends, FastAPI, Header, HTTPException  # noqa: TID253 - this module is the api-server's alone
from fastapi.security import HTTPBasic, HTTPBasicCredentials  # noqa: TID253
from starlette.responses import Response  # noqa: TID253

from retail_sync.db.database import Database
from retail_sync.delivery.catalogue import Shelf
from retail_sync.errors import ConfigurationError
from retail_sync.model.ports import Connections
from retail_sync.pairs.config import Pair
from retail_sync.pairs.files import find

#: Where it is mounted.
FEED_PREFIX = "/retail-sync-catalogue"
_TOKEN = "catalogue_token"  # noqa: S105 - where it stands
_asked = HTTPBasic(realm="Retail Sync catalogue")

Asked = Annotated[HTTPBasicCredentials, Depends(_asked)]


def build_feed(database: Callable[[], Database], connections: Connections) -> FastAPI:
    """The application: `/<pair>.csv`.

    Args:
        database: Gives the product's own database.
        connections: Gives connections by name.
    """

    def fetch(
        pair: str,
        asked: Asked,
        accept_encoding: Annotated[str, Header()] = "",
        if_none_match: Annotated[str, Header()] = "",
    ) -> Response:
        found = _admitted(pair, asked.password, connections)
        with database().connection() as connection:
            published = Shelf(connection, found.pair, found.destination.account).published()
        if published is None:
            raise HTTPException(404, "No catalogue has been published yet.")
        return _answer(*published, packed="gzip" in accept_encoding, known=if_none_match)

    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.add_api_route("/{pair}.csv", fetch, methods=["GET", "HEAD"], response_model=None)
    return app


def _answer(content: bytes, made_at: datetime, name: str, *, packed: bool, known: str) -> Response:
    headers = {
        "ETag": f'"{name}"',
        "Last-Modified": format_datetime(made_at.astimezone(UTC), usegmt=True),
        "Vary": "Accept-Encoding",
    }
    headers |= {"Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}
    if name in known:
        return Response(status_code=304, headers=headers)
    if packed:
        return Response(content, media_type="text/csv", headers=headers | {"Content-Encoding": "gzip"})
    return Response(gzip.decompress(content), media_type="text/csv", headers=headers)


def _admitted(name: str, token: str, connections: Connections) -> Pair:
    """The pair of that name, for whoever has its token; who has not learns nothing of which pairs there are."""
    try:
        pair = find(name)
        wanted = str(connections(pair.destination.connection).extra.get(_TOKEN) or "")
    except ConfigurationError:
        wanted = ""
    if not wanted or not hmac.compare_digest(token.encode(), wanted.encode()):
        raise HTTPException(401, "Unauthorized", headers={"WWW-Authenticate": 'Basic realm="Retail Sync catalogue"'})
    return pair
