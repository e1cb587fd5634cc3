"""The JSON schema of pair files, for editors: made of the types that read them, and kept beside them."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from .config import Pair
from .durations import write as write_duration
from .files import folder

NAME = "pair.schema.json"


class _AsWritten(GenerateJsonSchema):
    """Shows defaults as people write them in a pair file."""

    def encode_default(self, dft: Any) -> Any:
        return write_duration(dft) if isinstance(dft, timedelta) else super().encode_default(dft)


def schema() -> str:
    """The schema as the text of a file."""
    made = Pair.model_json_schema(by_alias=True, schema_generator=_AsWritten)
    return json.dumps({"$schema": _AsWritten.schema_dialect, **made}, indent=2, ensure_ascii=False) + "\n"


def write(where: Path | None = None) -> Path:
    """Write the schema into the folder of pair files; return its path."""
    path = (where or folder()) / NAME
    path.write_text(schema(), encoding="utf-8")
    return path
