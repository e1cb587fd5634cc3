"""Connections that keep a total deadline.

A read timeout starts anew with every byte that arrives, so that a server which sends a byte now and then holds a client
for ever, in the headers as well as in the body. The sockets here know when everything must be over.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.poolmanager import ProxyManager
from urllib3.util.ssl_ import create_urllib3_context


class _Until(threading.local):
    """The moment of `time.monotonic()` at which this thread's exchange must be over."""

    moment = float("inf")


_until = _Until()


def set_deadline(moment: float) -> None:
    """Let every exchange of this thread end by then, until another deadline is set."""
    _until.moment = moment


def deadline_passed() -> bool:
    """Whether this thread's deadline is over."""
    return time.monotonic() >= _until.moment


class _Bounded(socket.socket):
    def recv_into(self, *arguments: Any, **options: Any) -> int:
        _tighten(self)
        return super().recv_into(*arguments, **options)

    def sendall(self, *arguments: Any, **options: Any) -> None:
        _tighten(self)
        super().sendall(*arguments, **options)


class _BoundedTls(ssl.SSLSocket):
    def recv_into(self, *arguments: Any, **options: Any) -> int:
        _tighten(self)
        return super().recv_into(*arguments, **options)

    def sendall(self, *arguments: Any, **options: Any) -> None:
        _tighten(self)
        super().sendall(*arguments, **options)


def _tighten(sock: socket.socket) -> None:
    """Shorten the socket's timeout to what is left until the deadline."""
    left = _until.moment - time.monotonic()
    if left <= 0:
        raise TimeoutError("the total deadline has passed")
    timeout = sock.gettimeout()
    if timeout is None or left < timeout:
        sock.settimeout(left)


def _bounded(plain: socket.socket) -> _Bounded:
    timeout = plain.gettimeout()
    sock = _Bounded(plain.family, plain.type, plain.proto, fileno=plain.detach())
    sock.settimeout(timeout)
    return sock


class _Connection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _bounded(super()._new_conn())


class _TlsConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _bounded(super()._new_conn())


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


_POOLS = {"http": _Pool, "https": _TlsPool}


class DeadlineAdapter(HTTPAdapter):
    """The adapter of `requests`, with connections that keep the deadline of their thread."""

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """Make the pools of bounded connections."""
        super().init_poolmanager(*arguments, **options, ssl_context=_context())
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, *arguments: Any, **options: Any) -> ProxyManager:
        """Make the pools of bounded connections by way of a proxy."""
        manager: ProxyManager = super().proxy_manager_for(*arguments, **options, ssl_context=_context())
        manager.pool_classes_by_scheme = _POOLS
        return manager


def _context() -> ssl.SSLContext:
    context = create_urllib3_context()
    context.sslsocket_class = _BoundedTls
    return context
