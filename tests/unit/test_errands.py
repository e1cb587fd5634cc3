"""What a vendor goes on doing by itself: kept with the rows, so that whoever is given them next can end it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from retail_sync.db.database import Database
from retail_sync.errors import WaitError
from retail_sync.model.delivery import Delivery, Errand, Outcome

from .outbox_rows import Outbox, order


class Batching:
    """A vendor that begins a batch, and can't be reached any more when it is asked how that went."""

    def __init__(self) -> None:
        self.given: list[list[str]] = []

    def deliver(self, rows: Sequence[Delivery]) -> Iterator[Outcome | Errand]:
        self.given.append([row.errand for row in rows])
        if len(self.given) > 1:
            yield from (Outcome(row_id=row.row_id, verdict="delivered") for row in rows)
            return
        yield Errand(name="b1", rows=tuple(row.row_id for row in rows))
        raise WaitError("can't be reached")


@pytest.mark.req("DAG-2", "DAG-6")
def test_rows_remember_the_batch_of_an_earlier_try(database: Database) -> None:
    outbox = Outbox(database)
    vendor = Batching()
    outbox.vendor = vendor  # type: ignore[assignment]  # another double at the same port
    outbox.want(order(7), order(8))
    with pytest.raises(WaitError):
        outbox.load()
    assert outbox.query("select distinct state, errand from delivery.outbox") == [("pending", "b1")]
    outbox.load()
    assert vendor.given == [["", ""], ["b1", "b1"]]
    assert outbox.query("select distinct state, errand from delivery.outbox") == [("delivered", None)]
