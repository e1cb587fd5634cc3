"""The form that the UI shows when somebody starts a run by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from airflow.sdk import Param
from airflow.sdk.definitions._internal.types import NOTSET

from retail_sync.model.records import Stream

_MOMENT: dict[str, Any] = {"type": ["null", "string"], "format": "date-time"}


class Field(Param):
    """A field of the form.

    Its default is right as it stands here, so it is neither judged nor copied deeply again for each of the thousands of
    tasks of a folder of pair files; that took two thirds of the time of a parse. What people enter is judged.
    """

    def resolve(self, value: Any = NOTSET, suppress_exception: bool = False) -> Any:
        """The value; one that is given is judged first."""
        return self.value if value is NOTSET else super().resolve(value, suppress_exception)

    def __copy__(self) -> Field:
        copied = Field.__new__(Field)
        copied.__dict__.update(self.__dict__)
        return copied

    def __deepcopy__(self, memo: dict[int, Any]) -> Field:
        return self.__copy__()


def form(known: Sequence[Stream], read: Sequence[Stream]) -> dict[str, Param]:
    """The form of a DAG that reads from the source.

    Args:
        known: The pair's streams.
        read: Those that the DAG reads if nobody asks for others.
    """
    streams = list(known)
    return {
        "since": Field(None, title="Read from", description="Empty: where the last run ended.", **_MOMENT),
        "until": Field(None, title="Read to", description="Empty: now.", **_MOMENT),
        "streams": Field(
            list(read),
            type="array",
            items={"type": "string", "enum": streams},
            examples=streams,
            title="Streams",
            description="What to read and work on.",
        ),
        "dry_run": Field(False, type="boolean", title="Dry run", description="Show what would be sent, send nothing."),
        "full_refresh": Field(
            False, type="boolean", title="Full refresh", description="Look at every record that is known again."
        ),
    }
