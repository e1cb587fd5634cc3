"""Between the kit's requests and this API's resources: versions, bodies, envelopes, headers of the allowance."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from retail_sync.sandbox import kit
from retail_sync.vendors.emarsys.sandbox.envelope import (
    Json,
    Refused,
    Worded,
    bad_request,
    envelope,
    not_json,
    too_large,
)

if TYPE_CHECKING:
    from retail_sync.vendors.emarsys.sandbox.account import Account

V2, V3 = "/api/v2", "/api/v3"
MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Ask:
    """A request as a resource sees it.

    Attributes:
        params: The variable segments of its path.
        query: Query parameters; of repeated ones the last.
        request: What the kit received.
        endpoint: Its name in log and faults.
    """

    params: Mapping[str, str]
    query: Mapping[str, str]
    request: kit.Request
    endpoint: str

    def body(self) -> Json:
        """The body, an object.

        Raises:
            Refused: 400, when it is no JSON (1010) or no object (1001).
        """
        try:
            found = self.request.json()
        except msgspec.DecodeError as error:
            raise not_json() from error
        if not isinstance(found, dict):
            raise bad_request(1001, "The request parameters are invalid")
        return found

    def number(self, name: str, *, code: int) -> int:
        """A segment of the path that is a number.

        Raises:
            Refused: 400 when it is none.
        """
        if not self.params[name].isdigit():
            raise bad_request(code, f"Invalid id: {self.params[name]}")
        return int(self.params[name])


Handler = Callable[["Account", Ask], Any]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A method, a path below the version, who answers.

    Attributes:
        handler: Gives `data`, a `Worded` one, or a whole response where the API leaves its envelope.
        writes: Whether it changes something; many readings are a POST here.
        limit: Bytes that a body may have.
        also: Other paths under which old clients call it.
    """

    method: str
    path: str
    handler: Handler
    writes: bool = False
    limit: int = 10 * MEGABYTE
    also: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What log, faults and permissions call it, whichever version was asked."""
        return f"{self.method} {self.path}"

    def routes(self, account: Account) -> Iterator[kit.Route]:
        """This endpoint in both versions, with and without a slash at its end."""

        def handle(request: kit.Request) -> kit.Response:
            query = {name: values[-1] for name, values in request.query.items()} if request.query_string else {}
            return self.answer(account, Ask(request.params, query, request, self.name))

        for version in (V2, V3):
            for path in (self.path, f"{self.path}/", *self.also):
                yield kit.Route(self.method, version + path, handle, self.name, write=self.writes)

    def answer(self, account: Account, ask: Ask) -> kit.Response:
        """The answer with the headers that every answer has."""
        kind = account.settings.content_type
        try:
            if len(ask.request.body) > self.limit:
                raise too_large()
            found = self.handler(account, ask)
        except Refused as refused:
            return account.gate.stamped(ask.request, refusal(refused, kind))
        if isinstance(found, kit.Response):
            return account.gate.stamped(ask.request, found)
        data, text = found if isinstance(found, Worded) else (found, "OK")
        return account.gate.stamped(ask.request, envelope(data, kind, text=text))


def refusal(refused: Refused, content_type: str) -> kit.Response:
    """A refusal as a response; its `data` is empty text."""
    return envelope("", content_type, code=refused.code, text=refused.text, status=refused.status)
