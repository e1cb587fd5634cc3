"""The life of an order, from what it is worth to what comes back of it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from retail_sync.sandbox.world.cases.case import Stage, came_back, confirmed, paid_back, sent
from retail_sync.sandbox.world.cases.goods import COAT, PEARL, SCARF, WITHDRAWN, line
from retail_sync.sandbox.world.events import (
    CartLeft,
    LineCancelled,
    OrderCancelled,
    OrderHeld,
    PaymentCaptured,
    ProductWithdrawn,
)


def all_at_once(stage: Stage) -> None:
    """An order is created, captured and sent between two readings."""
    customer = stage.customer()
    placed = stage.order(customer, captured=False, at=stage.next_day)
    at = stage.next_day + timedelta(minutes=6)
    stage.before(customer)
    stage.later(placed, confirmed(placed), PaymentCaptured(at=at, number=placed.number), sent(placed, at))


def captured_later(stage: Stage) -> None:
    """An order is only authorised when it is read first; the money is taken a day later."""
    customer = stage.customer()
    placed = stage.order(customer, captured=False)
    stage.before(customer, placed, confirmed(placed))
    stage.later(PaymentCaptured(at=stage.next_day, number=placed.number))


def line_cancelled(stage: Stage) -> None:
    """One of two lines can't be sent."""
    customer = stage.customer()
    placed = stage.order(customer, wanted=[line(COAT, 2), line(SCARF)])
    stage.before(customer, placed, confirmed(placed))
    stage.later(
        LineCancelled(at=stage.next_day, number=placed.number, line_id=placed.lines[1].line_id, quantity=1),
    )


def order_cancelled(stage: Stage) -> None:
    """A whole order is called off before anything was sent."""
    customer = stage.customer()
    placed = stage.order(customer, captured=False)
    stage.before(customer, placed, confirmed(placed))
    stage.later(OrderCancelled(at=stage.next_day, number=placed.number))


def partial_return(stage: Stage) -> None:
    """One of two coats comes back, and the money follows a day later."""
    customer = stage.customer()
    stage.before(customer)
    placed = stage.ordered(customer)
    returned = came_back(placed, stage.lately + timedelta(days=7), 1)
    stage.before(returned)
    stage.later(paid_back(returned, stage.next_day))


def exchange(stage: Stage) -> None:
    """What came back is not paid back: another order replaces it."""
    customer = stage.customer()
    stage.before(customer)
    placed = stage.ordered(customer, wanted=[line(COAT)])
    stage.later(came_back(placed, stage.next_day, 1))
    at = stage.next_day + timedelta(hours=1)
    other = stage.order(
        customer,
        2,
        [line(SCARF)],
        at=at,
        shipping=Decimal("0.00"),
        payment_method="exchange",
        exchange_of=placed.number,
    )
    stage.later(other, confirmed(other))


def zero_total(stage: Stage) -> None:
    """A voucher pays for everything."""
    customer = stage.customer()
    stage.before(customer)
    stage.ordered(
        customer, wanted=[line(COAT)], discount=Decimal("400.00"), voucher="ALLFREE", shipping=Decimal("0.00")
    )


def four_hundred_lines(stage: Stage) -> None:
    """Somebody buys four hundred times one thing, each on a line of its own."""
    customer = stage.customer()
    stage.before(customer)
    stage.ordered(customer, wanted=[line(SCARF)] * 400)


def several_currencies(stage: Stage) -> None:
    """One person buys in three currencies."""
    customer = stage.customer()
    stage.before(customer)
    for place, (currency, rate) in enumerate([("SEK", "1"), ("EUR", "11.40"), ("NOK", "0.98")], start=1):
        wanted = [line(COAT, currency=currency)]
        stage.ordered(customer, place, wanted=wanted, currency=currency, rate=Decimal(rate))


def three_decimals(stage: Stage) -> None:
    """A currency has three decimals."""
    customer = stage.customer()
    stage.before(customer)
    wanted = [line(PEARL, 2, currency="KWD")]
    shipping = Decimal("1.250")
    stage.ordered(customer, wanted=wanted, currency="KWD", rate=Decimal("34.10"), shipping=shipping)


def on_hold(stage: Stage) -> None:
    """An order must wait until somebody has looked at it."""
    customer = stage.customer()
    placed = stage.order(customer, at=stage.next_day)
    stage.before(customer)
    at = stage.next_day + timedelta(minutes=1)
    stage.later(placed, OrderHeld(at=at, number=placed.number, reason="WAITING_FOR_FRAUD_CHECK"))


def unknown_product(stage: Stage) -> None:
    """What was bought has left the catalogue since."""
    customer = stage.customer()
    stage.before(customer)
    stage.ordered(customer, wanted=[line(WITHDRAWN)])
    stage.before(ProductWithdrawn(at=stage.lately, product_id=WITHDRAWN))


def attribution(stage: Stage) -> None:
    """An order comes through an affiliate, with a voucher, and with a line that a campaign has marked down."""
    customer = stage.customer()
    stage.before(customer)
    wanted = [line(COAT, campaign="Spring sale")]
    stage.ordered(customer, wanted=wanted, affiliate="fashionblog", voucher="WELCOME10", discount=Decimal("40.00"))


def cart_bought(stage: Stage) -> None:
    """A cart is left, and bought after all."""
    customer = stage.customer()
    stage.before(customer)
    wanted = (line(COAT),)
    cart = CartLeft(
        at=stage.next_day,
        cart_id="cart-bought",
        customer_id=customer.customer_id,
        email=customer.email,
        currency="SEK",
        lines=wanted,
        url="https://kustlinje.test/cart/cart-bought",
    )
    placed = stage.order(customer, 1, wanted, at=stage.next_day + timedelta(hours=3), cart_id=cart.cart_id)
    stage.later(cart, placed, confirmed(placed))


def order_on_two_pages(stage: Stage) -> None:
    """A page begins with the row that the page before it had last, so that an order is read twice."""
    customer = stage.customer()
    stage.before(customer)
    stage.ordered(customer)
    stage.fault = {"fault": "repeated_rows", "endpoint": "orderConnection", "skip": 1}


def order_edited_while_paging(stage: Stage) -> None:
    """An order is edited while its page is still to come: it leaves what is asked for and is news for the next time."""
    customer = stage.customer()
    stage.before(customer)
    placed = stage.ordered(customer)
    options = {"key": placed.number}
    stage.fault = {"fault": "edited_while_paging", "endpoint": "orderConnection", "skip": 1, "options": options}
