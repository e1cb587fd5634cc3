"""How a command that runs for long is told to end: it still ends what it has started."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

_out = Console(soft_wrap=True, highlight=False)


@contextmanager
def until_told_to_end() -> Iterator[None]:
    """Take Ctrl-C, SIGTERM and a closed terminal for a wish to end, and be deaf to them once the end has begun."""
    ending = [signal.SIGINT, signal.SIGTERM]
    # Whoever starts it with nohup wants it to outlive the terminal.
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        ending.append(signal.SIGHUP)

    def end(number: int, frame: object) -> None:  # noqa: ARG001
        for one in ending:
            signal.signal(one, signal.SIG_IGN)
        raise _Told

    for one in ending:
        signal.signal(one, end)
    try:
        yield
    except _Told:
        _out.print("Everything has ended.")


class _Told(BaseException):
    """Somebody wants it to end."""
