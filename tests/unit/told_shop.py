"""A small shop in which one thing of each sort has gone wrong, synced once: real HTTP, real Postgres."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from retail_sync.db.embedded import EmbeddedServer
from retail_sync.sandbox.client import SandboxControl
from retail_sync.sandbox.host import build, running
from tests.pipeline import tales
from tests.pipeline.mailchimp_shop import MailchimpShop
from tests.pipeline.shop import NOON

LONG_AGO = NOON - timedelta(days=20)
ANNA = tales.customer(LONG_AGO, 1, "anna@mail.test", newsletter=True)
BO = tales.customer(LONG_AGO, 2, "bo@mail.test")
#: Mailchimp takes this address for an invented one.
FAKE = tales.customer(LONG_AGO, 3, "carla@fake.test")
DAN = tales.customer(LONG_AGO, 4, "dan@mail.test")


def _tell(shop: MailchimpShop) -> None:
    shop.tell(tales.product(LONG_AGO - timedelta(days=1)), ANNA, BO, FAKE, DAN)
    first = tales.order(LONG_AGO, 101, ANNA, [(7, 2)])
    back = tales.came_back(LONG_AGO + timedelta(days=5), first, 1)
    shop.tell(first, tales.sent(LONG_AGO + timedelta(days=1), first), back)
    shop.tell(tales.paid_back(LONG_AGO + timedelta(days=6), first, "100.00", made=back))
    shop.tell(tales.order(LONG_AGO, 102, BO, affiliate="zalando"))
    untraceable = tales.order(LONG_AGO, 103, BO)
    parcel = tales.sent(LONG_AGO + timedelta(days=1), untraceable, carrier="Zeppelin", service=None)
    shop.tell(untraceable, parcel)
    shop.tell(tales.order(LONG_AGO, 104, FAKE), tales.order(LONG_AGO, 105, FAKE))
    shop.tell(tales.order(LONG_AGO, 106, DAN, email="dan at mail.test"))


@contextmanager
def told_shop(server: EmbeddedServer, template: str) -> Iterator[MailchimpShop]:
    """Anna's order 101 was sent, partly returned and paid back. 102 is of a marketplace, the parcel of 103 can't be
    followed, the buyer of 104 and 105 has an address that Mailchimp refuses, 106 has one that is none.
    """
    name = f"told_{uuid.uuid4().hex[:12]}"
    settings = {"fake_domains": ["fake.test"]}
    with (
        running(build("centra")) as centra_url,
        running(build("mailchimp", settings)) as mailchimp_url,
        SandboxControl(centra_url) as centra,
        SandboxControl(mailchimp_url) as mailchimp,
    ):
        shop = MailchimpShop(centra, mailchimp, server.create_database(name, template))
        _tell(shop)
        shop.run(run_id="told")
        yield shop
        shop.close()
    server.drop_database(name)
