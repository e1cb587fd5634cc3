"""The way to the interface of sales data and catalogue: its own host, its own token, CSV in and plain text out."""

from __future__ import annotations

from typing import Literal

from retail_sync.errors import ConfigurationError, UnreachableError
from retail_sync.http.client import HttpClient
from retail_sync.http.failures import Action, FailureTable, Rule
from retail_sync.http.limits import Limits
from retail_sync.http.messages import Call
from retail_sync.http.problems import problem
from retail_sync.model.ports import Connection, Services
from retail_sync.vendors.emarsys.facts import CONNECTIONS, SALES_HOST, EmarsysSettings

Feed = Literal["sales-data", "catalog"]

_HEADERS = {"Content-Type": "text/csv", "Accept": "text/plain"}
_GZIP = {"Content-Encoding": "gzip"}
#: ASSUMED: of an upload that is refused with 400 nothing is kept.
_FAILURES = FailureTable((Rule((400, 413, 422), Action.ANSWER),))


class Merchant:
    """One merchant's access. May be shared by threads.

    Args:
        http: The way there, with the merchant's own token.
        merchant: The merchant's id.
    """

    def __init__(self, http: HttpClient, merchant: str) -> None:
        self._http = http
        self._merchant = merchant

    def upload(self, feed: Feed, content: bytes, *, packed: bool = False) -> tuple[int, str]:
        """Upload a table and give the HTTP status, with what Emarsys says where it is no success.

        Sales data is appended, and so never sent twice by itself; a catalogue replaces itself.

        Args:
            feed: What it is.
            content: CSV in UTF-8 with a header.
            packed: Whether it is gzipped.

        Raises:
            WaitError: The interface can't be reached.
            ConfigurationError: The token is refused.
        """
        answer = self._http.call(
            Call(
                "POST",
                f"/hapi/merchant/{self._merchant}/{feed}/api",
                f"{feed}.upload",
                body=content,
                headers=_HEADERS | (_GZIP if packed else {}),
                repeatable=feed == "catalog",
                expects="anything",
            )
        )
        if answer.status >= 300:
            return answer.status, problem(answer)
        # CONFIRMED: a success is a line of plain text. A web page comes from something that stands before Emarsys.
        if answer.body.lstrip().startswith(b"<"):
            raise UnreachableError(f"an upload of {feed} was answered with a web page", sent=True)
        return answer.status, ""


def connect_merchant(connection: Connection, settings: EmarsysSettings, services: Services) -> Merchant:
    """The way to the interface of sales data and catalogue; its token is `sales_token` in the connection's extra.

    Raises:
        ConfigurationError: There is no token.
    """
    token = str(connection.extra.get("sales_token") or "")
    if not token:
        raise ConfigurationError(
            "has no token for sales data and catalogue",
            record=f"connection {connection.name}",
            fix="Put `sales_token` into the connection's extra, or choose `sales: file` or `none`, and another way for "
            "the catalogue than `pushed`.",
        )
    http = HttpClient(
        str(connection.extra.get("sales_url") or SALES_HOST),
        failures=_FAILURES,
        limits=Limits(longest_wait=75),
        budget=services.budget(f"emarsys sales {settings.merchant}", None, None, CONNECTIONS),
        authorise=lambda headers: headers.update(Authorization=f"Bearer {token}"),
        secrets=(token,),
        clock=services.clock,
        plain_http=bool(connection.extra.get("plain_http")),
    )
    return Merchant(http, settings.merchant)
