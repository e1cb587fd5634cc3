"""The one place where bytes leave for a vendor: a narrow seam, and what stands behind it in production."""

from __future__ import annotations

import os
import ssl
import threading
import time
import weakref
from collections.abc import Iterator, Mapping
from typing import Protocol
from urllib.parse import urlsplit

import requests
import urllib3
from requests.exceptions import ConnectTimeout, ProxyError
from requests.utils import get_environ_proxies
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from retail_sync.http.addresses import is_this_machine
from retail_sync.http.deadlines import DeadlineAdapter, deadline_passed, set_deadline
from retail_sync.http.failures import FaultError, FaultKind
from retail_sync.http.limits import Limits
from retail_sync.http.messages import Request

_CHUNK = 65_536
_NEVER_CONNECTED = (ConnectTimeout, ConnectTimeoutError, NewConnectionError, ProxyError)


class Reply(Protocol):
    """An answer whose body is still to be read."""

    @property
    def status(self) -> int:
        """The HTTP status."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers; names are found in any case."""
        ...

    def chunks(self) -> Iterator[bytes]:
        """The body as it was sent, still packed.

        Raises:
            FaultError: It ended before its announced end, or the deadline passed.
        """
        ...

    def close(self) -> None:
        """Be done with it. A connection whose body was not read to its end is not used again."""
        ...


class Transport(Protocol):
    """Somebody who takes a request to its server."""

    def send(self, request: Request, limits: Limits) -> Reply:
        """Send a request and wait for the head of its answer.

        Raises:
            FaultError: No answer came.
        """
        ...

    def close(self) -> None:
        """Close all connections."""
        ...


class RequestsTransport:
    """The transport on `requests`: connections are kept open, one set for each thread.

    Certificates are always verified, by the bundle in `REQUESTS_CA_BUNDLE` where that is set. Proxies that the
    environment names are used. Redirects are not followed.

    Args:
        base_url: The origin that it is used for.
    """

    def __init__(self, base_url: str) -> None:
        self._of_thread = threading.local()
        self._adapters: weakref.WeakSet[DeadlineAdapter] = weakref.WeakSet()
        local = is_this_machine(urlsplit(base_url).hostname or "")
        self._proxies = {} if local else get_environ_proxies(base_url)
        self._verify = os.environ.get("REQUESTS_CA_BUNDLE") or True

    def send(self, request: Request, limits: Limits) -> Reply:
        """Send a request and wait for the head of its answer. The deadline holds until its body has been read.

        Raises:
            FaultError: No answer came.
        """
        set_deadline(time.monotonic() + limits.total)
        try:
            response = self._adapter().send(
                _prepared(request),
                stream=True,
                timeout=(min(limits.connect, limits.total), min(limits.read, limits.total)),
                verify=self._verify,
                proxies=self._proxies,
            )
        except requests.RequestException as error:
            raise _fault(error) from None
        return _StreamedReply(response)

    def close(self) -> None:
        """Close all connections."""
        for adapter in list(self._adapters):
            adapter.close()

    def _adapter(self) -> DeadlineAdapter:
        adapter: DeadlineAdapter | None = getattr(self._of_thread, "adapter", None)
        if adapter is None:
            adapter = self._of_thread.adapter = DeadlineAdapter(pool_connections=2, pool_maxsize=2)
            self._adapters.add(adapter)
        return adapter


class _StreamedReply:
    def __init__(self, response: requests.Response) -> None:
        self._raw: urllib3.HTTPResponse = response.raw
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers

    def chunks(self) -> Iterator[bytes]:
        try:
            yield from self._raw.stream(_CHUNK, decode_content=False)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise _fault(error) from None

    def close(self) -> None:
        if not self._raw.closed:
            self._raw.close()
        self._raw.release_conn()


def _prepared(request: Request) -> requests.PreparedRequest:
    """What the adapter takes, made without a session: its cookies, netrc and redirects are not wanted."""
    prepared = requests.PreparedRequest()
    prepared.method = request.method
    prepared.url = request.url
    prepared.headers = requests.structures.CaseInsensitiveDict(request.headers)
    prepared.body = request.body
    return prepared


def _fault(error: Exception) -> FaultError:
    """Our own words for a failure: the library's may quote the URL."""
    causes = list(_causes(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return FaultError(FaultKind.CERTIFICATE, "the other side's certificate can't be trusted", sent=False)
    if any(isinstance(cause, _NEVER_CONNECTED) for cause in causes):
        return FaultError(FaultKind.CONNECT, "no connection came about", sent=False)
    if deadline_passed() or any(isinstance(cause, TimeoutError) for cause in causes):
        return FaultError(FaultKind.DEADLINE, "no whole answer came in time", sent=True)
    return FaultError(FaultKind.CUT, "the connection was cut before the answer was whole", sent=True)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what it was raised from or during, outermost first."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
