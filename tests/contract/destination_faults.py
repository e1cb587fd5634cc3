"""Part of the destinations' suite: limits are waited for, and what needs a person says what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from retail_sync.errors import ConfigurationError, CredentialsError, WaitError

from .destination_goods import person
from .destination_shop import DestinationShop, verdicts
from .destination_suite import DestinationSuite

_SECRET = "f" * 32 + "-us99"


class Faults(DestinationSuite):
    """What goes wrong on the way."""

    @pytest.mark.req("DAG-6")
    def test_being_asked_to_slow_down_is_heeded_and_loses_nothing(self, shop: DestinationShop) -> None:
        endpoint = self.writes[shop.destination.capabilities.contact_kind]
        for number, form in enumerate(self.limited, 1):
            shop.control.fault(**{"endpoint": endpoint, **form})
            paused = len(shop.pauses)

            assert verdicts(shop.send(shop.contact(person(number)))) == {"delivered": 1}, form
            assert len(shop.pauses) > paused, form

    @pytest.mark.req("DAG-6")
    def test_a_vendor_that_goes_on_asking_for_patience_gets_it(self, shop: DestinationShop) -> None:
        people = self.contacts(shop, 3)
        shop.control.fault("empty_429", endpoint=self.writes[people[0].kind], times=None)

        with pytest.raises(WaitError):
            shop.send(*people)

        shop.control.clear_faults()
        assert shop.ledger.keys().isdisjoint(one.object_id for one in people)
        assert verdicts(shop.send(*people)) == {"delivered": 3}

    @pytest.mark.req("OPS-3", "SEC-1")
    def test_wrong_credentials_are_named_and_never_shown(self, shop: DestinationShop) -> None:
        stranger = shop.connect(password=_SECRET)
        shop.control.reset_log()

        with pytest.raises(CredentialsError) as caught:
            list(stranger.deliver(shop.rows(self.contacts(shop, 2))))

        assert caught.value.fix
        assert _SECRET not in f"{caught.value!r} {caught.value} {caught.value.fields} {stranger!r}"
        assert self.asked(shop) <= 4, "nobody is stormed with what it has refused"

    @pytest.mark.req("OPS-3")
    @pytest.mark.parametrize("fault", ["expired", "forbidden"])
    def test_what_needs_a_person_is_said_at_once(self, shop: DestinationShop, fault: str) -> None:
        how: Mapping[str, Any] = getattr(self, fault)
        endpoint = self.writes[shop.destination.capabilities.contact_kind]
        shop.control.fault(**{"endpoint": endpoint, **how})
        shop.control.reset_log()

        with pytest.raises(ConfigurationError) as caught:
            shop.send(*self.contacts(shop, 2))

        assert caught.value.fix
        assert self.asked(shop, endpoint) <= 2
        shop.control.clear_faults()
        assert verdicts(shop.send(*self.contacts(shop, 2))) == {"delivered": 2}

    @pytest.mark.req("OPS-3")
    def test_the_check_passes_a_sound_account_and_names_what_is_wrong(self, shop: DestinationShop) -> None:
        sound = list(shop.destination.check())
        differing = [one for one in self.differing(shop).check() if not one.ok]
        strange = [one for one in shop.connect(password=_SECRET).check() if not one.ok]

        assert sound
        assert [one for one in sound if not one.ok] == []
        assert [one.subject for one in differing] == [self.differs]
        assert len(strange) == 1
        for finding in (*differing, *strange):
            assert finding.subject
            assert finding.detail
            assert finding.fix
            assert _SECRET not in f"{finding.detail} {finding.fix}"
