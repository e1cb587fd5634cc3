"""Text that customers typed, as it may stand in a mail."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, strategies

from retail_sync.model.texts import cut, joined, shown
from retail_sync.vendors.mailchimp.text import clean


@pytest.mark.req("QUA-1")
@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Åsa", "Åsa"),
        (" Åsa\n", "Åsa"),
        ("*|FNAME|*", "* |FNAME|*"),
        ("*\x00|FNAME|*", "* |FNAME|*"),
        ("A\x00B\tC", "A B C"),
        ("<script>", "<script>"),
        ("\u202eabc", "abc"),
        ("x\ud800y", "x y"),
        ("👩‍🚀", "👩‍🚀"),
    ],
)
def test_names_are_kept_and_what_is_no_name_is_not(typed: str, kept: str) -> None:
    assert clean(typed) == kept


@given(strategies.text(strategies.characters()))
def test_nothing_that_anybody_types_is_a_merge_tag_or_breaks_a_request(typed: str) -> None:
    cleaned = clean(typed)

    assert "*|" not in cleaned
    assert msgspec.json.decode(msgspec.json.encode(cleaned)) == cleaned


@pytest.mark.parametrize(
    ("text", "length", "kept"),
    [
        ("short", 255, "short"),
        ("one two three", 9, "one two"),
        ("one two three", 7, "one two"),
        ("a verylongwordindeed", 10, "a verylong"),
        ("unbroken", 4, "unbr"),
    ],
)
def test_a_long_text_ends_at_a_word_where_it_can(text: str, length: int, kept: str) -> None:
    assert cut(text, length) == kept


@given(strategies.lists(strategies.text(min_size=1, max_size=40)), strategies.integers(1, 60))
def test_a_list_never_outgrows_its_field(parts: list[str], length: int) -> None:
    assert len(joined(parts, length)) <= length


def test_a_list_is_cut_between_its_parts() -> None:
    assert joined(["Sweden", "Norway", "Denmark"], 16) == "Sweden, Norway"
    assert joined(["Sweden"], 3) == "Swe"
    assert joined([], 10) == ""


@pytest.mark.req("SEC-1")
def test_what_a_vendor_says_shows_no_address_and_is_short() -> None:
    words = shown("anna.berg@mail.test is already a list member. " + "Very " * 100)

    assert words.startswith("a…@mail.test is already")
    assert len(words) <= 200
