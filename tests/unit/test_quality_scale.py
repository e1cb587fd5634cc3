"""One bad row among many, and a batch of nothing else."""

from __future__ import annotations

import pytest

from retail_sync.db.database import Database
from retail_sync.errors import StopError
from retail_sync.quality.quarantine import apply_verdicts
from retail_sync.steps.validate import validate

from .quality_rows import NOON, PAIR, RUN, Row, road, seal

pytestmark = pytest.mark.usefixtures("no_site")

_FATE = "select held, count(*) from quality.judged(%s) group by held order by held"


@pytest.fixture
def no_site(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retail_sync.quality.docs.publish", lambda *_: None)


@pytest.mark.req("QUA-1")
def test_one_bad_row_among_ten_thousand_stays_behind_and_the_rest_go_on(database: Database) -> None:
    rows: list[Row] = [{"number": str(number)} for number in range(9_999)]
    with database.connection() as connection:
        seal(connection, "orders", [*rows, {"key": "bad", "number": "bad", "amount_gap": 9}])
    assert validate(road(database), RUN)["order_amounts"] == 1
    with database.connection() as connection:
        assert apply_verdicts(connection, RUN, PAIR, NOON) == {"set_aside": 1, "closed": 0}
        assert connection.execute(_FATE, [RUN]).fetchall() == [(False, 9_999), (True, 1)]


@pytest.mark.req("QUA-1")
def test_a_batch_that_is_bad_for_many_reasons_stops_though_no_rule_is_failed_by_most(database: Database) -> None:
    reasons: list[Row] = [
        {"amount_gap": 9}, {"email": "nobody"}, {"status": "unknown"}, {"channel": None}, {"currency": None},
        {"number_shared": True}, {"days_off": 9}, {"total": -1},
    ]  # fmt: skip
    with database.connection() as connection:
        seal(connection, "orders", [*reasons * 8, *([{}] * 36)])
    with pytest.raises(StopError, match="64 of 100 orders are held back"):
        validate(road(database), RUN)
