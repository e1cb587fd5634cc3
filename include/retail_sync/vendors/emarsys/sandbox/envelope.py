"""How this API speaks: an envelope around everything, whatever the HTTP status, and the ways in which it says no."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from retail_sync.sandbox import kit

Json = dict[str, Any]


class Refused(Exception):  # noqa: N818 - an answer, not a failure of ours
    """An answer that is not a success.

    Attributes:
        status: HTTP status.
        code: The vendor's `replyCode`; None where the envelope has none.
        text: The vendor's `replyText`.
    """

    def __init__(self, status: int, code: int | None, text: str) -> None:
        super().__init__(text)
        self.status, self.code, self.text = status, code, text


class Worded(NamedTuple):
    """A success with another text than `OK`."""

    data: Any
    text: str


def envelope(
    data: Any, content_type: str, *, code: int | None = 0, text: str = "OK", status: int = 200
) -> kit.Response:
    """An answer as the API wraps it."""
    body: Json = {} if code is None else {"replyCode": code}
    body |= {"replyText": text, "data": data}
    return kit.Response(status, msgspec.json.encode(body), (("content-type", content_type),))


def bad_request(code: int, text: str) -> Refused:
    """A request that can't be done."""
    return Refused(400, code, text)


def wrong_credentials(text: str = "Credentials are invalid") -> Refused:
    """Nobody that the account knows."""
    return Refused(401, 1, text)


def forbidden() -> Refused:
    """An endpoint that was not switched on for these credentials; the envelope has no code."""
    return Refused(403, None, "Forbidden")


def too_large() -> Refused:
    """A body beyond the limit. ASSUMED: the notes give the limit and no answer."""
    return Refused(413, None, "Payload too large")


def too_many_requests() -> Refused:
    """The allowance of this minute is spent."""
    return Refused(429, 7003, "Too many requests")


def not_json() -> Refused:
    """A body that is no JSON."""
    return bad_request(1010, "The request body is not a valid JSON")


def batch_too_large() -> Refused:
    """More rows than a batch may have."""
    return bad_request(1000, "The request exceeded the maximum batch size 1,000")


def no_contact(key: str, value: Any) -> tuple[int, str]:
    """No contact has this key."""
    return 2008, f"No contact found with the external id: {key} - {value}"


def more_contacts(key: str, value: Any) -> tuple[int, str]:
    """Several contacts have this key."""
    return 2010, f"More contacts found with the external id: {key} - {value}"
