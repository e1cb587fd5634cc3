"""`POST /graphql`: who may ask, what it costs, and how answers and refusals look."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from http.cookies import SimpleCookie
from typing import Any

import msgspec
from graphql import GraphQLError, OperationDefinitionNode

from retail_sync.sandbox.kit import Request, Response, reply
from retail_sync.vendors.centra.sandbox.documents import Document, Library, is_mutation, root_names
from retail_sync.vendors.centra.sandbox.execution import Engine
from retail_sync.vendors.centra.sandbox.mutations import WRITES, Mutations
from retail_sync.vendors.centra.sandbox.permissions import Permissions, refusal
from retail_sync.vendors.centra.sandbox.quotas import Quotas
from retail_sync.vendors.centra.sandbox.roots import Roots
from retail_sync.vendors.centra.sandbox.settings import Settings, Token
from retail_sync.vendors.centra.sandbox.shop import Shop
from retail_sync.vendors.centra.sandbox.traps import Traps

PATH = "/graphql"


class Asked(msgspec.Struct, frozen=True, rename={"operation_name": "operationName"}):
    """The body of a request."""

    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = None


class Endpoint:
    """Answers GraphQL requests.

    Args:
        settings: The instance.
        shop: Its books; their clock tells which tokens have expired, and when to come back.
        library: Reads documents.
        engine: Runs them.
        permissions: Knows what they need.
        quotas: The limits.
        roots: The queries.
        mutations: The mutations.
        traps: What goes wrong on purpose.
    """

    def __init__(
        self,
        settings: Settings,
        shop: Shop,
        *,
        library: Library,
        engine: Engine,
        permissions: Permissions,
        quotas: Quotas,
        roots: Roots,
        mutations: Mutations,
        traps: Traps,
    ) -> None:
        self._settings, self._shop, self._library = settings, shop, library
        self._engine, self._permissions, self._quotas = engine, permissions, quotas
        self._roots, self._mutations, self._traps = roots, mutations, traps
        self._tokens = {token.value: token for token in settings.tokens}

    def authenticate(self, request: Request) -> Response | None:
        """Refuse who brings no valid token, and who asks too often. The body of a 401 is assumed."""
        if request.path != PATH:
            return None
        if self._token(request) is None or self._traps.take("token_expired", request.endpoint):
            return reply(_failure([GraphQLError("Unauthorized", extensions={"category": "authentication"})]), 401)
        form = self._traps.drain(request.endpoint, ["REQUEST_COUNT"])
        wait = self._quotas.spend("REQUEST_COUNT", 1)
        return self._slow_down(wait, form) if wait else None

    def name(self, request: Request) -> str:
        """The first root field, for the log and for faults."""
        operation = self._operation(request)
        return (root_names(operation) or ["fragment"])[0] if operation else "invalid"

    def writes(self, request: Request) -> bool:
        """Whether the merchant's data would change; keeping the event queue is no write."""
        operation = self._operation(request)
        return operation is not None and is_mutation(operation) and not WRITES.isdisjoint(root_names(operation))

    def answer(self, request: Request) -> Response:
        """Answer a request whose token is known to be good."""
        token = self._token(request)
        try:
            asked = msgspec.json.decode(request.body, type=Asked)
        except msgspec.DecodeError as error:
            return reply(_failure([GraphQLError(f"The body can't be read: {error}")]), 400)
        document = self._library.read(asked.query)
        if not isinstance(document, Document):
            return reply(_failure(document, self._extensions(0, ())))
        try:
            operation = document.operation(asked.operation_name)
            return self._run(request.endpoint, asked, document, operation, token or Token(""))
        except GraphQLError as error:
            return reply(_failure([error], self._extensions(0, ())))

    def _run(
        self, endpoint: str, asked: Asked, document: Document, operation: OperationDefinitionNode, token: Token
    ) -> Response:
        given = asked.variables or {}
        variables = self._engine.variables(operation, given)
        needed = self._permissions.needed(document, operation)
        extensions = self._extensions(self._engine.points(document, operation, variables), needed)
        extensions |= self._traps.deprecated(endpoint)
        if token.permissions is not None:
            lacking = [refusal(name, node) for name, node in needed.items() if name not in token.permissions]
            if lacking:
                return reply(_failure(lacking[:1], extensions))
        if error := self._traps.refusal(endpoint, operation, needed):
            return reply(_failure([error], extensions))
        refused = self._charge(endpoint, operation, extensions)
        if refused is not None:
            return refused
        root = self._mutations.of(token) if is_mutation(operation) else self._roots.of(token)
        result = self._engine.run(document, operation, given, variables, root)
        answer: dict[str, Any] = {"data": result.data, "extensions": extensions}
        if result.errors:
            answer["errors"] = [_formatted(error) for error in result.errors]
        return reply(answer)

    def _charge(
        self, endpoint: str, operation: OperationDefinitionNode, extensions: Mapping[str, Any]
    ) -> Response | None:
        points = extensions["complexity"]
        most = min(self._settings.complexity_cap, self._quotas.most("QUERY_COMPLEXITY"))
        if points > most:
            error = GraphQLError(
                f"Query complexity {points} is above the maximum of {most}.", extensions={"category": "complexity"}
            )
            return reply(_failure([error], extensions))
        kinds = ["QUERY_COMPLEXITY", *(["MUTATION_COUNT"] if is_mutation(operation) else [])]
        form = self._traps.drain(endpoint, kinds)
        wait = self._quotas.spend("QUERY_COMPLEXITY", points)
        if not wait and is_mutation(operation):
            wait = self._quotas.spend("MUTATION_COUNT", max(1, len(root_names(operation))))
        return self._slow_down(wait, form) if wait else None

    def _slow_down(self, wait: float, form: str | None) -> Response:
        """A 429 that says when to come back. Its body is assumed, and so is the form of the time stamp."""
        at = math.ceil(self._shop.now().timestamp() + wait)
        forms = {
            "epoch": str(at),
            "http_date": format_datetime(datetime.fromtimestamp(at, UTC), usegmt=True),
            "seconds": str(math.ceil(wait)),
            "past": format_datetime(datetime.fromtimestamp(at - 3600, UTC), usegmt=True),
            "rubbish": "soon",
        }
        error = GraphQLError("Too Many Requests", extensions={"category": "rateLimit"})
        wanted = forms.get(form or self._settings.retry_after)
        return reply(_failure([error]), 429, {"Retry-After": wanted} if wanted else None)

    def _token(self, request: Request) -> Token | None:
        """The request's token, from the header or from the cookie that may stand for it, unless it has expired."""
        scheme, _, value = (request.header("authorization") or "").partition(" ")
        if scheme.lower() != "bearer":
            cookie = SimpleCookie(request.header("cookie") or "").get("graphql-access")
            value = cookie.value if cookie else ""
        token = self._tokens.get(value.strip())
        if token is None or (token.expires_at is not None and token.expires_at <= self._shop.now()):
            return None
        return token

    def _operation(self, request: Request) -> OperationDefinitionNode | None:
        try:
            asked = msgspec.json.decode(request.body, type=Asked)
            document = self._library.read(asked.query)
            return document.operation(asked.operation_name) if isinstance(document, Document) else None
        except (msgspec.DecodeError, GraphQLError):
            return None

    def _extensions(self, points: int, permissions: Mapping[str, Any] | Sequence[str]) -> dict[str, Any]:
        return {
            "complexity": points,
            "permissionsUsed": sorted(permissions),
            "appVersion": self._settings.app_version,
        }


def _failure(errors: Sequence[GraphQLError], extensions: Mapping[str, Any] | None = None) -> dict[str, Any]:
    answer: dict[str, Any] = {"errors": [_formatted(error) for error in errors]}
    return answer | {"extensions": extensions} if extensions else answer


def _formatted(error: GraphQLError) -> dict[str, Any]:
    """An error with a category, as every error of the vendor has one."""
    formatted: dict[str, Any] = dict(error.formatted)
    formatted["extensions"] = {"category": "graphql", **(error.extensions or {})}
    return formatted
