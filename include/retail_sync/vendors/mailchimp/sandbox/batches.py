"""Batch operations: taken at once, carried out later, one batch after the other, in an order of their own."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from retail_sync.sandbox import kit
from retail_sync.vendors.mailchimp.sandbox.batch_results import PATH, Signer, Verdict, pack
from retail_sync.vendors.mailchimp.sandbox.endpoints import DONE, PAGE, ROOT, VIEW, Answer, Ask, Endpoint
from retail_sync.vendors.mailchimp.sandbox.ids import digest
from retail_sync.vendors.mailchimp.sandbox.paging import collection, page_of, viewed
from retail_sync.vendors.mailchimp.sandbox.problems import not_found, too_many_requests
from retail_sync.vendors.mailchimp.sandbox.schema import Json, choice, many, require, string, text, thing, words
from retail_sync.vendors.mailchimp.sandbox.settings import Settings
from retail_sync.vendors.mailchimp.sandbox.traps import Traps

if TYPE_CHECKING:
    from retail_sync.vendors.mailchimp.sandbox.account import Account

OPERATION = thing(
    {
        "method": choice("GET", "POST", "PUT", "PATCH", "DELETE"),
        "path": string(shortest=1),
        "params": words(lambda _value: ()),
        "body": text,
        "operation_id": text,
        "headers": words(text),
    },
    required=("method", "path"),
)
NEW = thing({"operations": many(OPERATION, least=1)}, required=("operations",))
_logger = logging.getLogger(__name__)


class Batch:
    """A batch on its way: `pending`, `preprocessing`, `started`, `finalizing`, `finished`."""

    def __init__(self, batch_id: str, operations: list[Json], submitted_at: str) -> None:
        self.id = batch_id
        self.operations = operations
        self.submitted_at = submitted_at
        self.status = "pending"
        self.total = 0
        self.verdicts: list[Verdict] = []
        self.errored = 0
        self.completed_at: datetime | None = None
        self.archive = b""

    def view(self, url: str) -> Json:
        """The batch as answers show it; totals are 0 until it has been read."""
        return {
            "id": self.id,
            "status": self.status,
            "total_operations": self.total,
            "finished_operations": len(self.verdicts),
            "errored_operations": self.errored,
            "submitted_at": self.submitted_at,
            "completed_at": self.completed_at.isoformat(timespec="seconds") if self.completed_at else "",
            "response_body_url": url,
            "_links": [],
        }


class Batches:
    """All batches of an account, and the loop that works through them."""

    def __init__(self, settings: Settings, traps: Traps) -> None:
        self._settings, self._traps = settings, traps
        self._signer = Signer()
        self._made = 0
        self._waiting: deque[Batch] = deque()
        self._worker: asyncio.Task[None] | None = None
        self._app: kit.SandboxApp | None = None
        self.known: dict[str, Batch] = {}

    def __getstate__(self) -> Json:
        """All but the loop, which a batch that comes in starts anew.

        Raises:
            TypeError: A batch is on its way.
        """
        if self._worker is not None and not self._worker.done():
            raise TypeError("a batch is on its way")
        return {**vars(self), "_worker": None}

    def attach(self, app: kit.SandboxApp) -> None:
        """Give the server that operations run against."""
        self._app = app

    def forget_all(self) -> None:
        """Drop every batch; a running one stops at its next operation."""
        self.known.clear()
        self._waiting.clear()

    def submit(self, operations: list[Json], now: datetime) -> Batch:
        """Take a batch in.

        Raises:
            Problem: 429, when too many are unfinished.
        """
        unfinished = sum(batch.status != "finished" for batch in self.known.values())
        if unfinished >= self._settings.batch_pending_limit:
            raise too_many_requests()
        self._made += 1
        batch = Batch(digest(f"batch {self._made}")[:10], operations, now.isoformat(timespec="seconds"))
        self.known[batch.id] = batch
        self._waiting.append(batch)
        if self._worker is None or self._worker.done():
            self._worker = asyncio.get_running_loop().create_task(self._work())
        return batch

    def get(self, batch_id: str, now: datetime) -> Batch:
        """A batch, or 404 once it is gone."""
        batch = self.known.get(batch_id)
        lifetime = timedelta(seconds=self._settings.batch_lifetime)
        is_over = batch is not None and batch.completed_at and batch.completed_at + lifetime < now
        if batch is None or is_over or self._traps.take("batch_lost", batch_id):
            self.known.pop(batch_id, None)
            raise not_found()
        return batch

    def url(self, batch: Batch, ask: Ask, now: datetime) -> str:
        """A fresh address of the result, empty while there is none."""
        if not batch.archive:
            return ""
        expires = int(now.timestamp() + self._settings.batch_url_lifetime)
        return f"{ask.origin}{PATH.format(batch_id=batch.id)}?{self._signer.query(batch.id, expires)}"

    def download(self, request: kit.Request, now: datetime) -> kit.Response:
        """Hand out a result to whoever has its address and sends no credentials."""
        if refused := self._signer.refusal(request, now.timestamp()):
            return refused
        batch = self.known.get(request.params["batch_id"])
        if self._traps.take("results_expired", request.params["batch_id"]):
            return self._signer.expired()
        if batch is None:
            return kit.Response(404)
        return kit.Response(200, batch.archive, (("content-type", "application/gzip"),))

    async def _work(self) -> None:
        while self._waiting:
            batch = self._waiting.popleft()
            if fault := self._traps.take("batch_slow", batch.id):
                await asyncio.sleep(fault.seconds)
            await self._pause(batch, "preprocessing")
            batch.total = len(batch.operations)
            await self._pause(batch, "started")
            await self._execute(batch)
            await self._pause(batch, "finalizing")
            self._finish(batch)

    async def _pause(self, batch: Batch, following: str) -> None:
        await asyncio.sleep(self._settings.batch_state_seconds)
        batch.status = following

    async def _execute(self, batch: Batch) -> None:
        for operation in self._shuffled(batch):
            if batch.id not in self.known:
                return
            verdict = self._run(operation)
            batch.verdicts.append(verdict)
            batch.errored += verdict.status_code >= 400
            await asyncio.sleep(0)

    def _shuffled(self, batch: Batch) -> list[Json]:
        places = sorted(range(batch.total), key=lambda place: digest(f"{self._settings.seed} {batch.id} {place}"))
        return [batch.operations[place] for place in places]

    def _run(self, operation: Json) -> Verdict:
        path, _, query = operation["path"].partition("?")
        request = kit.Request(
            operation["method"],
            f"{ROOT}/{path.lstrip('/')}",
            query_string=query or urlencode(operation.get("params", {})),
            body=operation.get("body", "").encode(),
        )
        response = self._answer(request)
        return Verdict(response.status, operation.get("operation_id", ""), response.body.decode())

    def _answer(self, request: kit.Request) -> kit.Response:
        if self._app is None:
            raise RuntimeError("no server is attached")
        try:
            if fault := self._traps.operation(lambda: self._app.endpoint_of(request) if self._app else ""):
                return kit.Response(fault.status)
            return self._app.call(request, count=True)
        except Exception as error:
            _logger.exception("an operation of a batch failed in the sandbox itself: %s", request.endpoint)
            self._app.log.crash(f"batch operation {request.endpoint}: {error!r}")
            return kit.Response(500)

    def _finish(self, batch: Batch) -> None:
        batch.archive = pack(batch.id, batch.verdicts, self._settings.batch_operations_per_file)
        batch.operations = []
        batch.completed_at = self._now()
        batch.status = "finished"

    def _now(self) -> datetime:
        if self._app is None:
            raise RuntimeError("no server is attached")
        return self._app.clock.now()


def _view(account: Account, ask: Ask, batch: Batch) -> Json:
    return batch.view(account.batches.url(batch, ask, account.now()))


def submit(account: Account, ask: Ask) -> Answer:
    """POST a batch. It is no write itself: its operations are, once they run."""
    ask.writes = False
    body = require(NEW, ask.json())
    return Answer(_view(account, ask, account.batches.submit(body["operations"], account.now())))


def index(account: Account, ask: Ask) -> Answer:
    """GET all batches."""
    batches = list(account.batches.known.values())
    return collection(ask, "batches", [_view(account, ask, each) for each in page_of(ask, batches)], len(batches))


def show(account: Account, ask: Ask) -> Answer:
    """GET one batch; the address of its result is new each time."""
    return viewed(ask, _view(account, ask, account.batches.get(ask.ids[0], account.now())))


def remove(account: Account, ask: Ask) -> Answer:
    """DELETE a batch: it stops, and the results of what it has done are lost."""
    batch = account.batches.get(ask.ids[0], account.now())
    del account.batches.known[batch.id]
    return DONE


ENDPOINTS = (
    Endpoint("POST", "/batches", submit),
    Endpoint("GET", "/batches", index, PAGE),
    Endpoint("GET", "/batches/{batch_id}", show, VIEW),
    Endpoint("DELETE", "/batches/{batch_id}", remove),
)
