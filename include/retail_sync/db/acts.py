"""What people did, in one table: who, when, what, to which record, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from psycopg import Connection
from psycopg.types.json import Jsonb

from retail_sync.errors import ConfigurationError

#: What can be done: to an exception, to a record that rules set aside, to a record whatever rules say of it, to a row
#: whose answer never came, to a plan or a catalogue that is held, to an address.
What = Literal[
    "close", "snooze", "release", "correct", "uncorrect", "unmask", "settle", "approve", "reject", "alias", "unalias"
]

_NOTE = """
    insert into ops.act (at, who, what, pair, record, because, details)
    values (%(at)s, %(who)s, %(what)s, %(pair)s, %(record)s, %(because)s, %(details)s)
"""


@dataclass(frozen=True, slots=True)
class Act:
    """Something that a person does.

    Attributes:
        what: What is done.
        who: Who does it.
        because: Why, in the person's words.
        at: When (aware UTC).
    """

    what: What
    who: str
    because: str
    at: datetime

    def __post_init__(self) -> None:
        if not self.because.strip():
            raise ConfigurationError("no reason was given", fix="Say why: whoever looks next has to know.")


@dataclass(frozen=True, slots=True)
class Object:
    """What it is done to.

    Attributes:
        pair: The pair on whose behalf.
        record: The record as people call it, such as `order 10231`. Never an address.
        details: More of it: rules, paths, versions. No content that is personal.
    """

    pair: str
    record: str
    details: Mapping[str, Any] = field(default_factory=dict)


def note(connection: Connection[Any], act: Act, *objects: Object) -> None:
    """Keep an act, once for each of its objects, in the transaction that does it."""
    shared = {"at": act.at, "who": act.who, "what": act.what, "because": act.because}
    rows = [{**shared, "pair": one.pair, "record": one.record, "details": Jsonb(one.details)} for one in objects]
    with connection.cursor() as cursor:
        cursor.executemany(_NOTE, rows)
