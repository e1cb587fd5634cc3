"""Books that are kept under a name and put back: what many tests begin with is brought about once."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from io import BytesIO
from itertools import count
from typing import TYPE_CHECKING, Any

from retail_sync.sandbox.world.events import ShopEvent

if TYPE_CHECKING:
    from retail_sync.sandbox.kit.app import SandboxApp

_PLAIN = (int, float, str, bytes, type(None))


class Snapshots:
    """What was kept of one sandbox: books, diary and log, in this process and for as long as it lives.

    A shop whose books can be kept says so by an attribute `apart`: the names of those of its attributes that are no
    books, such as its settings or who is let in. These stay as a reset leaves them; all others are put back.

    Args:
        app: The sandbox. Its lock is held by whoever calls.
    """

    def __init__(self, app: SandboxApp) -> None:
        self._app = app
        self._kept: dict[str, tuple[bytes, list[ShopEvent] | None]] = {}

    def take(self, name: str) -> int:
        """Keep the books as they stand, in place of any kept under the name; gives their size in bytes.

        Raises:
            ValueError: Faults are switched on, which are not kept; or the books hold something that can't be.
        """
        app = self._app
        if app.faults.listed():
            raise ValueError("faults are switched on, and a snapshot keeps none")
        apart = self._apart()
        books = {part: value for part, value in vars(app.shop).items() if part not in apart}
        written = BytesIO()
        try:
            _Writer(written, self._outside()).dump((books, app.log.__getstate__()))
        except (pickle.PicklingError, TypeError, AttributeError) as error:
            raise ValueError(f"the books of the {app.name} sandbox hold what can't be kept: {error}") from error
        self._kept[name] = written.getvalue(), None if app.diary is None else list(app.diary)
        return written.tell()

    def put_back(self, name: str) -> None:
        """Make books, diary and log what they were when they were kept; faults are switched off, the clock goes on.

        Raises:
            ValueError: Nothing is kept under the name.
        """
        if name not in self._kept:
            raise ValueError(f"there is no snapshot {name!r}")
        app, (written, diary) = self._app, self._kept[name]
        app.shop.reset()
        books, counts = _Reader(BytesIO(written), self._outside()).load()
        vars(app.shop).update(books)
        app.log.put_back(counts)
        app.diary = None if diary is None else list(diary)
        app.faults.clear()

    def _apart(self) -> frozenset[str]:
        apart: frozenset[str] | None = getattr(self._app.shop, "apart", None)
        if apart is None:
            raise ValueError(f"the {self._app.name} sandbox can't keep its books")
        return apart

    def _outside(self) -> dict[str, Any]:
        """What books may refer to without holding it."""
        app = self._app
        outside = {"app": app, "shop": app.shop, "faults": app.faults, "log": app.log, "clock": app.clock}
        apart = {f"apart {part}": getattr(app.shop, part) for part in self._apart()}
        # A number that is apart must not be taken for every number like it.
        return outside | {part: thing for part, thing in apart.items() if not isinstance(thing, _PLAIN)}


class _Writer(pickle.Pickler):
    def __init__(self, file: BytesIO, outside: Mapping[str, Any]) -> None:
        super().__init__(file, protocol=pickle.HIGHEST_PROTOCOL)
        self._names = {id(thing): name for name, thing in outside.items()}

    def persistent_id(self, thing: Any) -> str | None:
        return self._names.get(id(thing))

    def reducer_override(self, thing: Any) -> Any:
        # Python 3.14 no longer keeps a counter by itself; what it shows is the call that makes it again.
        if type(thing) is count:
            start, *step = repr(thing).removeprefix("count(").removesuffix(")").split(", ")
            return count, tuple(int(number) for number in (start, *step))
        return NotImplemented


class _Reader(pickle.Unpickler):
    def __init__(self, file: BytesIO, outside: Mapping[str, Any]) -> None:
        super().__init__(file)
        self._outside = outside

    def persistent_load(self, name: str) -> Any:
        return self._outside[name]
