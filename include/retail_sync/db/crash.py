"""Named points at which a test may end the process, as a power cut would."""

from __future__ import annotations

import os
import signal

_NAMED = "RETAIL_SYNC_CRASH_AT"


def crash_point(name: str) -> None:
    """End this process with SIGKILL if `RETAIL_SYNC_CRASH_AT` names this point; do nothing otherwise.

    Args:
        name: `<step>.<moment>`, such as `extract.after_page`. `extract.after_page:3` in the environment means the
            third time that the point is passed.
    """
    wanted = os.environ.get(_NAMED)
    if wanted is None:
        return
    point, _, times = wanted.partition(":")
    if point != name:
        return
    _passed[name] = _passed.get(name, 0) + 1
    if _passed[name] >= int(times or 1):
        os.kill(os.getpid(), signal.SIGKILL)


_passed: dict[str, int] = {}
