"""`retail-sync aliases`: what it prints and how it ends."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner, Result

from retail_sync.cli.main import app

PAIR = "centra_to_mailchimp"
WHY = ("--because", "they are one")


@pytest.fixture(autouse=True)
def here(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands' database is the test's."""
    monkeypatch.setenv("RETAIL_SYNC_DSN", dsn)
    monkeypatch.setenv("USER", "eva")
    monkeypatch.setenv("LOGNAME", "eva")


def call(*words: str) -> Result:
    return CliRunner().invoke(app, ["aliases", *words], env={"COLUMNS": "300", "NO_COLOR": "1"})


@pytest.mark.req("ID-4", "SEC-3")
def test_aliases_are_added_listed_and_removed_with_who_did_it() -> None:
    assert "in force with the pair's next run" in call("add", PAIR, "Old@mail.test", "anna@mail.test", *WHY).output
    assert "there already" in call("add", PAIR, "old@mail.test", "anna@mail.test", *WHY).output
    (listed,) = json.loads(call("list", PAIR, "--json").output)
    assert (listed["alias"], listed["stands_for"], listed["origin"], listed["said_by"]) == (
        "old@mail.test",
        "anna@mail.test",
        "command",
        "eva",
    )
    assert "with the next run" in call("list", PAIR).output
    assert "Removed" in call("remove", PAIR, "old@mail.test", *WHY).output
    assert json.loads(call("list", PAIR, "--json").output) == []


@pytest.mark.req("ID-4", "OPS-3")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", PAIR, "old", "anna@mail.test", "--because", "one"), "the alias is no address"),
        (("remove", PAIR, "old@mail.test", "--because", "one"), "no command has added this alias"),
        (("list", "nobody"), "there is no pair 'nobody'"),
    ],
)
def test_what_can_not_be_is_told_in_a_line_and_ends_with_2(words: tuple[str, ...], said: str) -> None:
    ended = call(*words)
    assert (ended.exit_code, said in ended.stderr) == (2, True)
