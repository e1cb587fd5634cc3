"""The oracle's own test where the marketing platform is not Mailchimp: what is broken on purpose is found, by name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from retail_sync.db.embedded import EmbeddedServer
from retail_sync.sandbox.client import SandboxControl
from tests.oracle.plain import lacks
from tests.oracle.terms import LACKING

from .breaks_elsewhere import EMARSYS, EVERYWHERE, OMETRIA, Break
from .shop import Shop
from .test_oracle import tell_everything

pytestmark = pytest.mark.usefixtures("sql_alone")


@pytest.fixture(scope="module")
def synced(
    request: pytest.FixtureRequest, centra: SandboxControl, server: EmbeddedServer, template: str
) -> Iterator[Shop]:
    """A shop at one platform that all its tests share, each breaking something more of it."""
    platform: SandboxControl = request.getfixturevalue(request.param)
    centra.reset()
    platform.reset()
    shop = Shop(centra, platform, server.create_database(f"oracle_{request.param}", template))
    tell_everything(shop)
    assert shop.differences() == []
    yield shop
    shop.close()
    server.drop_database(f"oracle_{request.param}")


def found_out(synced: Shop, broken: Break) -> tuple[list[str], list[str]]:
    """Break something; gives what the oracle did not notice of it, and what it says beside that."""
    spoil, expected = broken
    before = set(synced.differences())
    spoil(synced)
    found = [line for line in synced.differences() if line not in before]
    unexplained = [line for line in found if not any(text in line for text in expected)]
    return [text for text in expected if not any(text in line for line in found)], unexplained


@pytest.mark.req("REC-1")
@pytest.mark.parametrize("synced", ["emarsys"], indirect=True)
@pytest.mark.parametrize("name", EVERYWHERE | EMARSYS)
def test_a_broken_sync_to_emarsys_is_found_out(name: str, synced: Shop) -> None:
    assert found_out(synced, (EVERYWHERE | EMARSYS)[name]) == ([], [])


@pytest.mark.req("REC-1")
@pytest.mark.parametrize("synced", ["ometria"], indirect=True)
@pytest.mark.parametrize("name", EVERYWHERE | OMETRIA)
def test_a_broken_sync_to_ometria_is_found_out(name: str, synced: Shop) -> None:
    assert found_out(synced, (EVERYWHERE | OMETRIA)[name]) == ([], [])


@pytest.mark.req("REC-1")
def test_what_a_platform_has_no_place_for_is_said_and_nothing_else_is_left_out() -> None:
    told = {platform: lacks(platform) for platform in ("mailchimp", "emarsys", "ometria")}
    assert told["mailchimp"] == frozenset()
    assert told["emarsys"] | told["ometria"] == LACKING.keys()
