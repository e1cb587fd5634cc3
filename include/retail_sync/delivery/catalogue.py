"""Catalogues that go whole: which file stands, which waits, and which has lost so much that a person must look.

A file replaces the one before it, so what it lacks is gone at the destination. A feed that broke off half-way would
empty the shop there: a file with far fewer rows than the last is held, and one without any, even where it is the first:
somebody else's may stand there.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct
from psycopg import Connection

from retail_sync.errors import ConfigurationError

State = Literal["waiting", "held", "published", "refused", "dropped", "superseded"]
#: How many files that are of no use any more are kept to look at.
_KEPT = 3

_LOCK = "select pg_advisory_xact_lock(hashtextextended('retail_sync.catalogue.' || %(pair)s, 0))"

_NEWEST = """
    select file_id, rows, hash, state from delivery.catalogue
     where pair = %(pair)s and account = %(account)s and state <> 'superseded'
     order by file_id desc
     limit 1
"""

# What stands at the destination, or is to stand there as a person has said.
_STANDING = """
    select rows from delivery.catalogue
     where pair = %(pair)s and account = %(account)s and (state = 'published' or approved)
     order by file_id desc
     limit 1
"""

_SUPERSEDE = """
    update delivery.catalogue
       set state = 'superseded'
     where pair = %(pair)s and account = %(account)s and state in ('waiting', 'held', 'refused', 'dropped')
"""

_INSERT = """
    insert into delivery.catalogue (account, pair, run_id, rows, hash, content, made_at, state, words)
    values (%(account)s, %(pair)s, %(run_id)s, %(rows)s, %(hash)s, %(content)s, %(now)s, %(state)s, %(words)s)
 returning file_id
"""

_END = "update delivery.catalogue set state = %(state)s, words = %(words)s where file_id = %(file_id)s"

_FORGET = """
    delete from delivery.catalogue
     where pair = %(pair)s and account = %(account)s
       and file_id not in (select file_id from delivery.catalogue
                            where pair = %(pair)s and account = %(account)s
                            order by (state <> 'superseded' or approved) desc, file_id desc
                            limit %(kept)s)
"""

_CONTENT = """
    select content, made_at, encode(hash, 'hex') from delivery.catalogue
     where pair = %(pair)s and account = %(account)s and state = 'published'
     order by file_id desc
     limit 1
"""

_DECIDE = """
    update delivery.catalogue
       set state = case when %(approved)s then 'waiting' else 'dropped' end, approved = %(approved)s,
           decided_at = %(now)s, decided_by = %(by)s, words = null
     where pair = %(pair)s and account = %(account)s and state in ('held', 'refused')
 returning rows
"""

#: What `notice` asks: files that wait for a person.
WRONG = """
    insert into wrong
    select case state when 'held' then 'catalogue.held' else 'catalogue.refused' end, 'catalogue',
           case state when 'held' then words
                      else initcap(%(destination_system)s) || ' refuses the catalogue: ' || words end,
           'ecommerce',
           case state
               when 'held' then 'Look at the products of the source. If so many are gone on purpose, say '
                                || '`retail-sync catalogue approve ' || pair || ' --because WHY`, else `reject`; until '
                                || 'then the catalogue before it stands.'
               else 'Mend what it names, in the pair file or at the source; or let the same file be brought again with '
                    || '`retail-sync catalogue approve ' || pair || ' --because WHY`.' end
      from delivery.catalogue
     where pair = %(pair)s and account = %(destination)s and state in ('held', 'refused')
"""


class Made(Struct, frozen=True):
    """A file as it was made: how many rows, the hash of its text, and the gzipped text.

    Attributes:
        left_out: How many products have no row, since they lack what the destination needs of them.
    """

    rows: int
    hash: bytes
    content: bytes
    left_out: int = 0


class Offered(Struct, frozen=True):
    """What became of a file that was made, or of an equal one before it; `words` say why it is held or refused."""

    file_id: int
    rows: int
    state: State
    is_new: bool
    words: str | None = None


class Shelf:
    """The files of a pair.

    Args:
        connection: The transaction.
        pair: The pair.
        account: Its destination's account.
    """

    def __init__(self, connection: Connection[Any], pair: str, account: str) -> None:
        self._connection = connection
        self._place: dict[str, Any] = {"pair": pair, "account": account}

    def offer(self, made: Made, *, run_id: str, least: float, now: datetime) -> Offered:
        """Put a file on the shelf, unless the newest there is the same.

        Args:
            made: The file.
            run_id: The run that made it.
            least: The share of the rows that stand which it must have, else it is held.
            now: The time (aware UTC).
        """
        self._connection.execute(_LOCK, self._place)
        newest = self._connection.execute(_NEWEST, self._place).fetchone()
        if newest is not None and newest[2] == made.hash:
            return Offered(newest[0], newest[1], newest[3], is_new=False)
        words = self._lost_too_much(made, least)
        state: State = "held" if words else "waiting"
        self._connection.execute(_SUPERSEDE, self._place)
        row = {"rows": made.rows, "hash": made.hash, "content": made.content, "state": state, "words": words}
        found = self._connection.execute(_INSERT, {**self._place, **row, "run_id": run_id, "now": now}).fetchone()
        self._connection.execute(_FORGET, {**self._place, "kept": _KEPT})
        return Offered(found[0] if found else 0, made.rows, state, is_new=True, words=words)

    def _lost_too_much(self, made: Made, least: float) -> str | None:
        standing = self._connection.execute(_STANDING, self._place).fetchone()
        why = f" {made.left_out:,} products lack what a row needs, such as a link." if made.left_out else ""
        if not made.rows:
            return f"The catalogue has no rows, and whatever stands would be gone there.{why}"
        if standing is None or made.rows >= least * standing[0]:
            return None
        lost = f"The catalogue has {made.rows:,} rows where {standing[0]:,} stand"
        return f"{lost}, and what it lacks would be gone there.{why}"

    def end(self, file_id: int, state: State, words: str | None = None) -> None:
        """Note how a file that waited ended."""
        self._connection.execute(_END, {"file_id": file_id, "state": state, "words": words})

    def published(self) -> tuple[bytes, datetime, str] | None:
        """The file that stands: its gzipped text, when it was made (aware UTC), and its hash; None before the first."""
        row = self._connection.execute(_CONTENT, self._place).fetchone()
        return (bytes(row[0]), row[1], row[2]) if row else None

    def decide(self, *, approved: bool, by: str, now: datetime) -> int:
        """Let the file that is held, or was refused, go with the pair's next catalogue run, or drop it.

        Returns:
            How many rows it has.

        Raises:
            ConfigurationError: None waits for a decision.
        """
        said = {"approved": approved, "by": by, "now": now}
        row = self._connection.execute(_DECIDE, {**self._place, **said}).fetchone()
        if row is None:
            raise ConfigurationError(
                "no catalogue waits for a decision", record=self._place["pair"], fix="See `retail-sync exceptions`."
            )
        return int(row[0])
