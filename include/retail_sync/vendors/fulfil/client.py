"""Fulfil's API as it is spoken: models, on which methods are called by PUT, reads and writes alike (CONFIRMED)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from retail_sync.errors import (
    ConfigurationError,
    PermissionMissingError,
    RejectedError,
    RetailSyncError,
    SchemaDriftError,
)
from retail_sync.http.client import HttpClient
from retail_sync.http.messages import Answer, Call
from retail_sync.vendors.fulfil.allowance import HeedingTransport
from retail_sync.vendors.fulfil.decoding import Unknown, decoded
from retail_sync.vendors.fulfil.domains import Domain, after
from retail_sync.vendors.fulfil.facts import PATH

#: A row as it came, its values decoded; it has an id.
Row = dict[str, Any]
_BY_ID = [["id", "ASC"]]
#: Archived rows are rows (CONFIRMED): without this they would seem to be gone.
ALL_ROWS: Mapping[str, Any] = {"active_test": False}


@dataclass(frozen=True, slots=True)
class Question:
    """Which fields of which rows are asked for.

    Attributes:
        context: What else the server should know, such as the warehouses whose stock counts.
    """

    model: str
    fields: Sequence[str]
    domain: Domain
    context: Mapping[str, Any] = field(default_factory=lambda: dict(ALL_ROWS))


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of an answer, their values decoded, with the time at which its request left (aware UTC)."""

    rows: Sequence[Row]
    requested_at: datetime

    @property
    def ids(self) -> list[int]:
        """The ids of the rows, in their order."""
        return [row["id"] for row in self.rows]


class FulfilClient:
    """One merchant's account.

    Args:
        http: The way there.
        heeded: What its answers say of the allowance.
        object_body: Whether `search_read` is given an object rather than a list.
    """

    def __init__(self, http: HttpClient, heeded: HeedingTransport, *, object_body: bool = False) -> None:
        self._http = http
        self._heeded = heeded
        self._object_body = object_body

    @property
    def limit(self) -> str | None:
        """How many requests a second the account allows, as the last answer said."""
        return self._heeded.limit

    def read(self, question: Question, size: int, last: int = 0) -> Rows:
        """The first rows behind an id, by id; it is repeated where no answer came.

        Raises:
            ConfigurationError: The token, a permission, a model or a field is not as it should be.
            WaitError: Fulfil can't be reached, or asked for a pause.
        """
        domain = after(question.domain, last)
        answer = self._ask(question, "search_read", self._body(domain, question.fields, size))
        found = decoded(answer.body, f"{question.model} search_read")
        if not isinstance(found, list) or not all(map(_is_row, found)):
            raise _unlike(question, "search_read", found, "rows that have ids")
        return Rows(found, answer.requested_at)

    def count(self, question: Question) -> int:
        """How many rows there are to a question."""
        answer = self._ask(question, "search_count", [question.domain])
        found = decoded(answer.body, f"{question.model} search_count")
        if not isinstance(found, int):
            raise _unlike(question, "search_count", found, "a number")
        return found

    def write(self, model: str, ids: Sequence[int], values: Mapping[str, Any]) -> None:
        """Write fields of rows, once: an answer that does not come is not asked for again.

        Raises:
            RejectedError: Fulfil refused the change, in its own words.
            UnreachableError: No answer; it may have been done.
        """
        call = _call(model, "write", [list(ids), dict(values)], {}, repeatable=False)
        try:
            self._http.call(call)
        except PermissionMissingError as error:
            raise _forbidden(error, model, "change") from None

    def _ask(self, question: Question, method: str, body: Any) -> Answer:
        call = _call(question.model, method, body, question.context, repeatable=True)
        try:
            return self._http.call(call)
        except PermissionMissingError as error:
            raise _forbidden(error, question.model, "read") from None
        except RejectedError as error:
            raise _refused(error, question.model) from None

    def _body(self, domain: Domain, fields: Sequence[str], size: int) -> Any:
        if not self._object_body:
            return [domain, 0, size, _BY_ID, list(fields)]
        return {"filters": domain, "fields": list(fields), "limit": size, "offset": 0, "order": _BY_ID}


def _call(model: str, method: str, body: Any, context: Mapping[str, Any], *, repeatable: bool) -> Call:
    return Call(
        method="PUT",
        path=f"{PATH}/model/{model}/{method}",
        endpoint=f"{model} {method}",
        params={"context": msgspec.json.encode(context).decode()},
        json=body,
        repeatable=repeatable,
        # What a write answers with is not known.
        expects="json" if repeatable else "anything",
    )


def _is_row(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("id"), int)


def _unlike(question: Question, method: str, found: Any, wanted: str) -> SchemaDriftError:
    """An answer of another sort, such as the promise of one (`AsyncResult`), which nobody asked for."""
    sort = f"an object of the class {found.name}" if isinstance(found, Unknown) else f"a {type(found).__name__}"
    return SchemaDriftError(
        f"Fulfil answered {method} of {question.model} with {sort}, not with {wanted}", fix="Run `retail-sync check`."
    )


def _forbidden(error: PermissionMissingError, model: str, what: str) -> PermissionMissingError:
    return PermissionMissingError(
        f"the token's user may not {what} {model}: {error.what}",
        fix=f"Let that user {what} {model} in Fulfil, or use a token of one who may.",
        permission=model,
    )


def _refused(error: RejectedError, model: str) -> RetailSyncError:
    """Why a question can't be answered; the same question will not be either."""
    status = error.fields.get("status")
    if status in (413, 414, 429):
        return ConfigurationError(
            f"Fulfil refuses what is asked of {model}: {error.what}",
            fix="Lower source.settings.page_size or ids_at_once in the pair file.",
        )
    return SchemaDriftError(
        f"Fulfil does not understand what is asked of {model}: {error.what}",
        fix="Run `retail-sync check`, and set the names that it lists under source.settings.",
    )
