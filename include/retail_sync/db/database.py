"""Connections to Postgres: made once, used again, dropped when broken."""

from __future__ import annotations

import os
import select
import threading
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeAlias

import msgspec
import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus
from psycopg.types.json import set_json_loads

from retail_sync.errors import ConfigurationError, UnreachableError

_Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]
_CONNECT_SECONDS = 10
_KEPT = 8
#: A run looks up a few thousand keys in tables of millions. By the server's own notion of disks it would rather read
#: the tables whole, compile its statements first, and sort on disk.
_LOOKING_UP = "-c random_page_cost=1.1 -c jit=off -c work_mem=32MB -c temp_buffers=64MB"


class Database:
    """A Postgres database and the connections to it that are free at the moment.

    May be shared by threads. After a fork the child makes connections of its own.

    Args:
        dsn: Where it is, as libpq understands it.
    """

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self._idle = _Idle()
        weakref.finalize(self, self._idle.clear)

    def __repr__(self) -> str:
        return f"Database({_where(self.dsn)})"

    @contextmanager
    def connection(self, autocommit: bool = False, options: Mapping[str, str] | None = None) -> Iterator[_Connection]:
        """A connection for one piece of work, in UTC. Commits at a clean end, rolls back on an error.

        Args:
            autocommit: Whether every statement is its own transaction.
            options: Settings that hold for this piece of work, such as `{"retail_sync.run_id": "..."}`.

        Raises:
            UnreachableError: Postgres does not answer.
        """
        connection = self._idle.take() or connect(self.dsn)
        try:
            connection.autocommit = True
            for name, value in (options or {}).items():
                connection.execute("select set_config(%s, %s, false)", [name, value])
            connection.autocommit = autocommit
            yield connection
        except BaseException:
            self._give_back(connection, bool(options), commit=False)
            raise
        else:
            self._give_back(connection, bool(options), commit=True)

    def close(self) -> None:
        """Close the free connections. New ones can still be had."""
        self._idle.clear()

    def _give_back(self, connection: _Connection, altered: bool, *, commit: bool) -> None:
        try:
            if not connection.autocommit:
                (connection.commit if commit else connection.rollback)()
            if altered:
                connection.autocommit = True
                connection.execute("reset all")
        except psycopg.Error:
            connection.close()
            if commit:
                raise
        else:
            self._idle.put(connection)


class _Idle:
    """The free connections of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connections: list[_Connection] = []
        self._process = os.getpid()

    def take(self) -> _Connection | None:
        while True:
            with self._lock:
                self._forget_after_fork()
                connection = self._connections.pop() if self._connections else None
            if connection is None or _usable(connection):
                return connection
            connection.close()

    def put(self, connection: _Connection) -> None:
        with self._lock:
            self._forget_after_fork()
            if len(self._connections) < _KEPT and connection.pgconn.transaction_status == TransactionStatus.IDLE:
                self._connections.append(connection)
                return
        connection.close()

    def clear(self) -> None:
        with self._lock:
            self._forget_after_fork()
            connections, self._connections = self._connections, []
        for connection in connections:
            connection.close()

    def _forget_after_fork(self) -> None:
        """A child must not speak on its parent's connections, not even to close them."""
        if self._process != os.getpid():
            _inherited.extend(self._connections)
            self._connections = []
            self._process = os.getpid()


#: Connections of a parent process, kept so that nothing collects and closes them.
_inherited: list[_Connection] = []


def _usable(connection: _Connection) -> bool:
    """Nothing waits to be read on a free connection, unless the server has closed it."""
    if connection.closed:
        return False
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return not poll.poll(0)


def connect(dsn: str) -> _Connection:
    """A new connection, in UTC, that nobody else has.

    Raises:
        ConfigurationError: The DSN is none.
        UnreachableError: Postgres does not answer, or refuses.
    """
    try:
        given = conninfo_to_dict(dsn)
    except psycopg.ProgrammingError:
        # What libpq says of it repeats it, with the password.
        raise ConfigurationError(
            "the DSN of the database can't be read", fix="Write it as postgresql://user:password@host:port/database."
        ) from None
    settings = f"{_LOOKING_UP} {given.get('options') or ''} -c timezone=UTC"
    try:
        connection = psycopg.connect(
            dsn,
            options=settings,
            application_name=given.get("application_name") or "retail-sync",
            connect_timeout=given.get("connect_timeout") or _CONNECT_SECONDS,
        )
    except psycopg.OperationalError as error:
        raise UnreachableError(
            f"Postgres at {_where(dsn)} can't be used: {_last_line(error)}",
            fix="See that it runs and that the DSN is right.",
            sent=False,
        ) from None
    # Ten times as fast as the standard library's, and a claim of five hundred rows brings fifteen hundred documents.
    set_json_loads(msgspec.json.decode, connection)
    return connection


def _where(dsn: str) -> str:
    given = conninfo_to_dict(dsn)
    return f"{given.get('host') or 'localhost'}:{given.get('port') or 5432}/{given.get('dbname') or ''}"


def _last_line(error: psycopg.Error) -> str:
    return str(error).strip().rsplit("\n", 1)[-1]
