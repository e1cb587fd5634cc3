"""What can go wrong on a bad day at this vendor in particular: faults that are switched on, each a line of `KNOWN`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from retail_sync.sandbox.kit import Fault, Faults
from retail_sync.vendors.emarsys.sandbox.envelope import Refused

KNOWN: Mapping[str, str] = {
    "token_expired": "takes the token of a request for too old; a new one is needed",
    "clock_off": "finds that the time in a WSSE header is too far off",
    "permission_lost": "answers 403 without a code, as if the endpoint were not allowed",
    "quota_spent": "answers 429 as if the minute's requests were used up; its reset is `seconds` away",
    "no_key_id": "finds nothing in a write of contacts, under <NO_KEY_ID>, within a 200",
    "already_exists_race": "says of a new contact that it exists and makes none; the pattern is held against its key",
    "contact_refused": "refuses a contact of a batch with `options`: code, text; the pattern is held against its key",
    "call_refused": "refuses whole what names a contact whose key the pattern fits, with `options`: status, code, text",
    "error_shapes": "writes the errors of contacts as `options`: shape, one of list, map and nested",
    "trigger_refused": "refuses a trigger of an event with `options`: code, text; the pattern is held against its key",
    "export_slow": "lets an export wait `seconds` before it starts",
    "export_fails": "ends an export with the state `error`",
    "export_gone": "has lost the file of an export: 410",
    "sales_rejected": "answers 400 to an upload of sales data and takes none of it",
}
Shape = Literal["list", "map", "nested"]
#: Errors of contacts as they are found: by the contact's key, a code and a text.
Errors = dict[str, tuple[int, str]]


class Traps:
    """Asked at the places where a trap may lie.

    Args:
        faults: What is switched on.
    """

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def take(self, name: str, endpoint: str = "") -> Fault | None:
        """A fault that strikes now, or None."""
        return self._faults.take(name, endpoint)

    def refusal(self, name: str, key: str) -> tuple[int, str] | None:
        """Code and text with which a fault refuses what has this key, or None."""
        fault = self.take(name, key)
        if fault is None:
            return None
        return int(fault.options.get("code", 2007)), str(fault.options.get("text", "Invalid value"))

    def check_keys(self, keys: Iterable[object]) -> None:
        """Refuse a call whole for one of its keys.

        Raises:
            Refused: A fault strikes one of them.
        """
        if not self._faults.is_on("call_refused"):
            return
        for key in keys:
            if fault := self.take("call_refused", str(key)):
                found = fault.options
                status, code = int(found.get("status", 200)), int(found.get("code", 2007))
                raise Refused(status, code, str(found.get("text", "Invalid value")))

    def shaped(self, errors: Errors, usual: Shape, endpoint: str) -> Any:
        """Errors in the shape that a fault asks for, else in the usual one of the endpoint."""
        fault = self.take("error_shapes", endpoint) if errors else None
        return shaped(errors, str(fault.options.get("shape", "nested")) if fault else usual)


def shaped(errors: Errors, shape: str) -> Any:
    """Errors as a list of objects, as texts by key, or as texts by code by key; without any, an empty list."""
    if not errors or shape == "list":
        return [{"key": key, "errorCode": code, "errorMsg": text} for key, (code, text) in errors.items()]
    if shape == "map":
        return {key: text for key, (_, text) in errors.items()}
    return {key: {str(code): text} for key, (code, text) in errors.items()}
