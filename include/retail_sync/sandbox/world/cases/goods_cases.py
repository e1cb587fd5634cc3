"""What happens to goods: they run out and come back, and they leave the catalogue while people still buy them."""

from __future__ import annotations

from datetime import timedelta

from retail_sync.sandbox.world.cases.case import Stage
from retail_sync.sandbox.world.cases.goods import AWAITED
from retail_sync.sandbox.world.events import StockAwaited, StockChanged


def back_in_stock(stage: Stage) -> None:
    """What was sold out comes back: one who waits for it takes the newsletter, another does not."""
    reader, other = stage.customer(newsletter=True), stage.customer(2)
    stage.before(reader, other, StockChanged(at=stage.long_ago, variant_id=AWAITED * 100, stock=0))
    for one in (reader, other):
        stage.ordered(one, one.customer_id % 10)
        stage.before(StockAwaited(at=stage.lately, variant_id=AWAITED * 100, email=one.email))
    stage.later(
        StockChanged(at=stage.next_day, variant_id=AWAITED * 100, stock=6),
        StockChanged(at=stage.next_day + timedelta(hours=1), variant_id=AWAITED * 100, stock=5),
    )
