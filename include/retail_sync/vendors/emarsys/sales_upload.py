"""Taking orders to the interface of sales data, or into files of Sales Data Batch Loads."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC
from hashlib import blake2b
from pathlib import Path

from retail_sync.errors import ConfigurationError, UnreachableError
from retail_sync.model.delivery import Delivery, Outcome
from retail_sync.model.ports import Clock
from retail_sync.model.texts import shown
from retail_sync.vendors.emarsys.facts import EmarsysSettings
from retail_sync.vendors.emarsys.merchant import Merchant
from retail_sync.vendors.emarsys.sales_rows import Appended, appended, table, whole
from retail_sync.vendors.emarsys.verdicts import delivered


class SalesUpload:
    """Appends orders by the interface of sales data.

    An upload that is not answered may have been kept, and nothing tells it from a second one: its orders are unknown,
    and never sent again by themselves.

    Args:
        merchant: The way there.
        settings: The pair's settings.
    """

    def __init__(self, merchant: Merchant, settings: EmarsysSettings) -> None:
        self._merchant = merchant
        self._settings = settings

    def deliver(self, rows: Sequence[Delivery]) -> Iterator[Outcome]:
        """Append what is still to be appended of these orders, some hundred in one upload.

        Raises:
            WaitError: The interface can't be reached; the orders without an outcome were not sent.
            ConfigurationError: The token is refused.
        """
        size = self._settings.sales_per_upload
        for start in range(0, len(rows), size):
            portion = rows[start : start + size]
            additions = {row.row_id: appended(row) for row in portion}
            yield from (delivered(row) for row in portion if not additions[row.row_id])
            yield from self._append([row for row in portion if additions[row.row_id]], additions)

    def probe(self) -> int:
        """Upload a table without rows, and give the HTTP status: 400 or less says that the token is good."""
        return self._send([])[0]

    def _append(self, rows: Sequence[Delivery], additions: Mapping[int, Sequence[Appended]]) -> Iterator[Outcome]:
        """Append the rows of orders; each outcome is given at once, since what follows it may fail."""
        if not rows:
            return
        try:
            status, words = self._send([line for row in rows for line in additions[row.row_id]])
        except UnreachableError as error:
            if not error.sent:
                raise
            yield from map(_unknown, rows)
            return
        if status < 300:
            yield from map(delivered, rows)
        elif len(rows) > 1:
            middle = len(rows) // 2
            yield from self._append(rows[:middle], additions)
            yield from self._append(rows[middle:], additions)
        else:
            said = shown(words) or f"HTTP {status}"
            yield Outcome(row_id=rows[0].row_id, verdict="rejected", code="sales_refused", words=said)

    def _send(self, lines: Sequence[Appended]) -> tuple[int, str]:
        content = table(lines, self._settings.sales_columns, self._settings.sales_types)
        return self._merchant.upload("sales-data", content)


class SalesFiles:
    """Puts orders into files that Emarsys takes from a folder: whole orders, which replace what was there of them.

    A file's name is made of the time and of what is in it, so that files sort as they were written. The same orders
    may be written again: they replace themselves.

    Args:
        settings: The pair's settings.
        clock: The time.
    """

    def __init__(self, settings: EmarsysSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._folder = Path(settings.sales_folder)

    def deliver(self, rows: Sequence[Delivery]) -> Iterator[Outcome]:
        """Write one file with these orders.

        Raises:
            ConfigurationError: The folder can't be written.
        """
        settings = self._settings
        lines = [line for row in rows for line in whole(row)]
        content = table(lines, settings.sales_columns, settings.sales_types)
        if lines:
            identity = blake2b(content, digest_size=8).hexdigest()
            self._write(f"sales-{self._clock().astimezone(UTC):%Y%m%dT%H%M%S%f}-{identity}.csv", content)
        yield from map(delivered, rows)

    def _write(self, name: str, content: bytes) -> None:
        """Write beside and rename, so that nobody takes half a file, and what is told to be there stays there."""
        half = self._folder / f".{name}.{os.getpid()}"
        try:
            with half.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            half.replace(self._folder / name)
            _keep_names(self._folder)
        except OSError as error:
            with suppress(OSError):
                half.unlink(missing_ok=True)
            raise ConfigurationError(
                f"a file of sales data could not be written ({error.strerror})",
                record=f"folder {self._folder}",
                fix="Make the folder that destination.settings.sales_folder names, and let the workers write there.",
            ) from None


def _keep_names(folder: Path) -> None:
    """Let the names in a folder outlive a power cut, where its file system can."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        # So say mounts of other systems, which have no such thing.
        if error.errno != errno.EINVAL:
            raise
    finally:
        os.close(handle)


def _unknown(row: Delivery) -> Outcome:
    words = "Emarsys did not answer, and may have kept the order's rows."
    return Outcome(row_id=row.row_id, verdict="unknown", code="sales_unanswered", words=words)
