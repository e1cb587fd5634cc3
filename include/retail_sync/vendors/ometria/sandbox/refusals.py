"""How this API says no to a whole request. The texts are documented, the shape of the body around them is ASSUMED."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):  # noqa: N818 - not every one of them is an error
    """An answer that is not a success.

    Attributes:
        status: HTTP status.
        message: What is wrong.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message

    def document(self) -> dict[str, Any]:
        """The body."""
        return {"status": "ERROR", "error": self.message}


def not_authorised() -> Refusal:
    """No key, or one that no account has."""
    return Refusal(403, "API key is not authorised to access this resource")


def not_found(what: str = "Resource") -> Refusal:
    """No such path, or nothing there."""
    return Refusal(404, f"{what} was not found")


def no_such_method() -> Refusal:
    """The path exists, the method does not."""
    return Refusal(405, "Method not allowed")


def invalid(message: str) -> Refusal:
    """A request that can't be read."""
    return Refusal(400, f"Payload invalid: {message}")


def too_large() -> Refusal:
    """A record over the limit."""
    return invalid("Record is too large.")


def too_many() -> Refusal:
    """More requests, or more queued records, than the account may have."""
    return Refusal(429, "Too many requests")


class Rejected(Exception):  # noqa: N818 - the vendor's word
    """A record that can't be stored.

    Attributes:
        message: What is wrong with it.
        path: Where.
    """

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.path = path
