"""Between the kit's requests and this API's resources: queries, bodies, problems, and what counts as a write."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from retail_sync.sandbox import kit
from retail_sync.vendors.mailchimp.sandbox.problems import (
    CONTENT_TYPE,
    Flaw,
    Problem,
    invalid_resource,
    json_parse_error,
    method_not_allowed,
    not_found,
)

if TYPE_CHECKING:
    from retail_sync.vendors.mailchimp.sandbox.account import Account

ROOT = "/3.0"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
JSON_TYPE = "application/json; charset=utf-8"
VIEW = frozenset({"fields", "exclude_fields"})
PAGE = VIEW | {"count", "offset"}


@dataclass(slots=True)
class Ask:
    """A request as a resource sees it, whether it came by HTTP or inside a batch.

    Attributes:
        ids: The variable segments of its path, in their order.
        query: Query parameters; of repeated ones the last.
        request: What the kit received.
        writes: Whether it counts as a write; a resource may correct that.
    """

    ids: tuple[str, ...]
    query: Mapping[str, str]
    request: kit.Request
    writes: bool

    def json(self) -> Any:
        """The body as JSON, fractions as `Decimal`.

        Raises:
            Problem: 400 when it is none.
        """
        if not self.request.body:
            return {}
        try:
            return self.request.json(exact=True)
        except msgspec.DecodeError as error:
            raise json_parse_error() from error

    def flag(self, name: str) -> bool:
        """A query parameter that is true or false; clients write it in any case."""
        value = self.query.get(name, "false").lower()
        if value not in ("true", "false", "1", "0"):
            raise invalid_resource(Flaw(name, "Schema describes boolean, string found instead"))
        return value in ("true", "1")

    @property
    def origin(self) -> str:
        """Scheme and host under which the caller knows this server."""
        return f"http://{self.request.header('host') or 'localhost'}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: a status and a payload that msgspec can write; None for no body."""

    payload: Any = None
    status: int = 200


DONE = Answer(status=204)
Handler = Callable[["Account", Ask], Answer]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A method, a path below the root, who answers, and the query parameters that are known."""

    method: str
    path: str
    handler: Handler
    query: frozenset[str] = field(default=frozenset())

    def route(self, account: Account) -> kit.Route:
        """This endpoint as the kit takes it; log and faults know it as e.g. `PUT /lists/{list_id}/members/{id}`."""

        def handle(request: kit.Request) -> kit.Response:
            query = {name: values[-1] for name, values in request.query.items()} if request.query_string else {}
            ask = Ask(tuple(request.params.values()), query, request, self.method != "GET")
            try:
                self._know(query)
                answer = self.handler(account, ask)
            except Problem as problem:
                return refusal(problem)
            finally:
                request.write = ask.writes
            if answer.payload is None:
                return kit.Response(answer.status)
            return kit.reply(answer.payload, answer.status)

        return kit.Route(self.method, ROOT + self.path, handle, f"{self.method} {self.path}")

    def _know(self, query: Mapping[str, str]) -> None:
        # ASSUMED: the real API may ignore what it does not know; a misspelt filter must not pass here.
        if unknown := query.keys() - self.query:
            flaws = (Flaw(name, "The schema does not describe this field.") for name in sorted(unknown))
            raise invalid_resource(*flaws)


def refusal(problem: Problem) -> kit.Response:
    """A problem as a response."""
    return kit.reply(problem.document(), problem.status, {"content-type": CONTENT_TYPE, **problem.headers})


def unknown_path(routes: Iterable[kit.Route]) -> Callable[[kit.Request, int], kit.Response]:
    """What answers paths and methods that are not there; 405 names those that are."""
    table = kit.RouteTable(tuple(routes))

    def answer(request: kit.Request, status: int) -> kit.Response:
        if status == 404:
            return refusal(not_found())
        allowed = [one for one in METHODS if isinstance(table.find(kit.Request(one, request.path)), kit.Route)]
        return refusal(method_not_allowed(allowed))

    return answer
