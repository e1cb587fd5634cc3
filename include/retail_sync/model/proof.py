"""How a figure is known: by reading objects back, by what the destination counts itself, or by our own ledger."""

from __future__ import annotations

from typing import Literal

#: `read_back`: each object was read from the destination. `counted`: the destination states the figure of itself.
#: `ledger`: the destination has answered that it took them, and lets nothing be read.
Proof = Literal["read_back", "counted", "ledger"]

#: The same in words, as people are told.
IN_WORDS: dict[Proof, str] = {
    "read_back": "read back from the destination",
    "counted": "counted by the destination itself",
    "ledger": "by the ledger: the destination lets nothing of it be read",
}
