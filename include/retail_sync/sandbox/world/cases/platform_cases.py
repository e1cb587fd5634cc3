"""What people do at the marketing platform itself, and what they say to the shop meanwhile."""

from __future__ import annotations

from datetime import timedelta

from retail_sync.sandbox.world.cases.case import Stage, confirmed
from retail_sync.sandbox.world.cases.goods import COAT, DELETED, SOLD_AGAIN, line
from retail_sync.sandbox.world.events import (
    ContactArchived,
    ContactBounced,
    ContactEdited,
    ContactForgotten,
    ContactImported,
    ContactLeft,
    ContactSignedUp,
    CustomerKnown,
    NewsletterChanged,
    StoreOrderEdited,
    StoreProductDeleted,
)


def left_there_and_wanted_here(stage: Stage) -> None:
    """A contact unsubscribes at the platform, while the shop has a yes."""
    customer = _reader(stage)
    stage.later(ContactLeft(at=stage.next_day, email=customer.email))


def left_before_we_came(stage: Stage) -> None:
    """The platform knew an address, and its no, before the shop was ever read; the shop has a yes."""
    customer = stage.customer(newsletter=True)
    imported = ContactImported(at=stage.long_ago, email=customer.email, status="transactional")
    stage.before(imported, ContactLeft(at=stage.lately, email=customer.email), customer)
    stage.ordered(customer)


def left_here(stage: Stage) -> None:
    """A customer takes the yes back at the shop."""
    customer = _reader(stage)
    stage.later(NewsletterChanged(at=stage.next_day, customer_id=customer.customer_id, subscribed=False))


def yes_that_comes_later(stage: Stage) -> None:
    """A customer says yes at the shop when the contact is there already."""
    customer = stage.customer()
    stage.before(customer)
    stage.ordered(customer)
    stage.later(NewsletterChanged(at=stage.next_day, customer_id=customer.customer_id, subscribed=True))


def bounced(stage: Stage) -> None:
    """Mail to a subscriber bounces for good."""
    customer = _reader(stage)
    stage.later(ContactBounced(at=stage.next_day, email=customer.email))


def forgotten(stage: Stage) -> None:
    """An admin deletes a contact for good, and the person buys again."""
    customer = _reader(stage)
    placed = stage.order(customer, 2, at=stage.next_day + timedelta(hours=1))
    stage.later(ContactForgotten(at=stage.next_day, email=customer.email), placed, confirmed(placed))


def archived(stage: Stage) -> None:
    """An admin archives a contact, and the person buys again."""
    customer = _reader(stage)
    placed = stage.order(customer, 2, at=stage.next_day + timedelta(hours=1))
    stage.later(ContactArchived(at=stage.next_day, email=customer.email), placed, confirmed(placed))


def imported_again(stage: Stage) -> None:
    """Who had left is imported as subscribed, by hand and without evidence."""
    customer = _left_long_ago(stage)
    stage.later(ContactImported(at=stage.next_day, email=customer.email))


def signed_up_again(stage: Stage) -> None:
    """Who had left fills in the platform's own form."""
    customer = _left_long_ago(stage)
    stage.later(ContactSignedUp(at=stage.next_day, email=customer.email))


def edited_by_hand(stage: Stage) -> None:
    """An admin overwrites a name and a figure of a contact."""
    customer = _reader(stage)
    stage.later(ContactEdited(at=stage.next_day, email=customer.email, fields={"FNAME": "Somebody", "LTV": "1"}))


def order_edited_by_hand(stage: Stage) -> None:
    """Somebody overwrites the total of an order in the platform's store."""
    customer = stage.customer()
    stage.before(customer)
    placed = stage.ordered(customer)
    stage.later(StoreOrderEdited(at=stage.next_day, order_id=str(placed.number), fields={"order_total": "1.00"}))


def product_deleted_by_hand(stage: Stage) -> None:
    """Somebody deletes a product from the platform's store that people have bought."""
    customer = stage.customer()
    stage.before(customer)
    stage.ordered(customer, wanted=[line(DELETED), line(COAT)])
    stage.later(StoreProductDeleted(at=stage.next_day, product_id=str(DELETED)))


def deleted_product_is_bought(stage: Stage) -> None:
    """Somebody buys what was deleted from the platform's store an hour before."""
    customer = stage.customer()
    stage.before(customer)
    placed = stage.order(customer, 1, [line(SOLD_AGAIN)], at=stage.next_day + timedelta(hours=1))
    stage.later(StoreProductDeleted(at=stage.next_day, product_id=str(SOLD_AGAIN)), placed, confirmed(placed))


def _reader(stage: Stage) -> CustomerKnown:
    """Somebody who has bought and wants the newsletter."""
    customer = stage.customer(newsletter=True)
    stage.before(customer)
    stage.ordered(customer)
    return customer


def _left_long_ago(stage: Stage) -> CustomerKnown:
    """Somebody whom the platform knew, and who had left it, before the shop was read."""
    customer = stage.customer()
    imported = ContactImported(at=stage.long_ago, email=customer.email)
    stage.before(imported, ContactLeft(at=stage.lately, email=customer.email), customer)
    stage.ordered(customer)
    return customer
