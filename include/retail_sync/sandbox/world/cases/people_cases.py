"""Who is who: people with several records or addresses, and people who are no customers of the shop's own."""

from __future__ import annotations

from msgspec.structs import replace

from retail_sync.sandbox.world.cases.case import Stage, confirmed
from retail_sync.sandbox.world.events import CustomerErased, CustomersMerged


def guest_and_account(stage: Stage) -> None:
    """One address is registered, and has bought as a guest before."""
    account = stage.customer(newsletter=True)
    guest = stage.customer(2, email=account.email.upper(), registered=False)
    stage.before(guest, account)
    stage.ordered(guest)
    stage.ordered(account, 2)


def two_addresses(stage: Stage) -> None:
    """One person buys from home and from work; only an alias list can tell."""
    home, work = stage.customer(), stage.customer(2)
    stage.before(home, work)
    stage.ordered(home)
    stage.ordered(work, 2)


def address_changed(stage: Stage) -> None:
    """A customer has a new address, and buys again under it."""
    customer = stage.customer(newsletter=True)
    stage.before(customer)
    stage.ordered(customer)
    moved = replace(customer, at=stage.next_day, email="address.changed@post.test")
    placed = stage.order(moved, 2, at=stage.next_day)
    stage.later(moved, placed, confirmed(placed))


def customers_merged(stage: Stage) -> None:
    """Two records turn out to be one person: the second goes over to the address of the first."""
    kept, merged = stage.customer(newsletter=True), stage.customer(2)
    stage.before(kept, merged)
    stage.ordered(kept)
    stage.ordered(merged, 2)
    stage.later(CustomersMerged(at=stage.next_day, kept_id=kept.customer_id, merged_id=merged.customer_id))


def customer_erased(stage: Stage) -> None:
    """A customer asks the shop to be forgotten, orders and all."""
    customer = stage.customer()
    stage.before(customer)
    stage.ordered(customer)
    stage.later(CustomerErased(at=stage.next_day, customer_id=customer.customer_id))


def only_wholesale(stage: Stage) -> None:
    """A reseller buys for resale, and nothing else."""
    reseller = stage.customer()
    stage.before(reseller)
    stage.ordered(reseller, store_type="WHOLESALE", captured=False, payment_method="invoice")


def only_marketplace(stage: Stage) -> None:
    """A customer of a marketplace has an order and never came to the shop."""
    stranger = stage.customer(registered=False)
    stage.before(stranger)
    stage.ordered(stranger, affiliate="amazon", payment_method="amazon")


def shop_and_marketplace(stage: Stage) -> None:
    """A customer has bought in the shop and through a marketplace."""
    customer = stage.customer()
    stage.before(customer)
    stage.ordered(customer)
    stage.ordered(customer, 2, affiliate="zalando", payment_method="zalando")


def invalid_address(stage: Stage) -> None:
    """A guest has mistyped the address; nobody can be written to."""
    guest = stage.customer(email="invalid.address@@mail.test", registered=False)
    stage.before(guest)
    stage.ordered(guest)


def fake_address(stage: Stage) -> None:
    """An address is well formed, and the marketing platform takes it for invented."""
    customer = stage.customer(email="fake.address@example.com", newsletter=True)
    stage.before(customer)
    stage.ordered(customer)


def odd_names(stage: Stage) -> None:
    """Names hold an emoji, markup, a merge tag, a spreadsheet formula and a mark that turns the reading around."""
    for place, (first, last) in enumerate(
        [("Maja 🌸", "<b>Berg</b>"), ("*|FNAME|*", '=HYPERLINK("http://x.test")'), ("\u202eAnna", "O'Brien; DROP")],
        start=1,
    ):
        customer = stage.customer(place, first_name=first, last_name=last)
        stage.before(customer)
        stage.ordered(customer, place)
