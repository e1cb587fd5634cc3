"""What every part of the destinations' suite stands on: a sandbox, a destination in it, and what a vendor says."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any, ClassVar

import pytest
from msgspec.structs import replace

from retail_sync.model.delivery import Outcome, Wanted
from retail_sync.model.people import Facts, SoldOrder
from retail_sync.model.ports import Destination
from retail_sync.sandbox.host import build, running

from .destination_goods import NOW, PARCEL, left_cart, line, parcel, person, product, shipped, sold
from .destination_shop import DestinationShop

#: An address that is shown whole; masked, a mark stands before the sign.
_ADDRESS = re.compile(r"[\w.]@\w")


class DestinationSuite(ABC):
    """What a subclass says of its vendor.

    Attributes:
        opens: The vendor's destination with a ledger.
        sandbox: Settings of the sandbox.
        passing: Names in the vendor's own books of what tells only when and how often something was written.
        writes: By kind, a pattern of the endpoints that take it, as the sandbox's log names them. One kind for each
            way in which the vendor is written to, and every kind that may not be repeated.
        lists: A pattern of the endpoint from which all contacts of ours come, page by page.
        many: So many contacts have a second page, where the vendor's pages are small.
        short: A fault by which a page of these does not bring what it should.
        bad_email: An address that the vendor refuses.
        limited: The forms in which the vendor says that it is asked too often, each a fault with its fields.
        expired: The fault of credentials that are no longer good.
        forbidden: The fault of a permission that is missing.
        differs: What the check calls that in which `differing` expects something else.
    """

    opens: ClassVar[type[DestinationShop]]
    sandbox: ClassVar[Mapping[str, Any]] = {}
    passing: ClassVar[frozenset[str]]
    writes: ClassVar[Mapping[str, str]]
    lists: ClassVar[str]
    many: ClassVar[int] = 3
    short: ClassVar[Mapping[str, Any]]
    bad_email: ClassVar[str] = "no address"
    limited: ClassVar[Sequence[Mapping[str, Any]]]
    expired: ClassVar[Mapping[str, Any]] = {"name": "token_expired", "times": None}
    forbidden: ClassVar[Mapping[str, Any]] = {"name": "permission_lost", "times": None}
    differs: ClassVar[str]

    @abstractmethod
    def refuse(self, shop: DestinationShop, contact: Wanted) -> None:
        """Let the vendor refuse this contact later than at once or within a success, in words with its address."""

    @abstractmethod
    def differing(self, shop: DestinationShop) -> Destination:
        """A destination whose pair expects something else of the account than what is there."""

    @pytest.fixture(scope="class")
    @classmethod
    def account(cls) -> Iterator[str]:
        """A running sandbox."""
        with running(build(cls.opens.system, cls.sandbox)) as url:
            yield url

    @pytest.fixture
    def shop(self, account: str) -> Iterator[DestinationShop]:
        """A destination whose structure stands in an account that is empty otherwise."""
        shop = self.opens(account)
        shop.control.reset()
        shop.stand()
        yield shop
        shop.control.close()

    # What tests send.

    def contacts(self, shop: DestinationShop, many: int) -> list[Wanted]:
        """So many contacts that have agreed, from the first on."""
        return [shop.contact(person(number)) for number in range(1, many + 1)]

    def world(self, shop: DestinationShop) -> list[Wanted]:
        """Something of every kind that the pair sends, in more than one state."""
        destination = shop.destination
        people = [
            person(birthdate=NOW.date(), attributes={"loyalty": "gold"}),
            person(2, "unknown", facts=Facts(currency="SEK"), phone=None, address=None, first_name=None),
            person(3, first_name="Zoë 😀 " + "x" * 3000),
        ]
        wanted = [one for who in people for one in destination.person(who)]
        wanted += destination.listing(product())
        wanted += [one for order in self.orders() for one in destination.order(order)]
        wanted += destination.cart(left_cart())
        return wanted + [one for number in (1, 2, 3) for one in destination.happening(shipped(parcel(number)))]

    def orders(self) -> list[SoldOrder]:
        """Orders in every state that their money and their goods can be at."""
        gift = replace(line("g", 1), name="Gift card", kind="gift_card", product_key=None, variant_key=None, sku=None)
        all_of_it = Decimal(1047)
        return [
            sold(shipments=(PARCEL,), status="shipped"),
            sold("1002", lines=(line("1", 1), line("2", 1, "M")), returned={"2": 1}, net_total=Decimal(548),
                 refunded=Decimal(499), refunded_at=NOW),
            sold("1003", returned={"1": 2}, net_total=Decimal(0), refunded=all_of_it, refunded_at=NOW),
            sold("1004", status="cancelled", net_total=Decimal(0), refunded=all_of_it),
            sold("A/5 #1", lines=(line(), gift), net_total=all_of_it),
            sold("1006", who=2, currency="EUR", rate=Decimal("11.123"), payments=(), status="pending"),
        ]  # fmt: skip

    # What tests look at.

    def lasting(self, shop: DestinationShop) -> Any:
        """The vendor's own books, without what tells only when and how often something was written."""
        return self._without_passing(shop.state())

    def _without_passing(self, books: Any) -> Any:
        if isinstance(books, dict):
            return {name: self._without_passing(one) for name, one in books.items() if name not in self.passing}
        return [self._without_passing(one) for one in books] if isinstance(books, list) else books

    def asked(self, shop: DestinationShop, pattern: str = "*") -> int:
        """How many requests the sandbox has had since its log was reset."""
        endpoints = shop.control.log()["by_endpoint"]
        return sum(count["requests"] for name, count in endpoints.items() if fnmatchcase(name, pattern))

    def unsafe(self, shop: DestinationShop) -> list[str]:
        """Kinds that may not be sent again where no answer came."""
        can = shop.destination.capabilities
        return [kind for kind in can.kinds if kind not in can.safe_to_repeat]

    def is_explained(self, shop: DestinationShop, outcome: Outcome) -> None:
        """A refusal is told in the vendor's words, without an address, and says whose turn it is."""
        assert outcome.verdict == "rejected"
        assert outcome.words
        assert not _ADDRESS.search(outcome.words)
        owner, next_step = shop.destination.capabilities.advice[outcome.code]
        assert owner
        assert next_step
