"""The HTTP face: which path and body is which call, and what every answer has in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from retail_sync.sandbox.kit import Request, Response, Route, reply
from retail_sync.vendors.fulfil.sandbox import arguments
from retail_sync.vendors.fulfil.sandbox.access import Access
from retail_sync.vendors.fulfil.sandbox.calls import READS, Calls
from retail_sync.vendors.fulfil.sandbox.deferred import Deferred
from retail_sync.vendors.fulfil.sandbox.fields import Context
from retail_sync.vendors.fulfil.sandbox.limits import Limits
from retail_sync.vendors.fulfil.sandbox.refusals import RefusedError, problem, user_error
from retail_sync.vendors.fulfil.sandbox.schema import Schema
from retail_sync.vendors.fulfil.sandbox.settings import Settings
from retail_sync.vendors.fulfil.sandbox.traps import Traps

ROOT = "/api/v2"
_MODEL = f"{ROOT}/model/{{model}}"


class Endpoint:
    """Answers requests.

    Args:
        settings: The merchant.
        schema: The models.
        calls: What they can be asked to do.
        access: Who may ask.
        limits: How often.
        traps: What goes wrong on purpose.
    """

    def __init__(
        self, settings: Settings, schema: Schema, *, calls: Calls, access: Access, limits: Limits, traps: Traps
    ) -> None:
        self._settings, self._schema, self._calls = settings, schema, calls
        self._access, self._limits, self._traps = access, limits, traps
        self._deferred = Deferred()

    def routes(self) -> list[Route]:
        """The paths."""
        return [
            Route("GET", f"{ROOT}/test", self._test, "test"),
            Route("POST", f"{ROOT}/async-result", self._tasks, "async-result"),
            Route("PUT", f"{_MODEL}/{{method}}", self._put, _name, write=_changes),
            Route("GET", _MODEL, self._list, lambda request: _name(request, "list")),
            Route("POST", _MODEL, self._post, lambda request: _name(request, "create"), write=True),
            Route("GET", f"{_MODEL}/{{method}}", self._one, lambda request: _name(request, "get")),
            Route("DELETE", f"{_MODEL}/{{method}}", self._delete, lambda request: _name(request, "delete"), write=True),
        ]

    def before(self, request: Request) -> Response | None:
        """Refuse who is not let in and who comes too often."""
        self._limits.turn()
        refused = self._refused(request)
        return None if refused is None else self._limits.told(refused)

    def not_found(self, _: Request, status: int) -> Response:
        """The answer to an unknown path or method."""
        return self._limits.told(problem(status, "Not found" if status == 404 else "Method not allowed").response())

    def _refused(self, request: Request) -> Response | None:
        try:
            token = self._access.token(request)
            if not self._limits.spend():
                return self._limits.refusal()
            name = request.params.get("model", "")
            if refused := self._traps.refusal(request.endpoint, name):
                return refused
            if name and (name, request.params.get("method")) not in _OPEN:
                self._access.check(token, self._schema.model(name), write=request.write)
        except RefusedError as error:
            return error.response()
        return None

    def _test(self, _: Request) -> Response:
        return self._limits.told(reply({"message": "Simple is better than complex.", "success": True}))

    def _put(self, request: Request) -> Response:
        """A method of a model, or an edit of one row where a number stands for the method."""
        model, method = request.params["model"], request.params["method"]
        if method.isdecimal():
            return self._answer(
                request, lambda body, context: self._call(request, "write", [[int(method)], body], context)
            )

        def call(body: Any, context: Context) -> Any:
            answer = self._calls.answer(model, method, body, context, request.endpoint)
            return self._deferred.put(answer) if self._traps.defers(request.endpoint) else answer

        return self._answer(request, call)

    def _tasks(self, request: Request) -> Response:
        """What has become of tasks."""

        def fetch(body: Any, _: Context) -> dict[str, Any]:
            if not isinstance(body, dict) or not isinstance(body.get("tasks"), list):
                raise user_error("Tasks are needed")
            return {"tasks": self._deferred.fetch(body["tasks"])}

        return self._answer(request, fetch)

    def _post(self, request: Request) -> Response:
        """Rows are made: the answer names them."""

        def create(body: Any, context: Context) -> list[dict[str, Any]]:
            numbers = self._call(request, "create", [body], context)
            rows: list[dict[str, Any]] = self._call(request, "read", [numbers, ["rec_name"]], context)
            return rows

        return self._answer(request, create, status=201)

    def _one(self, request: Request) -> Response:
        """A row, with all of its fields unless some are named."""
        number = request.params["method"]
        if not number.isdecimal() or int(number) not in self._schema.model(request.params["model"]).table.rows:
            return self._limits.told(problem(404, f"{number} not found").response())
        fields = arguments.fields(request)
        return self._answer(
            request, lambda _, context: self._call(request, "read", [[int(number)], fields], context)[0]
        )

    def _list(self, request: Request) -> Response:
        """A page of rows, or the rows of some ids; with nothing but their names unless fields are named."""
        fields = arguments.fields(request) or ["rec_name"]
        given = request.argument("ids")
        if given is not None:
            numbers = [int(one) for one in given.split(",") if one.strip().isdecimal()]
            if len(numbers) > self._settings.ids_a_request:
                return self._limits.told(Response(414, b"<html><h1>414 Request-URI Too Large</h1></html>", _HTML))
            return self._answer(request, lambda _, context: self._call(request, "read", [numbers, fields], context))

        def page(_: Any, context: Context) -> list[dict[str, Any]]:
            domain = arguments.json_argument(request, "filter") or arguments.json_argument(request, "domain")
            size, number = arguments.whole(request, "per_page", 10), arguments.whole(request, "page", 1)
            asked = [domain, (number - 1) * size, size, arguments.json_argument(request, "order"), fields]
            rows: list[dict[str, Any]] = self._call(request, "search_read", asked, context)
            return rows

        return self._answer(request, page)

    def _delete(self, request: Request) -> Response:
        number = request.params["method"]
        numbers = [int(number)] if number.isdecimal() else []
        return self._answer(request, lambda _, context: self._call(request, "delete", [numbers], context))

    def _call(self, request: Request, method: str, body: Any, context: Context) -> Any:
        return self._calls.answer(request.params["model"], method, body, context, request.endpoint)

    def _answer(self, request: Request, work: Callable[[Any, Context], Any], status: int = 200) -> Response:
        try:
            answer = reply(work(arguments.body(request), arguments.context(request)), status)
        except RefusedError as error:
            answer = error.response()
        return self._limits.told(answer)


#: What every user may ask.
_OPEN = frozenset({("res.user", "get_preferences"), ("ir.date", "today"), ("inventory.quantity.ireport", "execute")})
_HTML = (("content-type", "text/html"),)


def _name(request: Request, method: str | None = None) -> str:
    """The model and the method, for the log and for faults."""
    called = method or request.params["method"]
    return f"{request.params['model']}/{'write' if called.isdecimal() else called}"


def _changes(request: Request) -> bool:
    return request.params["method"] not in READS
