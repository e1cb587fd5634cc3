"""The orders of a real retailer: what every customer is worth agrees with what the file itself says, to the penny."""

from __future__ import annotations

import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from retail_sync.sandbox.client import SandboxControl
from retail_sync.sandbox.host import Host
from retail_sync.sandbox.world.invoice_lines import read_lines
from retail_sync.sandbox.world.invoices import Invoices, tell_invoices

from .mailchimp_shop import MailchimpShop

FILE = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "online_retail.parquet"
#: Of so many customers one is taken through the ERPs, with all that is theirs; through Centra everybody goes.
_ONE_IN = 16
#: Set, everybody goes through the ERPs too, which takes two minutes each.
_WHOLE = bool(os.environ.get("RETAIL_SYNC_WHOLE_FILE"))
CURRENCY: dict[str, dict[str, str]] = {
    "centra": {},
    "fulfil": {"company_currency": "GBP"},
    "orderwise": {"base_currency": "GBP"},
}
_POSTAGE = {"POST", "DOT", "C2"}
_SECONDS = """
    select step, extract(epoch from finished_at - started_at)::float from road.step
     where run_id = 'real'
     order by started_at
"""
#: An address: a customer's is made of their number, a guest's of the invoice's.
Buyer = str


class Row(NamedTuple):
    """A line of the file, and where it stands in it."""

    place: int
    invoice: str
    code: str
    quantity: int
    at: datetime
    price: Decimal
    customer: str


@dataclass
class Worth:
    """What the file says of all customers."""

    values: defaultdict[Buyer, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    orders: defaultdict[Buyer, set[str]] = field(default_factory=lambda: defaultdict(set))
    left_out: Counter[str] = field(default_factory=Counter)


def rows(path: Path) -> list[Row]:
    """The file, read by nothing of the product's."""
    from pyarrow import parquet  # type: ignore[import-untyped]

    return [_row(place, record) for place, record in enumerate(parquet.read_table(path).to_pylist())]


def _row(place: int, record: dict[str, Any]) -> Row:
    customer = record["CustomerID"]
    return Row(
        place=place,
        invoice=str(record["InvoiceNo"]).strip(),
        code=str(record["StockCode"]).strip(),
        quantity=int(record["Quantity"]),
        at=_time(record["InvoiceDate"]),
        price=Decimal(str(record["UnitPrice"])),
        customer="" if customer in (None, "") else str(int(float(customer))),
    )


@lru_cache(maxsize=50_000)
def _time(text: str) -> datetime:
    return datetime.strptime(text, "%m/%d/%y %H:%M")  # noqa: DTZ007 - the file has no zones


def is_chosen(customer: str, invoice: str, one_in: int) -> bool:
    """Whether somebody is one of those who are taken; guests are told by their invoices."""
    return one_in == 1 or int(customer or re.sub(r"\D", "", invoice)) % one_in == 0


def worth(lines: list[Row]) -> Worth:
    """Lifetime value and orders of everybody, by the rules of the data set's own page."""
    found = Worth()
    sold = [line for line in lines if not line.invoice.startswith("C") and _is_sale(line, found.left_out)]
    for line in sold:
        found.values[_buyer(line)] += line.quantity * line.price
        found.orders[_buyer(line)].add(line.invoice)
    back = [line for line in lines if line.invoice.startswith("C") and _is_return(line, found.left_out)]
    _take_back(sold, back, found)
    return found


def _buyer(line: Row) -> Buyer:
    return f"customer{line.customer}@retail.test" if line.customer else f"guest{line.invoice}@retail.test"


def _is_sale(line: Row, left_out: Counter[str]) -> bool:
    if line.quantity > 0 and line.code[:1].isdigit() and line.price >= 0:
        return True
    if line.quantity > 0 and line.code in _POSTAGE:
        return True
    left_out["gift card" if line.code.startswith("gift_") else "sale of no product, or of nothing"] += 1
    return False


def _is_return(line: Row, left_out: Counter[str]) -> bool:
    if line.customer and line.code[:1].isdigit() and line.quantity < 0:
        return True
    left_out["cancellation of no product, or of nobody's"] += 1
    return False


def _take_back(sold: list[Row], back: list[Row], found: Worth) -> None:
    """Take returned goods from the latest earlier lines of the same customer, code and price."""
    shelves: defaultdict[tuple[str, str, Decimal], list[list[Any]]] = defaultdict(list)
    for line in sorted(sold, key=lambda line: (line.at, line.invoice, line.place), reverse=True):
        if line.code[:1].isdigit():
            shelves[line.customer, line.code, line.price].append([line.at, line.quantity])
    for line in sorted(back, key=lambda line: (line.at, line.invoice, line.place)):
        wanted = -line.quantity
        for shelf in shelves[line.customer, line.code, line.price]:
            if shelf[0] <= line.at:
                taken = min(wanted, shelf[1])
                shelf[1] -= taken
                wanted -= taken
                found.values[_buyer(line)] -= taken * line.price
        found.left_out["returned units that find no sale"] += wanted


@pytest.fixture(scope="module")
def file() -> list[Row]:
    """All lines of the file."""
    if not FILE.exists():
        pytest.skip(f"the file of real orders is not there: {FILE}")
    return rows(FILE)


@pytest.fixture(scope="module")
def one_in(request: pytest.FixtureRequest) -> int:
    """Of how many customers one is taken."""
    return int(request.param)


@pytest.fixture(scope="module")
def expected(file: list[Row], one_in: int) -> Worth:
    """What the file says of those who are taken."""
    return worth([line for line in file if is_chosen(line.customer, line.invoice, one_in)])


@pytest.fixture(scope="module")
def told(one_in: int) -> Invoices:
    """What the file tells the invented shop of them."""
    return tell_invoices(line for line in read_lines(FILE) if is_chosen(str(line.customer or ""), line.invoice, one_in))


@pytest.fixture
def retailer(system: str, accountants: Host, apart: SandboxControl, dsn: str) -> Iterator[MailchimpShop]:
    """An empty shop whose own currency is the retailer's."""
    apart.reset()
    with SandboxControl(accountants.start(system, settings=CURRENCY[system])) as control:
        shop = MailchimpShop(control, apart, dsn)
        shop.terms = replace(shop.terms, currency="GBP")
        yield shop
        shop.close()
        accountants.stop(system)


@pytest.fixture(scope="module")
def accountants() -> Iterator[Host]:
    """Where these sandboxes run: the others keep to their own currency."""
    with Host() as host:
        yield host


@pytest.mark.req("ORD-3")
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("system", "one_in"),
    [("centra", 1), ("fulfil", 1 if _WHOLE else _ONE_IN), ("orderwise", 1 if _WHOLE else _ONE_IN)],
    indirect=["one_in"],
)
def test_every_customer_of_a_real_retailer_is_worth_what_the_file_says(
    expected: Worth, told: Invoices, retailer: MailchimpShop, capsys: Any
) -> None:
    retailer.source.apply(told.events)
    retailer.change_pair(value={"currency": "GBP"})
    retailer.run(run_id="real")

    (audience,) = retailer.destination.state()["lists"].values()
    held = {one["email_address"]: one["merge_fields"] for one in audience["members"]}
    values = {email: Decimal(fields["LTV"]) for email, fields in held.items()}
    numbers = {email: int(fields["ORDERS"]) for email, fields in held.items()}
    # Who only ever gave back is known to the shop, and has bought nothing.
    nobody = {email: Decimal(0) for email in held.keys() - expected.orders.keys()}
    assert values == {email: _pennies(expected.values[email]) for email in expected.orders} | nobody
    assert numbers == {email: len(orders) for email, orders in expected.orders.items()} | dict.fromkeys(nobody, 0)
    units = "returned units that find no sale"
    assert told.left_out["units of such cancellations"] == expected.left_out[units]
    assert retailer.differences() == []
    with capsys.disabled():
        _print(retailer.system, expected, _seconds(retailer))


def _pennies(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"))


def _seconds(shop: MailchimpShop) -> dict[str, float]:
    """How long each step took."""
    with shop.road.database.connection() as connection:
        return dict(connection.execute(_SECONDS).fetchall())


def _print(system: str, expected: Worth, seconds: dict[str, float]) -> None:
    """Tell what was left out, and where the time went."""
    number = sum(len(orders) for orders in expected.orders.values())
    lines = [f"{system}: {number} orders of {len(expected.orders)} customers agree with the file. Left out:"]
    lines += [f"  {count:>7} {reason}" for reason, count in sorted(expected.left_out.items())]
    lines += [f"  {took:>7.1f} s {step}" for step, took in seconds.items()]
    print("\n".join(["", *lines]))  # noqa: T201 - it is told to whoever runs the test
