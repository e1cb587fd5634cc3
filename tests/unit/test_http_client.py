from __future__ import annotations

import pickle
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from requests.structures import CaseInsensitiveDict

from retail_sync.errors import (
    ConfigurationError,
    CredentialsError,
    PermissionMissingError,
    RateLimitedError,
    RejectedError,
    RetailSyncError,
    UnreachableError,
    WaitError,
)
from retail_sync.http.client import HttpClient
from retail_sync.http.failures import Action, FailureTable, FaultError, FaultKind, Rule
from retail_sync.http.limits import Limits
from retail_sync.http.messages import Answer, Call, Request

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
JSON = {"Content-Type": "application/json"}
CUT = FaultError(FaultKind.CUT, "cut", sent=True)
REFUSED = FaultError(FaultKind.CONNECT, "refused", sent=False)
READ = Call("GET", "/members", endpoint="members")
NESTED = b"[" * 100_000 + b"]" * 100_000
WRITE = Call("POST", "/events", endpoint="events", json={"name": "shipped"})


class Scripted:
    """A transport that gives answers from a list and remembers what was sent."""

    def __init__(self, *script: FaultError | tuple[int, bytes] | tuple[int, bytes, Mapping[str, str]]) -> None:
        self.script = deque(script)
        self.sent: list[Request] = []

    def send(self, request: Request, limits: Limits) -> ScriptedReply:
        self.sent.append(request)
        step = self.script.popleft()
        if isinstance(step, FaultError):
            raise step
        return ScriptedReply(step[0], step[1], CaseInsensitiveDict(step[2] if len(step) == 3 else JSON))

    def close(self) -> None:
        """There is nothing to close."""


class ScriptedReply:
    def __init__(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.status = status
        self.headers = headers
        self._body = body

    def chunks(self) -> Iterator[bytes]:
        yield self._body

    def close(self) -> None:
        """There is nothing to close."""


class Noted:
    """A budget that only notes what was asked of it."""

    def __init__(self) -> None:
        self.costs: list[float] = []
        self.patience: list[float | None] = []
        self.pauses: list[float] = []
        self.slots = 0

    def acquire(self, *, cost: float = 1.0, deadline: float | None = None) -> float:
        self.costs.append(cost)
        self.patience.append(None if deadline is None else deadline - time.monotonic())
        return 0.0

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def slot(self) -> AbstractContextManager[None]:
        self.slots += 1
        return nullcontext()


def client(transport: Scripted, waits: list[float] | None = None, **options: Any) -> HttpClient:
    sleep: Callable[[float], None] = (waits if waits is not None else []).append
    return HttpClient("https://api.shop.test/v1", transport=transport, clock=lambda: NOW, sleep=sleep, **options)


def test_a_call_becomes_a_request_and_its_answer_is_decoded() -> None:
    transport = Scripted((200, b'\xef\xbb\xbf{"id": 7}'))
    call = Call("PATCH", "orders/7", endpoint="orders", params={"open": True, "skip": None, "f": ["a", "b"]}, json=[1])
    answer = client(transport, authorise=lambda headers: headers.update(Authorization="Bearer t")).call(call)
    request = transport.sent[0]
    assert request.url == "https://api.shop.test/v1/orders/7?open=true&f=a&f=b"
    assert (request.method, request.body, request.headers["Authorization"]) == ("PATCH", b"[1]", "Bearer t")
    assert (answer.json(), answer.requested_at) == ({"id": 7}, NOW)


def test_reads_are_tried_again_with_growing_spread_waits() -> None:
    waits: list[float] = []
    transport = Scripted(CUT, (503, b""), (502, b"<html>"), (200, b"{}"))
    client(transport, waits, limits=Limits(backoff=1.0)).call(READ)
    assert len(transport.sent) == 4
    assert [low <= wait <= 2 * low for low, wait in zip([0.5, 1, 2], waits, strict=True)] == [True] * 3


def test_trying_ends_and_says_what_the_vendor_said() -> None:
    transport = Scripted(*[(500, b'{"detail": "database is down"}')] * 3)
    with pytest.raises(UnreachableError, match="GET members was answered with 500: database is down"):
        client(transport, limits=Limits(tries=3)).call(READ)
    assert len(transport.sent) == 3


@pytest.mark.req("DAG-2")
@pytest.mark.parametrize("outcome", [CUT, (500, b"{}"), (200, b"<html>please wait</html>")])
def test_a_write_whose_answer_never_came_is_not_sent_again(outcome: Any) -> None:
    transport = Scripted(outcome)
    with pytest.raises(UnreachableError) as caught:
        client(transport).call(WRITE)
    assert caught.value.sent
    assert len(transport.sent) == 1


@pytest.mark.parametrize(
    ("method", "repeatable", "times"), [("PUT", None, 2), ("DELETE", None, 2), ("POST", True, 2), ("PUT", False, 1)]
)
def test_what_is_safe_to_repeat_goes_by_method_unless_said(method: str, repeatable: bool | None, times: int) -> None:
    transport = Scripted(CUT, CUT)
    with pytest.raises(UnreachableError):
        client(transport, limits=Limits(tries=2)).call(Call(method, "/x", endpoint="x", repeatable=repeatable))
    assert len(transport.sent) == times


def test_a_write_that_never_left_is_sent_again() -> None:
    transport = Scripted(REFUSED, (200, b"{}"))
    client(transport).call(WRITE)
    assert len(transport.sent) == 2


def test_a_write_that_never_left_says_so_at_last() -> None:
    with pytest.raises(UnreachableError) as caught:
        client(Scripted(REFUSED, REFUSED), limits=Limits(tries=2)).call(WRITE)
    assert not caught.value.sent


@pytest.mark.req("DAG-6")
def test_too_many_requests_makes_everybody_wait_and_even_a_write_is_tried_again() -> None:
    budget = Noted()
    waits: list[float] = []
    transport = Scripted((429, b"{}", {"Retry-After": "2"}), (200, b"{}"))
    client(transport, waits, budget=budget).call(WRITE)
    assert (budget.pauses, budget.slots, budget.costs, waits) == ([2.0], 2, [1.0, 1.0], [])


@pytest.mark.req("DAG-2")
@pytest.mark.parametrize("outcome", [CUT, REFUSED, (500, b"{}"), (503, b""), (200, b"<html>"), (429, b"{}")])
def test_a_time_to_come_again_is_the_vendors_or_none(outcome: Any) -> None:
    with pytest.raises(WaitError) as caught:
        client(Scripted(outcome, outcome), limits=Limits(tries=2)).call(READ)
    assert caught.value.retry_at is None


@pytest.mark.req("DAG-6")
@pytest.mark.parametrize("status", [429, 503])
def test_a_vendor_that_keeps_asking_for_a_wait_is_taken_at_its_word(status: int) -> None:
    asking = (status, b"{}", {"Retry-After": "30"})
    with pytest.raises(WaitError) as caught:
        client(Scripted(asking, asking), limits=Limits(tries=2)).call(READ)
    assert caught.value.retry_at == NOW + timedelta(seconds=30)


@pytest.mark.req("DAG-6")
def test_a_pause_that_others_were_asked_for_is_waited_for_no_longer_than_any_other() -> None:
    budget = Noted()
    client(Scripted((200, b"{}")), budget=budget, limits=Limits(longest_wait=30)).call(READ)
    (patience,) = budget.patience
    assert patience is not None
    assert 0 < patience <= 30


@pytest.mark.req("DAG-6")
def test_a_long_wait_is_handed_to_the_scheduler() -> None:
    budget = Noted()
    with pytest.raises(RateLimitedError) as caught:
        client(Scripted((429, b"{}", {"Retry-After": "120"})), budget=budget).call(READ)
    assert caught.value.retry_at == NOW + timedelta(seconds=120)
    assert budget.pauses == [120.0]


@pytest.mark.req("OPS-3")
def test_an_expired_token_is_renewed_once_and_then_it_is_final() -> None:
    tokens = iter(["old", "new", "newer"])
    current = [next(tokens)]

    def renew() -> None:
        current[0] = next(tokens)

    transport = Scripted((401, b"{}"), (200, b"{}"), (401, b"{}"), (401, b'{"error": "revoked"}'))
    bearer = client(transport, authorise=lambda headers: headers.update(Authorization=current[0]), renew=renew)
    bearer.call(READ)
    assert [request.headers["Authorization"] for request in transport.sent] == ["old", "new"]
    with pytest.raises(CredentialsError, match="revoked"):
        bearer.call(READ)
    assert len(transport.sent) == 4


@pytest.mark.req("OPS-3")
def test_without_a_way_to_renew_a_refused_token_is_final() -> None:
    transport = Scripted((401, b"{}"))
    with pytest.raises(CredentialsError):
        client(transport).call(READ)
    assert len(transport.sent) == 1


@pytest.mark.req("OPS-3")
def test_a_vendor_may_read_a_status_in_its_own_way() -> None:
    throttled = Rule((403,), Action.SLOW_DOWN, when=lambda answer: not answer.is_json)
    absent = Rule((404,), Action.ANSWER, endpoints=frozenset({"members"}))
    table = FailureTable((throttled, absent))
    with pytest.raises(PermissionMissingError, match="no access to this list"):
        client(Scripted((403, b'{"detail": "no access to this list"}')), failures=table).call(READ)
    waited = Scripted((403, b"<html>Forbidden</html>"), (404, b"{}"))
    assert client(waited, failures=table).call(READ).status == 404
    with pytest.raises(RejectedError):
        client(Scripted((404, b"{}")), failures=table).call(Call("GET", "/stores", endpoint="stores"))


@pytest.mark.parametrize(
    "body", [b"<html>Back soon</html>", b"", b'{"a": NaN}', b'{"a": 1} x', b'{"a": 1', b"'a'", b'{"a": "\xe9"}', NESTED]
)
def test_a_success_that_is_no_json_is_no_success(body: bytes) -> None:
    transport = Scripted((200, body, {"Content-Type": "text/html"}), (200, b"[]"))
    assert client(transport).json(READ) == []


def test_where_anything_is_expected_anything_is_handed_over() -> None:
    call = Call("GET", "/export", endpoint="export", expects="anything")
    assert client(Scripted((200, b"a,b\n1,2\n"))).call(call).body == b"a,b\n1,2\n"


def test_an_answer_of_another_shape_is_reported_without_its_content() -> None:
    answer = Answer(200, {}, b'{"email": "anna@mail.test"}', NOW)
    with pytest.raises(UnreachableError) as caught:
        answer.json(dict[str, int])
    assert "anna" not in str(caught.value)


def test_a_redirect_is_not_followed() -> None:
    transport = Scripted((302, b"", {"Location": "https://evil.test/"}))
    with pytest.raises(ConfigurationError):
        client(transport, authorise=lambda headers: headers.update(Authorization="t")).call(READ)
    assert len(transport.sent) == 1


@pytest.mark.req("SEC-1")
@pytest.mark.parametrize("status", [400, 401, 403, 429, 500])
def test_errors_hold_no_secret_and_no_address(status: int) -> None:
    body = b'{"detail": "key s3cr3t-key of anna.berg@mail.test (anna%40mail.test) is bad"}'
    caught: list[RetailSyncError] = []
    call = Call("PUT", "/members/anna@mail.test", endpoint="member", params={"key": "s3cr3t-key"}, json={"k": "v"})
    try:
        client(Scripted((status, body)), secrets=["s3cr3t-key"], limits=Limits(tries=1)).call(call)
    except RetailSyncError as error:
        caught.append(pickle.loads(pickle.dumps(error)))  # noqa: S301
    shown = f"{caught[0]} {caught[0]!r} {caught[0].fields}"
    assert "PUT member was answered" in shown
    assert "s3cr3t" not in shown
    assert "anna" not in shown


@pytest.mark.req("OPS-3")
@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, RejectedError), (401, CredentialsError), (403, PermissionMissingError), (429, RateLimitedError)],
)
def test_a_refusal_in_another_encoding_is_the_same_refusal(status: int, kind: type[RetailSyncError]) -> None:
    refusal = (status, b'{"detail": "cl\xe9 inconnue de anna@mail.test"}')
    with pytest.raises(kind, match="inconnue") as caught:
        client(Scripted(refusal), limits=Limits(tries=1)).call(WRITE)
    assert "anna" not in str(caught.value)


@pytest.mark.req("OPS-3")
def test_a_refusal_that_nobody_can_read_is_still_one() -> None:
    with pytest.raises(RejectedError):
        client(Scripted((400, NESTED))).call(WRITE)


@pytest.mark.req("SEC-1")
def test_a_token_with_a_line_break_is_refused_without_being_told() -> None:
    with pytest.raises(ConfigurationError) as caught:
        client(Scripted(), authorise=lambda headers: headers.update(Authorization="Bearer s3cr3t\n")).call(READ)
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.req("SEC-1")
@pytest.mark.parametrize(
    "url", ["http://api.shop.test", "https://me:pw@api.shop.test", "ftp://a.test", "api.shop.test"]
)
def test_a_base_url_that_would_give_credentials_away_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        HttpClient(url)
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "http://localhost", "http://[::1]:9/api"])
def test_this_machine_may_be_called_without_encryption(url: str) -> None:
    HttpClient(url).close()
