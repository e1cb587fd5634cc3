"""Who is let in: keys, and how many requests at once."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable

from retail_sync.sandbox import kit
from retail_sync.vendors.mailchimp.sandbox.endpoints import ROOT, refusal
from retail_sync.vendors.mailchimp.sandbox.problems import (
    Problem,
    invalid_override,
    key_invalid,
    key_missing,
    too_many_requests,
)
from retail_sync.vendors.mailchimp.sandbox.settings import Settings

OVERRIDE = "x-http-method-override"


def _key(authorization: str) -> str:
    """The key in a header, as Basic password or as a token; empty when it can't be read."""
    scheme, _, rest = authorization.partition(" ")
    if scheme.lower() in ("bearer", "oauth"):
        return rest.strip()
    try:
        return base64.b64decode(rest.strip(), validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


class Gate:
    """Stands before every request below the API's root.

    Args:
        settings: The keys, and the requests that may be in work at once.
        in_flight: How many are.
        call: Answers a request whose method was overridden.
    """

    def __init__(
        self, settings: Settings, in_flight: Callable[[], int], call: Callable[[kit.Request], kit.Response]
    ) -> None:
        self._settings = settings
        self._in_flight = in_flight
        self._call = call

    def check(self, request: kit.Request) -> kit.Response | None:
        """A refusal, the answer to an overridden method, or None to go on."""
        if not request.path.startswith(ROOT):
            return None
        try:
            self._admit(request)
            return self._override(request)
        except Problem as problem:
            return refusal(problem)

    def _admit(self, request: kit.Request) -> None:
        if self._in_flight() > self._settings.concurrency:
            raise too_many_requests()
        authorization = request.header("authorization")
        if not authorization:
            raise key_missing()
        if _key(authorization) not in self._settings.api_keys:
            raise key_invalid()

    def _override(self, request: kit.Request) -> kit.Response | None:
        method = request.header(OVERRIDE)
        if method is None:
            return None
        if request.method != "POST":
            raise invalid_override()
        meant = kit.Request(method.upper(), request.path, query_string=request.query_string, body=request.body)
        answer = self._call(meant)
        request.endpoint, request.write = meant.endpoint, meant.write
        return answer
