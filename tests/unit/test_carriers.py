"""Tracking URLs from carriers' templates."""

from __future__ import annotations

from typing import Any

import pytest

from retail_sync.errors import ConfigurationError
from retail_sync.vendors.carriers import Carriers, Tracking, read, tracking_url


@pytest.fixture(scope="module")
def carriers() -> Carriers:
    return Carriers(read())


def test_the_file_holds_what_a_shop_needs() -> None:
    assert len(read()["carriers"]) >= 25


@pytest.mark.req("SHP-1")
@pytest.mark.parametrize(
    ("carrier", "service", "country", "url"),
    [
        ("PostNord", "MyPack", None, "https://tracking.postnord.com/en/tracking?id=123"),
        ("POSTNORD", None, "se", "https://tracking.postnord.com/se/tracking?id=123"),
        ("Post-Nord  Sverige AB", None, "SE", "https://tracking.postnord.com/se/tracking?id=123"),
        ("ups", "Standard", "US", "https://www.ups.com/track?tracknum=123"),
        (
            "DHL",
            "Express",
            None,
            "https://www.dhl.com/global-en/home/tracking/tracking-express.html?submit=1&tracking-id=123",
        ),
        (
            "dhl freight",
            "",
            None,
            "https://www.dhl.com/global-en/home/tracking/tracking-freight.html?submit=1&tracking-id=123",
        ),
        ("DPD", "Predict", "GB", "https://track.dpd.co.uk/parcels/123"),
        ("Osterreichische Post", None, "AT", "https://www.post.at/sv/sendungsdetails?snr=123"),
    ],
)
def test_a_carrier_is_found_however_it_is_written(
    carriers: Carriers, carrier: str, service: str | None, country: str | None, url: str
) -> None:
    assert tracking_url(carriers, carrier, service, "123", country=country) == Tracking(url)


@pytest.mark.req("SHP-1")
@pytest.mark.parametrize(
    ("country", "postcode", "url"),
    [
        ("NL", "1234 ab", "https://jouw.postnl.nl/track-and-trace/123-NL-1234AB"),
        ("NL", None, "https://jouw.postnl.nl/track-and-trace/123"),
        (None, "1234AB", "https://jouw.postnl.nl/track-and-trace/123"),
    ],
)
def test_a_template_that_needs_a_postcode_gives_way(
    carriers: Carriers, country: str | None, postcode: str | None, url: str
) -> None:
    assert tracking_url(carriers, "PostNL", None, "123", country=country, postcode=postcode).url == url


@pytest.mark.req("SHP-1")
def test_a_number_can_not_leave_its_place(carriers: Carriers) -> None:
    url = tracking_url(carriers, "UPS", None, " 1Z&x=/../#å ").url
    assert url == "https://www.ups.com/track?tracknum=1Z%26x%3D%2F..%2F%23%C3%A5"


@pytest.mark.req("SHP-1")
@pytest.mark.parametrize(
    ("carrier", "service", "number"),
    [(None, None, "1"), ("Nobody", None, "1"), ("PostNord", "MyPack", None), ("PostNord", "MyPack", "  ")],
)
def test_what_is_not_known_has_no_url_and_is_no_rule(
    carriers: Carriers, carrier: str | None, service: str | None, number: str | None
) -> None:
    assert tracking_url(carriers, carrier, service, number) == Tracking(None, untracked=False)


@pytest.mark.req("SHP-1")
@pytest.mark.parametrize(
    ("carrier", "service"), [("PostNord", "Varubrev"), ("royal mail", "FIRST CLASS LETTER"), ("Nobody", "letter post")]
)
def test_a_service_without_tracking_is_a_rule(carriers: Carriers, carrier: str, service: str) -> None:
    assert tracking_url(carriers, carrier, service, "123") == Tracking(None, untracked=True)


@pytest.mark.parametrize(
    "entry",
    [
        {"names": ["A"]},
        {"names": ["A"], "url": "http://a.test/{number}"},
        {"names": ["A"], "url": "https://a.test/"},
        {"names": ["A"], "url": "https://a.test/{number}/{zip}"},
        {"names": ["A"], "url": "https://a.test/{number}", "typo": 1},
        {"names": ["A"], "url": "https://a.test/{number}/{"},
        {"names": ["A"], "url": "https://a.test/{number!r}/{number}"},
    ],
)
@pytest.mark.req("OPS-3")
def test_a_wrong_entry_is_refused(entry: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        Carriers({"carriers": {"a": entry}})


@pytest.mark.req("OPS-3")
def test_two_carriers_of_one_name_are_refused() -> None:
    entry = {"names": ["A"], "url": "https://a.test/{number}"}
    with pytest.raises(ConfigurationError, match="two carriers"):
        Carriers({"carriers": {"a": entry, "b": {**entry, "names": ["a!"]}}})


@pytest.mark.req("SHP-1")
def test_every_name_of_the_shipped_file_leads_to_its_own_carrier(carriers: Carriers) -> None:
    known = read()["carriers"]
    assert len(known) >= 25
    for key, entry in known.items():
        for name in entry["names"]:
            shouted, longer = name.upper().replace(" ", "-"), f"{name} Logistics 24"
            wanted = tracking_url(carriers, entry["names"][0], None, "123", country="SE").url
            assert "123" in (wanted or ""), key
            assert tracking_url(carriers, shouted, None, "123", country="SE").url == wanted, name
            assert tracking_url(carriers, longer, None, "123", country="SE").url == wanted, name


def test_a_shop_may_run_without_carriers() -> None:
    assert tracking_url(Carriers({}), "UPS", None, "1") == Tracking(None)
