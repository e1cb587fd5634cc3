"""Alias lists: what may stand in them, what they come to, and what commands add."""

from __future__ import annotations

from pathlib import Path

import pytest

from retail_sync.db.acts import Act
from retail_sync.db.database import Database
from retail_sync.errors import ConfigurationError
from retail_sync.pairs.aliases import Alias, read, resolve
from retail_sync.people import alias_commands

from .road_rows import NOON, PAIR

EVA = Act("alias", "eva", "they are one", NOON)
KIM = Act("unalias", "kim", "they are two", NOON)


def written(tmp_path: Path, *lines: str) -> Path:
    """An alias file with these lines below its header."""
    path = tmp_path / "aliases.csv"
    path.write_text("\n".join(("alias,primary", *lines)) + "\n", encoding="utf-8")
    return path


@pytest.mark.req("ID-4")
def test_addresses_and_customers_are_read_in_their_normal_form(tmp_path: Path) -> None:
    path = written(tmp_path, " Old@Mail.test ,anna@mail.test", "", "customer: 77,customer:12")

    assert read(path) == [
        Alias("old@mail.test", "anna@mail.test", "line 2"),
        Alias("customer:77", "customer:12", "line 4"),
    ]


@pytest.mark.req("ID-4")
@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("old@mail.test", "has 1 columns, not 2"),
        ("old@mail.test,anna@mail.test,cleo@mail.test", "has 3 columns, not 2"),
        ("old@mail.test,", "the primary is empty"),
        ("old,anna@mail.test", "the alias is no address"),
        ("old@@mail.test,anna@mail.test", "the alias is no address"),
        ("old@mail.test,anna@mail", "the primary is no address"),
        ("customer:,customer:12", "the alias names no customer"),
        ("customer:77,anna@mail.test", "mixes an address with a customer"),
        ("Anna@mail.test,anna@mail.test", "names itself"),
    ],
)
def test_a_bad_line_is_named_and_no_address_is_told(tmp_path: Path, line: str, said: str) -> None:
    path = written(tmp_path, "fine@mail.test,good@mail.test", line)

    with pytest.raises(ConfigurationError) as told:
        read(path)

    assert f"aliases.csv: line 3: {said}" in str(told.value)
    assert "@" not in str(told.value)


@pytest.mark.req("ID-4")
def test_a_file_without_a_header_or_without_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bare.csv").write_text("old@mail.test,anna@mail.test\n", encoding="utf-8")

    with pytest.raises(ConfigurationError, match="line 1 is no header"):
        read(tmp_path / "bare.csv")
    with pytest.raises(ConfigurationError, match="can't be read: No such file"):
        read(tmp_path / "missing.csv")


@pytest.mark.req("ID-4")
def test_chains_are_followed_to_their_end() -> None:
    said = [Alias("a@p.test", "b@p.test", "line 2"), Alias("b@p.test", "c@p.test", "line 3")]

    assert resolve([*said, said[0]], "list") == {"a@p.test": "c@p.test", "b@p.test": "c@p.test"}


@pytest.mark.req("ID-4")
@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ((("a", "b"), ("a", "c")), "line 2 and line 3 give one alias two primaries"),
        ((("a", "b"), ("b", "a")), "line 2, line 3 lead back to where they begin"),
        ((("x", "a"), ("a", "b"), ("b", "c"), ("c", "a")), "line 3, line 4, line 5 lead back to where they begin"),
    ],
)
def test_two_primaries_and_circles_are_refused(said: tuple[tuple[str, str], ...], complaint: str) -> None:
    lines = [Alias(f"{alias}@p.test", f"{to}@p.test", f"line {n}") for n, (alias, to) in enumerate(said, start=2)]

    with pytest.raises(ConfigurationError, match=complaint):
        resolve(lines, "list")


@pytest.mark.req("ID-4", "SEC-3")
def test_commands_add_and_remove_and_each_is_kept_with_who_did_it(database: Database) -> None:
    with database.connection() as connection:
        assert alias_commands.add(connection, PAIR, "Old@mail.test", "anna@mail.test", EVA)
        assert not alias_commands.add(connection, PAIR, "old@mail.test", "anna@mail.test", EVA)
        (said,) = alias_commands.listing(connection, PAIR)
        alias_commands.remove(connection, PAIR, "OLD@mail.test", KIM)
        assert alias_commands.listing(connection, PAIR) == []
        found = connection.execute("select action, said_by, because from people.alias_change order by change_id")
        kept = found.fetchall()

    assert (said.alias, said.stands_for, said.origin, said.leads_to, said.overruled) == (
        "old@mail.test",
        "anna@mail.test",
        "command",
        None,
        False,
    )
    assert kept == [("added", "eva", "they are one"), ("removed", "kim", "they are two")]


@pytest.mark.req("ID-4")
def test_a_command_that_leads_in_a_circle_or_takes_back_what_nobody_said_is_refused(database: Database) -> None:
    with database.connection() as connection:
        alias_commands.add(connection, PAIR, "a@mail.test", "b@mail.test", EVA)
        with pytest.raises(ConfigurationError, match="lead back to where they begin"):
            alias_commands.add(connection, PAIR, "b@mail.test", "a@mail.test", EVA)
        with pytest.raises(ConfigurationError, match="no command has added this alias"):
            alias_commands.remove(connection, PAIR, "c@mail.test", EVA)
        with pytest.raises(ConfigurationError, match="the alias is no address"):
            alias_commands.remove(connection, PAIR, "c", EVA)
