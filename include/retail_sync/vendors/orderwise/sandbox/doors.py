"""The way in: a virtual directory whose paths may be written in any capitals, its locks, and what lies behind them."""

from __future__ import annotations

from collections.abc import Sequence

from retail_sync.sandbox.kit import Request, Response, Route, RouteTable
from retail_sync.vendors.orderwise.sandbox.access import Access, area, may, refusal
from retail_sync.vendors.orderwise.sandbox.replies import not_there, refused
from retail_sync.vendors.orderwise.sandbox.traps import Traps

TOKEN = "/token/gettoken"  # noqa: S105 - a path
#: Where a person would sit at the screen: no token is asked for, since it is no part of the API.
SCREEN = "/sandbox/definitions"
_METHODS = ("GET", "POST", "PUT")
#: More parts than any path has, base included.
_DEEPEST = 8


class Doors:
    """Finds the route of a request, whatever its capitals, and lets in who may.

    Args:
        base: The virtual directory.
        routes: What lies below it.
        access: Tokens and permissions.
        traps: What may go wrong.
    """

    def __init__(self, base: str, routes: Sequence[Route], access: Access, traps: Traps) -> None:
        self._base = base.rstrip("/").lower()
        self._table = RouteTable(routes)
        self._access, self._traps = access, traps

    def routes(self) -> list[Route]:
        """A route for whatever is asked: capitals are no matter of the kit's own table."""
        shapes = ["".join(f"/{{part{place}}}" for place in range(depth)) for depth in range(1, _DEEPEST)]
        return [
            Route(method, shape, self.answer, self.name, write=self.writes) for method in _METHODS for shape in shapes
        ]

    def name(self, request: Request) -> str:
        """What log and faults call a request."""
        route = self._find(request)
        if isinstance(route, int):
            return "unknown"
        route.describe(request)
        return request.endpoint

    def writes(self, request: Request) -> bool:
        """Whether a request tries to change something; asking for its name has found out."""
        return request.write

    def answer(self, request: Request) -> Response:
        """Answer, or refuse."""
        route = self._find(request)
        below = self._below(request)
        if below not in (TOKEN, SCREEN) and (refused_with := self._refusal(request, below)):
            return refused_with
        if isinstance(route, int):
            return not_there(request, route)
        response = route.handler(request)
        if not isinstance(response, Response):
            raise TypeError(f"{request.endpoint} has no plain handler")
        return response

    def _refusal(self, request: Request, below: str) -> Response | None:
        if busy := self._traps.busy(request.endpoint):
            return refused(busy[1], busy[0])
        if self._traps.take("token_expired", request.endpoint):
            self._access.expire(request)
        user = self._access.user_of(request)
        if user is None:
            return Response(401)
        if not may(user, below) or self._traps.loses(request.endpoint, area(below)):
            return refusal()
        return None

    def _below(self, request: Request) -> str:
        path = request.path.lower()
        return path[len(self._base) :] if path.startswith(f"{self._base}/") else ""

    def _find(self, request: Request) -> Route | int:
        """The route of the path below the base, its params filled in."""
        inner = Request(request.method, self._below(request) or "/")
        route = self._table.find(inner)
        request.params = inner.params
        return route
