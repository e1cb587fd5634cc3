"""Part of the destinations' suite: every row ends once and truly, and nothing is done twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from retail_sync.model.delivery import Outcome, Wanted

from .destination_goods import parcel, person, product, shipped, sold
from .destination_shop import DestinationShop, everything, verdicts
from .destination_suite import DestinationSuite


class Delivery(DestinationSuite):
    """How rows end."""

    @pytest.mark.req("QUA-1")
    def test_each_row_of_a_mixture_ends_once_and_in_its_own_way(self, shop: DestinationShop) -> None:
        people = self.contacts(shop, 7)
        shop.send(people[0])
        shop.ledger.clear()
        people[3] = shop.contact(person(4, email=self.bad_email))
        rows = shop.rows(people)

        outcomes = [one for one in shop.destination.deliver(rows) if isinstance(one, Outcome)]

        ended = {one.row_id: one.verdict for one in outcomes}
        assert len(outcomes) == len(rows)
        assert [ended[row.row_id] for row in rows] == ["exists", *["delivered"] * 2, "rejected", *["delivered"] * 3]
        (refused,) = [one for one in outcomes if one.verdict == "rejected"]
        self.is_explained(shop, refused)

    @pytest.mark.req("DAG-6", "QUA-1")
    def test_one_row_more_than_a_call_takes_is_not_lost_and_the_bad_one_among_them_found(
        self, shop: DestinationShop
    ) -> None:
        bulk = shop.destination.capabilities.bulk[shop.destination.capabilities.contact_kind]
        people = [*self.contacts(shop, bulk), shop.contact(person(bulk + 1, email=self.bad_email))]

        outcomes = shop.send(*people)

        assert verdicts(outcomes) == {"delivered": bulk, "rejected": 1}
        assert len({one.row_id for one in outcomes}) == len(people)
        assert len(set(shop.destination.keys(shop.destination.capabilities.contact_kind))) == bulk

    @pytest.mark.req("DAG-6")
    def test_several_lanes_at_once_lose_nothing_and_hold_to_the_connections(self, shop: DestinationShop) -> None:
        lanes = shop.destination.capabilities.connections
        rows = shop.rows(self.contacts(shop, 10 * lanes))
        shop.control.reset_log()

        def deliver(lane: int) -> list[Outcome]:
            return [one for one in shop.destination.deliver(rows[lane::lanes]) if isinstance(one, Outcome)]

        with ThreadPoolExecutor(lanes) as pool:
            outcomes = [one for ended in pool.map(deliver, range(lanes)) for one in ended]

        assert verdicts(outcomes) == {"delivered": len(rows)}
        assert {one.row_id for one in outcomes} == {row.row_id for row in rows}
        assert shop.control.log()["peak_in_flight"] <= lanes

    @pytest.mark.req("QUA-1", "SEC-1")
    def test_what_is_refused_within_a_success_or_later_is_not_called_delivered(self, shop: DestinationShop) -> None:
        people = self.contacts(shop, 5)
        self.refuse(shop, people[2])

        outcomes = shop.send(*people)

        assert verdicts(outcomes) == {"delivered": 4, "rejected": 1}
        assert people[2].object_id not in shop.ledger
        assert shop.status("p3@mail.test") is None
        (refused,) = [one for one in outcomes if one.verdict == "rejected"]
        self.is_explained(shop, refused)

    @pytest.mark.req("DAG-2")
    @pytest.mark.parametrize("forgotten", [False, True])
    def test_what_may_be_repeated_changes_nothing_when_it_is(self, shop: DestinationShop, forgotten: bool) -> None:
        wanted = self.world(shop)
        assert verdicts(shop.send(*wanted)) == {"delivered": len(wanted)}
        before = self.lasting(shop)
        if forgotten:
            shop.ledger.clear()

        safe = shop.destination.capabilities.safe_to_repeat
        wanted += shop.destination.structure(live=True)
        again = shop.send(*(one for one in wanted if one.kind in safe))

        assert verdicts(again).keys() <= {"delivered", "exists"}
        assert self.lasting(shop) == before

    @pytest.mark.req("DAG-2")
    def test_what_may_not_be_repeated_is_unknown_without_an_answer_and_not_sent_again(
        self, shop: DestinationShop
    ) -> None:
        shop.send(*everything(shop, person()))
        for kind in self.unsafe(shop):
            wanted = self.one_of(shop, kind)
            shop.control.fault("after_write_drop", endpoint=self.writes[kind])
            shop.control.reset_log()

            outcomes = shop.attempt(wanted)

            assert verdicts(outcomes) == {"unknown": 1}, kind
            assert self.asked(shop, self.writes[kind]) == 1, kind
            # Either it can be read whether it was done, or a person is told what to do.
            can = shop.destination.capabilities
            assert kind in can.told or outcomes[0].code in can.advice

    @pytest.mark.req("DAG-2")
    @pytest.mark.parametrize("fault", ["drop_connection", "after_write_drop", "html_200", "truncate"])
    def test_an_answer_that_is_none_is_no_success(self, shop: DestinationShop, fault: str) -> None:
        shop.send(*everything(shop, person()))
        for kind, endpoint in self.writes.items():
            wanted = self.one_of(shop, kind)
            shop.control.fault(fault, endpoint=endpoint, bytes=10)

            before = self.lasting(shop)
            first = shop.attempt(wanted)

            assert shop.control.faults()[-1]["fired"] == 1, kind
            if kind in self.unsafe(shop):
                done = wanted.object_id in shop.ledger
                # An answer without a body can't be cut.
                assert self.lasting(shop) != before if done else verdicts(first) == {"unknown": 1}, kind
                continue
            for _ in range(2):
                if wanted.object_id not in shop.ledger:
                    there = {one.verdict for one in first} == {"exists"}
                    first = shop.attempt(wanted, operation="update" if there else None)
            assert wanted.object_id in shop.ledger, kind
        readable = shop.destination.capabilities.readable
        assert shop.reads_back(*(kind for kind in self.writes if kind in readable)) == {}
        assert set(shop.told().values()) <= {1}

    @pytest.mark.req("SHP-2")
    def test_three_parcels_are_told_of_three_times_whatever_is_repeated(self, shop: DestinationShop) -> None:
        shop.send(*everything(shop, person(), orders=[sold()]))
        before = set(shop.told())
        for _ in range(3):
            told = [one for number in (1, 2, 3) for one in shop.destination.happening(shipped(parcel(number)))]
            safe = told[0].kind in shop.destination.capabilities.safe_to_repeat
            # A ledger knows what was told by the object, for ever.
            new = [one for one in told if safe or one.object_id not in shop.ledger]
            assert {*verdicts(shop.send(*new))} <= {"delivered"}

        times = {one: count for one, count in shop.told().items() if one not in before}
        assert times == {f"shipment:centra_main:s{number}": 1 for number in (1, 2, 3)}

    def one_of(self, shop: DestinationShop, kind: str) -> Wanted:
        """An object of that kind which is not there yet; what it hangs on is."""
        destination = shop.destination
        rendered = [
            *destination.person(person(2)),
            *destination.listing(product("20")),
            *destination.order(sold("2001")),
            *destination.happening(shipped(parcel(9))),
        ]
        return next(one for one in reversed(rendered) if one.kind == kind)
