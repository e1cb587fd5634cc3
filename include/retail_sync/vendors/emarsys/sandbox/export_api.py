"""The endpoints that begin exports, tell how far they are and give their files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from retail_sync.sandbox import kit
from retail_sync.vendors.emarsys.sandbox import times
from retail_sync.vendors.emarsys.sandbox.endpoints import Ask, Endpoint
from retail_sync.vendors.emarsys.sandbox.envelope import Json, bad_request
from retail_sync.vendors.emarsys.sandbox.export_files import (
    ANALYSIS,
    File,
    Range,
    changed,
    columns,
    made,
    reacted,
    registered,
)
from retail_sync.vendors.emarsys.sandbox.field import NOT_EXPORTED, Field
from retail_sync.vendors.emarsys.sandbox.responses import SOURCES

if TYPE_CHECKING:
    from retail_sync.vendors.emarsys.sandbox.account import Account

FIELDS_A_FILE = 20
ORIGINS = ("form", "api", "all")
_SECOND = timedelta(seconds=1)


def get_changes(account: Account, ask: Ask) -> Json:
    """Contacts that were changed by forms or by the API, by days."""
    body = ask.body()
    fields = _fields(account, body)
    if body.get("origin") not in ORIGINS or "origin_id" not in body:
        raise _wrong("origin")
    span = _span(body, by_time=account.settings.changes_by_time)
    return _begin(account, ask, "changes", columns(fields), lambda: changed(account, fields, span, body["origin"]))


def get_responses(account: Account, ask: Ask) -> Json:
    """What contacts did with e-mails, by seconds."""
    body = ask.body()
    fields, span = _fields(account, body), _span(body, by_time=True)
    sources, analysis = body.get("sources"), body.get("analysis_fields")
    if not isinstance(sources, list) or not sources or not set(map(str, sources)) <= SOURCES:
        raise _wrong("sources")
    if not isinstance(analysis, list) or not all(str(one).isdigit() and int(one) in ANALYSIS for one in analysis):
        raise _wrong("analysis_fields")
    numbers = [int(one) for one in analysis]
    header = [*columns(fields), *(ANALYSIS[one] for one in numbers), "source"]
    return _begin(account, ask, "responses", header, lambda: reacted(account, fields, span, sources, numbers))


def get_registrations(account: Account, ask: Ask) -> Json:
    """Contacts that registered at a form."""
    body = ask.body()
    fields, span = _fields(account, body), _span(body, by_time=True)
    header = [*columns(fields), "last update"]
    return _begin(account, ask, "registrations", header, lambda: registered(account, fields, span))


def _begin(
    account: Account, ask: Ask, kind: str, header: Sequence[str], rows: Callable[[], Iterator[list[str]]]
) -> Json:
    body = ask.body()
    delimiter = body.get("delimiter", ",")
    if delimiter not in (",", ";"):
        raise _wrong("delimiter")
    if body.get("distribution_method") not in ("local", "sftp", "ftp"):
        raise _wrong("distribution_method")
    shown = header if str(body.get("add_field_names_header", 1)) == "1" else None

    def make() -> File:
        return made(shown, rows(), delimiter)

    return account.exports.begin(kind, body, make, ask.endpoint)


def _fields(account: Account, body: Json) -> list[Field]:
    wanted = body.get("contact_fields")
    if not isinstance(wanted, list) or not 1 <= len(wanted) <= FIELDS_A_FILE:
        raise _wrong("contact_fields")
    fields = [account.fields.known.get(int(one)) for one in wanted if str(one).isdigit()]
    found = [field for field in fields if field is not None and field.id not in NOT_EXPORTED]
    if len(found) != len(wanted):
        raise _wrong("contact_fields")
    return found


def _span(body: Json, *, by_time: bool) -> Range:
    """The time range, both ends in it; where times are allowed, days are too."""
    given = body.get("time_range")
    if not isinstance(given, list) or len(given) != 2:
        raise _wrong("time_range")
    try:
        since, until = (
            _end(str(one), by_time=by_time, last=last) for one, last in zip(given, (False, True), strict=True)
        )
    except ValueError as error:
        raise _wrong("time_range") from error
    if until <= since:
        raise _wrong("time_range")
    return Range(since, until)


def _end(text: str, *, by_time: bool, last: bool) -> datetime:
    if by_time and " " in text:
        return times.second(text) + (_SECOND if last else timedelta())
    return times.day(text, last=last)


def _wrong(name: str) -> Exception:
    return bad_request(4000, f"Invalid export parameter: {name}")


def status(account: Account, ask: Ask) -> Json:
    """How far an export is."""
    return account.exports.show(account.exports.find(ask.number("export", code=4000)))


def data(account: Account, ask: Ask) -> kit.Response:
    """The file of an export, or a part of it: CSV and no envelope."""
    query = dict(part.split("=", 1) for part in ask.params.get("part", "").split("&") if "=" in part) or ask.query
    offset, limit = query.get("offset") or "0", query.get("limit") or ""
    if not offset.isdigit() or not (limit.isdigit() or not limit):
        raise _wrong("offset")
    export = account.exports.find(ask.number("export", code=4000))
    text = account.exports.lines(export, int(offset), int(limit) if limit else None, ask.endpoint)
    return kit.Response(200, text.encode(), (("content-type", "text/csv;charset=UTF-8"),))


ENDPOINTS = (
    Endpoint("POST", "/contact/getchanges", get_changes),
    Endpoint("POST", "/email/getresponses", get_responses),
    Endpoint("POST", "/contact/getregistrations", get_registrations),
    Endpoint("GET", "/export/{export}", status),
    Endpoint("GET", "/export/{export}/data", data, also=("/export/{export}/data/{part}",)),
)
