"""Part of the destinations' suite: what is delivered reads back as it was rendered, and less than all is no answer."""

from __future__ import annotations

from dataclasses import replace as with_changes
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from retail_sync.errors import IncompleteReadError, WaitError

from .destination_goods import parcel, person, product, shipped
from .destination_shop import DestinationShop, verdicts
from .destination_suite import DestinationSuite


class Reading(DestinationSuite):
    """What is rendered and read back."""

    @pytest.mark.req("REC-1")
    def test_whatever_is_delivered_reads_back_equal_one_by_one_and_all_together(self, shop: DestinationShop) -> None:
        wanted = self.world(shop)
        assert verdicts(shop.send(*wanted)) == {"delivered": len(wanted)}
        readable = shop.destination.capabilities.readable

        assert shop.reads_back(*readable) == {}
        for kind in readable:
            ours = {one.vendor_key: one.payload for one in shop.ledger.values() if one.kind == kind}
            held = {one.vendor_key: one for one in shop.destination.read_all(kind)}
            assert {key: held[key].payload for key in ours} == ours
            assert set(shop.destination.keys(kind)) == held.keys()

    @pytest.mark.req("ORD-7", "REC-1")
    def test_an_order_that_can_be_read_is_read_with_what_it_counts_for(self, shop: DestinationShop) -> None:
        shop.send(*self.world(shop))
        for order in self.orders():
            for wanted in shop.destination.order(order):
                if wanted.kind in shop.destination.capabilities.readable:
                    sale = {one.vendor_key: one.sale for one in shop.destination.read_all(wanted.kind)}
                    found = sale[wanted.vendor_key]
                    assert found is not None
                    assert (found.total, found.currency) == (order.net_total, order.order.currency)

    @pytest.mark.req("ORD-7", "REC-1")
    def test_totals_are_figures_and_agree_with_what_can_be_read(self, shop: DestinationShop) -> None:
        shop.send(*self.world(shop))
        totals = shop.destination.totals()
        figures = {one.name: Decimal(one.value) for one in totals}
        assert len(figures) == len(totals) > 0

        can = shop.destination.capabilities
        if can.sale_kind in can.readable:
            sales = [one.sale for one in shop.destination.read_all(can.sale_kind) if one.sale]
            assert figures["orders"] == len(sales) == len(self.orders())
            for currency in {sale.currency for sale in sales}:
                spent = sum(sale.total for sale in sales if sale.currency == currency)
                assert figures[f"order_total.{currency}"] == spent

    @pytest.mark.req("DAG-2", "SHP-2")
    def test_what_was_told_can_be_found_out_where_nothing_of_it_stays(self, shop: DestinationShop) -> None:
        first, second = (shop.destination.happening(shipped(parcel(number)))[0] for number in (1, 2))
        shop.send(*shop.destination.person(person()), first)

        for kind in shop.destination.capabilities.told:
            asked = [first.vendor_key, second.vendor_key]
            found = {one.vendor_key: one.payload for one in shop.destination.read(kind, asked)}
            assert found[first.vendor_key] is not None
            assert found[second.vendor_key] is None

    @pytest.mark.req("REC-1")
    def test_what_is_not_there_is_read_as_nothing(self, shop: DestinationShop) -> None:
        for kind in shop.destination.capabilities.readable:
            found = list(shop.destination.read(kind, ["nowhere", "never"]))
            assert [(one.vendor_key, one.payload) for one in found] == [("nowhere", None), ("never", None)]

    @pytest.mark.req("REC-1")
    def test_a_page_that_lacks_its_rows_is_no_shorter_list(self, shop: DestinationShop) -> None:
        kind = shop.destination.capabilities.contact_kind
        shop.send(*self.contacts(shop, self.many))
        shop.control.fault(**{"endpoint": self.lists, **self.short})

        with pytest.raises((IncompleteReadError, WaitError)):
            list(shop.destination.keys(kind))

        assert len(set(shop.destination.keys(kind))) == self.many

    @pytest.mark.req("REC-1")
    @pytest.mark.parametrize("fault", ["truncate", "html_200", "drop_connection"])
    def test_a_page_that_can_not_be_read_is_asked_for_again(self, shop: DestinationShop, fault: str) -> None:
        shop.send(*self.contacts(shop, 3))
        shop.control.fault(fault, endpoint=self.lists)

        assert len(set(shop.destination.keys(shop.destination.capabilities.contact_kind))) == 3
        assert shop.control.faults()[0]["fired"] == 1

    @pytest.mark.req("DAG-2", "REC-1")
    def test_capabilities_and_what_is_rendered_fit_together(self, shop: DestinationShop) -> None:
        can = shop.destination.capabilities
        assert {can.contact_kind, *can.safe_to_repeat, *can.readable, *can.told, *can.catalogue} <= set(can.kinds)
        assert can.bulk.keys() == set(can.kinds)
        assert can.sale_kind in {*can.kinds, ""}
        assert not can.told & can.safe_to_repeat
        listed = shop.destination.listing(product())
        assert {one.kind for one in listed} == set(can.catalogue)
        assert not (listed and shop.destination.feed), "a catalogue goes by one way"
        placed = {kind: place for place, kind in enumerate(can.kinds)}
        wanted = [*shop.destination.structure(live=True), *self.world(shop)]
        kind_of = {one.object_id: one.kind for one in wanted}
        assert len(wanted) == len({(one.object_id, one.step, one.row) for one in wanted})
        for one in wanted:
            assert msgspec.json.decode(msgspec.json.encode(one.payload)) == one.payload
            # What a row needs is sent before it.
            assert all(placed[kind_of[need]] <= placed[one.kind] for need in one.needs), one.object_id

    @pytest.mark.req("REC-1", "DAG-2")
    def test_the_same_is_rendered_the_same_by_whoever_renders_it(self, shop: DestinationShop) -> None:
        other = self.opens(shop.url)

        assert self.world(shop) == self.world(shop) == self.world(other)
        other.control.close()

    @pytest.mark.req("ID-7")
    def test_a_pair_writes_the_fields_that_it_owns_and_none_that_are_withheld(self, shop: DestinationShop) -> None:
        first = next(name for name, field in shop.view.mapping.items() if field.value == "first_name")
        spent = next(name for name, field in shop.view.mapping.items() if field.value == "facts.lifetime_value")
        mapping = {name: shop.view.mapping[name] for name in (first, spent)}
        narrow = shop.connect(with_changes(shop.view, mapping=mapping, withheld=frozenset({"lifetime_value"})))
        who = person(last_name="Nilsson-Öberg")

        wide, small = (
            next(one for one in destination.person(who) if one.kind == destination.capabilities.contact_kind)
            for destination in (shop.destination, narrow)
        )

        texts = {text for name in ("first_name", "phone", "last_name") if (text := str(getattr(who, name)))}
        assert {text for text in texts if text in str(wide.payload)} >= {who.first_name}
        assert {text for text in texts if text in str(small.payload)} == {who.first_name}
        assert "1234.5" in str(wide.payload)
        assert "1234.5" not in str(small.payload)

    @pytest.mark.req("ORD-4")
    def test_an_update_leaves_alone_what_the_pair_does_not_own(self, shop: DestinationShop) -> None:
        shop.send(shop.contact(person()))
        narrow = self.opens(shop.url, with_changes(shop.view, mapping=dict(list(shop.view.mapping.items())[:1])))
        contact = narrow.contact(person())
        narrow.ledger[contact.object_id] = contact
        before = self._field_values(shop)

        assert verdicts(narrow.send(narrow.contact(person(first_name="Eva")))) == {"delivered": 1}

        after = self._field_values(shop)
        assert {name for name in before if before[name] != after.get(name)} == set(narrow.view.mapping)
        narrow.control.close()

    def _field_values(self, shop: DestinationShop) -> dict[str, Any]:
        """The pair's fields of the one contact, each with what stands there."""
        contact = shop.contact(person())
        (held,) = shop.destination.read(contact.kind, [contact.vendor_key])
        return dict(_flat(held.payload or {}))


def _flat(payload: dict[str, Any]) -> list[tuple[str, Any]]:
    """Leaves of a payload by their own names."""
    nested = [leaf for value in payload.values() if isinstance(value, dict) for leaf in _flat(value)]
    return nested + [(name, value) for name, value in payload.items() if not isinstance(value, dict)]
