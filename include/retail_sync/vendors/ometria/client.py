"""The way to Ometria: where it is, who we are, what its answers mean."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from retail_sync.errors import ConfigurationError, UnreachableError
from retail_sync.http.client import HttpClient
from retail_sync.http.failures import Action, FailureTable, Rule
from retail_sync.http.limits import Limits
from retail_sync.http.messages import NO_JSON, Answer, Call
from retail_sync.model.ports import Budget, Connection, Services
from retail_sync.vendors.ometria.facts import HOST, ROOT, OmetriaSettings
from retail_sync.vendors.ometria.payloads import decoded, encoded

_LIMITS = Limits(read=60, total=120, tries=6, backoff=0.5, longest_wait=60)
#: Of one call a minute the next try is a long way off.
_MERGE_LIMITS = Limits(read=60, total=120, tries=6, backoff=15, longest_wait=60)
#: Calls that ask for one thing, which may not be there. Whatever else is answered with 404, it was not by Ometria.
_SINGLE = frozenset(
    {
        "contact.read", "order.read", "product.read", "variant.read", "profile.read", "profile.lookup",
        "profile.merge", "check",
    }
)  # fmt: skip
#: CONFIRMED: 403 says that the key is not authorised; 401 is not documented. The status for a push that can't be taken
#: as it is, such as one with a record over the limit, is ASSUMED to be one of these.
_FAILURES = FailureTable(
    (
        Rule((403,), Action.RENEW),
        Rule((400, 413, 422), Action.ANSWER, frozenset({"push", "profile.merge"})),
        Rule((404,), Action.ANSWER, _SINGLE, when=lambda answer: answer.is_json),
        # Nothing of it was done, so that it may be tried again, an event as well.
        Rule((404,), Action.SLOW_DOWN, frozenset({"push"})),
        Rule((404,), Action.RETRY),
    )
)
_JSON = {"Content-Type": "application/json"}


class PushAnswer(NamedTuple):
    """What Ometria said at once to a push: received is not validated, and less is it stored.

    Attributes:
        request_id: Its id, empty where the push was refused whole.
        rejected: How many records it refused at once, without saying which.
        refused: Why the push was refused whole, or empty.
    """

    request_id: str
    rejected: int = 0
    refused: str = ""


class OmetriaClient:
    """One account. May be shared by threads.

    Args:
        push: The way of pushes, which have an allowance of their own.
        data: The way of everything else.
        merge: The way of merges, of which one a minute is allowed.
        pause: Makes everybody wait with pushing.
        settings: The pair's settings.
    """

    def __init__(
        self, push: HttpClient, data: HttpClient, merge: HttpClient, pause: Budget, settings: OmetriaSettings
    ) -> None:
        self._push = push
        self._data = data
        self._merge = merge
        self._budget = pause
        self._settings = settings
        #: When the queue was last seen empty, by the monotonic clock.
        self.emptied_at = float("-inf")

    def push(self, records: Sequence[Mapping[str, Any]], *, repeatable: bool) -> PushAnswer:
        """Hand records of one type over.

        Args:
            records: A hundred at most.
            repeatable: Whether they may be sent again where no answer came.

        Raises:
            ConfigurationError: The key is wrong.
            WaitError: Ometria is not to be had, or its queue is full.
        """
        call = Call("POST", "/push", "push", body=encoded(records), headers=_JSON, repeatable=repeatable)
        answer = self._push.call(call)
        self._heed_queue(answer)
        return _push_answer(answer)

    def get(self, path: str, endpoint: str, params: Mapping[str, Any] | None = None) -> Any:
        """What stands at a path; None where nothing does, which is to be believed of one thing after `assure` alone.

        Raises:
            ConfigurationError: The key is wrong.
            WaitError: Ometria is not to be had.
        """
        answer = self._data.call(Call("GET", path, endpoint, params=params or {}))
        return None if answer.status == 404 else _parsed(answer, endpoint)

    def assure(self, path: str, endpoint: str) -> None:
        """Make sure that single objects of a list can be read: what is not there looks like what a gateway can't find.

        Args:
            path: The list's path.
            endpoint: The name in logs of reading one of it.

        Raises:
            ConfigurationError: The key is wrong.
            WaitError: Ometria is not to be had, or denies what it has just listed.
        """
        listed = self.get(path, f"{endpoint}.first", {"limit": 1})
        if not isinstance(listed, list):
            raise UnreachableError(f"what {endpoint} is listed in can't be read", fix="It is tried again.")
        for one in listed:
            if self.get(f"{path.rstrip('/')}/{quote(str(one['id']), safe='')}", endpoint) is None:
                raise UnreachableError(f"{endpoint} finds nothing of what is listed", fix="It is tried again.")

    def merge(self, survivor: Mapping[str, str], others: Sequence[Mapping[str, str]]) -> bool:
        """Let one profile remain of several; tells whether Ometria has taken that, which it may do later.

        Args:
            survivor: The type and value of an identity, in the newer form of this call.
            others: The same of those that are merged into it, five at most; their contacts are deleted (CONFIRMED).

        Raises:
            ConfigurationError: The key is wrong.
            WaitError: Ometria is not to be had.
        """
        body = encoded({"survivor": survivor, "customers_to_merge": others})
        call = Call("POST", "/merge-profile", "profile.merge", body=body, headers=_JSON, repeatable=True)
        return 200 <= self._merge.call(call).status < 300

    def _heed_queue(self, answer: Answer) -> None:
        """Older documents cap the queue and tell of it in headers, newer ones are silent: both are taken."""
        limit, left = (_number(answer.headers.get(f"X-QueueSize-{name}")) for name in ("Limit", "Remaining"))
        if limit is None or left is None:
            return
        if left >= limit:
            self.emptied_at = time.monotonic()
        if left < min(self._settings.queue_reserve, limit):
            self._budget.pause(self._settings.queue_pause)


def connect(connection: Connection, services: Services, settings: OmetriaSettings) -> OmetriaClient:
    """The client of a connection: its password is the API key, its host may be empty.

    Raises:
        ConfigurationError: There is no key.
    """
    key = (connection.password or "").strip()
    if not key:
        raise ConfigurationError(
            "has no API key",
            record=f"connection {connection.name}",
            fix="Put the key of Ometria's Data API in its password field.",
        )
    url = base_url(connection)
    account = f"ometria {urlsplit(url).netloc} {sha256(key.encode()).hexdigest()[:8]}"
    pushes = services.budget(f"{account} push", settings.push_rate, None, None)
    others = services.budget(f"{account} data", settings.data_rate, None, None)
    merges = services.budget(f"{account} merge", settings.merges_a_minute / 60, None, None)
    push, data, merge = (
        HttpClient(
            url,
            failures=_FAILURES,
            limits=limits,
            budget=budget,
            authorise=lambda headers: headers.update({"X-Ometria-Auth": key}),
            secrets=(key,),
            clock=services.clock,
            plain_http=bool(connection.extra.get("plain_http")),
        )
        for budget, limits in ((pushes, _LIMITS), (others, _LIMITS), (merges, _MERGE_LIMITS))
    )
    return OmetriaClient(push, data, merge, pushes, settings)


def base_url(connection: Connection) -> str:
    """Where the API is: at the connection's host, or where it always is."""
    host = connection.host.strip().rstrip("/").removesuffix(ROOT) or HOST
    return (host if "://" in host else f"https://{host}") + ROOT


def _push_answer(answer: Answer) -> PushAnswer:
    body = _parsed(answer, "push")
    said = body if isinstance(body, dict) else {}
    if not 200 <= answer.status < 300 or str(said.get("status", "OK")).upper() == "ERROR":
        words = next((str(said[name]) for name in ("error", "message", "errors") if said.get(name)), "")
        return PushAnswer("", refused=words or f"The push was answered with {answer.status}.")
    if not said.get("request_id"):
        raise UnreachableError("a push was answered without a request_id", sent=True)
    return PushAnswer(str(said["request_id"]), int(said.get("rejected") or 0) + int(said.get("skipped") or 0))


def _parsed(answer: Answer, endpoint: str) -> Any:
    if not answer.body:
        return None
    try:
        return decoded(answer.body)
    except NO_JSON:
        raise UnreachableError(f"{endpoint} was answered with something that is no JSON", sent=True) from None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.strip().isdecimal() else None
