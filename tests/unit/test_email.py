"""An address is the same person's for Python and for Postgres, whoever wrote it how."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings, strategies
from psycopg.types.json import Jsonb

from retail_sync.db.database import Database
from retail_sync.model.email import BLANKS, normalise
from retail_sync.quality.rules.every import EMAIL

#: Every sign that may stand in a text of Postgres and that this Python's Unicode knows.
SIGNS = [
    sign for sign in map(chr, range(1, sys.maxunicode + 1)) if unicodedata.category(sign) not in {"Cn", "Cs", "Co"}
]


def in_sql(database: Database, addresses: Sequence[str]) -> list[str | None]:
    with database.connection() as connection:
        rows = connection.execute(
            "select people.email_of(jsonb_build_object('email', address))"
            " from unnest(%s::text[]) with ordinality as given (address, place) order by place",
            [list(addresses)],
        ).fetchall()
    return [address for (address,) in rows]


@pytest.mark.req("ID-1", "CON-1")
@pytest.mark.parametrize(
    ("written", "address"),
    [
        (" Ann@Post.test\t", "ann@post.test"),
        ("\u00a0ann@post.test\u2003", "ann@post.test"),
        ("\vann@post.test\ufeff", "ann@post.test"),
        ("ÅSA@post.test", "åsa@post.test"),
        ("A\u030asa@post.test", "åsa@post.test"),
        ("İpek@post.test", "i\u0307pek@post.test"),
        ("ΝΙΚΟΣ@post.test", "νικοσ@post.test"),
        ("νικος@post.test", "νικοσ@post.test"),
        ("J\u030can@post.test", "\u01f0an@post.test"),
        ("ann b@post.test", "ann b@post.test"),
        ("\u2003\v ", None),
        ("", None),
        (None, None),
    ],
)
def test_an_address_has_one_normal_form(database: Database, written: str | None, address: str | None) -> None:
    assert normalise(written) == address
    with database.connection() as connection:
        found = connection.execute("select people.email_of(%s)", [Jsonb({"email": written})]).fetchone()
    assert found == (address,)


@pytest.mark.req("QUA-1", "ID-1")
@pytest.mark.parametrize(
    ("written", "is_good"),
    [
        ("\u2003ann@post.test\u00a0", True),
        ("\vÅSA@blåbär.test\ufeff", True),
        *((f"an{blank}n@post.test", False) for blank in BLANKS),
        ("ann@post\u200e.test", False),
        ("\u2003", False),
    ],
)
def test_what_is_left_of_an_address_is_judged(database: Database, written: str, *, is_good: bool) -> None:
    with database.connection() as connection:
        found = connection.execute(
            "select coalesce(people.email_of(%s) ~ %s, false)", [Jsonb({"email": written}), EMAIL]
        )
        assert found.fetchone() == (is_good,)


@pytest.mark.req("ID-1", "CON-1")
def test_python_and_postgres_agree_on_every_sign(database: Database) -> None:
    written = [f"a{sign}" for sign in SIGNS]
    theirs = in_sql(database, written)
    assert [(text, there) for text, there in zip(written, theirs, strict=True) if normalise(text) != there] == []


@pytest.mark.req("ID-1", "CON-1")
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    strategies.lists(
        strategies.text(
            strategies.one_of(
                strategies.sampled_from(f"{BLANKS}İıΣςσẞßÅå\u030a\u0307\u030c@."), strategies.sampled_from(SIGNS)
            )
        ),
        min_size=1,
        max_size=40,
    )
)
def test_python_and_postgres_agree_on_every_text(database: Database, written: list[str]) -> None:
    ours = [normalise(text) for text in written]
    assert in_sql(database, written) == ours
    assert [normalise(text) for text in ours] == ours, "what is normal stays as it is"
