"""What every part of a pair file is made of."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
#: Two underscores set apart what follows a pair's name in the names of its DAGs.
PairName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$", max_length=60)]
Effect = Literal["exclude", "hold_record", "hold_event", "hold_field", "warn", "stop"]
Owner = Literal["marketing", "ecommerce", "cx", "operations", "finance"]


class Part(BaseModel):
    """A part of a pair file; an unknown key is an error that names it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
