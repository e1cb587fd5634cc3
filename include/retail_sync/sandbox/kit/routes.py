"""Which handler answers a path: a tree of segments, so that the last route costs no more than the first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from retail_sync.sandbox.kit.messages import Request, Response

Handler = Callable[[Request], Response | Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path with `{placeholders}`, its handler, its name and whether it writes."""

    method: str
    path: str
    handler: Handler
    endpoint: str | Callable[[Request], str]
    write: bool | Callable[[Request], bool] = False

    def describe(self, request: Request) -> None:
        """Set the request's endpoint and write."""
        request.endpoint = self.endpoint if isinstance(self.endpoint, str) else self.endpoint(request)
        request.write = self.write if isinstance(self.write, bool) else self.write(request)


class _Node:
    """One segment of all paths that share their beginning."""

    __slots__ = ("literals", "placeholder", "routes")

    def __init__(self) -> None:
        self.literals: dict[str, _Node] = {}
        self.placeholder: _Node | None = None
        self.routes: dict[str, tuple[Route, tuple[str, ...]]] = {}


class RouteTable:
    """All routes of a sandbox.

    Raises:
        ValueError: Two routes have the same method and shape, or a placeholder is only part of a segment.
    """

    def __init__(self, routes: Sequence[Route]) -> None:
        self._root = _Node()
        for route in routes:
            self._add(route)

    def _add(self, route: Route) -> None:
        node, names = self._root, []
        for segment in route.path.split("/")[1:]:
            if "{" in segment:
                if not (segment.startswith("{") and segment.endswith("}")):
                    raise ValueError(f"{route.path}: a placeholder is a whole segment")
                names.append(segment[1:-1])
                node.placeholder = node.placeholder or _Node()
                node = node.placeholder
            else:
                node = node.literals.setdefault(segment, _Node())
        if route.method in node.routes:
            raise ValueError(f"two routes for {route.method} {route.path}")
        node.routes[route.method] = (route, tuple(names))

    def find(self, request: Request) -> Route | int:
        """The route of a request, whose params it fills; else 404, or 405 where only the method is wrong."""
        node, values = self._walk(self._root, request.path.split("/")[1:], ())
        if node is None or not node.routes:
            return 404
        found = node.routes.get(request.method)
        if found is None:
            return 405
        route, names = found
        request.params = dict(zip(names, values, strict=True))
        return route

    def _walk(
        self, node: _Node, segments: Sequence[str], values: tuple[str, ...]
    ) -> tuple[_Node | None, tuple[str, ...]]:
        for place, segment in enumerate(segments):
            literal = node.literals.get(segment)
            if literal is not None and node.placeholder is not None:
                found, rest = self._walk(literal, segments[place + 1 :], values)
                if found is not None and found.routes:
                    return found, rest
                literal = None
            if literal is not None:
                node = literal
            elif node.placeholder is not None and segment:
                node = node.placeholder
                values = (*values, unquote(segment))
            else:
                return None, ()
        return node, values
