"""The way to Mailchimp: where it is, who we are, what its answers mean."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from urllib.parse import urlsplit

from retail_sync.errors import ConfigurationError, RetailSyncError, UnreachableError
from retail_sync.http.client import HttpClient
from retail_sync.http.failures import Action, FailureTable, Rule
from retail_sync.http.limits import Limits
from retail_sync.http.messages import NO_JSON, Answer, Call
from retail_sync.http.paging import same_origin
from retail_sync.model.ports import Connection, Services
from retail_sync.vendors.mailchimp.facts import CONNECTIONS, SERVER_TIMEOUT
from retail_sync.vendors.mailchimp.payloads import decoded, encoded
from retail_sync.vendors.mailchimp.wire import Reply, Write

_ROOT = "/3.0"
_JSON = {"Content-Type": "application/json"}
#: A client that hangs up sooner leaves the call running and its connection taken.
_LIMITS = Limits(read=SERVER_TIMEOUT + 10, total=SERVER_TIMEOUT + 60, tries=6, backoff=0.5, longest_wait=60)


def _is_problem(answer: Answer) -> bool:
    """Whether Mailchimp itself refused: its firewall and its throttle answer with a page or with nothing."""
    return "json" in answer.headers.get("Content-Type", "").lower() and answer.is_json


_FAILURES = FailureTable(
    (
        Rule((403,), Action.SLOW_DOWN, when=lambda answer: not _is_problem(answer)),
        Rule((400, 404, 405, 413, 414, 422), Action.ANSWER, when=_is_problem),
    )
)
#: The store of results is another vendor's: an address that has run out is answered with 400, 403 or 404.
_RESULTS = FailureTable((Rule(range(400, 500), Action.ANSWER),))


class MailchimpClient:
    """One user's access to Mailchimp. May be shared by threads.

    Args:
        http: The way there.
    """

    def __init__(self, http: HttpClient) -> None:
        self._http = http

    def send(self, write: Write) -> Reply:
        """Send one write and wait for its reply; a refusal in Mailchimp's own form is a reply.

        Raises:
            CredentialsError: The key is wrong or was revoked.
            PermissionMissingError: The key's user may not do this.
            WaitError: Mailchimp is not to be had, or asks for a pause.
        """
        body = None if write.body is None else encoded(write.body)
        answer = self._http.call(
            Call(
                method=write.method,
                path=write.path,
                endpoint=write.endpoint,
                params=write.params,
                body=body,
                headers=_JSON if body is not None else {},
                # What has a natural key and is done twice is found done.
                repeatable=not write.once,
            )
        )
        return Reply(answer.status, _parsed(answer, write.endpoint))

    def fetch(self, url: str) -> bytes | None:
        """A batch's results, from wherever Mailchimp keeps them and without our key; None where they are not there."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        ours = same_origin(self._http.base_url, url)
        try:
            with HttpClient(origin, failures=_RESULTS, limits=_LIMITS, plain_http=ours) as http:
                answer = http.call(
                    Call(
                        method="GET", path=url, endpoint="batch.results", headers={"Accept": "*/*"}, expects="anything"
                    )
                )
        except RetailSyncError:
            return None
        return answer.body if answer.status == 200 else None


def connect(connection: Connection, services: Services) -> MailchimpClient:
    """The client of a connection: its password is the API key, its host may be empty.

    Raises:
        ConfigurationError: There is no key, or no telling in which data centre it lives.
    """
    key = connection.password or ""
    url = base_url(connection)
    token = b64encode(f"retail-sync:{key}".encode()).decode()
    # The limit is the user's. Two of its keys can't be told to belong together, so one user should have one key here.
    account = f"{urlsplit(url).netloc} {sha256(key.encode()).hexdigest()[:8]}"
    http = HttpClient(
        url,
        failures=_FAILURES,
        limits=_LIMITS,
        budget=services.budget(f"mailchimp {account}", None, None, CONNECTIONS),
        authorise=lambda headers: headers.update(Authorization=f"Basic {token}"),
        secrets=(key, token),
        clock=services.clock,
        plain_http=bool(connection.extra.get("plain_http")),
    )
    return MailchimpClient(http)


def base_url(connection: Connection) -> str:
    """Where the API is: the connection's host, or the data centre at the end of the key.

    Raises:
        ConfigurationError: There is no key, or neither tells a host.
    """
    record = f"connection {connection.name}"
    key = connection.password or ""
    if not key:
        raise ConfigurationError("has no API key", record=record, fix="Put Mailchimp's API key in its password field.")
    host = connection.host.strip().rstrip("/").removesuffix(_ROOT)
    if not host:
        _, dash, centre = key.rpartition("-")
        if not dash or not centre.isalnum():
            raise ConfigurationError(
                "has an API key without a data centre", record=record, fix="Take the whole key, with its `-us1`."
            )
        host = f"{centre}.api.mailchimp.com"
    return (host if "://" in host else f"https://{host}") + _ROOT


def _parsed(answer: Answer, endpoint: str) -> object:
    if not answer.body:
        return None
    try:
        return decoded(answer.body)
    except NO_JSON:
        raise UnreachableError(f"{endpoint} was answered with something that is no JSON", sent=True) from None
