"""From the nodes of a page to canonical records; what can't become one is named and the rest goes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar

import msgspec
from msgspec import Raw, Struct

from retail_sync.http.messages import NO_JSON
from retail_sync.model.reading import Page
from retail_sync.model.records import Record
from retail_sync.vendors.centra.envelope import Connection, Data, Decode, tolerant
from retail_sync.vendors.centra.paging import Answered

N = TypeVar("N", bound=Struct)
N_contra = TypeVar("N_contra", bound=Struct, contravariant=True)
#: What a node that is not as it should be makes of the code that takes it apart.
_UNFIT = (ValueError, ArithmeticError, TypeError, AttributeError, LookupError)


class Maker(Protocol[N_contra]):
    """Turns nodes of one sort into canonical records."""

    def key(self, node: N_contra) -> str:
        """The record's key."""
        ...

    def record(self, node: N_contra) -> Record:
        """The canonical record."""
        ...


class _Ids(Struct):
    """As much of a node as its name needs, when the whole of it can't be read."""

    id: str | int = ""


class Reader(Generic[N]):
    """Reads the nodes of one stream.

    Args:
        node: The nodes' type.
        maker: Turns them into records.
    """

    def __init__(self, node: type[N], maker: Maker[N]) -> None:
        self._maker = maker
        self._decode_node = msgspec.json.Decoder(node).decode
        # Whole pages are decoded at once; only a page that holds an unfit node is taken apart node by node.
        self.connection: Decode[Data[Connection[N | Raw]]] = tolerant(Data[Connection[node]], Data[Connection[Raw]])  # type: ignore[valid-type]
        self.list: Decode[Data[list[N | Raw]]] = tolerant(Data[list[node]], Data[list[Raw]])  # type: ignore[valid-type]

    def page(self, answer: Answered[Sequence[N | Raw]], query: str) -> Page:
        """The canonical page of an answer's nodes; `query` names the question, see `model.reading.Page`."""
        records: list[Record] = []
        refused: list[tuple[str, str]] = []
        record = self._maker.record
        for node in answer.data:
            try:
                records.append(record(self._decode_node(node) if isinstance(node, Raw) else node))
            except _UNFIT as error:
                refused.append((self.key(node), _reason(error)))
        return Page(records=records, requested_at=answer.requested_at, refused=refused, query=query)

    def key(self, node: N | Raw) -> str:
        """The key of a node, or what is left of one."""
        if not isinstance(node, Raw):
            return self._maker.key(node)
        try:
            return str(msgspec.json.decode(node, type=_Ids).id) or "without an id"
        except NO_JSON:
            return "without an id"


def _reason(error: Exception) -> str:
    """Why a node was refused. msgspec names the place and the types, never the value."""
    if isinstance(error, msgspec.ValidationError):
        return str(error)
    return f"{type(error).__name__} while it was read"
