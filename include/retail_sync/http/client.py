"""The client: one call in, one whole answer or one of our errors out."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from retail_sync.db.crash import crash_point
from retail_sync.errors import ConfigurationError
from retail_sync.http import addresses, outcomes
from retail_sync.http.bodies import read_body
from retail_sync.http.dates import request_time
from retail_sync.http.failures import Action, FailureTable, FaultError, FaultKind
from retail_sync.http.limits import Limits
from retail_sync.http.messages import Answer, Call, Request
from retail_sync.http.retry_after import retry_after
from retail_sync.http.transport import RequestsTransport, Transport
from retail_sync.model.ports import Budget, Clock

#: Headers to which the client adds what proves who we are.
Authorise = Callable[[dict[str, str]], None]
_NO_BODY = frozenset({204, 205})
#: A vendor that asks for more than a day has made a slip.
_LONGEST_ASKED = 86_400.0


def _utc_now() -> datetime:
    return datetime.now(UTC)


class HttpClient:
    """Calls one origin. May be shared by threads.

    Args:
        base_url: Where calls go, such as `https://us1.api.mailchimp.com/3.0`. https, or http to this machine.
        failures: What to do on which answer.
        limits: Deadlines, sizes, tries.
        budget: The account's shared allowance; a slot of it is held while a call is in flight.
        authorise: Adds credentials to the headers of each try.
        renew: Gets a new token after a 401; without it a 401 is final.
        secrets: What must never be shown, since an answer may quote it.
        transport: The way to the server.
        clock: The time, for `requested_at` and `retry_at`.
        sleep: Waits for so many seconds.
        plain_http: Allow http to other machines.

    Raises:
        ConfigurationError: The base URL is none, or would send credentials unencrypted.
    """

    def __init__(
        self,
        base_url: str,
        *,
        failures: FailureTable | None = None,
        limits: Limits | None = None,
        budget: Budget | None = None,
        authorise: Authorise | None = None,
        renew: Callable[[], None] | None = None,
        secrets: Iterable[str] = (),
        transport: Transport | None = None,
        clock: Clock = _utc_now,
        sleep: Callable[[float], None] = time.sleep,
        plain_http: bool = False,
    ) -> None:
        self.base_url = addresses.checked(base_url, plain_http=plain_http)
        self._failures = failures or FailureTable()
        self._limits = limits or Limits()
        self._budget = budget
        self._authorise = authorise
        self._renew = renew
        self._secrets = tuple(secret for secret in secrets if secret)
        self._transport = transport or RequestsTransport(self.base_url)
        self._clock = clock
        self._sleep = sleep
        self._renewing = threading.Lock()
        self._token_age = 0

    def __repr__(self) -> str:
        return f"HttpClient({self.base_url})"

    def call(self, call: Call) -> Answer:
        """Make a call, waiting and trying again as the table says.

        Returns:
            The answer, where the table says that this status is one.

        Raises:
            RateLimitedError: The vendor asks for a longer wait than the limits allow, has asked another worker of the
                account for one, or keeps asking.
            UnreachableError: No usable answer; `sent` tells whether the call may have been done. At once for a call
                that was sent and is not repeatable.
            CredentialsError: 401, also with a new token.
            PermissionMissingError: 403.
            RejectedError: The vendor refused what was sent, in its own words.
            ConfigurationError: The host or its certificate is wrong.
        """
        tried = 0
        while True:
            tried += 1
            outcome, action = self._try_with_token(call)
            if isinstance(outcome, Answer) and action is Action.ANSWER:
                return outcome
            asked = self._asked(outcome)
            wait = self._backoff(tried) if asked is None else asked
            if action is Action.SLOW_DOWN and self._budget:
                self._budget.pause(wait)
            if tried == self._limits.tries or not self._may_repeat(call, outcome, action, wait):
                # Only the vendor's word is passed on: who comes again at a time that we made up would do so for ever.
                retry_at = None if asked is None else self._clock() + timedelta(seconds=asked)
                raise outcomes.error(call, outcome, action, retry_at, self._secrets)
            if action is not Action.SLOW_DOWN or not self._budget:
                self._sleep(wait)

    def json(self, call: Call, shape: Any = Any) -> Any:
        """Make a call and decode its answer; see `call` and `Answer.json`."""
        return self.call(call).json(shape)

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()

    def __enter__(self) -> HttpClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _try_with_token(self, call: Call) -> tuple[Answer | FaultError, Action]:
        """Try once; if the token has run out, try once more with a new one."""
        age = self._token_age
        outcome = self._try(call)
        action = self._action(call, outcome)
        if action is not Action.RENEW or self._renew is None:
            return outcome, action
        self._renew_token(self._renew, age)
        outcome = self._try(call)
        return outcome, self._action(call, outcome)

    def _renew_token(self, renew: Callable[[], None], age: int) -> None:
        """Renew the token unless another thread has done so since this try began."""
        with self._renewing:
            if self._token_age == age:
                renew()
                self._token_age += 1

    def _try(self, call: Call) -> Answer | FaultError:
        request = self._request(call)
        budget = self._budget
        with budget.slot() if budget else nullcontext():
            if budget:
                budget.acquire(cost=call.cost, deadline=time.monotonic() + self._limits.longest_wait)
            try:
                answer = self._exchange(request)
            except FaultError as fault:
                return fault
        return answer if _readable(call, answer) else FaultError(FaultKind.UNREADABLE, "it is not JSON", sent=True)

    def _exchange(self, request: Request) -> Answer:
        requested_at = self._clock()
        reply = self._transport.send(request, self._limits)
        crash_point("http.answered")
        try:
            body = read_body(reply, self._limits.size)
        finally:
            reply.close()
        return Answer(reply.status, reply.headers, body, request_time(reply.headers, requested_at))

    def _request(self, call: Call) -> Request:
        headers = {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "retail-sync"}
        body = call.body
        if call.json is not None:
            body = msgspec.json.encode(call.json)
            headers["Content-Type"] = "application/json"
        if body is not None or call.method not in {"GET", "HEAD"}:
            headers["Content-Length"] = str(len(body or b""))
        headers |= call.headers
        if self._authorise:
            self._authorise(headers)
        _check(headers)
        return Request(call.method, addresses.url_of(self.base_url, call.path, call.params), headers, body)

    def _action(self, call: Call, outcome: Answer | FaultError) -> Action:
        if isinstance(outcome, FaultError):
            return self._failures.on_fault(outcome)
        return self._failures.on_answer(call.endpoint, outcome)

    def _asked(self, outcome: Answer | FaultError) -> float | None:
        """The seconds that the vendor asks for, if it does."""
        asked = retry_after(outcome.headers, self._clock()) if isinstance(outcome, Answer) else None
        return None if asked is None else min(asked, _LONGEST_ASKED)

    def _backoff(self, tried: int) -> float:
        """Our own wait: longer with each try, and spread at random."""
        ceiling = min(self._limits.longest_wait, self._limits.backoff * 2 ** (tried - 1))
        return random.uniform(ceiling / 2, ceiling)  # noqa: S311  # spread, not secret

    def _may_repeat(self, call: Call, outcome: Answer | FaultError, action: Action, wait: float) -> bool:
        if wait > self._limits.longest_wait:
            return False
        if action is Action.SLOW_DOWN:
            return True
        refused = isinstance(outcome, FaultError) and not outcome.sent
        return action is Action.RETRY and (call.may_be_repeated or refused)


def _readable(call: Call, answer: Answer) -> bool:
    """Whether a success is what was asked for and not, say, a page that begs for patience."""
    if call.expects == "anything" or not 200 <= answer.status < 300:
        return True
    return answer.status in _NO_BODY or call.method == "HEAD" or answer.is_json


def _check(headers: Mapping[str, str]) -> None:
    """Refuse here what the library would refuse with the header's content in its words."""
    for name, value in headers.items():
        if not value.isascii() or not value.isprintable():
            raise ConfigurationError(
                f"the header {name} would hold a line break or a letter that headers can't hold",
                fix="Look for a stray line break in the connection's login, password or token.",
            )
