"""How the vendor refuses: an exception for the code that finds out, and the answer that it becomes."""

from __future__ import annotations

from retail_sync.sandbox.kit import Response, reply

#: Clients read the message of a refusal only where the content type is exactly this.
_JSON = {"content-type": "application/json"}


class RefusedError(Exception):
    """A request that is answered with an error.

    Args:
        status: The status.
        body: The JSON body.
    """

    def __init__(self, status: int, body: dict[str, object]) -> None:
        super().__init__(body.get("message"))
        self.status, self.body = status, body

    def response(self) -> Response:
        """The answer."""
        return reply(self.body, self.status, _JSON)


def user_error(message: str, code: str = "E1001") -> RefusedError:
    """A 400 that is meant for people: data that can't be, a field that does not exist."""
    return RefusedError(400, {"type": "UserError", "code": code, "message": message, "description": ""})


def problem(status: int, message: str) -> RefusedError:
    """Any other 4xx, with the code and the message that clients look for."""
    return RefusedError(status, {"code": status, "message": message, "description": ""})


def page_too_large() -> RefusedError:
    """A page over the cap is refused as if requests came too often. The text is ASSUMED, the status was seen."""
    return problem(429, "Page size cannot exceed 500")
