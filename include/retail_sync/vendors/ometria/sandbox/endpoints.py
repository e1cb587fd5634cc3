"""Between the kit's requests and this API's resources: queries, bodies, refusals, and which bucket pays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from retail_sync.sandbox import kit
from retail_sync.vendors.ometria.sandbox.refusals import Refusal, Rejected, invalid

if TYPE_CHECKING:
    from retail_sync.vendors.ometria.sandbox.account import Account

ROOT = "/v2"
PAGE = frozenset({"limit", "offset", "orderby"})
DEFAULT_LIMIT, MOST = 10, 250
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Ask:
    """A request as a resource sees it.

    Attributes:
        ids: The variable segments of its path, in their order.
        query: Query parameters; of repeated ones the last.
        request: What the kit received.
    """

    ids: tuple[str, ...]
    query: Mapping[str, str]
    request: kit.Request

    def json(self) -> Any:
        """The body as JSON, fractions as `Decimal`.

        Raises:
            Refusal: 400 when it is none.
        """
        try:
            return self.request.json(exact=True)
        except msgspec.DecodeError as error:
            raise invalid("Body is not valid JSON.") from error

    def flag(self, name: str) -> bool | None:
        """A query parameter that is true or false, or None."""
        value = self.query.get(name, "").lower()
        if value not in ("", "true", "false"):
            raise invalid(f"{name} must be true or false.")
        return None if not value else value == "true"

    def number(self, name: str, default: int, most: int | None = None) -> int:
        """A query parameter that counts something."""
        value = self.query.get(name, "")
        if not value:
            return default
        # ASSUMED: a limit above the most is refused rather than cut down.
        if not value.isdecimal() or (most is not None and not 1 <= int(value) <= most):
            raise invalid(f"{name} is out of range.")
        return int(value)


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back."""

    payload: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[["Account", Ask], Answer]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A method, a path below the root, who answers, the bucket that pays, and the query parameters that are known."""

    method: str
    path: str
    handler: Handler
    bucket: str = "data"
    query: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """How log and faults know it."""
        return f"{self.method} {self.path}"

    def routes(self, account: Account) -> list[kit.Route]:
        """This endpoint as the kit takes it, with and without a slash at its end."""

        def handle(request: kit.Request) -> kit.Response:
            query = {name: values[-1] for name, values in request.query.items()} if request.query_string else {}
            try:
                self._know(query)
                answer = self.handler(account, Ask(tuple(request.params.values()), query, request))
            except Refusal as refusal:
                return refused(refusal)
            except Rejected as flaw:
                return refused(invalid(f"{flaw.path}: {flaw.message}" if flaw.path else flaw.message))
            return kit.reply(answer.payload, answer.status, answer.headers)

        paths = (f"{ROOT}{self.path}", f"{ROOT}{self.path}/")
        return [kit.Route(self.method, path, handle, self.name, self.method != "GET") for path in paths]

    def _know(self, query: Mapping[str, str]) -> None:
        # ASSUMED: the real API may ignore what it does not know; a misspelt filter must not pass here.
        if unknown := sorted(query.keys() - self.query):
            raise invalid(f"Unknown parameter {unknown[0]}.")


def refused(refusal: Refusal) -> kit.Response:
    """A refusal as a response."""
    return kit.reply(refusal.document(), refusal.status)


def page_of(account: Account, ask: Ask, rows: Sequence[Row]) -> list[Row]:
    """The page that a request wants of rows that are in their order, as far as no trap lies there."""
    limit, offset = ask.number("limit", DEFAULT_LIMIT, MOST), ask.number("offset", 0)
    name = ask.request.endpoint
    if offset and (fault := account.traps.take("repeated_rows", name)):
        offset = max(0, offset - int(fault.options.get("rows", 1)))
    page = list(rows[offset : offset + limit])
    return [] if page and account.traps.take("empty_page", name) else page


def by_order(ask: Ask) -> bool:
    """Whether rows are wanted by the time of their last change instead of by their number."""
    wanted = ask.query.get("orderby", "")
    if wanted not in ("", "timestamp_update"):
        raise invalid("orderby is unknown.")
    return bool(wanted)
