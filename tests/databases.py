"""Databases of the session's server that begin as copies of others."""

from __future__ import annotations

import psycopg
from psycopg import sql

from retail_sync.db.embedded import EmbeddedServer

_END = "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = %s"
_COPY = sql.SQL("create database {} template {} strategy file_copy")
_TRIES = 20


def copied(server: EmbeddedServer, name: str, template: str) -> str:
    """The DSN of a new database that begins as a copy of another; whatever is connected to that is ended.

    Its files are copied, not their pages one by one through the server's log: nothing here need survive a crash.
    """
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
        for left in reversed(range(_TRIES)):
            connection.execute(_END, [template])
            try:
                connection.execute(_COPY.format(sql.Identifier(name), sql.Identifier(template)))
            except psycopg.errors.ObjectInUse:
                # A thread that keeps its place at a vendor alive has just come back.
                if not left:
                    raise
            else:
                break
    return server.dsn(name)
