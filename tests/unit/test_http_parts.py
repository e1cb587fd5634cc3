from __future__ import annotations

from datetime import UTC, datetime

import pytest
from requests.structures import CaseInsensitiveDict

from retail_sync.errors import IncompleteReadError
from retail_sync.http.dates import request_time
from retail_sync.http.messages import Answer
from retail_sync.http.paging import follow
from retail_sync.http.problems import clean, problem
from retail_sync.http.retry_after import retry_after

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.req("DAG-6")
@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("1", 1.0),
        ("2.5", 2.5),
        ("120", 120.0),
        ("Sun, 01 Mar 2026 12:00:30 GMT", 30.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        (str(int(NOW.timestamp()) + 45), 45.0),
        (str(int(NOW.timestamp()) - 45), 0.0),
        ("soon", None),
        ("-5", None),
        ("nan", None),
        ("1_0", None),
        ("9" * 400, None),
        ("", None),
    ],
)
def test_every_form_of_retry_after_is_read(value: str, seconds: float | None) -> None:
    assert retry_after(CaseInsensitiveDict({"retry-after": value}), NOW) == seconds


@pytest.mark.req("DAG-6")
def test_a_date_is_measured_by_the_answers_own_clock() -> None:
    headers = {"Retry-After": "Sun, 01 Mar 2026 14:00:10 GMT", "Date": "Sun, 01 Mar 2026 14:00:00 GMT"}
    assert retry_after(headers, NOW) == 10.0


@pytest.mark.req("DAG-2")
@pytest.mark.parametrize(
    ("date", "theirs"),
    [
        ("Sun, 01 Mar 2026 11:00:00 GMT", datetime(2026, 3, 1, 11, tzinfo=UTC)),
        ("Sun, 01 Mar 2026 13:59:45 GMT", datetime(2026, 3, 1, 14, tzinfo=UTC)),
        ("Sun, 01 Mar 2026 14:10:00 GMT", datetime(2026, 3, 1, 14, tzinfo=UTC)),
        ("rubbish", datetime(2026, 3, 1, 14, tzinfo=UTC)),
        ("", datetime(2026, 3, 1, 14, tzinfo=UTC)),
    ],
)
def test_a_request_has_not_left_after_its_answer_was_made(date: str, theirs: datetime) -> None:
    assert request_time(CaseInsensitiveDict({"date": date}), datetime(2026, 3, 1, 14, tzinfo=UTC)) == theirs


@pytest.mark.parametrize(
    ("link", "whole"),
    [
        ("/v1/orders?page=2", "https://api.shop.test/v1/orders?page=2"),
        ("?page=2", "https://api.shop.test/v1/?page=2"),
        ("https://API.shop.test:443/v1/orders", "https://API.shop.test:443/v1/orders"),
    ],
)
def test_a_link_to_the_same_origin_is_followed(link: str, whole: str) -> None:
    assert follow("https://api.shop.test/v1/", link) == whole


@pytest.mark.req("SEC-1")
@pytest.mark.parametrize(
    "link",
    [
        "https://evil.test/v1/orders",
        "//evil.test/orders",
        "http://api.shop.test/v1/orders",
        "https://api.shop.test:8443/v1",
        "https://api.shop.test@evil.test/",
        "https://me:pw@api.shop.test/v1",
        "https://api.shop.test.evil.test/",
        "https://[bad/",
        "file:///etc/passwd",
    ],
)
def test_a_link_to_elsewhere_is_not_followed(link: str) -> None:
    with pytest.raises(IncompleteReadError):
        follow("https://api.shop.test/v1/", link)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"title": "Bad", "detail": "no such store"}', "no such store"),
        (b'{"errors": [{"message": "too long"}, {"message": "too short"}]}', "too long; too short"),
        (b"<html><style>p{}</style><h1>Bad&nbsp;Gateway</h1><script>x()</script></html>", "Bad Gateway"),
        (b"plain words", "plain words"),
        (b'{"status": 9}', ""),
        (b'{"detail": "cl\xe9 inconnue"}', "cl\ufffd inconnue"),
        (b'{"detail": "anna\\u0040mail.test is \\q', '{"detail": "\u2026 is \\q'),
        (b"\xff\xfe\x00", "\ufffd\ufffd"),
    ],
)
def test_the_vendors_words_are_found(body: bytes, words: str) -> None:
    assert problem(Answer(400, {}, body, NOW)) == words


@pytest.mark.req("SEC-1")
def test_what_is_shown_is_one_short_line_without_secrets_and_addresses() -> None:
    text = "line one\r\nFAKE LOG LINE\x1b[31m <anna@mail.test> bo%40post.test tok/en= " + "x" * 500
    shown = clean(text, ["tok/en="])
    assert "\n" not in shown
    assert "\x1b" not in shown
    assert len(shown) <= 300
    assert not any(word in shown for word in ("anna", "bo%", "tok/en"))
